"""Write small Windows event logs: real chunks and records, each an element with a text."""

from __future__ import annotations

import struct
import zlib

__all__ = ["CHUNK", "FIRST", "HEADER", "chunk", "event_log", "record"]

CHUNK = 65536
HEADER = 4096
FIRST = 512


def record(number: int, text: str, at: int) -> bytes:
    """Write a record that stands at ``at`` in its chunk: <Event>text</Event> in binary XML."""
    name_at = at + 24 + 4 + 5 + 4
    name = struct.pack("<LHH", 0, 0, 5) + "Event".encode("utf-16-le") + b"\0\0"
    value = b"\x05\x01" + struct.pack("<H", len(text)) + text.encode("utf-16-le")
    rest = struct.pack("<L", name_at) + name + b"\x02" + value + b"\x04"
    xml = b"\x0f\x01\x01\x00" + b"\x01" + struct.pack("<L", len(rest)) + rest + b"\x00"
    size = 24 + len(xml) + 4
    return struct.pack("<4sLQQ", b"\x2a\x2a\0\0", size, number, 133_000_000_000_000_000) + xml + struct.pack("<L", size)


def chunk(first: int, texts: list[str]) -> bytes:
    """Write a chunk with records numbered from ``first``."""
    body = b""
    for number, text in enumerate(texts, first):
        body += record(number, text, FIRST + len(body))
    last = first + len(texts) - 1
    numbers = (first, last, first, last) if texts else (1, 0xFFFFFFFFFFFFFFFF, 1, 0xFFFFFFFFFFFFFFFF)
    head = struct.pack("<8sQQQQLLLL", b"ElfChnk\0", *numbers, 128, FIRST, FIRST + len(body), zlib.crc32(body))
    head = head.ljust(120, b"\0") + struct.pack("<LL", 1, 0)
    return (head.ljust(FIRST, b"\0") + body).ljust(CHUNK, b"\0")


def event_log(*chunks: bytes) -> bytes:
    """Write a log of chunks."""
    head = struct.pack("<8sQQQLHHHH", b"ElfFile\0", 0, max(0, len(chunks) - 1), 1, 128, 1, 3, HEADER, len(chunks))
    head = head.ljust(120, b"\0")
    return (head + struct.pack("<LL", 0, zlib.crc32(head))).ljust(HEADER, b"\0") + b"".join(chunks)
