"""Hold what clouds define for everyone in little: names once, sorted, and each role as spans of their places.

A file is packed JSON: ``date``, ``source``, ``roles``; for Google Cloud ``permissions``, and of each role its title and spans; for Azure
``operations`` of each plane, ``patterns``, and of each role its name and parts ``[plane, spans, spans less, condition?]``. A span is the
distance of its first place from the end of the one before, in base 36, and ``+`` how many more follow it: ``3+2 1`` are 2, 3, 4, 5.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["packed", "places_of", "spans_of"]

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@cache
def packed(provider: str) -> Mapping[str, Any]:
    """Return the file of a provider."""
    held: Mapping[str, Any] = json.loads(gzip.decompress(files(__package__).joinpath(f"{provider}.json.gz").read_bytes()))
    return held


def places_of(spans: str) -> Iterator[int]:
    """Yield the places that spans stand for, in order."""
    last = -1
    for span in spans.split():
        start, _, more = span.partition("+")
        first = last + int(start, 36)
        last = first + (int(more, 36) if more else 0)
        yield from range(first, last + 1)


def spans_of(places: Iterable[int]) -> str:
    """Return places, in any order, as spans."""
    spans: list[list[int]] = []
    for place in sorted(set(places)):
        if spans and spans[-1][1] == place - 1:
            spans[-1][1] = place
        else:
            spans.append([place, place])
    told, last = [], -1
    for first, end in spans:
        told.append(_based(first - last) + (f"+{_based(end - first)}" if end > first else ""))
        last = end
    return " ".join(told)


def _based(number: int) -> str:
    return (_based(number // 36) if number >= 36 else "") + _DIGITS[number % 36]  # noqa: PLR2004 - the base
