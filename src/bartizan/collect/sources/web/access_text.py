"""Take lines of access logs apart: common and combined format, with a virtual host in front and what sites add behind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from bartizan.schema.columns import ABSENT, Cell

__all__ = ["NAMES", "is_access", "request_parts", "split", "time_of"]

NAMES: Final = (
    "s-host", "s-port", "c-ip", "cs-ident", "cs-username", "timestamp", "request", "sc-status", "sc-bytes", "cs-referer",
    "cs-user-agent", "tail",
)  # fmt: skip
"""What ``split`` returns, in this order; None where the line has no such part."""

_QUOTED: Final = r'"([^"\\]*(?:\\.[^"\\]*)*)"'
_FRONT: Final = r"(?:(\S+?)(?::(\d{1,5}))? (?=[\da-fA-F]*[.:][\da-fA-F.:]+ ))?(\S+) (\S+) ([^\[]*?) \[([^\]]{10,40})\] "
_LINE: Final = re.compile(_FRONT + _QUOTED + r" (\d{3}|-) (\d+|-)(?: " + _QUOTED + " " + _QUOTED + ")?(.*)", re.DOTALL)
_LOOSE: Final = re.compile(_FRONT + r'"(.*)" (\d{3}|-) (\d+|-)(?: "(.*?)" "(.*?)")?(.*)', re.DOTALL)
"""Also lines in which a client's quotes stand unescaped."""
_SAMPLE: Final = re.compile(
    rb'[^\[]{5,600} \[\d\d?/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?\] ".*" (?:\d{3}|-) (?:\d+|-)', re.DOTALL
)
_REQUEST: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) +(\S.*?)(?:(?<! ) +(HTTP/\d(?:\.\d)?))?", re.DOTALL)
_TIME: Final = re.compile(r"(\d\d?/[A-Z][a-z]{2}/\d{4}:\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ([+-]\d{4}))?")
_HOUR: Final = re.compile(r"(\d\d?)/([A-Z][a-z]{2})/(\d{4}):(\d\d)")
_MONTHS: Final = dict(
    zip(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), range(1, 13), strict=True),
)
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000_000
_SIXTY: Final = 60


def is_access(record: bytes) -> bool:
    """Say whether a line has a client, a date in brackets, a request in quotes, a status and a size."""
    return _SAMPLE.match(record[:20_000]) is not None


def split(line: str) -> tuple[str | None, ...] | None:
    """Return what ``NAMES`` names, or None where the line is none of an access log."""
    match = _LINE.match(line) or _LOOSE.match(line)
    return match.groups() if match else None


def request_parts(cell: Cell) -> tuple[Cell, Cell, Cell]:
    """Return method, target and version of a request line; of one that is no HTTP (a TLS greeting, a dash) nothing."""
    match = _REQUEST.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        return ABSENT, ABSENT, ABSENT
    method, target, version = match.groups()
    return method, target, ABSENT if version is None else version


def time_of(cell: Cell) -> Cell:
    """Return the time that ``16/May/2024:08:00:00 +0200`` tells, in nanoseconds UTC; without a zone it is read as UTC."""
    match = _TIME.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        return ABSENT
    hour, minute, second, fraction, offset = match.groups()
    start = _hour(hour, offset or "+0000")
    if not isinstance(start, int) or int(minute) >= _SIXTY or int(second) > _SIXTY:
        return ABSENT
    return start + (int(minute) * _SIXTY + int(second)) * _SECOND + int(f"{fraction or '':0<9}")


@lru_cache(maxsize=4096)
def _hour(text: str, offset: str) -> Cell:
    """Return when an hour began: logs have many times in few hours, and a calendar is slow."""
    match = _HOUR.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        return ABSENT
    try:
        moment = datetime(int(match[3]), _MONTHS[match[2]], int(match[1]), int(match[4]), tzinfo=UTC)
    except ValueError:
        return ABSENT
    east = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    since = moment - _START - (-east if offset[0] == "-" else east)
    return (since.days * 86_400 + since.seconds) * _SECOND
