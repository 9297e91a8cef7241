"""Say what a rule sees of a cell: its texts, its number, its address, its time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from bartizan.schema.columns import ABSENT, Cell, text_of

__all__ = ["address_in", "number_in", "texts_in", "time_in"]

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,300}(?:(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,9})?)", re.ASCII)
_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (float("inf"), 1e9))
"""An epoch below the bound is in the unit given: seconds until the year 5138, then milli-, micro-, nanoseconds."""


def texts_in(cell: Cell) -> tuple[str, ...]:
    """Return what comparisons see: the text of a scalar, the texts of a list's scalars, the compact JSON of a mapping."""
    text = text_of(cell)
    if text is not None:
        return (text,)
    if isinstance(cell, tuple):
        return tuple(text for text in map(text_of, cell) if text is not None)
    if isinstance(cell, Mapping):
        return (json.dumps(_plain(cell), separators=(",", ":"), ensure_ascii=False),)
    return ()


def number_in(text: str) -> float | None:
    """Read a text that is nothing but a decimal number in ASCII digits: no spaces, no ``nan``, no underscores."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    return float(text) if found[1] or found[2] else int(text)


def address_in(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; None where the text is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def time_in(text: str) -> datetime | None:
    """Read a time as it is written, ISO 8601 or epoch (UTC); zones are not converted, as the Sigma specification says nothing of it."""
    number = number_in(text)
    try:
        if number is None:
            return datetime.fromisoformat(text)
        unit = next(unit for bound, unit in _UNITS if abs(number) < bound)
        return datetime.fromtimestamp(number / unit, tz=UTC)
    except (ValueError, OverflowError, OSError, StopIteration):
        return None


def _plain(cell: Cell) -> object:
    if isinstance(cell, Mapping):
        return {name: _plain(inner) for name, inner in cell.items() if inner is not ABSENT}
    return [_plain(inner) for inner in cell if inner is not ABSENT] if isinstance(cell, tuple) else cell
