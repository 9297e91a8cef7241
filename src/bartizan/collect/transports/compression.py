"""Unpack gzip, zstd, bzip2 and xz as streams: many members, padding, damage, and never more than a little at a time."""

from __future__ import annotations

import bz2
import lzma
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import zstandard

from bartizan.collect.limits import BLOCK_BYTES
from bartizan.collect.transports.bytestream import Broken, ByteStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bartizan.collect.transports.budget import Budget

__all__ = ["MAGIC_BYTES", "Codec", "codec_of", "unpacked"]

MAGIC_BYTES: Final = 6
_MEMORY: Final = 128 << 20
"""What a stream may ask for as its window: the default of the zstd program, and twice what xz -9 needs."""
_ZSTD_FEED: Final = 2048
"""zstandard gives everything that a piece unpacks to at once. Four bytes can make 128 KiB, so this bounds it at 64 MiB."""


class _Decoder(Protocol):
    """One member of a compressed stream."""

    done: bool
    rest: bytes

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what the data unpacks to, in pieces; then ``done`` and ``rest`` say whether and where the member ended."""


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)
        self.done, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            out = self._inner.decompress(data, BLOCK_BYTES)
            yield out
            data = self._inner.unconsumed_tail
            if self._inner.eof or (not data and len(out) < BLOCK_BYTES):
                break
        self.done, self.rest = self._inner.eof, self._inner.unused_data


class _Block:
    """bzip2 and xz, whose decoders are alike."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner
        self.done, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.decompress(data, BLOCK_BYTES)
        while not self._inner.eof and not self._inner.needs_input:
            yield self._inner.decompress(b"", BLOCK_BYTES)
        self.done, self.rest = self._inner.eof, self._inner.unused_data


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=_MEMORY).decompressobj()
        self.done, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_FEED):
            yield self._inner.decompress(data[at : at + _ZSTD_FEED])
            if self._inner.eof:
                self.done, self.rest = True, self._inner.unused_data + data[at + _ZSTD_FEED :]
                return


@dataclass(frozen=True, slots=True)
class Codec:
    """A compression, by the first bytes of what it makes."""

    name: str
    magics: tuple[bytes, ...]
    decoder: Callable[[], _Decoder]


_CODECS: Final = (
    Codec("gzip", (b"\x1f\x8b\x08",), _Gzip),
    Codec("zstd", (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + low, 0x2A, 0x4D, 0x18]) for low in range(16))), _Zstd),
    Codec("bzip2", tuple(b"BZh%d" % level for level in range(1, 10)), lambda: _Block(bz2.BZ2Decompressor())),
    Codec("xz", (b"\xfd7zXZ\x00",), lambda: _Block(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY))),
)
_ERRORS: Final = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError)


def codec_of(begin: bytes) -> Codec | None:
    """Return the compression of data that begins so; None where there is none."""
    return next((codec for codec in _CODECS if begin.startswith(codec.magics)), None)


def unpacked(stream: ByteStream, codec: Codec, budget: Budget) -> Iterator[bytes]:
    """Yield what a compressed stream unpacks to, all members; Broken says after which byte it could not be read further."""
    decoder, place, fresh = codec.decoder(), 0, True
    data = b""
    while data := data or stream.block():
        if fresh and not (data := _next_member(data, stream, codec, place)):
            return
        try:
            for out in decoder.feed(data):
                budget.unpack(len(out))
                yield out
        except _ERRORS as error:
            message = f"{codec.name} data is damaged behind byte {place} ({error}): what came before was read"
            raise Broken(message) from error
        place += len(data) - len(decoder.rest)
        fresh, data = decoder.done, decoder.rest
        if fresh:
            decoder = codec.decoder()
    if not fresh:
        message = f"{codec.name} data is cut off at byte {place}: what came before was read"
        raise Broken(stream.problem or message)


def _next_member(data: bytes, stream: ByteStream, codec: Codec, place: int) -> bytes:
    """Skip padding before a member; empty at the end of the stream."""
    data = data.lstrip(b"\x00")
    while len(data) < MAGIC_BYTES and (more := stream.block()):
        data = (data + more).lstrip(b"\x00")
    if data and codec_of(data) is not codec:
        message = f"bytes that are no {codec.name} data follow behind byte {place}: they were not read"
        raise Broken(message)
    return data
