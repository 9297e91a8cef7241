"""Keep what is to be sent until it was: no notice is lost in a crash, and none is sent to a channel again that has taken it.

Which findings were looked at and what is to be sent of them is one transaction. Several may send out of one outbox: whoever sends
a notice holds it for a while, and where he dies another takes it over. A channel may see a notice twice only where somebody is
killed between its answer and his noting it, or where it takes longer than that while to answer; it then comes under the same id.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bartizan.errors import OutputError
from bartizan.lake.state.database import Database
from bartizan.lake.state.engine import sa
from bartizan.lake.state.tables import CURSOR, DELIVERY, NOTICE
from bartizan.respond.notify.contract import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    __all__ = ["ATTEMPTS", "HELD", "Due", "Outbox", "pause_after"]

ATTEMPTS: Final = 12
"""Times that a notice is tried: with the pauses below that is 2.8 hours."""
HELD: Final = 120.0
"""Seconds for which a notice that is being sent is nobody else's: several times as long as any channel takes to answer or to give up."""
_FIRST: Final = 5.0
_LONGEST: Final = 3600.0 * 2
_TROUBLE: Final = "the outbox cannot be written: {}: make room, or name another folder"


_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Due(NamedTuple):
    """A notice that is to be sent to a channel now, and how often that was tried."""

    channel: str
    notice: Notice
    attempts: int


def pause_after(attempts: int) -> float:
    """Return the seconds to wait after so many attempts: twice as long each time, two hours at most."""
    return min(_LONGEST, _FIRST * 2.0 ** (attempts - 1))


class Outbox:
    """The outbox in a file or a shared database, as the node that sends out of it sees it."""

    def __init__(self, address: Path | str, node: str = "") -> None:
        """Open it, made anew where there is none. OutputError where that cannot be. What ``node`` held when it ended is due again."""
        self._database = Database(address, _TROUBLE)
        self._holder = node or "-"

    def cursor(self, channels: Iterable[str]) -> int:
        """Return the number of the last finding that was looked at for all of some channels, 0 before the first."""
        known = self._cursors()
        return min((known.get(name, known.get("", 0)) for name in channels), default=0)

    def take(
        self, notices: Mapping[str, Sequence[tuple[int, Notice]]], cursor: int, now: float, silenced: Mapping[str, str] = _NONE
    ) -> None:
        """Note what is to be sent to which channel, each with its number, and that findings up to ``cursor`` were looked at.

        What was looked at for a channel before is not noted again. ``silenced``: the silence of each that nobody is to be told of.
        """
        with self._database.writing() as connection:
            known = self._cursors(connection)
            for channel, some in notices.items():
                behind = known.get(channel, known.get("", 0))
                self._note(connection, channel, [(notice, silenced.get(notice.uid)) for number, notice in some if number > behind], now)
            seen = self._database.adding(CURSOR)
            forward = seen.on_conflict_do_update(
                index_elements=["channel"], set_={"seq": seen.excluded.seq}, where=CURSOR.c.seq < seen.excluded.seq
            )
            connection.execute(forward, [{"channel": channel, "seq": cursor} for channel in sorted({"", *notices})])

    def due(self, now: float, channels: Iterable[str]) -> Due | None:
        """Return what is to be sent now to one of some channels, the longest due first, and hold it; None where there is nothing."""
        waiting = (DELIVERY.c.state == "waiting", DELIVERY.c.due <= now, DELIVERY.c.channel.in_(list(channels)))
        first = sa.select(DELIVERY.c.channel, DELIVERY.c.uid).where(*waiting).order_by(DELIVERY.c.due).limit(1)
        with self._database.writing() as connection:
            found = connection.execute(first.with_for_update(skip_locked=True)).fetchone()
            if found is None:
                return None
            this = (DELIVERY.c.channel == found[0], DELIVERY.c.uid == found[1])
            connection.execute(sa.update(DELIVERY).where(*this).values(due=now + HELD, holder=self._holder))
            asked = sa.select(NOTICE.c.level, NOTICE.c.line, DELIVERY.c.attempts).where(*this, NOTICE.c.uid == DELIVERY.c.uid)
            level, line, attempts = connection.execute(asked).one()
        return Due(found[0], Notice(found[1], level, bytes(line)), attempts)

    def release(self, now: float) -> None:
        """Let what this node held when it was killed be sent at once."""
        with self._database.writing() as connection:
            held = (DELIVERY.c.state == "waiting", DELIVERY.c.holder == self._holder)
            connection.execute(sa.update(DELIVERY).where(*held).values(due=now, holder=""))

    def sent(self, due: Due, now: float) -> None:
        """Note that a channel has taken a notice."""
        self._settle(due, "sent", now, "")

    def failed(self, due: Due, why: str, now: float, *, again: bool) -> bool:
        """Note that a channel has not; return whether it will be tried again, else it is set aside as dead."""
        retried = again and due.attempts + 1 < ATTEMPTS
        self._settle(due, "waiting" if retried else "dead", now + pause_after(due.attempts + 1), why)
        return retried

    def revive(self, now: float) -> int:
        """Let everything that is dead be tried again, and return how much that is."""
        with self._database.writing() as connection:
            dead = sa.update(DELIVERY).where(DELIVERY.c.state == "dead")
            return connection.execute(dead.values(state="waiting", attempts=0, due=now)).rowcount

    def forget(self, before: float) -> int:
        """Forget what was sent or silenced before a moment, and return how many deliveries that were."""
        with self._database.writing() as connection:
            count = connection.execute(
                sa.delete(DELIVERY).where(DELIVERY.c.state.in_(("sent", "silenced")), DELIVERY.c.due < before)
            ).rowcount
            connection.execute(sa.delete(NOTICE).where(~sa.select(DELIVERY.c.uid).where(DELIVERY.c.uid == NOTICE.c.uid).exists()))
        return count

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many deliveries of each channel are in each state: ``waiting``, ``sent``, ``silenced``, ``dead``."""
        each = (DELIVERY.c.channel, DELIVERY.c.state)
        return {(row[0], row[1]): row[2] for row in self._database.rows(sa.select(*each, sa.func.count()).group_by(*each))}

    def troubles(self) -> list[tuple[str, str, str]]:
        """Return channel, id and reason of what is dead."""
        asked = sa.select(DELIVERY.c.channel, DELIVERY.c.uid, DELIVERY.c.why).where(DELIVERY.c.state == "dead")
        return [(row[0], row[1], row[2]) for row in self._database.rows(asked.order_by(DELIVERY.c.channel, DELIVERY.c.uid))]

    def carry_over(self, path: Path) -> int:
        """Take over an outbox that an earlier release kept in a file of its own, and move the file away; return how many deliveries it had.

        Where we are killed in between, it is done again, and what has become of its notices meanwhile stays.
        """
        if not path.exists():
            return 0
        try:
            notices, deliveries, cursors = _old(path)
        except sqlite3.Error as error:
            message = f"{path}: the outbox of an earlier release cannot be read: {error}: move it away to go on without"
            raise OutputError(message) from error
        with self._database.writing() as connection:
            for table, rows in ((NOTICE, notices), (DELIVERY, deliveries), (CURSOR, cursors)):
                if rows:
                    connection.execute(self._database.adding(table).on_conflict_do_nothing(), rows)
        path.rename(path.with_suffix(".carried-over"))
        return len(deliveries)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _cursors(self, connection: sa.Connection | None = None) -> dict[str, int]:
        asked = sa.select(CURSOR.c.channel, CURSOR.c.seq)
        rows = self._database.rows(asked) if connection is None else connection.execute(asked).fetchall()
        return {row[0]: row[1] for row in rows}

    def _note(self, connection: sa.Connection, channel: str, some: Sequence[tuple[Notice, str | None]], now: float) -> None:
        if some:
            notices = [{"uid": one.uid, "level": one.level, "line": one.line} for one, _ in some]
            connection.execute(self._database.adding(NOTICE).on_conflict_do_nothing(), notices)
            fixed = {"channel": channel, "attempts": 0, "due": now, "holder": ""}
            rows = [{**fixed, "uid": one.uid, "state": "silenced" if silence else "waiting", "why": silence or ""} for one, silence in some]
            connection.execute(self._database.adding(DELIVERY).on_conflict_do_nothing(), rows)

    def _settle(self, due: Due, state: str, at: float, why: str) -> None:
        this = (DELIVERY.c.channel == due.channel, DELIVERY.c.uid == due.notice.uid, DELIVERY.c.state != "sent")
        with self._database.writing() as connection:
            settled = sa.update(DELIVERY).where(*this).values(state=state, attempts=due.attempts + 1, due=at, why=why, holder="")
            connection.execute(settled)


def _old(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of an outbox as it was in a file of its own."""
    now = time.time()
    with closing(sqlite3.connect(path)) as old:
        notices = [dict(zip(("uid", "level", "line"), row, strict=True)) for row in old.execute("SELECT uid, level, line FROM notice")]
        names = ("channel", "uid", "state", "attempts", "due", "why")
        rows = old.execute("SELECT channel, uid, state, attempts, due, why FROM delivery").fetchall()
        cursor = old.execute("SELECT seq FROM cursor").fetchone()
    deliveries = [{**dict(zip(names, row, strict=True)), "holder": ""} for row in rows]
    for one in deliveries:
        one["due"] = now if one["state"] == "sent" else one["due"]
    channels = ["", *sorted({one["channel"] for one in deliveries})]
    return notices, deliveries, [] if cursor is None else [{"channel": name, "seq": cursor[0]} for name in channels]
