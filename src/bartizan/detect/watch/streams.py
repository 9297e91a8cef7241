"""Make chunks of entries, stream by stream, with what is known of each stream from before: its source, its head, its numbering.

A source that groups its records (the lines of one audit event) has its last group held until the next records of the stream come,
or until none have come for a while: what is held is part of the state, for it was acknowledged already.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Framing
from bartizan.collect.identify import identified, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.detect.watch.contract import Entry

__all__ = ["PATIENCE", "Known", "StreamMemory"]

PATIENCE: Final = 3_000_000_000
"""Nanoseconds for which the last group of a stream is held: an audit daemon writes the lines of an event at once."""
TELL_AGAIN: Final = 10_000
"""Records of a stream after which its source is told from a sample anew: that asks every source, and costs milliseconds."""
STREAMS: Final = 50_000
"""Streams that are remembered; beyond, the one that has been quiet for longest is begun anew."""
_NANO: Final = 1_000_000_000


class Known(msgspec.Struct, array_like=True):
    """What is known of a stream. ``held``: records of its last group; ``held_framing`` and ``held_head`` are theirs.

    ``head`` is the last block of ``#`` lines that came: it names the columns of records in later entries too.
    """

    source: str = ""
    why: str = ""
    count: int = 0
    received: int = 0
    held: list[bytes] = []
    held_framing: str = ""
    held_head: list[bytes] = []
    head: list[bytes] = []
    since: int = 0
    """Records since the source was told from a sample."""


class StreamMemory:
    """The streams so far; ``known`` is the state to be stored."""

    def __init__(self, catalogue: Catalogue, known: dict[str, Known] | None = None) -> None:
        """Take up what is known."""
        self._catalogue = catalogue
        self.known = known or {}

    def chunks(self, entries: Sequence[Entry]) -> Iterator[tuple[Chunk, int]]:
        """Yield chunks of records, each with the number of the records of its stream before it; those of one stream in their order."""
        now = max((entry.received for entry in entries), default=0)
        for together in _together(entries):
            yield from self._of_stream(together)
        for stream, known in list(self.known.items()):
            if known.held and known.received + PATIENCE <= now:
                yield self._numbered(stream, _held(stream, known))
                known.held = []
        while len(self.known) > STREAMS:
            quiet = next(iter(self.known))
            if self.known[quiet].held:
                yield self._numbered(quiet, _held(quiet, self.known[quiet]))
            del self.known[quiet]

    def flush(self) -> Iterator[tuple[Chunk, int]]:
        """Yield all that is held: nothing more will come."""
        for stream, known in self.known.items():
            if known.held:
                yield self._numbered(stream, _held(stream, known))
                known.held = []

    def _of_stream(self, entries: Sequence[Entry]) -> Iterator[tuple[Chunk, int]]:
        first = entries[0]
        known = self.known.pop(first.stream, None) or Known()
        self.known[first.stream] = known
        known.received = max(entry.received for entry in entries)
        fresh = self._named(_chunk(entries, known.head), known)
        known.head = list(fresh.head) or known.head
        if known.source and not fresh.source:
            fresh = replace(fresh, source=known.source, why=known.why)
        if known.held:
            held = _held(first.stream, known)
            if held.framing is fresh.framing and held.head == fresh.head and known.source == fresh.source:
                fresh = _joined(held, fresh)
            else:
                yield self._numbered(first.stream, held)
        known.held, known.source, known.why = [], fresh.source, fresh.why
        ready = list(identified([fresh], self._catalogue))
        if len(ready) > 1:
            self._hold(known, ready.pop())
        for chunk in ready:
            if chunk.records:
                yield self._numbered(first.stream, chunk)

    def _named(self, chunk: Chunk, known: Known) -> Chunk:
        """Say of which source a chunk is: a stream seldom changes, and records of another source find theirs all the same."""
        known.since += len(chunk.records)
        if known.source and known.since < TELL_AGAIN and list(chunk.head) == known.head:
            return replace(chunk, source=known.source, why=known.why)
        known.since = 0
        return named(chunk, self._catalogue)

    @staticmethod
    def _hold(known: Known, chunk: Chunk) -> None:
        known.held = list(chunk.records)
        known.held_framing = chunk.framing.value if chunk.framing else ""
        known.held_head = list(chunk.head)

    def _numbered(self, stream: str, chunk: Chunk) -> tuple[Chunk, int]:
        known = self.known[stream]
        before = known.count
        known.count += len(chunk.records)
        return chunk, before


def _together(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Put entries of one stream that are cut alike together: what is done once for a chunk is paid once."""
    found: list[list[Entry]] = []
    last: dict[str, list[Entry]] = {}
    for entry in entries:
        if not entry.records:
            continue
        some = last.get(entry.stream)
        if some is None or some[0].framing != entry.framing or some[0].head != entry.head:
            some = last[entry.stream] = []
            found.append(some)
        some.append(entry)
    return found


def _chunk(entries: Sequence[Entry], head: Sequence[bytes]) -> Chunk:
    records: list[bytes] = []
    unreadable: dict[int, str] = {}
    for entry in entries:
        unreadable.update({len(records) + at: why for at, why in entry.unreadable.items()})
        records += entry.records
    first = entries[0]
    return Chunk(
        origin=first.stream,
        framing=Framing(first.framing),
        records=records,
        unreadable=unreadable,
        head=tuple(first.head or (head if first.framing == Framing.LINES.value else ())),
        size=sum(map(len, records)),
        modified=first.received / _NANO,
    )


def _held(stream: str, known: Known) -> Chunk:
    return Chunk(
        origin=stream,
        framing=Framing(known.held_framing),
        records=known.held,
        head=tuple(known.held_head),
        size=sum(map(len, known.held)),
        modified=known.received / _NANO,
        source=known.source,
        why=known.why or "held",
    )


def _joined(held: Chunk, fresh: Chunk) -> Chunk:
    before = len(held.records)
    unreadable = {before + at: why for at, why in fresh.unreadable.items()}
    return replace(fresh, records=[*held.records, *fresh.records], unreadable=unreadable, size=held.size + fresh.size)
