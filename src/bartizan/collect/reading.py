"""Let sources parse a chunk, so that every record ends in exactly one place.

The source that the file was taken for comes first, unless it is a general one: then a record that has the marks of a
special source is offered to that before. What is left is offered record by record to the sources whose marks it has, then
once to each other source that knows some of it (JSON lines in a syslog file), the general ones last; what nobody reads is
unparsed, with the first source's reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Framing, Parsed, Part, Source
from bartizan.collect.detection import SAMPLE, claims, sample_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.chunk import Chunk

__all__ = ["NOBODY", "Reading", "parse_chunk", "parse_safely"]

NOBODY: Final = "no source knows this record"
_OTHERS: Final = {
    Framing.LINES: (Framing.LINES, Framing.JSON),
    Framing.JSON: (Framing.JSON, Framing.LINES),
    Framing.EVTX: (Framing.EVTX, Framing.JSON),
}
"""In which framings a record that its source left is looked at again: a line may be JSON, a garbled JSON line may be text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Every record of a chunk, once: in the rows of a part of some source, or in ``unparsed`` (index -> why).

    ``flawed``: records that were read although something is wrong with them (index -> what).
    """

    parts: Sequence[tuple[Source, Part]]
    unparsed: Mapping[int, str]
    flawed: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Work:
    chunk: Chunk
    context: Context
    parts: list[tuple[Source, Part]] = field(default_factory=list)
    unparsed: dict[int, str] = field(default_factory=dict)
    flawed: dict[int, str] = field(default_factory=dict)

    def parse(self, source: Source, indexes: Sequence[int]) -> list[Sequence[int]]:
        """Let a source parse some records; what it reads is no longer unparsed. Return the records read."""
        read: list[Sequence[int]] = []
        whole = len(indexes) == len(self.chunk.records)
        records = self.chunk.records if whole else [self.chunk.records[index] for index in indexes]
        parsed = parse_safely(source, records, self.context)
        for part in parsed.parts:
            rows = part.rows if whole else [indexes[row] for row in part.rows]
            self.parts.append((source, part if whole else replace(part, rows=rows)))
            if self.unparsed:
                for row in rows:
                    self.unparsed.pop(row, None)
            read.append(rows)
        for row, why in parsed.unparsed.items():
            self.unparsed.setdefault(indexes[row], why)
        self.flawed.update((indexes[row], what) for row, what in parsed.flawed.items())
        return read

    def parse_marked(self, indexes: Sequence[int], catalogue: Catalogue) -> list[int]:
        """Let each record be parsed by the other sources whose marks it has until one reads it; return those none reads."""
        framings = (self.chunk.framing, *_OTHERS[self.chunk.framing]) if self.chunk.framing is not None else ()
        left = set(indexes)
        for source, rows in catalogue.marks.candidates(self.chunk.records, indexes):
            mine = [row for row in rows if row in left]
            if mine and source.name != self.chunk.source and not set(framings).isdisjoint(source.framings):
                left.difference_update(*self.parse(source, mine))
        return sorted(left)


def parse_chunk(chunk: Chunk, context: Context, catalogue: Catalogue) -> Reading:
    """Parse every record of a chunk. ``context`` is completed by what the chunk knows: its head and when it was written."""
    work = _Work(chunk, replace(context, head=chunk.head, modified=chunk.modified))
    if chunk.framing is None or not chunk.records:
        return Reading((), {})
    indexes: Sequence[int] = range(len(chunk.records))
    if chunk.unreadable:
        indexes = [index for index in indexes if index not in chunk.unreadable]
    source = catalogue.named(chunk.source)
    if source is None:
        work.unparsed.update(dict.fromkeys(indexes, NOBODY))
    elif source.general:
        indexes = work.parse_marked(indexes, catalogue)
    if source is not None and indexes:
        work.parse(source, indexes)
    tried = {chunk.source}
    if work.unparsed and (source is None or not source.general):
        work.parse_marked(sorted(work.unparsed), catalogue)
    while work.unparsed and (other := _next(work, tried, chunk.framing, catalogue)) is not None:
        tried.add(other.name)
        work.parse(other, sorted(work.unparsed))
    return Reading(work.parts, {**work.unparsed, **chunk.unreadable}, work.flawed)


def parse_safely(source: Source, records: Sequence[bytes], context: Context) -> Parsed:
    """Parse with a source that may fail: then halve the records until only those are unparsed that make it fail.

    A record that the source neither reads nor refuses is unparsed too.
    """
    try:
        parsed = source.parse(records, context)
    except Exception as error:  # noqa: BLE001 - one record that breaks a source must cost neither the run nor the batch
        if len(records) <= 1:
            return Parsed((), {} if not records else {0: f"{source.name} failed: {type(error).__name__}: {error}"})
        middle = len(records) // 2
        halves = [parse_safely(source, part, context) for part in (records[:middle], records[middle:])]
        return Parsed(
            [*halves[0].parts, *_moved(halves[1], middle)],
            _both(halves[0].unparsed, halves[1].unparsed, middle),
            _both(halves[0].flawed, halves[1].flawed, middle),
        )
    told = sum(len(part.rows) for part in parsed.parts) + len(parsed.unparsed)
    if told == len(records):
        return parsed
    known = set(parsed.unparsed).union(*(part.rows for part in parsed.parts))
    lost = {index: f"{source.name} gave no account of this record" for index in range(len(records)) if index not in known}
    return Parsed(parsed.parts, {**parsed.unparsed, **lost}, parsed.flawed)


def _both(first: Mapping[int, str], second: Mapping[int, str], by: int) -> dict[int, str]:
    return {**first, **{by + row: text for row, text in second.items()}}


def _moved(parsed: Parsed, by: int) -> list[Part]:
    return [replace(part, rows=[by + row for row in part.rows]) for part in parsed.parts]


def _next(work: _Work, tried: set[str], framing: Framing, catalogue: Catalogue) -> Source | None:
    """Return the source not tried yet that knows most of a sample of what is unparsed."""
    records = work.chunk.records
    sample = _varied([records[index] for index in work.unparsed])
    sample = [*work.chunk.head, *sample]
    found = [claim for other in _OTHERS[framing] for claim in claims(other, sample, catalogue)]
    best = [claim for claim in found if claim.count > 0 and claim.source.name not in tried]
    return min(best, key=lambda claim: (claim.source.general, -claim.count, claim.source.name)).source if best else None


def _varied(records: Sequence[bytes]) -> list[bytes]:
    """Return a sample in which each way that a record begins is there, so that a few odd ones among many are seen."""
    kinds = {record[:1]: record for record in reversed(records)}
    return [*list(kinds.values())[: SAMPLE // 2], *sample_of(records, SAMPLE // 2)]
