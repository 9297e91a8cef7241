"""Read the members of a zip archive as streams."""

from __future__ import annotations

import struct
import zipfile
import zlib
from calendar import timegm
from typing import IO, TYPE_CHECKING, Final

from bartizan.collect.limits import BLOCK_BYTES
from bartizan.collect.transports.bytestream import Broken, ByteStream
from bartizan.collect.transports.tar import Member
from bartizan.collect.transports.zip_salvage import salvaged_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.transports.budget import Budget

__all__ = ["ZIP_MAGICS", "zip_members"]

ZIP_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK")
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_TAIL: Final = (1 << 16) + _END_BYTES
_SATURATED: Final = 0xFFFFFFFF
_ENCRYPTED: Final = 1
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error)


def zip_members(handle: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the files of an archive in the order of its directory; a stream breaks where its member cannot be read."""
    size = _directory_bytes(handle)
    if size > budget.limits.directory:
        message = f"zip: its directory takes {size} bytes, the limit is {budget.limits.directory}: not read"
        raise Broken(message)
    try:
        archive = zipfile.ZipFile(handle)
    except (*_BROKEN, NotImplementedError, UnicodeDecodeError) as error:
        handle.seek(0)
        yield from salvaged_members(ByteStream(iter(lambda: handle.read(BLOCK_BYTES), b"")), budget)
        message = f"zip: its directory, at the end, cannot be read ({error}): cut off? The members that are there were read"
        raise Broken(message) from error
    with archive:
        for about in archive.infolist():
            if not (about.filename and about.is_dir()):
                budget.member()
                yield Member(about.filename, ByteStream(_content(archive, about, budget)), _modified(about))


def _content(archive: zipfile.ZipFile, about: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    if about.flag_bits & _ENCRYPTED:
        message = "encrypted: cannot be read, unpack it first"
        raise Broken(message)
    done = 0
    try:
        with archive.open(about) as member:
            while block := member.read(BLOCK_BYTES):
                budget.unpack(len(block))
                yield block
                done += len(block)
    except NotImplementedError as error:
        message = f"zip: {error}: cannot be read, unpack it first"
        raise Broken(message) from error
    except (*_BROKEN, RuntimeError) as error:
        message = f"zip: damaged behind byte {done} of this member ({error or 'it is cut off'}): what came before was read"
        raise Broken(message) from error


def _modified(about: zipfile.ZipInfo) -> float:
    """Return the member's time. A zip file tells no zone; UTC is as good a guess as any."""
    year, month, day, hour, minute, second = about.date_time
    try:
        return float(timegm((year, month, day, hour, minute, second)))
    except ValueError:
        return 0.0


def _directory_bytes(handle: IO[bytes]) -> int:
    """Return how large the archive's directory says it is, before it is read into memory; 0 where that is not told."""
    end = handle.seek(0, 2)
    start = max(0, end - _TAIL - _LOCATOR.size)
    handle.seek(start)
    tail = handle.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        return 0
    size = int(struct.unpack_from("<L", tail, at + 12)[0])
    if size == _SATURATED and at >= _LOCATOR.size:
        _, _, where, _ = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
        if where + _END64.size <= end:
            handle.seek(where)
            size = int(_END64.unpack(handle.read(_END64.size))[8])
    return size
