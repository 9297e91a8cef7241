"""Keep what a watch found and knows in its state database: findings, the evidence of correlations, the balance, the state, the place.

All of a piece is one transaction, which begins when the piece is judged, so that nobody waits for rules: after a crash the findings,
the state and the place in the journal are of one moment. ``plan`` is written before: a piece that was begun is cut in the same way
when it is judged again. Several nodes may share a database: each has its own state, and a finding is there once, whoever made it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.watch.contract import Alert, Place
from bartizan.detect.watch.watcher import Balance
from bartizan.lake.state.database import Database
from bartizan.lake.state.engine import sa
from bartizan.lake.state.tables import BALANCE, EVIDENCE, FINDING, MOMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.detect.watch.watcher import Piece

__all__ = ["Ledger"]

_TROUBLE: Final = "the ledger cannot be written: {}: make room, or move the file away to begin anew"
_EVIDENCE: Final = sa.select(EVIDENCE.c.line).where(
    EVIDENCE.c.node == sa.bindparam("of"), EVIDENCE.c.rule == sa.bindparam("by"), EVIDENCE.c.uid == sa.bindparam("about")
)
_COUNTS: Final = ("read", "stored", "unparsed", "duplicate")


@dataclass(slots=True)
class _Written:
    """What is to be written of the piece under way."""

    evidence: dict[tuple[str, bytes], tuple[int, bytes]] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    balance: list[dict[str, Any]] = field(default_factory=list)
    done: tuple[Place, int, bytes] | None = None
    before: int | None = None
    """The event time up to which evidence is forgotten."""


class Ledger:
    """The ledger of one node in a file or a shared database; one process writes, others read."""

    def __init__(self, address: Path | str, node: str = "") -> None:
        """Open the ledger, made anew where there is none. OutputError where that cannot be."""
        self._database = Database(address, _TROUBLE)
        self._node = node
        self._written = _Written()

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
        with self._database.writing() as connection:
            self._note(connection, "plan", place)

    @contextmanager
    def piece(self) -> Iterator[None]:
        """Make what is kept within this block one transaction; nothing of it is there where the block fails."""
        try:
            yield
            with self._database.writing() as connection:
                self._write(connection)
        finally:
            self._written = _Written()

    def add(self, piece: Piece, received: int) -> None:
        """Keep findings and balance of a piece, of which the first record was ``received`` at a time.

        A finding that is there already is not added again.
        """
        self._written.findings += self._rows(piece.alerts, received)
        node = self._node
        day = datetime.fromtimestamp(piece.now // 1_000_000_000, UTC).date().isoformat()
        self._written.balance += [
            {"node": node, "day": day, "stream": stream, **{name: getattr(one, name) for name in _COUNTS}}
            for stream, one in piece.balance.items()
        ]

    def record(self, alerts: Sequence[Alert], received: int) -> int:
        """Keep findings that are of no piece, and return how many of them were not there."""
        uids = {alert.uid for alert in alerts}
        with self._database.writing() as connection:
            self._database.in_turn(connection, FINDING)
            there = connection.execute(sa.select(FINDING.c.uid).where(FINDING.c.uid.in_(uids))).fetchall()
            fresh = uids - {row[0] for row in there}
            if fresh:
                rows = [row for row in self._rows(alerts, received) if row["uid"] in fresh]
                connection.execute(self._database.adding(FINDING).on_conflict_do_nothing(index_elements=["uid"]), rows)
        return len(fresh)

    def forget(self, before: int, seq: int) -> int:
        """Forget our own findings that were made before a moment (nanoseconds UTC), of those up to a number, and return how many."""
        old = sa.delete(FINDING).where(FINDING.c.node == self._node, FINDING.c.judged < before, FINDING.c.seq <= seq)
        with self._database.writing() as connection:
            return connection.execute(old).rowcount

    def done(self, place: Place, seen: int, state: bytes) -> None:
        """Note the place up to which everything is judged, and the state there."""
        self._written.done = (place, seen, state)

    def keep(self, rule: str, uid: bytes, time: int, line: bytes) -> None:
        """Keep evidence of a correlation."""
        self._written.evidence.setdefault((rule, uid), (_bounded(time), line))

    def get(self, rule: str, uid: bytes) -> bytes | None:
        """Return evidence, None where it is not there."""
        row = self._database.found(_EVIDENCE, {"of": self._node, "by": rule, "about": uid})
        if row is not None:
            return bytes(row[0])
        fresh = self._written.evidence.get((rule, uid))
        return None if fresh is None else fresh[1]

    def prune(self, before: int) -> None:
        """Forget evidence of before an event time."""
        self._written.before = _bounded(before)

    def findings(self, after: int = 0, *, most: int = 1000, own: bool = False) -> list[tuple[int, Alert]]:
        """Return findings in the order in which they were made, each with its number: those behind ``after``, all or our ``own``."""
        columns = (FINDING.c.seq, *(FINDING.c[name] for name in Alert._fields))
        asked = sa.select(*columns).where(FINDING.c.seq > after, *([FINDING.c.node == self._node] if own else []))
        rows = self._database.rows(asked.order_by(FINDING.c.seq).limit(most))
        return [(row[0], Alert(row[1], row[2], row[3], row[4], bytes(row[5]))) for row in rows]

    def cursor(self) -> tuple[int, int]:
        """Return up to which finding all is handed on, and up to which a handing on was begun."""
        row = self._moment("cursor")
        return (0, 0) if row is None else (row[0], row[1])

    def move_cursor(self, done: int, begun: int) -> None:
        """Note up to which finding all is handed on, and up to which that is begun."""
        with self._database.writing() as connection:
            self._note(connection, "cursor", Place(done, begun))

    def balances(self) -> dict[tuple[str, str], Balance]:
        """Return the balance of each day and stream, over all nodes."""
        sums = [sa.func.sum(BALANCE.c[name]) for name in _COUNTS]
        asked = sa.select(BALANCE.c.day, BALANCE.c.stream, *sums).group_by(BALANCE.c.day, BALANCE.c.stream)
        rows = self._database.rows(asked.order_by(BALANCE.c.day, BALANCE.c.stream))
        return {(row[0], row[1]): Balance(*map(int, row[2:])) for row in rows}

    def last(self) -> int:
        """Return the number of the last finding, 0 where there is none."""
        return int(self._database.rows(sa.select(sa.func.coalesce(sa.func.max(FINDING.c.seq), 0)))[0][0])

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _rows(self, alerts: Sequence[Alert], received: int) -> list[dict[str, Any]]:
        fixed = {"received": received, "judged": time.time_ns(), "node": self._node}
        return [{**one._asdict(), **fixed, "time": _bounded(one.time)} for one in alerts]

    def _write(self, connection: sa.Connection) -> None:
        written = self._written
        kept = [
            {"node": self._node, "rule": rule, "uid": uid, "time": at, "line": line} for (rule, uid), (at, line) in written.evidence.items()
        ]
        if kept:
            connection.execute(self._database.adding(EVIDENCE).on_conflict_do_nothing(), kept)
        if written.before is not None:
            connection.execute(sa.delete(EVIDENCE).where(EVIDENCE.c.node == self._node, EVIDENCE.c.time < written.before))
        if written.balance:
            adding = self._database.adding(BALANCE)
            sums = {name: BALANCE.c[name] + adding.excluded[name] for name in _COUNTS}
            connection.execute(adding.on_conflict_do_update(index_elements=["node", "day", "stream"], set_=sums), written.balance)
        if written.done is not None:
            self._note(connection, "done", *written.done)
        if written.findings:
            self._database.in_turn(connection, FINDING)
            connection.execute(self._database.adding(FINDING).on_conflict_do_nothing(index_elements=["uid"]), written.findings)

    def _note(self, connection: sa.Connection, name: str, place: Place, seen: int = 0, state: bytes | None = None) -> None:
        row = {"segment": place.segment, "offset": place.offset, "seen": seen, "state": state}
        adding = self._database.adding(MOMENT).values(node=self._node, name=name, **row)
        connection.execute(adding.on_conflict_do_update(index_elements=["node", "name"], set_=row))

    def _moment(self, name: str) -> tuple[int, int, int, bytes | None] | None:
        columns = (MOMENT.c.segment, MOMENT.c.offset, MOMENT.c.seen, MOMENT.c.state)
        found = self._database.rows(sa.select(*columns).where(MOMENT.c.node == self._node, MOMENT.c.name == name))
        return (found[0][0], found[0][1], found[0][2], found[0][3] and bytes(found[0][3])) if found else None


def _bounded(time: int) -> int:
    """Return a time as a database can hold it."""
    return max(-(1 << 63), min((1 << 63) - 1, time))
