"""Write entries of a log so that a reader can tell a whole one from a torn or damaged one, and find the next.

A frame: mark (4 bytes), length of what follows the head, CRC-32 over all but mark and CRC, sequence number (8 bytes),
length of ``meta``, then ``meta`` and ``body``. Numbers are little-endian.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HEAD", "MOST", "Damage", "Entry", "Found", "encode", "scan"]

_MARK: Final = b"\xb2WF1"
_HEAD: Final = struct.Struct("<4sIIQI")
_SUMMED: Final = struct.Struct("<IQI")
HEAD: Final = _HEAD.size
MOST: Final = 1 << 30
"""Bytes of an entry at most; a length beyond it is damage."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was taken at once: ``meta`` says what ``body`` is; both are the caller's. ``sequence`` grows and may skip."""

    sequence: int
    meta: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A whole entry that ends at ``end``."""

    entry: Entry
    end: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes from ``start`` to ``end`` that are no entry."""

    start: int
    end: int


def encode(entry: Entry) -> bytes:
    """Return an entry as a frame."""
    length = len(entry.meta) + len(entry.body)
    crc = _sum(length, entry.sequence, len(entry.meta), entry.meta + entry.body)
    return b"".join((_HEAD.pack(_MARK, length, crc, entry.sequence, len(entry.meta)), entry.meta, entry.body))


def scan(data: bytes, start: int, *, after: int = -1) -> Iterator[Found | Damage]:
    """Yield every whole entry from ``start`` on, and what is between them that is none.

    An entry whose number does not grow beyond ``after`` is damage too: an old frame that shows through.
    """
    at = start
    while at < len(data):
        found = _whole(data, at, after)
        if found is not None:
            after = found.entry.sequence
            yield found
            at = found.end
            continue
        bad, at = at, _next(data, at + 1, after)
        yield Damage(bad, at)


def _next(data: bytes, at: int, after: int) -> int:
    """Return where the next whole entry begins, the end of the data if there is none."""
    while (at := data.find(_MARK, at)) >= 0:
        if _whole(data, at, after) is not None:
            return at
        at += 1
    return len(data)


def _whole(data: bytes, at: int, after: int) -> Found | None:
    if at + HEAD > len(data):
        return None
    mark, length, crc, sequence, meta = _HEAD.unpack_from(data, at)
    end = at + HEAD + length
    if mark != _MARK or length > MOST or meta > length or end > len(data) or sequence <= after:
        return None
    content = data[at + HEAD : end]
    if _sum(length, sequence, meta, content) != crc:
        return None
    return Found(Entry(sequence, content[:meta], content[meta:]), end)


def _sum(length: int, sequence: int, meta: int, content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(_SUMMED.pack(length, sequence, meta)))
