"""Turn written clocks into nanoseconds since 1970 UTC, exactly, or say that they tell no time.

Text is read as ISO 8601 or RFC 3339 (``T`` or blank between date and time, 0 to 9 and more fraction digits after point or
comma, ``Z``, ``UTC`` or an offset with or without colon), as Windows writes it (``7/19/2023 9:03:40 AM``, month first,
because no other order is in use with AM/PM), as .NET JSON does (``/Date(1595378500000)/``), or as a bare number.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from bartizan.schema.columns import ABSENT, Absent, Cell

__all__ = ["clock", "epoch", "filetime", "nanoseconds"]

_SECOND: Final = 1_000_000_000
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_START: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - subtracted from clocks that tell no zone and are taken as UTC
_EXACT: Final = len("2006-01-02T15:04:05.000000")
"""ISO text no longer than this (or by a Z) has at most microseconds, which is all that datetime.fromisoformat keeps."""
_FILETIME_OF_1970: Final = 116_444_736_000_000_000
"""100-nanosecond ticks between 1601, where Windows begins to count, and 1970."""
_ISO: Final = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)(?:[T _]+(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d++))?)?)?\s*+(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?\s*+", re.IGNORECASE
)
_AMERICAN: Final = re.compile(r"\s*(\d\d?)/(\d\d?)/(\d{4}),? (\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?: ([AP]M))?\s*", re.IGNORECASE)
_DOTNET: Final = re.compile(r"\\?/Date\((-?\d{1,40})(?:[+-]\d{4})?\)\\?/")
_NUMBER: Final = re.compile(r"\s*(-?\d{1,40})(?:\.(\d+))?\s*")
_SCALES: Final = ((100_000_000_000, _SECOND), (100_000_000_000_000, 1_000_000), (100_000_000_000_000_000, 1_000), (1 << 63, 1))
"""A whole number below the bound counts in that many nanoseconds: seconds up to the year 5138, then milli-, micro-, nanoseconds."""


def nanoseconds(cell: Cell) -> int | Absent:
    """Return the time that a cell tells, a clock without a zone read as UTC; ABSENT where it tells none."""
    return clock(cell, UTC)


def clock(cell: Cell, zone: tzinfo) -> int | Absent:
    """Return the time that a cell tells, a clock without a zone read in ``zone``; ABSENT where it tells none."""
    if not isinstance(cell, str):
        return epoch(cell)
    try:
        if zone is UTC and cell[4:5] == "-" and len(cell) <= _EXACT + (cell[-1:] == "Z"):
            return _short(cell)
    except ValueError:
        pass
    try:
        return _iso(cell, zone) if cell[4:5] == "-" else _other(cell, zone)
    except (ValueError, OverflowError):
        return ABSENT


def epoch(cell: Cell) -> int | Absent:
    """Return the time that a number tells: seconds, milli-, micro- or nanoseconds since 1970, by its size (see ``_SCALES``)."""
    if isinstance(cell, str):
        match = _NUMBER.fullmatch(cell)
        return _scaled(int(match[1]), match[2] or "") if match else ABSENT
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return ABSENT
    if isinstance(cell, int):
        return _scaled(cell, "")
    return epoch(f"{cell:.9f}")


def filetime(cell: Cell) -> int | Absent:
    """Return the time that a Windows FILETIME tells: ticks of 100 nanoseconds since 1601 UTC; ABSENT for 0 and for no number."""
    try:
        ticks = int(cell, 0) if isinstance(cell, str) else cell
    except ValueError:
        return ABSENT
    if isinstance(ticks, bool) or not isinstance(ticks, int) or not 0 < ticks < 1 << 63:
        return ABSENT
    return (ticks - _FILETIME_OF_1970) * 100


def _short(text: str) -> int:
    """Read the usual case five times faster than the general one."""
    moment = datetime.fromisoformat(text)
    since = moment - _NAIVE_START if moment.tzinfo is None else moment - _START
    return (since.days * 86_400 + since.seconds) * _SECOND + since.microseconds * 1_000


def _iso(text: str, zone: tzinfo) -> int | Absent:
    match = _ISO.fullmatch(text)
    if match is None:
        return ABSENT
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    leap = second == "60"
    moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), 59 if leap else int(second or 0), tzinfo=zone)
    if offset is not None:
        moment = moment.replace(tzinfo=UTC) - _offset(offset)
    return _since_start(moment) + leap * _SECOND + _fraction(fraction or "")


def _other(text: str, zone: tzinfo) -> int | Absent:
    if (match := _AMERICAN.fullmatch(text)) is not None:
        month, day, year, hour, minute, second, fraction, half = match.groups()
        hours = int(hour) if half is None else int(hour) % 12 + 12 * (half.upper() == "PM")
        moment = datetime(int(year), int(month), int(day), hours, int(minute), int(second or 0), tzinfo=zone)
        return _since_start(moment) + _fraction(fraction or "")
    if (match := _DOTNET.fullmatch(text)) is not None:
        return int(match[1]) * 1_000_000
    return epoch(text)


def _offset(text: str) -> timedelta:
    if text[0] not in "+-":
        return timedelta(0)
    digits = text[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -size if text[0] == "-" else size


def _since_start(moment: datetime) -> int:
    since = moment - _START
    return (since.days * 86_400 + since.seconds) * _SECOND


def _fraction(digits: str) -> int:
    return int(f"{digits[:9]:0<9}")


def _scaled(whole: int, fraction: str) -> int | Absent:
    for bound, scale in _SCALES:
        if abs(whole) < bound:
            part = int(f"{fraction[:9]:0<9}") * scale // _SECOND
            return whole * scale + (-part if whole < 0 else part)
    return ABSENT
