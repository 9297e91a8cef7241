"""Read a tar archive as a stream, member by member, holding nothing of it.

The standard library's reader holds extended headers of any length in memory, which an archive made for that can use.

Source: POSIX.1-2017, "pax" (ustar and extended headers); GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.collect.transports.bytestream import Broken, ByteStream

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TAR_BLOCK", "Member", "is_tar", "tar_members"]

TAR_BLOCK: Final = 512
_NUL_BLOCK: Final = bytes(TAR_BLOCK)
_LONGEST_HEADER: Final = 1 << 20
_FILE: Final = b"0\x007"
_SPARSE: Final = b"S"
_LONG_NAME: Final = b"L"
_EXTENDED: Final = b"x"
_PLAIN: Final = {b"path": re.compile(rb".+", re.DOTALL), b"size": re.compile(rb"\d{1,18}"), b"mtime": re.compile(rb"\d{1,12}(\.\d*)?")}
_PAX: Final = re.compile(rb"(\d{1,7}) ([^=]*)=")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, to be read before the next one; ``stream`` breaks where it is cut off."""

    name: str
    stream: ByteStream
    modified: float


def is_tar(begin: bytes) -> bool:
    """Say whether data that begins so is a tar archive: the first header's checksum is right."""
    return len(begin) >= TAR_BLOCK and begin[:1] != b"\x00" and _checksum_is_right(begin[:TAR_BLOCK])


def tar_members(stream: ByteStream) -> Iterator[Member]:
    """Yield the files of an archive; Broken where it cannot be followed further."""
    place, ended = 0, False
    extended: dict[bytes, bytes] = {}
    while header := stream.read(TAR_BLOCK):
        if header.strip(b"\x00") == b"":
            ended, place = True, place + len(header)
            continue
        if len(header) < TAR_BLOCK or not _checksum_is_right(header):
            message = f"tar: damaged or cut off at byte {place}: what came before was read"
            raise Broken(message)
        kind, size = header[156:157], int(extended.pop(b"size", b"") or _number(header[124:136]))
        if kind in (_LONG_NAME, _EXTENDED):
            extended.update(_extension(stream, kind, size))
        elif kind in _FILE or kind == _SPARSE:
            name = extended.get(b"path") or _name(header)
            modified = float(extended.get(b"mtime") or _number(header[136:148]))
            place += _skip_map(stream, header) if kind == _SPARSE else 0
            member = Member(name.decode("utf-8", "backslashreplace"), ByteStream(_content(stream, size, kind)), modified)
            yield member
            _drain(member.stream)
            extended = {}
        else:
            _skip(stream, size)
            extended = extended if kind == b"K" else {}
        _skip(stream, -size % TAR_BLOCK)
        place, ended = place + TAR_BLOCK + size + -size % TAR_BLOCK, False
    if not ended:
        message = f"tar: ends at byte {place} without an end mark: it may have been cut off there"
        raise Broken(message)


def _checksum_is_right(header: bytes) -> bool:
    told = header[148:156].strip(b" \x00")
    return re.fullmatch(rb"[0-7]+", told) is not None and int(told, 8) == sum(header) - sum(header[148:156]) + 8 * 32


def _number(text: bytes) -> int:
    """Return a number written in octal, or in base 256 where its first bit is set."""
    if text[0] & 0x80:
        return int.from_bytes(bytes([text[0] & 0x7F]) + text[1:], "big")
    octal = text.strip(b" \x00")
    return int(octal, 8) if re.fullmatch(rb"[0-7]+", octal) else 0


def _name(header: bytes) -> bytes:
    name = header[:100].split(b"\x00", 1)[0]
    prefix = header[345:500].split(b"\x00", 1)[0] if header[257:263] == b"ustar\x00" else b""
    return prefix + b"/" + name if prefix else name


def _extension(stream: ByteStream, kind: bytes, size: int) -> dict[bytes, bytes]:
    """Return what an extra header says of the next one."""
    if size > _LONGEST_HEADER:
        message = f"tar: an extra header of {size} bytes, the limit is {_LONGEST_HEADER}: given up here, what came before was read"
        raise Broken(message)
    text = stream.read(size)
    if kind == _LONG_NAME:
        return {b"path": text.rstrip(b"\x00")}
    return dict(_records(text))


def _records(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and value of the records of an extended header that matter here: length, blank, name, =, value, newline."""
    at = 0
    while match := _PAX.match(text, at):
        end = at + int(match[1])
        value = text[match.end() : end - 1]
        if end <= match.end():
            return
        if match[2] in _PLAIN and _PLAIN[match[2]].fullmatch(value):
            yield match[2], value
        at = end


def _content(stream: ByteStream, size: int, kind: bytes) -> Iterator[bytes]:
    if kind == _SPARSE:
        _skip(stream, size)
        message = "a sparse member of a tar archive: cannot be read, unpack the archive first"
        raise Broken(message)
    left = size
    for block in stream.limited(size):
        left -= len(block)
        yield block
    if left:
        message = f"cut off: {size - left} of {size} bytes are there"
        raise Broken(message)


def _skip_map(stream: ByteStream, header: bytes) -> int:
    """Skip the blocks in which GNU tar goes on to say where a sparse file's bytes lie, and return their length."""
    length, more = 0, header[482:483] == b"\x01"
    while more and (block := stream.read(TAR_BLOCK)):
        length, more = length + len(block), block[504:505] == b"\x01"
    return length


def _skip(stream: ByteStream, size: int) -> None:
    _drain(ByteStream(stream.limited(size)))


def _drain(stream: ByteStream) -> None:
    while stream.block():
        pass
