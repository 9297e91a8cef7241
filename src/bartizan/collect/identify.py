"""Say of the chunks of one file what it is, and keep together the records that belong together."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.detection import detect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.chunk import Chunk
    from bartizan.collect.contract import Source

__all__ = ["GROUP_RECORDS", "identified", "named", "part"]

GROUP_RECORDS: Final = 2048
"""The most records that are held back to keep a group together; an audit event has up to some 60 lines."""


def named(chunk: Chunk, catalogue: Catalogue) -> Chunk:
    """Say of a chunk which source its records are of, if it has any."""
    if chunk.framing is None or not chunk.records:
        return chunk
    readable = (
        [record for index, record in enumerate(chunk.records) if index not in chunk.unreadable] if chunk.unreadable else chunk.records
    )
    found = detect(chunk.framing, readable, catalogue, head=chunk.head)
    return replace(chunk, source=found.source.name if found.source else "", why=found.why)


def identified(chunks: Iterable[Chunk], catalogue: Catalogue) -> Iterator[Chunk]:
    """Yield the chunks of one file with its source, told from the first that has records, unless it is told already.

    Where the source groups records, the last group of a chunk goes to the next one.
    """
    source, why, held = "", "", None
    for each in chunks:
        chunk = each if each.why else replace(each, source=source, why=why) if why else named(each, catalogue)
        source, why = chunk.source, chunk.why
        found = catalogue.named(source)
        if found is None or found.group is None:
            yield chunk
            continue
        if held is not None and held.head != chunk.head:
            yield held
            held = None
        whole = chunk if held is None else _joined(held, chunk)
        ready, held = _cut(whole, found)
        yield ready
    if held is not None:
        yield held


def _cut(chunk: Chunk, source: Source) -> tuple[Chunk, Chunk | None]:
    """Cut a chunk before its last group."""
    count = len(chunk.records)
    at = count - _last_group(chunk.records, source)
    if at == count:
        return chunk, None
    return part(chunk, 0, at), part(chunk, at, count)


def _last_group(records: Sequence[bytes], source: Source) -> int:
    """Return how many records at the end are of one group; 0 if that cannot be told or they are too many to be held back."""
    if source.group is None or not records:
        return 0
    try:
        last = source.group(records[-1])
        for back in range(1, min(len(records), GROUP_RECORDS)):
            if source.group(records[-1 - back]) != last:
                return back
    except Exception:  # noqa: BLE001 - a source that fails on a foreign record: groups are kept together where that is possible
        return 0
    return len(records) if len(records) < GROUP_RECORDS else 0


def part(chunk: Chunk, begin: int, end: int) -> Chunk:
    """Return some of the records of a chunk; what is said of the file as a whole stays with the first of them."""
    long = {index - begin: why for index, why in chunk.unreadable.items() if begin <= index < end}
    offsets = None if chunk.offsets is None else array("q", chunk.offsets[begin:end])
    size = chunk.size if not begin else 0
    notes, problems = (chunk.notes, chunk.problems) if not begin else ((), ())
    return replace(chunk, records=chunk.records[begin:end], offsets=offsets, unreadable=long, size=size, notes=notes, problems=problems)


def _joined(held: Chunk, chunk: Chunk) -> Chunk:
    before = len(held.records)
    long = {**held.unreadable, **{before + index: why for index, why in chunk.unreadable.items()}}
    offsets = None if held.offsets is None or chunk.offsets is None else array("q", [*held.offsets, *chunk.offsets])
    return replace(chunk, records=[*held.records, *chunk.records], offsets=offsets, unreadable=long)
