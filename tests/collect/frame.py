"""Frame bytes as the hunt does, in blocks of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.chunk import Chunk
from bartizan.collect.framing.frames import frames
from bartizan.collect.transports.bytestream import ByteStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def blocks(data: bytes, size: int = 1 << 20) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def framed(data: bytes, size: int = 1 << 20, **limits: int) -> list[Chunk]:
    return list(frames(ByteStream(blocks(data, size)), Chunk(origin="x"), **limits))


def records_of(chunks: Iterable[Chunk]) -> list[bytes]:
    return [record for chunk in chunks for record in chunk.records]


def reasons_of(chunks: Iterable[Chunk]) -> dict[int, str]:
    reasons: dict[int, str] = {}
    before = 0
    for chunk in chunks:
        reasons.update({before + index: why for index, why in chunk.unreadable.items()})
        before += len(chunk.records)
    return reasons


def places_of(chunks: Iterable[Chunk]) -> list[int]:
    return [place for chunk in chunks for place in chunk.offsets or ()]
