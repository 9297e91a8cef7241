"""Stamp records with OCSF's time: epoch milliseconds, the exact text beside them, and a flag where the clock is not to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, Absent, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ABSENT_CLOCK", "EARLY_CLOCK", "FUTURE_CLOCK", "Stamps", "rfc3339", "stamps"]

ABSENT_CLOCK: Final = "absent"
"""The record tells no time that can be read; it was given the time its file was last written."""
EARLY_CLOCK: Final = "before-1990"
"""The record tells a time before 1990, which is what a clock says that was never set; it was kept."""
FUTURE_CLOCK: Final = "in-the-future"
"""The record tells a time more than a day after now; it was kept."""

_MILLISECOND: Final = 1_000_000
_SECOND: Final = 1_000_000_000
_MINUTE: Final = 60 * _SECOND
_DAY: Final = 24 * 60 * _MINUTE
_1990: Final = 631_152_000 * _SECOND
_YEAR_1: Final = -62_135_596_800 * _SECOND
_YEAR_10000: Final = 253_402_300_800 * _SECOND
"""RFC 3339 can write the years 1 to 9999 and no others."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """Columns of the same rows: ``time`` in milliseconds, ``time_dt`` as text, ``flag`` (None where no row has one)."""

    time: Column
    time_dt: Column
    flag: Column | None


def stamps(clock: Column, *, modified: int, now: int) -> Stamps:
    """Compute the stamps of a column of clocks. All times are in nanoseconds since 1970 UTC.

    ``modified`` is when the file was last written: the time of a record that tells none, or one that no calendar has.
    """
    latest = now + _DAY
    told = [_told(cell) for cell in clock.values]
    times = [modified if value is None else value for value in told]
    flags: list[Cell] = [_flag(value, latest) for value in told]
    return Stamps(
        time=Column(clock.codes, [value // _MILLISECOND for value in times]),
        time_dt=Column(clock.codes, _texts(times)),
        flag=Column(clock.codes, flags) if any(flag is not ABSENT for flag in flags) else None,
    )


def rfc3339(time: int) -> str:
    """Write nanoseconds since 1970 UTC as RFC 3339 text, exactly, with 3, 6 or 9 digits of fraction."""
    return str(_texts([time])[0])


def _told(cell: Cell) -> int | None:
    return cell if type(cell) is int and _YEAR_1 <= cell < _YEAR_10000 else None


def _flag(time: int | None, latest: int) -> str | Absent:
    if time is None:
        return ABSENT_CLOCK
    if _1990 <= time <= latest:
        return ABSENT
    return EARLY_CLOCK if time < _1990 else FUTURE_CLOCK


def _texts(times: Sequence[int]) -> list[Cell]:
    """Write times as text; the part down to the minute is computed once a minute, as the records of a log follow one another."""
    minutes: dict[int, str] = {}
    texts: list[Cell] = []
    for time in times:
        minute, rest = divmod(time, _MINUTE)
        start = minutes.get(minute)
        if start is None:
            start = minutes[minute] = datetime.fromtimestamp(minute * 60, UTC).isoformat()[:17]
        second, fraction = divmod(rest, _SECOND)
        if not fraction % _MILLISECOND:
            texts.append(f"{start}{second:02d}.{fraction // _MILLISECOND:03d}Z")
        elif not fraction % 1000:
            texts.append(f"{start}{second:02d}.{fraction // 1000:06d}Z")
        else:
            texts.append(f"{start}{second:02d}.{fraction:09d}Z")
    return texts
