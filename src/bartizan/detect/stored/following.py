"""Follow a lake that others write: judge what each commit brings, once, and keep findings and place together.

What is known (findings, the evidence and state of correlations, the version of each table up to which all is judged) is
written in one transaction for each piece. Whoever is killed in between begins at the last of them, with the state of then.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.detect.hunt.feeding import Fed
from bartizan.detect.stored.contract import TOLD, Told
from bartizan.detect.stored.judging import StoredJudge, judge_for_stored, told_of
from bartizan.detect.stored.neighbours import neighbours
from bartizan.detect.stored.run import job_for
from bartizan.detect.watch.contract import Alert, Place
from bartizan.detect.watch.correlating import LiveCorrelator
from bartizan.detect.watch.ledger import Ledger
from bartizan.detect.watch.watcher import Balance, Piece
from bartizan.errors import BartizanError
from bartizan.lake.contract import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.hunt.request import Request
    from bartizan.detect.stored.contract import FindingTold
    from bartizan.detect.watch.places import Places
    from bartizan.lake.contract import Change, Lake, TableFiles
    from bartizan.lake.engines.contract import Engine
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["LakeFollower"]

_VERSION: Final = 1
PIECE_BYTES: Final = 1 << 30
"""Bytes of the files of a piece: some 20 million records, of which findings and what correlations need fit into memory."""
_decode = msgspec.msgpack.Decoder(Told).decode


class _State(msgspec.Struct, frozen=True, array_like=True):
    version: int
    tables: dict[str, int]
    correlations: bytes
    sources: list[tuple[str, str]]


class LakeFollower:
    """Judges what came into a lake behind the versions that were reached before.

    After an exception make a new one: it knows where to begin.
    """

    def __init__(self, lake: Lake, rules: LoadedRules, request: Request, places: Places, *, lateness: int) -> None:
        """Take up the state that was kept at some places. ``lateness`` as for a watch."""
        self._lake, self._rules = lake, rules
        self._judge = StoredJudge.of(rules, request)
        self.ledger = Ledger(places.ledger, places.node)
        self._correlator = LiveCorrelator(rules, request, self.ledger, lateness=lateness)
        place, _, state = self.ledger.place()
        self._step = place.segment
        self._tables: dict[str, int] = {}
        self._routes: dict[tuple[str, str], None] = {}
        self._seen: set[int] = set()
        self.begun = state is not None
        """Whether there was a state: without one all that the lake holds is new."""
        self.anew: Sequence[str] = () if state is None else self._restore(state)

    def skip(self) -> None:
        """Take what the lake holds now for judged."""
        self._tables = dict(self._lake.versions())
        with self.ledger.piece():
            self._keep(Piece(now=time.time_ns()))

    def step(self, engine: Engine) -> Piece | None:
        """Judge the next piece and keep what it gave; None where nothing came."""
        came = self._next()
        if not came:
            return None
        now = time.time_ns()
        piece = Piece(now=now)
        found: list[FindingTold] = []
        with self.ledger.piece():
            for told in self._judged(engine, [one.files for one in came if one.files.files]):
                self._take(piece, told, found)
            for one in sorted(found, key=lambda one: (one.time, one.uid, one.rule)):
                self._note(piece, one)
            piece.alerts += self._correlator.settle(self._seen, now)
            self._correlator.prune()
            self._tables = {**self._tables, **{one.files.table: one.version for one in came}}
            self._keep(piece)
        return piece

    def rest(self, quiet: int) -> Piece | None:
        """Say that nothing came for so many nanoseconds: what is absent is told now. None where no correlation asks for it."""
        if not self._correlator.wanted:
            return None
        piece = Piece(now=time.time_ns())
        with self.ledger.piece():
            piece.alerts += self._correlator.settle(self._seen, piece.now, quiet=quiet)
            self._keep(piece)
        return piece

    def finish(self, end: int) -> Piece:
        """Tell what correlations hold at the end of a recording; ``end``: event time up to which all was seen."""
        piece = Piece(now=time.time_ns())
        with self.ledger.piece():
            piece.alerts += self._correlator.finish(end, self._seen)
            self._keep(piece)
        return piece

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def _next(self) -> list[Change]:
        """Return the changes of the next piece: of all tables up to one moment, so that none is ahead of the others."""
        came: list[Change] = []
        size = 0
        for one in self._lake.changes(self._tables):
            held = sum(file.bytes for file in one.files.files)
            if size and size + held > PIECE_BYTES:
                break
            came.append(one)
            size += held
        return came

    def _judged(self, engine: Engine, files: Sequence[TableFiles]) -> Iterator[Told]:
        if not files:
            return
        over = Snapshot(root="", tables=tuple(_joined(files)))
        left: set[str] = set()
        for batch in engine.run(job_for(over, self._judge)):
            for text in batch.column(TOLD).to_pylist():
                told = _decode(text)
                left.update(told.left)
                yield told
        if left:
            judge, sorter = judge_for_stored(self._judge.kit)
            for chunk in neighbours(over, sorted(left), sorter):
                told = Told()
                told_of(told, judge.judge(chunk), chunk)
                yield told

    def _take(self, piece: Piece, told: Told, found: list[FindingTold]) -> None:
        for table, (read, stored, unparsed) in told.tables.items():
            balance = piece.balance.setdefault(f"lake/{table}", Balance())
            balance.read += read
            balance.stored += stored
            balance.unparsed += unparsed
        for source, route, _ in told.present:
            self._read(source, route)
        piece.held += len(set(told.held))
        found += told.found

    def _note(self, piece: Piece, one: FindingTold) -> None:
        rule = judge_for_stored(self._judge.kit)[0].rule(one.rule)
        if one.feeds:
            feeds = [Fed(fed.correlation, fed.rule, fed.group, fed.value) for fed in one.feeds]
            self._correlator.take(one.rule, feeds, one.time, one.uid, one.line)
        if one.raised:
            uid = msgspec.json.decode(one.line, type=_Line).metadata.uid
            piece.alerts.append(Alert(uid, rule.id, rule.level, one.time, one.line))

    def _keep(self, piece: Piece) -> None:
        self._step += 1
        state = _State(_VERSION, self._tables, self._correlator.dump(), list(self._routes))
        self.ledger.add(piece, piece.now)
        self.ledger.done(Place(self._step), 0, msgspec.msgpack.encode(state))

    def _restore(self, state: bytes) -> Sequence[str]:
        try:
            held = msgspec.msgpack.decode(state, type=_State)
        except msgspec.DecodeError as error:
            message = f"this is no state of one who follows a lake: {error}; name another folder"
            raise BartizanError(message) from error
        self._tables = dict(held.tables)
        for source, route in held.sources:
            self._read(source, route)
        return self._correlator.restore(held.correlations)

    def _read(self, source: str, route: str) -> None:
        """Remember which rules have had records: what is absent says something only of those."""
        if (source, route) not in self._routes:
            self._routes[source, route] = None
            self._seen.update(judge_for_stored(self._judge.kit)[0].rules_of(source, route))


class _Uid(msgspec.Struct):
    uid: str


class _Line(msgspec.Struct):
    metadata: _Uid


def _joined(files: Sequence[TableFiles]) -> Iterator[TableFiles]:
    """Put the files of each table together; the last knows every column."""
    tables: dict[str, list[TableFiles]] = {}
    for one in files:
        tables.setdefault(one.table, []).append(one)
    for some in tables.values():
        uniform = all(one.uniform for one in some)
        yield replace(
            some[-1], files=tuple(file for one in some for file in one.files), uniform=uniform, shape="" if uniform else some[-1].shape
        )
