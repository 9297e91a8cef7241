"""Take syslog lines apart, of RFC 3164 (also with the ISO dates of rsyslog) and RFC 5424; guess the year where none is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.time import clock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NAMES", "head_of", "is_syslog", "severity_of", "time_reader"]

NAMES: Final = ("priority", "timestamp", "host", "program", "pid", "message", "msgid", "structured_data")
"""What ``head_of`` returns, in this order; None where the line has no such part."""

_BSD: Final = re.compile(
    r"(?:<(\d{1,3})>)?"
    r"([A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) "
    r"(?:(\S*[^\s:]) )?(?:([^\s\[:]{1,128})(?:\[([^\]\s]{0,32})\])?: ?)?(.*)",
    re.DOTALL,
)
_RFC5424: Final = re.compile(
    r"(?:\d{1,6} )?<(\d{1,3})>\d{1,2} (-|\d{4}-\S{1,40}) (\S+) (\S+) (\S+) (\S+) "
    r'(-|(?:\[[^\]"\\]*(?:"(?:[^"\\]|\\.)*"[^\]"\\]*)*\])+)(?: \ufeff?(.*))?',
    re.DOTALL,
)
_STAMP: Final = re.compile(
    rb"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[^ ]* (?:\S+ )?\S+: "
)
_NEW_STAMP: Final = re.compile(rb"(?:\d{1,6} )?<\d{1,3}>\d{1,2} (?:-|\d{4}-\d\d-\d\dT)\S* \S+ \S+ \S+ \S+ [-\[]")
_MONTHS: Final = dict(zip(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), range(1, 13), strict=True))
_SLACK: Final = timedelta(days=1)
"""How far a clock may be ahead of the file's last change: zones differ by up to 14 hours, and clocks are wrong."""
_SEVERITIES: Final = (6, 5, 5, 4, 3, 1, 1, 1)
"""OCSF severity of the eight syslog severities, emergency to debug; ``notice`` is where programs put the ordinary."""
_PRIORITIES: Final = 192
_DIGITS: Final = 9
_SIXTY: Final = 60


def is_syslog(record: bytes) -> bool:
    """Say whether a line begins with a date, perhaps a host, and the name of a program."""
    return bool(_STAMP.match(record) or _NEW_STAMP.match(record))


def head_of(line: str) -> tuple[str | None, ...] | None:
    """Return what ``NAMES`` names, or None where the line has no syslog head."""
    match = _BSD.match(line)
    if match is not None:
        return (*match.groups(), None, None)
    match = _RFC5424.match(line)
    if match is None:
        return None
    priority, stamp, host, program, pid, msgid, data, message = (None if part == "-" else part for part in match.groups())
    return priority, stamp, host, program, pid, message or "", msgid, data


def severity_of(priority: Cell) -> Cell:
    """Return the OCSF severity of a priority, ``<facility * 8 + severity>``."""
    number = int(priority) if isinstance(priority, str) and priority.isdecimal() and len(priority) < _DIGITS else _PRIORITIES
    return _SEVERITIES[number % 8] if number < _PRIORITIES else 1


def time_reader(modified: float, zone: tzinfo) -> Callable[[Cell], tuple[Cell, Cell]]:
    """Make the function that reads a clock of a file last written at ``modified``: the time, and what is doubtful about it."""
    last = datetime.fromtimestamp(modified, UTC) + _SLACK if modified > 0 else None
    hours: dict[str, Cell] = {}

    def read(cell: Cell) -> tuple[Cell, Cell]:
        text = cell if isinstance(cell, str) else ""
        if text[:3] not in _MONTHS:
            return clock(text, zone), ABSENT
        if text[9:10] != ":":
            month, day, year, rest = text.split()
            return clock(f"{year}-{_MONTHS[month]:02}-{int(day):02} {rest}", zone), ABSENT
        if last is None:
            return ABSENT, "year-unknown"
        hour = hours.get(text[:9])
        if hour is None:
            hour = hours[text[:9]] = _guessed(f"{_MONTHS[text[:3]]:02}-{int(text[4:6]):02} {text[7:9]}:00:00", last, zone)
        return _within(hour, text[10:12], text[13:15], text[16:]), "year-guessed"

    return read


def _within(hour: Cell, minute: str, second: str, fraction: str) -> Cell:
    """Return a time within an hour: logs have many times in few hours, and a calendar is slow."""
    minutes, seconds = int(minute), int(second)
    if not isinstance(hour, int) or minutes >= _SIXTY or seconds > _SIXTY:
        return ABSENT
    return hour + (minutes * _SIXTY + seconds) * 1_000_000_000 + int(f"{fraction[:9]:0<9}")


def _guessed(date: str, last: datetime, zone: tzinfo) -> Cell:
    """Return the last time before ``last`` at which a calendar showed ``date``; 29 February looks for a leap year."""
    bound = int(last.timestamp()) * 1_000_000_000
    for year in range(last.year, last.year - 9, -1):
        time = clock(f"{year}-{date}", zone)
        if isinstance(time, int) and time <= bound:
            return time
    return ABSENT
