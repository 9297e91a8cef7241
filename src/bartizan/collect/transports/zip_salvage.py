"""Read what there is of a zip archive whose directory is gone: member after member, by the header before each.

Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7 (local file header), 4.3.9 (data descriptor), 4.5.3 (Zip64).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.collect.limits import BLOCK_BYTES
from bartizan.collect.transports.bytestream import Broken, ByteStream
from bartizan.collect.transports.tar import Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.transports.budget import Budget

__all__ = ["salvaged_members"]

_HEADER: Final = struct.Struct("<4s5H3L2H")
_MAGIC: Final = b"PK\x03\x04"
_DESCRIPTOR: Final = b"PK\x07\x08"
_ENCRYPTED, _SIZES_FOLLOW = 1, 8
_STORED, _DEFLATED = 0, 8
_SATURATED: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _About:
    """What the header before a member says. ``size`` is that of the packed bytes, -1 where it follows behind them."""

    name: str
    flags: int
    method: int
    size: int


def salvaged_members(stream: ByteStream, budget: Budget) -> Iterator[Member]:
    """Yield members as long as one begins where the last ended."""
    while (header := stream.read(_HEADER.size)).startswith(_MAGIC) and len(header) == _HEADER.size:
        about = _about(header, stream)
        budget.member()
        packed = stream if about.size < 0 else ByteStream(stream.limited(about.size))
        member = Member(about.name, ByteStream(_content(about, packed, budget)), 0.0)
        yield member
        _drain(member.stream)
        if about.size >= 0:
            _drain(packed)
        elif member.stream.problem:
            header = b"?"
            break
        else:
            _skip_descriptor(stream)
    if header and not header.startswith((b"PK", _MAGIC[: len(header)])):
        message = "zip: its directory, at the end, is not there, and no member begins where the last one ends: what came before was read"
        raise Broken(message)


def _about(header: bytes, stream: ByteStream) -> _About:
    _, _, flags, method, _, _, _, packed, _, name, extra = _HEADER.unpack(header)
    shown = stream.read(name).decode("utf-8", "backslashreplace")
    more = stream.read(extra)
    if packed == _SATURATED and len(more) >= 20 and more[:2] == b"\x01\x00":  # noqa: PLR2004 - id, length, two sizes of 8 bytes
        packed = struct.unpack_from("<Q", more, 12)[0]
    return _About(shown, flags, method, -1 if flags & _SIZES_FOLLOW else packed)


def _content(about: _About, stream: ByteStream, budget: Budget) -> Iterator[bytes]:
    if about.flags & _ENCRYPTED or about.method not in (_STORED, _DEFLATED) or (about.method == _STORED and about.size < 0):
        message = "encrypted or packed in an unusual way: cannot be read, unpack it first"
        raise Broken(message)
    if about.method == _DEFLATED:
        yield from _inflated(stream, budget)
        return
    left = about.size
    for block in stream.blocks():
        budget.unpack(len(block))
        left -= len(block)
        yield block
    if left:
        message = f"cut off: {about.size - left} of {about.size} bytes are there"
        raise Broken(message)


def _inflated(stream: ByteStream, budget: Budget) -> Iterator[bytes]:
    decoder, done = zlib.decompressobj(-zlib.MAX_WBITS), 0
    data = b""
    while not decoder.eof:
        data = data or stream.block()
        if not data:
            message = f"cut off behind byte {done} of this member: what came before was read"
            raise Broken(message)
        try:
            out = decoder.decompress(data, BLOCK_BYTES)
        except zlib.error as error:
            message = f"zip: damaged behind byte {done} of this member ({error}): what came before was read"
            raise Broken(message) from error
        data = decoder.unconsumed_tail
        done += len(out)
        budget.unpack(len(out))
        yield out
    stream.give_back(decoder.unused_data)


def _drain(stream: ByteStream) -> None:
    while stream.block():
        pass


def _skip_descriptor(stream: ByteStream) -> None:
    """Skip checksum and sizes behind a member: with or without a mark, of four or eight bytes; the next header tells."""
    mark = len(_DESCRIPTOR) if stream.peek(4) == _DESCRIPTOR else 0
    seen = stream.peek(mark + 22)
    stream.read(mark + (12 if seen[mark + 12 : mark + 14] in (b"PK", b"") else 20))
