"""Look for keywords: in the line of a text record, in the values of a structured one."""

from __future__ import annotations

import json
import re
from array import array
from typing import TYPE_CHECKING, Final, cast

from ahocorasick_rs import BytesAhoCorasick

from bartizan.rules.plan import Glob, Predicate, Regex, Text
from bartizan.rules.regexes import required, searcher
from bartizan.schema.columns import Cell, Column, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.rules.contract import Records

__all__ = ["KEYWORD", "Prefilter", "excerpt", "texts_of"]

KEYWORD: Final = "keyword"
"""Under this name a hit shows the text in which a keyword was found."""
EXCERPT: Final = 200
"""Characters shown of such a text: two lines of a terminal."""
_NOWHERE: Final = ()
"""Stands for the texts of a record that holds no keyword."""
_NUMERIC: Final = re.compile(r"[0-9.eE+-]*[0-9][0-9.eE+-]*", re.ASCII)
"""Digits may be written otherwise in JSON than they read as text (``1E3``, ``1000.0``)."""


class Prefilter:
    """Tells the structured records that may hold a keyword from those that cannot, by their raw bytes."""

    def __init__(self, predicates: Sequence[Predicate]) -> None:
        """Collect a literal of each keyword as JSON writes it; a keyword without one lets every record through."""
        literals: set[bytes] = set()
        self._find = None
        for one in predicates:
            found = list(_literals(one))
            if not found:
                return
            literals.update(found)
        self._find = BytesAhoCorasick(sorted(literals)).find_matches_as_indexes

    def column(self, records: Records) -> Column:
        """Return, as a column, the texts of each record in which keywords are to be looked for."""
        codes = array("i", range(len(records.raw)))
        if not records.structured:
            return Column(codes, [raw.decode("utf-8", "replace") for raw in records.raw])
        return Column(codes, [texts_of(raw) if self._may(raw) else _NOWHERE for raw in records.raw])

    def _may(self, raw: bytes) -> bool:
        """Say whether a record may hold a keyword: it holds a literal, or is written in a way that hides one."""
        if self._find is None or not raw.isascii() or b"\\u" in raw or b"\\/" in raw:
            return True
        return bool(self._find(raw.lower()))


def texts_of(raw: bytes) -> tuple[str, ...]:
    """Return the texts of a JSON record's leaves, keys not among them; a record that is no JSON after all is one text."""
    line = raw.decode("utf-8", "replace")
    try:
        decoded = json.loads(line)
    except (ValueError, RecursionError):
        return (line,)
    return tuple(_leaves(decoded))


def excerpt(texts: Sequence[str], keywords: Sequence[Predicate]) -> str:
    """Return the first text that holds one of the keywords, shortened around it."""
    for text in texts:
        low = text.lower()
        for keyword in keywords:
            at = _place(keyword, text, low)
            if at >= 0:
                start = max(0, min(at - EXCERPT // 4, len(text) - EXCERPT))
                return text[start : start + EXCERPT]
    return texts[0][:EXCERPT] if texts else ""


def _place(keyword: Predicate, text: str, low: str) -> int:
    if isinstance(keyword, Text):
        return (text if keyword.cased else low).find(keyword.text)
    if isinstance(keyword, Glob):
        parts = [part for part in keyword.parts if isinstance(part, str)]
        seen = text if keyword.cased else low
        return seen.find(parts[0]) if parts and all(part in seen for part in parts) else -1
    return searcher(keyword.pattern, keyword.flags).place(text) if isinstance(keyword, Regex) else -1


def _leaves(decoded: object) -> Iterator[str]:
    waiting = [decoded]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(reversed(item.values()))
        elif isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            text = text_of(cast("Cell", item))
            if text is not None:
                yield text


def _literals(one: Predicate) -> Iterator[bytes]:
    """Give, for each way in which a keyword can be found, a literal that is then in the lowered JSON; nothing if there is none."""
    if isinstance(one, Text):
        choices = [[one.text.lower()]]
    elif isinstance(one, Glob):
        choices = [[part.lower() for part in one.parts if isinstance(part, str)]]
    elif isinstance(one, Regex):
        choices = [sorted(choice) for choice in required(one.pattern, one.flags)]
    else:
        choices = []
    written = [max((_written(text) for text in choice), key=len, default=b"") for choice in choices]
    return iter(written if all(written) else ())


def _written(text: str) -> bytes:
    """Return the longest ASCII part of a text as JSON writes it; nothing of one that JSON may write in another way."""
    if _NUMERIC.fullmatch(text):
        return b""
    parts = re.findall("[ -\x7e]+", text)
    longest = max(parts, key=len, default="")
    return json.dumps(longest)[1:-1].encode().lower()
