"""Cut a stream of bytes into chunks of records, whatever it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bartizan.collect.contract import Framing
from bartizan.collect.framing.documents import cut_documents
from bartizan.collect.framing.encodings import transcoded
from bartizan.collect.framing.event_log import event_log_chunks
from bartizan.collect.framing.lines import cut_lines
from bartizan.collect.framing.shape import SNIFF_BYTES, Layout, Shape, shape_of
from bartizan.collect.framing.text import line_chunks
from bartizan.collect.limits import CHUNK_BYTES, RECORD_BYTES
from bartizan.collect.transports.bytestream import ByteStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.chunk import Chunk

__all__ = ["frames"]


def frames(stream: ByteStream, blank: Chunk, *, record: int = RECORD_BYTES, target: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Yield ``blank`` filled with the records of a stream, chunk by chunk, at least one.

    The last chunk says why the stream ended early, if it did.
    """
    last: Chunk | None = None
    for chunk in _chunks(stream, blank, record, target):
        if last is not None:
            yield last
        last = chunk
    if last is not None:
        yield replace(last, problems=(*last.problems, stream.problem)) if stream.problem else last


def _chunks(stream: ByteStream, blank: Chunk, record: int, target: int) -> Iterator[Chunk]:
    hole = _skip_hole(stream)
    begin = stream.peek(SNIFF_BYTES)
    shape = shape_of(begin)
    if hole and not begin:
        shape = replace(shape, note=f"nothing but {hole} NUL bytes: not a log")
    notes = [f"begins with {hole} NUL bytes, a hole that truncating an open log leaves"] if hole and begin else []
    notes += [shape.note] if shape.note and not (stream.problem and not begin) else []
    blank = replace(blank, notes=(*blank.notes, *notes))
    if shape.layout is Layout.NONE:
        yield replace(blank, size=hole + sum(map(len, stream.blocks())))
    elif shape.layout is Layout.EVTX:
        yield from event_log_chunks(stream, replace(blank, framing=Framing.EVTX), target=target)
    else:
        yield from _text_chunks(stream, shape, blank, hole=hole, record=record, target=target)


def _skip_hole(stream: ByteStream) -> int:
    """Take the NUL bytes at the beginning of a stream, and return how many."""
    hole = 0
    while True:
        begin = stream.peek(SNIFF_BYTES)
        count = len(begin) - len(begin.lstrip(b"\x00"))
        if count < len(begin) and count < 64:  # noqa: PLR2004 - magics and UTF-16 begin with fewer; a hole is a file system block
            return hole
        stream.read(count)
        hole += count
        if not begin:
            return hole


def _text_chunks(stream: ByteStream, shape: Shape, blank: Chunk, *, hole: int, record: int, target: int) -> Iterator[Chunk]:  # noqa: PLR0913 - private, called once
    stream.read(shape.skip)
    blocks = stream.blocks()
    if shape.encoding != "utf-8":
        decoded = ByteStream(transcoded(blocks, shape.encoding))
        shape = shape_of(decoded.peek(SNIFF_BYTES))
        if shape.framing is None:
            yield replace(blank, notes=(*blank.notes, shape.note), size=sum(map(len, decoded.blocks())))
            return
        blocks = decoded.blocks()
    start = hole + shape.skip
    blank = replace(blank, framing=shape.framing)
    if shape.layout is Layout.DOCUMENTS:
        batches = cut_documents(blocks, offset=start, limit=record)
    else:
        batches = cut_lines(blocks, offset=start, limit=record)
    first = True
    for chunk in line_chunks(batches, blank, directed=shape.directed, target=target):
        yield replace(chunk, size=chunk.size + start) if first else chunk
        first = False
