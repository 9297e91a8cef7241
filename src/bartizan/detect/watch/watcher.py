"""Judge entries in their order: the judge of the hunt, duplicates, correlations, and a balance that closes for each stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.detect.finding import renumbered
from bartizan.detect.hunt.duplicates import SeenRecords
from bartizan.detect.hunt.run import Unread
from bartizan.detect.watch.contract import Alert
from bartizan.detect.watch.correlating import EvidenceStore, LiveCorrelator
from bartizan.detect.watch.panel import Panel
from bartizan.detect.watch.streams import Known, StreamMemory
from bartizan.errors import BartizanError
from bartizan.schema.identity import record_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.collect.chunk import Chunk
    from bartizan.detect.hunt.judge import Found, Judge, Judged
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.contract import Entry
    from bartizan.schema.columns import Frame

__all__ = ["Balance", "Piece", "Watcher"]

_VERSION: Final = 1


class Balance(msgspec.Struct, array_like=True):
    """What became of the records of a stream: ``read == stored + unparsed + duplicate``."""

    read: int = 0
    stored: int = 0
    unparsed: int = 0
    duplicate: int = 0


@dataclass(slots=True)
class Piece:
    """What some entries gave. ``records``: complete records with their raw text; ``keys``: what tells records apart, 16 bytes each."""

    alerts: list[Alert] = field(default_factory=list)
    records: list[tuple[Frame, Sequence[bytes]]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    balance: dict[str, Balance] = field(default_factory=dict)
    keys: list[bytes] = field(default_factory=list)
    held: int = 0
    """Findings that exceptions held back."""
    now: int = 0
    """When the last of the entries was received, nanoseconds UTC."""


class _Uid(msgspec.Struct):
    uid: str


class _Told(msgspec.Struct):
    metadata: _Uid


class _State(msgspec.Struct, frozen=True, array_like=True):
    version: int
    streams: dict[str, Known]
    correlations: bytes
    sources: list[tuple[str, str]]


_told = msgspec.json.Decoder(_Told).decode


class Watcher:
    """The rules under way. ``take`` is given every entry once, in order; the same entries in the same pieces give the same findings."""

    def __init__(self, judge: Judge, request: Request, store: EvidenceStore, *, lateness: int, seen: SeenRecords | None = None) -> None:
        """Begin; ``lateness``: nanoseconds for which correlations wait for records that come late."""
        self._judge, self._seen = judge, seen or SeenRecords()
        self.panel = Panel(judge)
        """Who judges: one, unless told otherwise."""
        self.correlator = LiveCorrelator(judge.rules, request, store, lateness=lateness)
        self._streams = StreamMemory(judge.catalogue)
        self._routes: dict[tuple[str, str], None] = {}
        self._rules: set[int] = set()

    def take(self, entries: Sequence[Entry]) -> Piece:
        """Judge entries together."""
        now = max((entry.received for entry in entries), default=0)
        piece = Piece(now=now)
        for chunk, before, judged in self.panel.judge(self._streams.chunks(entries), now):
            self._take(piece, chunk, before, judged)
        quiet = entries[-1].quiet if entries else 0
        piece.alerts += self.correlator.settle(self._rules, now, quiet=quiet)
        return piece

    def finish(self, end: int) -> Piece:
        """Judge what is held at the end of a recording; ``end``: event time up to which all was seen."""
        piece = Piece()
        for chunk, before in self._streams.flush():
            self._take(piece, chunk, before, self._judge.judge(chunk))
        piece.alerts += self.correlator.settle(self._rules, end)
        piece.alerts += self.correlator.finish(end, self._rules)
        return piece

    def dump(self) -> bytes:
        """Return the state, but for the records seen, which are kept as they come."""
        return msgspec.msgpack.encode(_State(_VERSION, self._streams.known, self.correlator.dump(), sorted(self._routes)))

    def restore(self, state: bytes) -> tuple[str, ...]:
        """Take up a state, and name the correlations that begin anew because they were changed. BartizanError where it is none."""
        try:
            held = msgspec.msgpack.decode(state, type=_State)
        except msgspec.DecodeError as error:
            message = f"this is no state of a watch: {error}; move it away to begin anew"
            raise BartizanError(message) from error
        self._streams = StreamMemory(self._judge.catalogue, held.streams)
        for source, route in held.sources:
            self._read(source, route)
        return self.correlator.restore(held.correlations)

    def _take(self, piece: Piece, chunk: Chunk, before: int, judged: Judged) -> None:
        duplicate = frozenset(self._seen.add(judged.keys))
        piece.keys.append(judged.keys)
        for seen in judged.present:
            self._read(seen.source, seen.route)
        for found in judged.found:
            if found.row not in duplicate:
                self._note(piece, found, before)
        piece.held += sum(row not in duplicate for row, _ in judged.held)
        unparsed = [row for row in judged.unparsed if row not in duplicate]
        balance = piece.balance.setdefault(chunk.origin, Balance())
        balance.read += judged.count
        balance.duplicate += len(duplicate)
        balance.unparsed += len(unparsed)
        balance.stored += judged.count - len(duplicate) - len(unparsed)
        for rows, frame in judged.records:
            kept = [at for at, row in enumerate(rows) if row not in duplicate]
            if kept:
                piece.records.append((frame.take(kept) if duplicate else frame, [chunk.records[rows[at]] for at in kept]))
        if judged.chunk.records:
            piece.unread += _unread(judged, unparsed, before)

    def _note(self, piece: Piece, found: Found, before: int) -> None:
        line = renumbered(found.line, before + found.row + 1) if before else found.line
        if found.feeds:
            self.correlator.take(found.rule, found.feeds, found.time, found.uid, line)
        if found.raised:
            rule = self._judge.rule(found.rule)
            piece.alerts.append(Alert(_told(line).metadata.uid, rule.id, rule.level, found.time, line))

    def _read(self, source: str, route: str) -> None:
        """Remember which rules have had records: what is absent says something only of those."""
        if (source, route) not in self._routes:
            self._routes[source, route] = None
            self._rules.update(self._judge.rules_of(source, route))


def _unread(judged: Judged, rows: Sequence[int], before: int) -> Iterator[Unread]:
    chunk = judged.chunk
    for row in rows:
        raw = chunk.records[row]
        yield Unread(record_id(raw).hex(), chunk.origin, before + row + 1, judged.unparsed[row], raw, chunk.modified)
