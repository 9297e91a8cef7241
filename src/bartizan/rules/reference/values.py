"""Hold one value that a rule asks for against one cell, straight from the specification.

Every decision that the specification leaves open stands here once, beside the function that carries it out.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import singledispatch
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from typing import Final

from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    TimestampPart,
)

from bartizan.rules.reference.globs import fits
from bartizan.schema.columns import ABSENT, Cell, text_of

__all__ = ["Look", "Scalar", "holds", "number_of", "pattern_of", "scalars", "text_in"]

Scalar = str | int | float | bool
Look = Callable[[str], Cell]
"""Give the cell of a rule's field in the row that is judged."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,9})?", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,300}", re.ASCII)
_COMPARE: Final[Mapping[CompareOperators, Callable[[float, float], bool]]] = {
    CompareOperators.LT: operator.lt,
    CompareOperators.LTE: operator.le,
    CompareOperators.GT: operator.gt,
    CompareOperators.GTE: operator.ge,
    CompareOperators.NEQ: operator.ne,
}
_PARTS: Final[Mapping[TimestampPart, Callable[[datetime], int]]] = {
    TimestampPart.MINUTE: lambda time: time.minute,
    TimestampPart.HOUR: lambda time: time.hour,
    TimestampPart.DAY: lambda time: time.day,
    TimestampPart.WEEK: lambda time: time.isocalendar().week,
    TimestampPart.MONTH: lambda time: time.month,
    TimestampPart.YEAR: lambda time: time.year,
}
_EPOCH_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (float("inf"), 1e9))
"""An epoch below the bound is in the unit given: seconds until the year 5138, then milli-, micro-, nanoseconds."""


def holds(value: SigmaType, cell: Cell, look: Look) -> bool:
    """Say whether a cell is what a value asks for; of a list, whether any element is."""
    if isinstance(value, SigmaExpansion):
        return any(holds(choice, cell, look) for choice in value.values)
    if isinstance(value, SigmaExists):
        return (cell is not ABSENT) is value.exists
    if isinstance(value, SigmaNull):
        return cell is None or cell is ABSENT or (isinstance(cell, tuple) and any(element is None for element in cell))
    if isinstance(value, SigmaFieldReference):
        return any(_refers(value, mine, other) for mine in scalars(cell) for other in scalars(look(value.field)))
    return any(text_in(value, scalar) for scalar in scalars(cell))


def scalars(cell: Cell) -> Iterator[Scalar]:
    """List what comparisons see of a cell: its text-like elements; nothing of a null, absent or empty one.

    A mapping counts as its compact JSON, but a mapping, a list or a null inside a list counts as nothing.
    """
    if isinstance(cell, str | int | float):
        yield cell
    elif isinstance(cell, Mapping):
        yield json.dumps(_plain(cell), separators=(",", ":"), ensure_ascii=False)
    elif isinstance(cell, tuple):
        yield from (element for element in cell if isinstance(element, str | int | float))


@singledispatch
def text_in(value: SigmaType, scalar: Scalar) -> bool:
    """Say whether one scalar is what a value asks for."""
    message = f"no rule can ask for a {type(value).__name__} of {scalar!r}"
    raise TypeError(message)


def number_of(scalar: Scalar) -> float | None:
    """Read a scalar whose text is nothing but a decimal number in ASCII digits; ``true``, ``nan`` and ``0x10`` are none."""
    text = _text(scalar)
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def pattern_of(value: SigmaRegularExpression) -> re.Pattern[str]:
    """Compile a regular expression with the flags the rule gives and no other."""
    flags = re.RegexFlag(0)
    for flag in value.flags:
        flags |= value.sigma_to_python_flags[flag]
    return re.compile(str(value.regexp), flags)


def _text(scalar: Scalar) -> str:
    return text_of(scalar) or ""


def _plain(cell: Cell) -> object:
    if isinstance(cell, Mapping):
        return {name: _plain(inner) for name, inner in cell.items() if inner is not ABSENT}
    return [_plain(inner) for inner in cell] if isinstance(cell, tuple) else cell


def _refers(value: SigmaFieldReference, mine: Scalar, other: Scalar) -> bool:
    text, wanted = _text(mine).lower(), _text(other).lower()
    if value.starts_with and value.ends_with:
        return wanted in text
    if value.starts_with:
        return text.startswith(wanted)
    return text.endswith(wanted) if value.ends_with else text == wanted


@text_in.register
def _is_string(value: SigmaString, scalar: Scalar) -> bool:
    return fits(value, _text(scalar))


@text_in.register
def _is_regex(value: SigmaRegularExpression, scalar: Scalar) -> bool:
    return pattern_of(value).search(_text(scalar)) is not None


@text_in.register
def _is_bool(value: SigmaBool, scalar: Scalar) -> bool:
    return _text(scalar).lower() == ("true" if value.boolean else "false")


@text_in.register
def _is_number(value: SigmaNumber, scalar: Scalar) -> bool:
    return _text(scalar) == str(value.number) or number_of(scalar) == value.number


@text_in.register
def _is_compared(value: SigmaCompareExpression, scalar: Scalar) -> bool:
    """Compare numbers; of a time, the part that the rule compares (``hour|gte``)."""
    number = _part_of(value.number, scalar) if isinstance(value.number, SigmaTimestampPart) else number_of(scalar)
    return number is not None and _COMPARE[value.op](number, value.number.number)


@text_in.register
def _is_inside(value: SigmaCIDRExpression, scalar: Scalar) -> bool:
    """Look an address up in a network; an IPv4 address mapped into IPv6 (RFC 4291, 2.5.5.2) is in the IPv4 network too."""
    try:
        address: IPv4Address | IPv6Address = ip_address(_text(scalar))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None and isinstance(value.network, IPv4Network):
        address = address.ipv4_mapped
    return address in value.network


@text_in.register
def _is_time_part(value: SigmaTimestampPart, scalar: Scalar) -> bool:
    return _part_of(value, scalar) == value.number


def _part_of(value: SigmaTimestampPart, scalar: Scalar) -> int | None:
    """Read a part of a time as it is written: the specification does no conversion of zones."""
    time = _time_of(scalar)
    return None if time is None else _PARTS[value.timestamp_part](time)


def _time_of(scalar: Scalar) -> datetime | None:
    number = number_of(scalar)
    try:
        if number is None:
            return None if isinstance(scalar, bool) else datetime.fromisoformat(_text(scalar))
        unit = next(unit for bound, unit in _EPOCH_UNITS if abs(number) < bound)
        return datetime.fromtimestamp(number / unit, tz=UTC)
    except (ValueError, OverflowError, OSError, StopIteration):
        return None
