"""Cut a large plain file into spans that can be read apart from each other, without reading it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Final

from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Framing, Source
from bartizan.collect.files import blocks_of, cannot_open, opened
from bartizan.collect.framing.event_log import EVTX_CHUNK, EVTX_HEADER, event_log_chunks
from bartizan.collect.framing.lines import cut_lines
from bartizan.collect.framing.shape import SNIFF_BYTES, Layout, Shape, shape_of
from bartizan.collect.framing.text import line_chunks
from bartizan.collect.identify import identified, named
from bartizan.collect.limits import BLOCK_BYTES, Limits
from bartizan.collect.transports.bytestream import ByteStream
from bartizan.collect.transports.compression import codec_of
from bartizan.collect.transports.tar import is_tar
from bartizan.collect.transports.zips import ZIP_MAGICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.transports.paths import Found

__all__ = ["Span", "chunks_in", "spans_of"]

_GROUP_BYTES: Final = 256 << 10
"""How far a cut is moved so that it does not go through a group of records; the longest audit events take 64 KiB."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``begin`` to ``end`` of a file, behind ``lead`` bytes that are no text. ``blank`` is a chunk to be filled."""

    found: Found
    begin: int
    end: int
    blank: Chunk
    lead: int = 0

    @property
    def origin(self) -> str:
        """The file, as shown."""
        return self.blank.origin


def spans_of(found: Found, sources: Catalogue, limits: Limits) -> Iterator[Span] | None:
    """Return the spans of a file, in order; None where it can only be read from its beginning. OSError where it cannot be read."""
    with opened(found) as handle:
        begin = handle.read(SNIFF_BYTES) or b""
    if codec_of(begin) or begin.startswith(ZIP_MAGICS) or is_tar(begin) or not begin.strip(b"\x00"):
        return None
    shape = shape_of(begin)
    if shape.layout is Layout.EVTX:
        return _event_log_spans(found, sources, limits)
    plain = shape.layout is Layout.LINES and shape.encoding == "utf-8" and not shape.directed and begin[:1] != b"\x00"
    return _line_spans(found, shape, sources, limits) if plain else None


def chunks_in(span: Span, sources: Catalogue, limits: Limits) -> Iterator[Chunk]:
    """Yield the chunks of a span. A file that has become shorter since it was cut is told."""
    blank = span.blank
    try:
        handle = opened(span.found)
    except OSError as error:
        yield replace(blank, framing=None, problems=(*blank.problems, cannot_open(error)))
        return
    with handle:
        handle.seek(span.begin)
        stream = ByteStream(blocks_of(handle, span.begin, span.end))
        yield from identified(_whole(stream, span, limits), sources)


def _whole(stream: ByteStream, span: Span, limits: Limits) -> Iterator[Chunk]:
    """Yield the chunks of a span, with what was wrong with the file."""
    done, lead = 0, span.lead
    for chunk in _cut(stream, span, limits):
        done += chunk.size
        short = done < span.end - span.begin and not stream.peek(1)
        problem = stream.problem or (f"became shorter while it was read: it ends before byte {span.end}" if short else "")
        yield replace(chunk, size=chunk.size + lead, problems=(*chunk.problems, problem) if problem else chunk.problems)
        lead = 0


def _cut(stream: ByteStream, span: Span, limits: Limits) -> Iterator[Chunk]:
    if span.blank.framing is Framing.EVTX:
        yield from event_log_chunks(
            stream, span.blank, first=(span.begin - EVTX_HEADER) // EVTX_CHUNK if span.begin else 0, target=limits.chunk
        )
    else:
        lines = cut_lines(stream.blocks(), offset=span.begin, limit=limits.record)
        yield from line_chunks(lines, span.blank, target=limits.chunk)


def _event_log_spans(found: Found, sources: Catalogue, limits: Limits) -> Iterator[Span]:
    blank = Chunk(origin=found.name, framing=Framing.EVTX, modified=found.modified)
    chunks = max(1, limits.chunk // 2 // EVTX_CHUNK)
    with opened(found) as handle:
        first = next(event_log_chunks(ByteStream([handle.read(EVTX_HEADER + 4 * EVTX_CHUNK)]), blank))
    blank = _described(blank, named(first, sources))
    cuts = [0, *range(EVTX_HEADER + chunks * EVTX_CHUNK, found.size, chunks * EVTX_CHUNK), found.size]
    return (Span(found, begin, end, blank) for begin, end in pairwise(cuts))


def _line_spans(found: Found, shape: Shape, sources: Catalogue, limits: Limits) -> Iterator[Span]:
    blank = Chunk(origin=found.name, framing=shape.framing, modified=found.modified)
    with opened(found) as handle:
        handle.seek(shape.skip)
        begin = handle.read(BLOCK_BYTES)
        lines = begin[: begin.rfind(b"\n") + 1]
        first = next(line_chunks(cut_lines([lines] if lines else []), blank))
        blank = _described(blank, named(first, sources))
        source = sources.named(blank.source)
        at = shape.skip
        while at < found.size:
            aim = at + limits.chunk
            end = _line_start(handle, aim, source) if aim < found.size else found.size
            yield Span(found, at, end, blank, lead=shape.skip if at == shape.skip else 0)
            at = end


def _described(blank: Chunk, first: Chunk) -> Chunk:
    return replace(blank, source=first.source, why=first.why)


def _line_start(handle: IO[bytes], at: int, source: Source | None) -> int:
    """Return where the next line begins behind ``at``, moved on to where a group of records ends."""
    handle.seek(at)
    while block := handle.read(_GROUP_BYTES):
        newline = block.find(b"\n")
        if newline >= 0:
            at += newline + 1
            break
        at += len(block)
    else:
        return at
    if source is None or source.group is None:
        return at
    handle.seek(at)
    return at + _group_end(handle.read(_GROUP_BYTES), source)


def _group_end(text: bytes, source: Source) -> int:
    """Return how many bytes the lines take up to the end of a group: all, where the file ends first; 0 if none ends."""
    ended = len(text) < _GROUP_BYTES
    lines = text.split(b"\n") if ended else text.split(b"\n")[:-1]
    if source.group is None or not lines:
        return 0
    try:
        before, length = source.group(lines[0]), len(lines[0]) + 1
        for line in lines[1:]:
            if line and source.group(line) != before:
                return length
            length += len(line) + 1
    except Exception:  # noqa: BLE001 - a source that fails on a foreign line: the cut stays where the line begins
        return 0
    return len(text) if ended else 0
