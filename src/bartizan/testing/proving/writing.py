"""Set a field of a raw record without knowing its format: try where it may stand, and see whether the source reads it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.testing.proving.lines import lines
from bartizan.testing.proving.objects import objects

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["same", "written"]

_MOST: Final = 400
"""Ways that are tried to write one field."""


def written(raw: bytes, name: str, cell: Cell, reads: Callable[[bytes], Cell], ways: dict[str, int]) -> bytes | None:
    """Return the record with a field set to a cell, as ``reads`` sees it; None where no way was found.

    ``ways`` remembers which way it was for each field: the next value is tried that way first.
    """
    now = reads(raw)
    if same(now, cell):
        return raw
    tried = list(zip(range(_MOST), objects(raw, name, cell, now) or lines(raw, name, cell, now), strict=False))
    if name in ways and ways[name] < len(tried):
        tried.insert(0, tried[ways[name]])
    for number, draft in tried:
        if draft is not None and same(reads(draft), cell):
            ways[name] = number
            return draft
    return None


def same(one: Cell, other: Cell) -> bool:
    """Say whether two cells are alike to a rule: the same text, or no value both."""
    if one is ABSENT or one is None or other is ABSENT or other is None:
        return one is other or {one, other} == {ABSENT, None}
    if isinstance(one, tuple) or isinstance(other, tuple):
        return one == other or (isinstance(one, tuple) and len(one) == 1 and same(one[0], other))
    return text_of(one) is not None and text_of(one) == text_of(other)
