"""Make chunks of lines: blank lines are no records, ``#`` lines are the head, what is not UTF-8 is read as Latin-1."""

from __future__ import annotations

import re
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.framing.lines import Lines
from bartizan.collect.limits import CHUNK_BYTES, CHUNK_RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.collect.chunk import Chunk

__all__ = ["HEAD_LINES", "NOT_UTF8", "is_heading", "line_chunks", "utf8_records"]

HEAD_LINES: Final = 256
"""Lines of a head. The longest real ones (Zeek, W3C) have under 20; a file of nothing but ``#`` lines must stay bounded."""

_HEADING: Final = re.compile(rb"(?=.*\b(?:srcaddr|interface-id|log-status)\b)[a-z][a-z0-9-]{0,40}(?: [a-z][a-z0-9-]{0,40}){1,99}\r?")
"""The first line of a flow log of Amazon VPC: it names the columns, in the order that its owner chose."""
_QUOTED_HEADING: Final = re.compile(rb'(?=[^_]*_)"[A-Z][A-Z0-9_]{0,60}"(?:,"[A-Z][A-Z0-9_]{0,60}"){4,299}\r?')
"""The first line of a table that a database or Salesforce wrote: nothing but quoted names in capitals, of several words some."""
_LONGEST_HEADING: Final = 8192
_FIELDS: Final = b"#Fields: "

NOT_UTF8: Final = "not all of it is UTF-8: such records were read as Latin-1"


def line_chunks(batches: Iterable[Lines], blank: Chunk, *, directed: bool = False, target: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Yield ``blank`` filled with the lines of ``batches``, at least ``target`` bytes at a time until they end.

    With ``directed``, lines that begin with ``#`` are no records: the last block of them that names fields is the ``head``
    of the records after it. A line that names columns without a ``#`` is read as if it began with ``#Fields:``. Always
    yields at least one chunk.
    """
    head, held = tuple(blank.head), None
    for lines in _gathered(map(_tidy, batches), target):
        if not directed:
            yield _filled(blank, lines)
            continue
        marked = replace(lines, records=[_FIELDS + record if is_heading(record) else record for record in lines.records])
        rest, held = _held_back(_joined([held, marked]) if held else marked)
        for chunk in _headed(rest, replace(blank, head=head)):
            head = tuple(chunk.head)
            yield chunk
    if held:
        yield _filled(replace(blank, head=head), _chosen(held, ()))


def is_heading(line: bytes) -> bool:
    """Say whether a line does nothing but name the columns of the records after it."""
    begin = line[:1]
    if begin == b'"':
        return _QUOTED_HEADING.fullmatch(line[:_LONGEST_HEADING]) is not None
    return b"a" <= begin <= b"z" and _HEADING.fullmatch(line[:_LONGEST_HEADING]) is not None


def _tidy(lines: Lines) -> Lines:
    """Take carriage returns off, leave blank lines out and read what is not UTF-8 as Latin-1.

    This is done block by block, while the bytes are still in the processor's cache: it halves the cost.
    """
    records = lines.records
    if lines.returns:
        records = [record[:-1] if record[-1:] == b"\r" else record for record in records]
        for index in lines.long:
            records[index] = lines.records[index]
    mended = False
    if lines.foreign:
        records, mended = utf8_records(records, lines.long)
    tidy = replace(lines, records=records, returns=False, foreign=mended)
    if all(records) and not any(map(bytes.isspace, records)):
        return tidy
    return _chosen(tidy, [index for index, record in enumerate(records) if record and not record.isspace()])


def utf8_records(records: list[bytes], skip: Iterable[int] = ()) -> tuple[list[bytes], bool]:
    """Return the records as UTF-8, and whether some were not; those are taken for Latin-1. ``skip`` names records to leave alone."""
    left = frozenset(skip)
    foreign = [index for index, plain in enumerate(map(bytes.isascii, records)) if not plain]
    wrong = [index for index in foreign if index not in left and not _is_utf8(records[index])]
    if not wrong:
        return records, False
    mended = list(records)
    for index in wrong:
        mended[index] = records[index].decode("latin-1").encode()
    return mended, True


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode()
    except UnicodeDecodeError:
        return False
    return True


def _gathered(batches: Iterable[Lines], target: int) -> Iterator[Lines]:
    """Join batches until they hold ``target`` bytes or ``CHUNK_RECORDS`` records; yields at least once."""
    together: list[Lines] = []
    done, count = False, 0
    for lines in batches:
        together.append(lines)
        count += len(lines.records)
        if lines.end - together[0].begin >= target or count >= CHUNK_RECORDS:
            yield _joined(together)
            together, done, count = [], True, 0
    if together:
        yield _joined(together)
    elif not done:
        yield Lines([], array("q"), 0, 0)


def _joined(parts: Sequence[Lines]) -> Lines:
    if len(parts) == 1:
        return parts[0]
    records: list[bytes] = []
    offsets = array("q")
    long: dict[int, str] = {}
    for part in parts:
        long.update((len(records) + index, why) for index, why in part.long.items())
        records += part.records
        offsets += part.offsets
    return Lines(records, offsets, parts[0].begin, parts[-1].end, long, foreign=any(part.foreign for part in parts))


def _chosen(lines: Lines, indexes: Sequence[int], *, begin: int = -1, end: int = -1) -> Lines:
    records = [lines.records[index] for index in indexes]
    offsets = array("q", [lines.offsets[index] for index in indexes])
    long = {new: lines.long[old] for new, old in enumerate(indexes) if old in lines.long} if lines.long else {}
    begin, end = lines.begin if begin < 0 else begin, lines.end if end < 0 else end
    return Lines(records, offsets, begin, end, long, foreign=lines.foreign)


def _filled(blank: Chunk, lines: Lines) -> Chunk:
    notes = (*blank.notes, NOT_UTF8) if lines.foreign else blank.notes
    size = lines.end - lines.begin
    return replace(blank, records=lines.records, offsets=lines.offsets, unreadable=lines.long, size=size, notes=notes)


def _held_back(lines: Lines) -> tuple[Lines, Lines | None]:
    """Keep a block of ``#`` lines at the end for what comes next, so that chunks never cut a head in two."""
    count = len(lines.records)
    first = count
    while first and count - first < HEAD_LINES and lines.records[first - 1][:1] == b"#":
        first -= 1
    if count - first in (0, HEAD_LINES):
        return lines, None
    place = lines.offsets[first]
    return _chosen(lines, range(first), end=place), _chosen(lines, range(first, count), begin=place)


def _headed(lines: Lines, blank: Chunk) -> Iterator[Chunk]:
    """Cut lines where a new head begins, and leave ``#`` lines out."""
    head = tuple(blank.head)
    first, place = 0, lines.begin
    for begin, end in _blocks([index for index, record in enumerate(lines.records) if record[:1] == b"#"]):
        block = tuple(lines.records[begin : min(end, begin + HEAD_LINES)])
        if block == head or (head and not any(line[:7].lower() == b"#fields" for line in block)):
            continue
        if begin:
            yield _filled(replace(blank, head=head), _records(lines, range(first, begin), place, lines.offsets[begin]))
            place = lines.offsets[begin]
        head, first = block, begin
    yield _filled(replace(blank, head=head), _records(lines, range(first, len(lines.records)), place, lines.end))


def _blocks(indexes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield runs of consecutive indexes as (first, last + 1)."""
    first = last = -1
    for index in indexes:
        if index != last:
            if first >= 0:
                yield first, last
            first = index
        last = index + 1
    if first >= 0:
        yield first, last


def _records(lines: Lines, among: range, begin: int, end: int) -> Lines:
    return _chosen(lines, [index for index in among if lines.records[index][:1] != b"#"], begin=begin, end=end)
