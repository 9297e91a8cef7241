"""Unpack the body of a request in bounded memory: a few kilobytes can unpack to gigabytes."""

from __future__ import annotations

import zlib
from typing import Final

import zstandard

from bartizan.collect.receivers.contract import Trouble

__all__ = ["unpack"]

_STEP: Final = 1 << 16
_WINDOW: Final = 8 << 20
"""What a zstd stream may ask for as its window; RFC 9659 allows senders no more."""
_ZSTD_FEED: Final = 1024
"""zstandard gives everything that a piece unpacks to at once: 4 bytes can make 128 KiB, so a piece is never more than 32 MiB."""


def unpack(body: bytes, encoding: str, limit: int) -> bytes | Trouble:
    """Return a body without its ``Content-Encoding``; Trouble where it is damaged, unknown, or unpacks to more than ``limit`` bytes."""
    for name in reversed([word.strip().lower() for word in encoding.split(",") if word.strip()]):
        if name == "identity":
            continue
        try:
            found = _zstd(body, limit) if name == "zstd" else _zlib(body, name, limit)
        except (zlib.error, zstandard.ZstdError) as error:
            return Trouble(400, f"the body is no whole {name} stream: {error}")
        if isinstance(found, Trouble):
            return found
        body = found
    return body if len(body) <= limit else _too_large(limit)


def _zlib(body: bytes, name: str, limit: int) -> bytes | Trouble:
    if name not in {"gzip", "x-gzip", "deflate"}:
        return Trouble(415, f"the content encoding '{name[:40]}' is not known here: send gzip, deflate, zstd or none")
    parts: list[bytes] = []
    held = 0
    while body:
        # 47: gzip or zlib, as its header says; some senders call raw deflate by the same name.
        raw = name == "deflate" and body[:1] != b"\x78"
        inner = zlib.decompressobj(-15 if raw else 47)
        while body and not inner.eof:
            part = inner.decompress(body, _STEP)
            held += len(part)
            if held > limit:
                return _too_large(limit)
            parts.append(part)
            body = inner.unconsumed_tail
            if not part and not body and not inner.eof:
                return Trouble(400, f"the {name} body is cut off")
        if not inner.eof:
            return Trouble(400, f"the {name} body is cut off")
        body = inner.unused_data
    return b"".join(parts)


def _zstd(body: bytes, limit: int) -> bytes | Trouble:
    parts: list[bytes] = []
    held = 0
    while body:
        # An honest bomb says how large it is: -1 is that it does not.
        if zstandard.frame_content_size(body) > limit:
            return _too_large(limit)
        inner = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        at = 0
        while at < len(body) and not inner.eof:
            part = inner.decompress(body[at : at + _ZSTD_FEED])
            at += _ZSTD_FEED
            held += len(part)
            if held > limit:
                return _too_large(limit)
            parts.append(part)
        if not inner.eof:
            return Trouble(400, "the zstd body is cut off")
        body = inner.unused_data + body[at:]
    return b"".join(parts)


def _too_large(limit: int) -> Trouble:
    return Trouble(413, f"the body is larger than {limit} bytes: send it in parts")
