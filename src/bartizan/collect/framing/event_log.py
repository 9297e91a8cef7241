"""Cut a Windows event log (EVTX) at its 64 KiB chunks and render the records of each as JSON text.

The reader that renders stops at the first damaged place of a chunk without a word, so every record that a chunk holds
is counted on its own (by the record headers) and what was not rendered becomes an unreadable record.

Source: Microsoft, [MS-EVEN6]; the layout of file, chunk and record headers as documented by libevtx.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from evtx import PyEvtxParser

from bartizan.collect.limits import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.collect.chunk import Chunk
    from bartizan.collect.transports.bytestream import ByteStream

__all__ = ["EVTX_CHUNK", "EVTX_HEADER", "event_log_chunks", "rendered"]

EVTX_HEADER: Final = 4096
EVTX_CHUNK: Final = 65536
_RUN: Final = 16
"""Chunks rendered at a time: 1 MiB, about 1,000 records."""
_MAGIC: Final = b"ElfChnk\x00"
_FIRST_RECORD: Final = 512
_RECORD: Final = re.compile(rb"\x2a\x2a\x00\x00", re.DOTALL)
_SMALLEST: Final = 28
_NO_RECORD: Final = (1 << 64) - 2


@dataclass(slots=True)
class _Found:
    """Records rendered so far, and why some are only raw bytes."""

    records: list[bytes]
    unreadable: dict[int, str]

    def lose(self, raw: bytes, why: str) -> None:
        """Add raw bytes that could not be rendered."""
        self.unreadable[len(self.records)] = why
        self.records.append(raw)


def event_log_chunks(stream: ByteStream, blank: Chunk, *, first: int = 0, target: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Yield the records of an event log. ``first`` is the number of the stream's first chunk, 0 where the file header comes before it."""
    size = 0 if first else len(stream.read(EVTX_HEADER))
    found = _Found([], {})
    weight, number = 0, first
    while run := _run(stream):
        _render(run, number, found)
        number += len(run)
        size += sum(map(len, run))
        weight = sum(map(len, found.records))
        if weight >= target:
            yield replace(blank, records=found.records, unreadable=found.unreadable, size=size)
            found, size = _Found([], {}), 0
    if size or not weight:
        yield replace(blank, records=found.records, unreadable=found.unreadable, size=size)


def rendered(chunks: Sequence[bytes], *, patient: bool = False) -> list[tuple[int, bytes]]:
    """Return number and JSON text of the records of whole EVTX chunks, in order.

    RuntimeError where a record stops the reader; with ``patient``, it is left out.
    """
    file = io.BytesIO(_file_header(len(chunks)) + b"".join(chunks))
    parser = PyEvtxParser(file, number_of_threads=1, skip_errors=patient)
    return [(record["event_record_id"], record["data"].encode("utf-8", "replace")) for record in parser.records_json() if record]


def _run(stream: ByteStream) -> list[bytes]:
    data = stream.read(_RUN * EVTX_CHUNK)
    return [data[at : at + EVTX_CHUNK] for at in range(0, len(data), EVTX_CHUNK)]


def _render(run: Sequence[bytes], number: int, found: _Found) -> None:
    """Render a run at once; where that does not give every record, chunk by chunk."""
    whole = [chunk for chunk in run if len(chunk) == EVTX_CHUNK and chunk.startswith(_MAGIC)]
    quiet = all(chunk in whole or not chunk.strip(b"\x00") for chunk in run)
    if quiet:
        try:
            records = rendered(whole)
        except (RuntimeError, OSError):
            records = []
        if len(records) == sum(map(_count, whole)):
            found.records += [text for _, text in records]
            return
    for index, chunk in enumerate(run, number):
        if chunk.strip(b"\x00"):
            _render_damaged(chunk, index, found)


def _count(chunk: bytes) -> int:
    """Return how many records the chunk's header says it holds; 0 for an empty one."""
    first, last = struct.unpack_from("<QQ", chunk, 8)
    return int(last - first + 1) if first <= last < (1 << 64) - 1 else 0


def _render_damaged(chunk: bytes, number: int, found: _Found) -> None:
    """Render what can be of a chunk, record by record where one stops the reader; the others are kept raw."""
    if not chunk.startswith(_MAGIC):
        found.lose(chunk, f"chunk {number} is damaged: it does not begin with ElfChnk")
        return
    padded = chunk.ljust(EVTX_CHUNK, b"\x00")
    spans = list(_spans(padded))
    texts = _salvaged(padded, spans)
    for record, begin, end in spans:
        text = texts.pop(record, None)
        if text is not None:
            found.records.append(text)
        else:
            found.lose(chunk[begin:end], f"chunk {number}, record {record}, at byte {begin} of the chunk: cannot be rendered")
    _lose_rest(chunk, number, spans, found)


def _lose_rest(chunk: bytes, number: int, spans: Sequence[tuple[int, int, int]], found: _Found) -> None:
    """Add the records that the chunk's header counts and that are not there: what lies in their place, or a mark for each."""
    lost = min(_count(chunk), EVTX_CHUNK // _SMALLEST) - len(spans)
    why = f"chunk {number} is damaged: its header counts {_count(chunk)} records, {len(spans)} are there"
    ends = [_FIRST_RECORD, *(end for _, _, end in spans)]
    begins = [*(begin for _, begin, _ in spans), struct.unpack_from("<L", chunk, 48)[0] if len(chunk) == EVTX_CHUNK else len(chunk)]
    gaps = [gap for end, begin in zip(ends, begins, strict=True) if (gap := chunk[end:begin]).strip(b"\x00")]
    for index in range(lost):
        mark = f"EVTX chunk {number}, checksum {zlib.crc32(chunk):08x}: lost record {index + 1} of {lost}"
        found.lose(gaps[index] if index < len(gaps) else mark.encode(), why)


def _salvaged(chunk: bytes, spans: Sequence[tuple[int, int, int]]) -> dict[int, bytes]:
    """Render what can be of a damaged chunk, record number -> text.

    The reader takes a place where no record begins for the end of the chunk. So what lies between records is first made a
    record, which it cannot render and skips. Records stay where they are: they refer to each other by place.
    """
    mended, at = bytearray(chunk), _FIRST_RECORD
    for _, begin, end in spans:
        if begin - at >= _SMALLEST:
            struct.pack_into("<4sLQQ", mended, at, b"\x2a\x2a\x00\x00", begin - at, _NO_RECORD, 0)
            struct.pack_into("<L", mended, begin - 4, begin - at)
        at = end
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return dict(rendered([bytes(mended)], patient=True))
    except (RuntimeError, OSError):
        return {}


def _spans(chunk: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield number, begin and end of each record whose header and trailing length agree."""
    at = _FIRST_RECORD
    while (match := _RECORD.search(chunk, at)) is not None:
        begin = match.start()
        at = begin + 4
        if begin + _SMALLEST > len(chunk):
            return
        size, record = struct.unpack_from("<IQ", chunk, begin + 4)
        end = begin + size
        if size >= _SMALLEST and end <= len(chunk) and struct.unpack_from("<I", chunk, end - 4)[0] == size:
            yield record, begin, end
            at = end


def _file_header(chunks: int) -> bytes:
    """Return the header of an event log of so many chunks."""
    header = bytearray(EVTX_HEADER)
    struct.pack_into("<8sQQQIHHHH", header, 0, b"ElfFile\x00", 0, max(chunks - 1, 0), 1, 128, 1, 3, EVTX_HEADER, min(chunks, 0xFFFF))
    struct.pack_into("<I", header, 124, zlib.crc32(bytes(header[:120])))
    return bytes(header)
