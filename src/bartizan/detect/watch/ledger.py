"""Keep what a watch found and knows in one SQLite file: findings, the evidence of correlations, the balance, the state, the place.

All of a piece is one transaction, so that after a crash the findings, the state and the place in the journal are of one moment.
``plan`` is written before: a piece that was begun is cut in the same way when it is judged again.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bartizan.detect.watch.contract import Alert, Place
from bartizan.detect.watch.watcher import Balance
from bartizan.lake.sqlite import SqliteFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.detect.watch.watcher import Piece

__all__ = ["Ledger"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS finding (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, rule TEXT NOT NULL, level TEXT NOT NULL,
    time INTEGER NOT NULL, received INTEGER NOT NULL, judged INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS evidence (
    rule TEXT NOT NULL, uid BLOB NOT NULL, time INTEGER NOT NULL, line BLOB NOT NULL, PRIMARY KEY (rule, uid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS evidence_time ON evidence (time);
CREATE TABLE IF NOT EXISTS balance (
    day TEXT NOT NULL, stream TEXT NOT NULL, read INTEGER NOT NULL, stored INTEGER NOT NULL, unparsed INTEGER NOT NULL,
    duplicate INTEGER NOT NULL, PRIMARY KEY (day, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moment (name TEXT PRIMARY KEY, segment INTEGER, offset INTEGER, seen INTEGER, state BLOB) WITHOUT ROWID;
"""
_TROUBLE: Final = "the ledger cannot be written: {}: make room, or move the file away to begin anew"


class Ledger:
    """The ledger in a file; one process writes, others read."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, made anew where there is none. OutputError where that cannot be."""
        self._file = SqliteFile(path, _SCHEMA, _TROUBLE)
        self._db = self._file.connection

    def place(self) -> tuple[Place, int, bytes | None]:
        """Return the place up to which all was judged, how many records were seen until then, and the state, None at the beginning."""
        row = self._moment("done")
        return (Place(), 0, None) if row is None else (Place(row[0], row[1]), row[2], row[3])

    def planned(self) -> Place | None:
        """Return the end of a piece that was begun and not finished, None where there is none."""
        row, done = self._moment("plan"), self.place()[0]
        return None if row is None or Place(row[0], row[1]) <= done else Place(row[0], row[1])

    def plan(self, place: Place) -> None:
        """Note that the piece up to a place is begun."""
        with self._file.writing():
            self._db.execute("INSERT OR REPLACE INTO moment VALUES ('plan', ?, ?, 0, NULL)", place)

    @contextmanager
    def piece(self) -> Iterator[None]:
        """Make what is written within this block one transaction."""
        with self._file.writing():
            yield

    def add(self, piece: Piece, received: int) -> None:
        """Keep findings and balance of a piece, of which the first record was ``received`` at a time.

        A finding that is there already is not added again.
        """
        judged = time.time_ns()
        rows = [(one.uid, one.rule, one.level, one.time, received, judged, one.line) for one in piece.alerts]
        self._db.executemany(
            "INSERT OR IGNORE INTO finding (uid, rule, level, time, received, judged, line) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
        )
        day = datetime.fromtimestamp(piece.now // 1_000_000_000, UTC).date().isoformat()
        self._db.executemany(
            "INSERT INTO balance VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET read = read + excluded.read, stored = stored"
            " + excluded.stored, unparsed = unparsed + excluded.unparsed, duplicate = duplicate + excluded.duplicate",
            [(day, stream, one.read, one.stored, one.unparsed, one.duplicate) for stream, one in piece.balance.items()],
        )

    def done(self, place: Place, seen: int, state: bytes) -> None:
        """Note the place up to which everything is judged, and the state there."""
        self._db.execute("INSERT OR REPLACE INTO moment VALUES ('done', ?, ?, ?, ?)", (*place, seen, state))

    def keep(self, rule: str, uid: bytes, time: int, line: bytes) -> None:
        """Keep evidence of a correlation."""
        self._db.execute("INSERT OR IGNORE INTO evidence VALUES (?, ?, ?, ?)", (rule, uid, _bounded(time), line))

    def get(self, rule: str, uid: bytes) -> bytes | None:
        """Return evidence, None where it is not there."""
        row = self._db.execute("SELECT line FROM evidence WHERE rule = ? AND uid = ?", (rule, uid)).fetchone()
        return None if row is None else bytes(row[0])

    def prune(self, before: int) -> None:
        """Forget evidence of before an event time."""
        self._db.execute("DELETE FROM evidence WHERE time < ?", (_bounded(before),))

    def findings(self, after: int = 0, *, most: int = 1000) -> list[tuple[int, Alert]]:
        """Return findings in the order in which they were made, each with its number; those behind ``after``."""
        query = "SELECT seq, uid, rule, level, time, line FROM finding WHERE seq > ? ORDER BY seq LIMIT ?"
        return [(row[0], Alert(row[1], row[2], row[3], row[4], bytes(row[5]))) for row in self._file.rows(query, (after, most))]

    def cursor(self) -> tuple[int, int]:
        """Return up to which finding all is handed on, and up to which a handing on was begun."""
        row = self._moment("cursor")
        return (0, 0) if row is None else (row[0], row[1])

    def move_cursor(self, done: int, begun: int) -> None:
        """Note up to which finding all is handed on, and up to which that is begun."""
        with self._file.writing():
            self._db.execute("INSERT OR REPLACE INTO moment VALUES ('cursor', ?, ?, 0, NULL)", (done, begun))

    def balances(self) -> dict[tuple[str, str], Balance]:
        """Return the balance of each day and stream."""
        rows = self._file.rows("SELECT day, stream, read, stored, unparsed, duplicate FROM balance ORDER BY day, stream")
        return {(row[0], row[1]): Balance(*row[2:]) for row in rows}

    def last(self) -> int:
        """Return the number of the last finding, 0 where there is none."""
        return int(self._file.rows("SELECT coalesce(max(seq), 0) FROM finding")[0][0])

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _moment(self, name: str) -> tuple[int, int, int, bytes] | None:
        found = self._file.rows("SELECT segment, offset, seen, state FROM moment WHERE name = ?", (name,))
        return (found[0][0], found[0][1], found[0][2], found[0][3]) if found else None


def _bounded(time: int) -> int:
    """Return a time as SQLite can hold it."""
    return max(-(1 << 63), min((1 << 63) - 1, time))
