"""Change lines of text: a value replaced where it stands, or a pair added that looks like the others."""

from __future__ import annotations

import re
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from bartizan.schema.columns import ABSENT, Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["lines"]

_MOST: Final = 24
"""Occurrences of a value in a record that are tried."""
_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    lambda text: text,
    lambda text: escape(text, quote=True),
    lambda text: f'"{text}"',
    lambda text: text.replace("\\", "\\\\").replace('"', '\\"'),
    lambda text: '"' + text.replace('"', '""') + '"',
    lambda text: text.encode("utf-8", "surrogatepass").hex().upper(),
    lambda text: text.replace(" ", "%20"),
    lambda text: quote(text, safe="/?&=:;,@!*()'~"),
    lambda text: quote(text, safe=""),
    lambda text: text.replace(" ", "+"),
    lambda text: "".join(one if " " < one <= "~" and one not in '"\\' else f"\\x{ord(one):02x}" for one in text),
)
"""How formats write a text: as it is, as XML, in quotes, escaped, as CSV, in hexadecimal digits, percent-encoded."""


def lines(raw: bytes, name: str, cell: Cell, now: Cell) -> Iterator[bytes | None]:
    """Yield a line with a field set to a cell in each of the ways in which it may be written."""
    line = raw.decode("utf-8", "surrogateescape")
    if cell is ABSENT or cell is None:
        drafts = _without(line, name, now)
    elif (new := text_of(cell)) is None or "\n" in new or not _is_encodable(new):
        drafts = iter(())
    else:
        drafts = _with(line, name, new, now)
    for draft in drafts:
        yield draft.encode("utf-8", "surrogateescape") if _is_encodable(draft) else None


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= one < "\udc80" or "\udcff" < one <= "\udfff" for one in text)


def _with(line: str, name: str, new: str, now: Cell) -> Iterator[str]:
    last = name.rpartition(".")[2]
    spelt = list(dict.fromkeys(spelling(new) for spelling in _SPELLINGS))
    old = text_of(now)
    for text in spelt:
        yield from (f"{line[: found.end()]}{text}{line[found.end() + len(found[2] or '') :]}" for found in _named(line, last))
    if old:
        yield from _standing(line, old, spelt)
    yield from _pairs(line, last, spelt)
    if not old:
        yield from _standing(line, "-", spelt)
    yield from _pairs(line, name, spelt)


def _standing(line: str, old: str, spelt: Sequence[str]) -> Iterator[str]:
    """Yield a line with a value replaced where it stands, however it is written."""
    for text in spelt:
        for written in dict.fromkeys(spelling(old) for spelling in _SPELLINGS):
            yield from _replaced(line, written, text)


def _named(line: str, name: str) -> Iterator[re.Match[str]]:
    """Find what stands behind a field's name: group 1 the name, the value behind it up to what ends it."""
    values = r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s|,;<]*'
    for found in re.finditer(rf"(?<![\w.])({re.escape(name)}(?:=|: ?))(?=({values}))", line):
        yield found
    for found in re.finditer(rf'(<Data Name="{re.escape(name)}">|<{re.escape(name)}>)(?=([^<]*))', line):
        yield found


def _replaced(line: str, old: str, new: str) -> Iterator[str]:
    if old:
        for found in islice(re.finditer(re.escape(old), line), _MOST):
            yield line[: found.start()] + new + line[found.end() :]


def _pairs(line: str, name: str, spelt: Sequence[str]) -> Iterator[str]:
    """Yield a line with a pair of name and value added, as lines of pairs and XML write them."""
    for text in spelt:
        if "</Event>" in line:
            pair = f'<Data Name="{name}">{text}</Data></EventData>'
            yield line.replace("</EventData>", pair) if "</EventData>" in line else line.replace("</Event>", f"<EventData>{pair}</Event>")
            continue
        body, mark, rest = line.partition("\x1d")
        for between in (" ", ",", "|", "\t", ";", ", "):
            for join in ("=", ": "):
                yield f"{body}{between}{name}{join}{text}{mark}{rest}"


def _without(line: str, name: str, now: Cell) -> Iterator[str]:
    last = name.rpartition(".")[2]
    for found in _named(line, last):
        end = found.end() + len(found[2] or "")
        yield line[: found.start()] + line[end:]
        yield f"{line[: found.end()]}-{line[end:]}"
    if f'<Data Name="{name}">' in line:
        yield re.sub(rf'<Data Name="{re.escape(name)}">[^<]*</Data>', "", line)
    old = text_of(now)
    if old:
        yield from (draft for new in ("-", "") for draft in _replaced(line, old, new))
