"""Read the clocks that logs write, with the zone and the year that they leave out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.sources.linux.syslog_text import time_reader
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.time import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

__all__ = ["clock_reader"]

_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = {name: number for number, name in enumerate(_NAMES, 1)}
_TIME: Final = r"(\d\d?:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)"
_ZONE: Final = r"(?:\s*(Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_DAY_MONTH: Final = re.compile(rf"(\d\d?)[-/ ]?([A-Za-z]{{3}})[-/ ]?(\d{{4}})[: T]+{_TIME}{_ZONE}")
"""``16/May/2024:08:00:01 +0200`` (web servers), ``16-May-2024 08:00:00.123`` (BIND), ``16May2024 8:00:00`` (Check Point)."""
_MONTH_DAY: Final = re.compile(rf"(?:[A-Za-z]{{3}},? )?([A-Za-z]{{3}}) +(\d\d?),? +(\d{{4}}):? +{_TIME}{_ZONE}")
"""``May 16 2024 08:00:00 GMT`` (CEF, Cisco ASA)."""
_YEAR_LAST: Final = re.compile(rf"(?:[A-Za-z]{{3}},? )?([A-Za-z]{{3}}) +(\d\d?) +{_TIME}(?: [A-Z]{{3,4}})? (\d{{4}})")
"""``Thu May 16 08:00:00.123 2024`` (C's ctime: Apache, OpenVPN)."""
_NUMERIC: Final = re.compile(rf"(\d{{4}})[/.]?(\d\d)[/.]?(\d\d)[ T:_-]?{_TIME}{_ZONE}")
"""``2024/05/16 08:00:00`` (Palo Alto, nginx), ``20240516 08:00:00``."""
_AMERICAN: Final = re.compile(rf"(\d\d?)/(\d\d?)/(\d\d|\d{{4}})[ ,]+{_TIME}(?: ?([AP]M))?", re.IGNORECASE)
"""``05/16/24,08:00:00`` (Windows DHCP), ``5/16/2024 8:00:00 AM`` (Windows DNS)."""
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)[T_-]?(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?")
_STAR: Final = re.compile(r"[*.]?([A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: ([A-Z]{3,5}))?:?")
"""``*May 16 08:00:00.123 UTC:`` (Cisco IOS; the star says that the clock is not set)."""


def clock_reader(modified: float, zone: tzinfo) -> Callable[[Cell], tuple[Cell, Cell]]:
    """Make the function that reads a clock of a file last written at ``modified``: the time in nanoseconds, and what is doubtful."""
    syslog = time_reader(modified, zone)

    def read(cell: Cell) -> tuple[Cell, Cell]:
        text = cell.strip().strip("[]") if isinstance(cell, str) else ""
        if not text:
            return clock(cell, zone), ABSENT
        if (star := _STAR.fullmatch(text)) is not None:
            return syslog(star[1])
        written = _written(text)
        return clock(text if written is None else written, zone), ABSENT

    return read


def _written(text: str) -> str | None:
    """Return a clock as ISO 8601 writes it; None where it is in none of the forms known here."""
    for pattern, write in _FORMS:
        met = pattern.fullmatch(text)
        if met is not None:
            return write(met)
    return None


def _american(met: re.Match[str]) -> str | None:
    hours, colon, rest = met[4].partition(":")
    half = (met[5] or "").upper()
    hour = int(hours) % 12 + 12 * (half == "PM") if half else int(hours)
    year = met[3] if len(met[3]) > 2 else f"20{met[3]}"  # noqa: PLR2004 - two digits of a year
    return _iso(year, int(met[1]), met[2], f"{hour}{colon}{rest}", None)


def _iso(year: str, month: int | None, day: str, time: str, offset: str | None) -> str | None:
    hours, _, rest = time.partition(":")
    return None if month is None else f"{year}-{month:02}-{int(day):02} {int(hours):02}:{rest}{offset or ''}"


def _compact(met: re.Match[str]) -> str | None:
    time = f"{met[4]}:{met[5]}:{met[6]}" + (f".{met[7]}" if met[7] else "")
    return _iso(met[1], int(met[2]), met[3], time, met[8])


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...]] = (
    (_DAY_MONTH, lambda met: _iso(met[3], _MONTHS.get(met[2].title()), met[1], met[4], met[5])),
    (_MONTH_DAY, lambda met: _iso(met[3], _MONTHS.get(met[1].title()), met[2], met[4], met[5])),
    (_YEAR_LAST, lambda met: _iso(met[4], _MONTHS.get(met[1].title()), met[2], met[3], None)),
    (_NUMERIC, lambda met: _iso(met[1], int(met[2]), met[3], met[4], met[5])),
    (_AMERICAN, _american),
    (_COMPACT, _compact),
)
