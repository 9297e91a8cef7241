"""Keep what is to be sent until it was: no notice is lost in a crash, and none is sent to a channel again that has taken it.

Which findings were looked at and what is to be sent of them is one transaction. A channel may see a notice twice only where we are
killed between its answer and our noting it; it then comes under the same id.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from bartizan.lake.sqlite import SqliteFile
from bartizan.respond.notify.contract import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["ATTEMPTS", "Due", "Outbox", "pause_after"]

ATTEMPTS: Final = 12
"""Times that a notice is tried: with the pauses below that is 2.8 hours."""
_FIRST: Final = 5.0
_LONGEST: Final = 3600.0 * 2
_TROUBLE: Final = "the outbox cannot be written: {}: make room, or name another folder"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS notice (uid TEXT PRIMARY KEY, level TEXT NOT NULL, line BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS delivery (
    channel TEXT NOT NULL, uid TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, due REAL NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (channel, uid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due);
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
"""


class Due(NamedTuple):
    """A notice that is to be sent to a channel now, and how often that was tried."""

    channel: str
    notice: Notice
    attempts: int


def pause_after(attempts: int) -> float:
    """Return the seconds to wait after so many attempts: twice as long each time, two hours at most."""
    return min(_LONGEST, _FIRST * 2.0 ** (attempts - 1))


class Outbox:
    """The outbox in a file."""

    def __init__(self, path: Path) -> None:
        """Open it, made anew where there is none. OutputError where that cannot be."""
        self._file = SqliteFile(path, _SCHEMA, _TROUBLE)

    def cursor(self) -> int | None:
        """Return the number of the last finding that was looked at, None before the first."""
        rows = self._file.rows("SELECT seq FROM cursor")
        return int(rows[0][0]) if rows else None

    def take(self, notices: Mapping[str, Sequence[Notice]], cursor: int, now: float) -> None:
        """Note what is to be sent to which channel, and that findings up to ``cursor`` were looked at."""
        with self._file.writing() as database:
            for channel, some in notices.items():
                database.executemany("INSERT OR IGNORE INTO notice VALUES (?, ?, ?)", [(one.uid, one.level, one.line) for one in some])
                rows = [(channel, one.uid, now) for one in some]
                database.executemany("INSERT OR IGNORE INTO delivery VALUES (?, ?, 'waiting', 0, ?, '')", rows)
            database.execute("INSERT OR REPLACE INTO cursor VALUES (1, ?)", (cursor,))

    def due(self, now: float, channels: Iterable[str], *, most: int = 100) -> list[Due]:
        """Return what is to be sent now to some channels, the longest due first."""
        query = (
            "SELECT channel, uid, level, line, attempts FROM delivery JOIN notice USING (uid)"
            " WHERE state = 'waiting' AND due <= ? AND channel IN (SELECT value FROM json_each(?)) ORDER BY due LIMIT ?"
        )
        rows = self._file.rows(query, (now, json.dumps(list(channels)), most))
        return [Due(row[0], Notice(row[1], row[2], bytes(row[3])), row[4]) for row in rows]

    def sent(self, due: Due) -> None:
        """Note that a channel has taken a notice."""
        self._settle(due, "sent", 0.0, "")

    def failed(self, due: Due, why: str, now: float, *, again: bool) -> bool:
        """Note that a channel has not; return whether it will be tried again, else it is set aside as dead."""
        retried = again and due.attempts + 1 < ATTEMPTS
        self._settle(due, "waiting" if retried else "dead", now + pause_after(due.attempts + 1), why)
        return retried

    def revive(self, now: float) -> int:
        """Let everything that is dead be tried again, and return how much that is."""
        with self._file.writing() as database:
            return database.execute("UPDATE delivery SET state = 'waiting', attempts = 0, due = ? WHERE state = 'dead'", (now,)).rowcount

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many deliveries of each channel are in each state: ``waiting``, ``sent``, ``dead``."""
        return {(row[0], row[1]): row[2] for row in self._file.rows("SELECT channel, state, count(*) FROM delivery GROUP BY 1, 2")}

    def troubles(self) -> list[tuple[str, str, str]]:
        """Return channel, id and reason of what is dead."""
        return [(row[0], row[1], row[2]) for row in self._file.rows("SELECT channel, uid, why FROM delivery WHERE state = 'dead'")]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _settle(self, due: Due, state: str, at: float, why: str) -> None:
        with self._file.writing() as database:
            database.execute(
                "UPDATE delivery SET state = ?, attempts = attempts + 1, due = ?, why = ? WHERE channel = ? AND uid = ?",
                (state, at, why, due.channel, due.notice.uid),
            )
