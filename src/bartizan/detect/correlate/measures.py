"""Measure exactly: sums of numbers as they are written, so that no order of adding them can change an answer."""

from __future__ import annotations

import math
import operator
import re
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bartizan.detect.correlate.contract import Value
    from bartizan.rules.plan import Limit
    from bartizan.schema.columns import Cell

__all__ = ["exact", "gate", "holds", "key_of", "median", "number_of", "percentile", "plainly", "rank_of", "value_in"]

MAX_DIGITS: Final = 40
"""Characters of a text that is read as a number: a longer one is an identifier."""
_MOST: Final = 1 << 63
"""A whole number is kept as one below this, which is what 64 bits hold; a larger one becomes the nearest float."""
_COMPARES: Final[Mapping[str, Callable[[Fraction | int, Fraction | int], bool]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "eq": operator.eq,
    "neq": operator.ne,
}
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)


def number_of(cell: Cell) -> int | float | None:
    """Return the number that a cell holds, or its text reads as; None where there is none."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return cell if abs(cell) < _MOST else _nearest(Fraction(cell))
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    if not isinstance(cell, str) or len(cell) > MAX_DIGITS or not (found := _NUMBER.fullmatch(cell)):
        return None
    number = float(cell)
    if not math.isfinite(number):
        return None
    return number if found[1] or found[2] or abs(number) >= _MOST else int(cell)


def key_of(cell: Cell) -> str | None:
    """Return the text by which a value is told from others: case does not count; None for no value."""
    if cell is None or cell is ABSENT:
        return None
    text = text_of(cell)
    return (repr(cell) if text is None else text).lower()


def value_in(cells: Sequence[Cell], *, numeric: bool) -> Value:
    """Return what is measured of the fields asked for; None where one of them has no value of the kind."""
    if numeric:
        return number_of(cells[0])
    keys = [key for cell in cells if (key := key_of(cell)) is not None]
    return tuple(keys) if len(keys) == len(cells) else None


def exact(number: int | float) -> Fraction:  # noqa: PYI041 - says that floats are meant
    """Return a number as it is written: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def plainly(number: Fraction | int) -> int | float:
    """Return a number as JSON has it."""
    whole = number.numerator
    return whole if number.denominator == 1 and -_MOST < whole < _MOST else _nearest(number)


def holds(limits: Iterable[Limit], measure: Fraction | int) -> bool:
    """Say whether a measure is within every limit."""
    return all(_COMPARES[limit.how](measure, exact(limit.value)) for limit in limits)


def gate(limits: Iterable[Limit]) -> Callable[[Fraction | int], bool]:
    """Return the function that says what ``holds`` says, made ready for many measures."""
    compares = [(_COMPARES[limit.how], limit.value if isinstance(limit.value, int) else exact(limit.value)) for limit in limits]

    def within(measure: Fraction | int) -> bool:
        return all(compare(measure, value) for compare, value in compares)

    return within


def rank_of(share: int | float, count: int) -> int:  # noqa: PYI041 - says that floats are meant
    """Return the rank (from 1) of a percentile among values in ascending order: the nearest rank, never between two values."""
    return math.ceil(exact(share) * count / 100)


def percentile(ordered: Sequence[Fraction | int], share: int | float) -> Fraction | int:  # noqa: PYI041 - says that floats are meant
    """Return a percentile of values in ascending order."""
    return ordered[rank_of(share, len(ordered)) - 1]


def median(ordered: Sequence[Fraction | int]) -> Fraction | int:
    """Return the middle of values in ascending order, the mean of the two middle ones where there are two."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else Fraction(ordered[half - 1] + ordered[half]) / 2


def _nearest(number: Fraction | int) -> float:
    try:
        return float(number)
    except OverflowError:
        return sys.float_info.max if number > 0 else -sys.float_info.max
