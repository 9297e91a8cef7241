"""Take off what stands before a record's body: the syslog header that most devices write, in all the ways they write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.mapped.conditions import pattern_of
from bartizan.collect.sources.linux.syslog_text import head_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.collect.mapped.plan import Reader

__all__ = ["HEADERS", "HEADER_FIELDS", "Header", "header_of"]

HEADERS: Final = ("none", "syslog", "maybe")
"""Nothing, a syslog header that must be there, one that may be there."""
HEADER_FIELDS: Final = ("syslog.priority", "syslog.timestamp", "syslog.host", "syslog.program", "syslog.pid")

_DATE: Final = (
    r"[*.]?[A-Z][a-z]{2} +\d{1,2}(?: \d{4})?,? \d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [A-Z]{3,5})?(?: \d{4})?"
    r"|\[\d{9,10}(?:\.\d{1,9})?\]|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
)
_LOOSE: Final = re.compile(
    rf"\s*(?:<(\d{{1,3}})>)?(?:\d )?(?:\d{{1,10}}: )?(?:({_DATE}):? ?)?(?:([^\s:\[<][^\s\[]{{0,255}}) )?(?:: ?)?"
    rf"(?:\d{{1,10}}: )?(?:({_DATE}):? ?)?(?:([^\s\[:]{{1,128}})(?:\[([\d:]{{0,32}})\])?:? ?)?",
)
"""Priority, date, host, program as far as they are there; Cisco writes sequence numbers and its own date between them."""

Header = tuple[str | None, ...]
"""One text for each of ``HEADER_FIELDS``, None where it is not told."""
_NO_HEADER: Final[Header] = (None,) * len(HEADER_FIELDS)


def header_of(reader: Reader) -> Callable[[str], tuple[Header, str] | None] | None:
    """Return the function that parts a line into header and body, None for a line that is none; None where lines are all body."""
    if reader.body:
        return _before(re.compile(reader.body))
    if reader.header in {"", "none"}:
        return None
    programs = pattern_of(reader.program) if reader.program else None
    needed = reader.header == "syslog"

    def part(line: str) -> tuple[Header, str] | None:
        head = head_of(line)
        if head is None:
            return None if needed else (_NO_HEADER, line)
        if programs is not None and programs.fullmatch(head[3] or "") is None:
            return None if needed else (_NO_HEADER, line)
        return head[:5], head[5] or ""

    return part


def _before(body: re.Pattern[str]) -> Callable[[str], tuple[Header, str] | None]:
    """Make the function that looks for the body and takes what is before it for the header, however it is written."""

    def part(line: str) -> tuple[Header, str] | None:
        found = body.search(line)
        if found is None:
            return None
        at = found.start()
        if not at:
            return _NO_HEADER, line
        met = _LOOSE.match(line[:at])
        priority, date, host, own, program, pid = met.groups() if met is not None else (None,) * _LOOSE.groups
        return (priority, own or date, host.rstrip(":") if host else None, program, pid), line[at:]

    return part
