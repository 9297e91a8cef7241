"""Say what keywords are looked for in, and show where one was found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from bartizan.rules.plan import Glob, Predicate, Regex, Text
from bartizan.rules.regexes import searcher
from bartizan.schema.columns import Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


__all__ = ["KEYWORD", "excerpt", "texts_of"]

KEYWORD: Final = "keyword"
"""Under this name a hit shows the text in which a keyword was found."""
EXCERPT: Final = 200
"""Characters shown of such a text: two lines of a terminal."""


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
        if type(item) is str:
            yield item
        elif isinstance(item, dict):
            waiting.extend(reversed(item.values()))
        elif isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            text = text_of(cast("Cell", item))
            if text is not None:
                yield text
