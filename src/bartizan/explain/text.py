"""Write numbers, times and other people's text so that a reader sees what is there and nothing else.

Log data is written by attackers too. Text from it passes through ``visible`` before any face shows it, so that a terminal
escape, a right-to-left override or a NUL is read as characters and has no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import text_of

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell

__all__ = ["amount", "cell_text", "duration", "moment", "number", "numbered", "pretty_level", "shorten", "span", "visible"]

_ELLIPSIS: Final = "…"
_STEPS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_NANOSECONDS: Final = 1_000_000_000


def visible(text: str, *, keep: str = "") -> str:
    r"""Show every character that has no glyph of its own as an escape (``\x1b``, ``\u202e``), but those in ``keep``.

    These are controls, format characters such as bidirectional overrides and zero-width marks, separators other than the
    space, surrogates, and code points that are private or unassigned.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else _escape(char) for char in text)


def shorten(text: str, width: int) -> str:
    """Cut a long text in the middle, where paths and command lines tell least, to at most ``width`` characters."""
    if len(text) <= width:
        return text
    if width <= 1:
        return _ELLIPSIS[:width]
    tail = (width - 1) // 2
    return text[: width - 1 - tail] + _ELLIPSIS + (text[-tail:] if tail else "")


def number(value: int) -> str:
    """Write an integer with separated thousands."""
    return f"{value:,}"


def numbered(record: int) -> str:
    """Write which record of a log something is, to stand behind the name of the log; "" where a lake does not know it any more."""
    return f", record {number(record)}" if record else ""


def amount(value: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: ``1 file``, ``2,000 files``."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def moment(time_ns: int, *, seconds: bool = True) -> str:
    """Write a time as ISO 8601 with a space, in UTC; "no time" for 0, the nanoseconds for a year that has no date."""
    if not time_ns:
        return "no time"
    try:
        at = datetime.fromtimestamp(time_ns // _NANOSECONDS, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{time_ns} ns"
    return at.isoformat(sep=" ", timespec="seconds" if seconds else "minutes")[: 19 if seconds else 16]


def duration(nanoseconds: int, *, units: int = 2) -> str:
    """Write a duration in its largest units: ``3 days 4 hours``, ``less than a second``."""
    left = nanoseconds // _NANOSECONDS
    parts: list[str] = []
    for size, unit in _STEPS:
        whole, left = divmod(left, size)
        if whole:
            parts.append(amount(whole, unit))
        elif parts:
            break
    return " ".join(parts[:units]) or "less than a second"


def span(first: int, last: int) -> str:
    """Write a span of time with its length, its end without what it shares with its start."""
    start, end = moment(first), moment(last)
    if start == end:
        return start
    shown = end[11:] if start[:11] == end[:11] else end
    return f"{start} to {shown} UTC ({duration(last - first)})"


def cell_text(cell: Cell | list[Cell]) -> str:
    """Return a matched value as text: a list (of a finding that was kept as JSON too) by its members, an object by its fields."""
    if isinstance(cell, tuple | list):
        return ", ".join(cell_text(one) for one in cell)
    if isinstance(cell, Mapping):
        return ", ".join(f"{name}: {cell_text(one)}" for name, one in cell.items())
    text = text_of(cell)
    return "(no value)" if text is None else text


def pretty_level(level: str) -> str:
    """Return the level in the width that tables keep for it."""
    return "info" if level == "informational" else level


def _escape(char: str) -> str:
    code = ord(char)
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if named:
        return named
    if code <= 0xFF:  # noqa: PLR2004 - two digits hold it
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four digits hold it
