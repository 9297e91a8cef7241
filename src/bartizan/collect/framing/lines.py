"""Cut bytes into lines, each with its place, in bounded memory."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bartizan.collect.limits import LONG_RECORD_KEPT, RECORD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Lines", "OpenRecord", "cut_lines"]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that ended in one block, without their newline, and where each begins. ``long``: index -> why it is not whole.

    ``begin`` and ``end`` bound the bytes of the file that they account for, newlines included. ``returns``, ``foreign``:
    whether there may be carriage returns and bytes beyond ASCII.
    """

    records: list[bytes]
    offsets: array[int]
    begin: int
    end: int
    long: Mapping[int, str] = field(default_factory=dict)
    returns: bool = False
    foreign: bool = False


class OpenRecord:
    """A record of which the end has not come yet. Beyond ``limit`` bytes only its beginning, length and SHA-256 are kept."""

    __slots__ = ("_digest", "_limit", "_pieces", "size")

    def __init__(self, limit: int = RECORD_BYTES) -> None:
        """Begin with an empty record."""
        self._limit = limit
        self._pieces: list[bytes] = []
        self._digest: hashlib._Hash | None = None
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Append bytes to the record."""
        self.size += len(piece)
        if self._digest is not None:
            self._digest.update(piece)
            return
        self._pieces.append(piece)
        if self.size > self._limit:
            whole = b"".join(self._pieces)
            self._digest = hashlib.sha256(whole)
            self._pieces = [whole[: min(self._limit, LONG_RECORD_KEPT)]]

    def take(self) -> tuple[bytes, str]:
        """Return the record and why it is not whole ("" if it is), and begin the next."""
        record, why = b"".join(self._pieces), ""
        if self._digest is not None:
            why = f"{self.size} bytes long, the limit is {self._limit}: first {len(record)} kept, SHA-256 {self._digest.hexdigest()}"
        self._pieces, self._digest, self.size = [], None, 0
        return record, why


def cut_lines(blocks: Iterable[bytes], *, offset: int = 0, limit: int = RECORD_BYTES) -> Iterator[Lines]:
    r"""Yield the lines that end in each block, then the last one if no newline ends it. A line keeps its ``\r``.

    ``offset`` is where the first block begins in its file. No byte is copied but those of a line that crosses blocks.
    """
    rest, begin, place = OpenRecord(limit), offset, offset
    returns = foreign = False
    for block in blocks:
        records = block.split(b"\n")
        place += len(block)
        marks = b"\r" in block, not block.isascii()
        returns, foreign = returns or marks[0], foreign or marks[1]
        rest.add(records[0])
        if len(records) == 1:
            continue
        records[0], why = rest.take()
        rest.add(records.pop())
        end = place - rest.size
        offsets = _offsets(records, begin, end)
        long = {0: why} if why else {}
        if len(block) > limit:
            long.update(_shorten(records, limit))
        yield Lines(records, offsets, begin, end, long, returns, foreign)
        begin, (returns, foreign) = end, marks
    if rest.size:
        record, why = rest.take()
        yield Lines([record], array("q", [begin]), begin, place, {0: why} if why else {}, returns, foreign)


def _offsets(records: list[bytes], begin: int, end: int) -> array[int]:
    """Return where each line begins; the first may have been shortened, so count back from the end."""
    lengths = np.fromiter(map(len, records), np.int64, len(records))
    starts = end - np.cumsum(lengths[::-1] + 1)[::-1]
    starts[0] = begin
    return array("q", starts.tobytes())


def _shorten(records: list[bytes], limit: int) -> dict[int, str]:
    """Cut lines that came whole in one block down to what is kept of a long one."""
    long = {}
    for index, record in enumerate(records):
        if len(record) > limit:
            whole = OpenRecord(limit)
            whole.add(record)
            records[index], long[index] = whole.take()
    return long
