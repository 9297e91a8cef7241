"""Make hostile input of good records: what a cut-off, garbled or forged log holds."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["hostile_batches"]

_CUTS: Final = 400
"""Places at which a record is cut; all places of most examples."""
_HUGE: Final = 1 << 20
_DEEP: Final = 100_000

_ODD: Final = (
    b"",
    b" ",
    b"\x00",
    b"\x00" * 64,
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"{}",
    b"[]",
    b"null",
    b"0",
    b'"',
    b"{",
    b'{"',
    b'{"a":}',
    b'{"a":1}{"a":2}',
    b'{"a":1e999}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":"\\ud800"}',
    b"-",
    b"#",
    b"=",
    b"\t\t\t\t\t",
    b"%s%n{0}${jndi:x}",
)


def hostile_batches(seeds: Sequence[bytes], *, structured: bool = False, seed: int = 1) -> Iterator[tuple[str, list[bytes]]]:
    """Yield titled batches of records made of good ones; ``structured`` leaves out what only text can be."""
    yield "no records", []
    yield "odd records", list(_ODD)
    yield "odd records among good ones", [record for pair in zip(_ODD, _cycled(seeds, len(_ODD)), strict=True) for record in pair]
    for number, record in enumerate(seeds):
        step = max(1, len(record) // _CUTS)
        yield f"record {number} cut at every position", [record[:at] for at in range(0, len(record), step)]
        yield f"record {number} without its beginning", [record[at:] for at in range(0, len(record), step)]
    yield "records doubled", [record for record in seeds for _ in range(2)]
    yield "records run together", [first + second for first in seeds for second in seeds][:200]
    yield "records backwards", [record[::-1] for record in seeds]
    yield "garbled records", list(_garbled(seeds, random.Random(seed)))  # noqa: S311 - the same garbage each time
    yield "huge records", [b"x" * _HUGE, b'{"a":"' + b"x" * _HUGE + b'"}', *(_swollen(record) for record in seeds[:4])]
    yield "deep records", [b"[" * _DEEP, b'{"a":' * _DEEP, b"[" * 900 + b"]" * 900]
    if not structured:
        yield "long words", [b"a " * 50_000, b"a=" * 50_000, b"[" * 50_000, b'"' * 50_000, b"\\" * 50_000]


def _cycled(seeds: Sequence[bytes], count: int) -> list[bytes]:
    return [seeds[number % len(seeds)] if seeds else b"" for number in range(count)]


def _garbled(seeds: Sequence[bytes], chance: random.Random) -> Iterator[bytes]:
    """Yield each record with a few bytes replaced, dropped or put in."""
    for record in seeds:
        for _ in range(20):
            garbled = bytearray(record)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(garbled) + 1)
                garbled[at : at + chance.randint(0, 3)] = bytes(chance.choices(b'\x00\xff"\\{}[],:= 19\t\x1d', k=chance.randint(0, 3)))
            yield bytes(garbled)


def _swollen(record: bytes) -> bytes:
    """Return a record with a megabyte in its middle."""
    middle = len(record) // 2
    return record[:middle] + b"A" * _HUGE + record[middle:]
