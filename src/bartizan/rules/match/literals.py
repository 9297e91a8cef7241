"""Look for many literals in one pass over a text."""

from __future__ import annotations

import re
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation

__all__ = ["Literals"]

WINDOW: Final = 16_384
"""Characters scanned at once: the occurrences of short literals in a long text are listed window by window, not all together."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STAND_IN: Final = "\U0010ffff"
"""A character that no text may hold (Unicode, "noncharacters") stands in for a lone surrogate, which UTF-8 cannot carry."""


class Literals:
    """Literals with numbers, found in lowered texts."""

    def __init__(self, literals: list[str]) -> None:
        """Build the automaton; a literal's number is its place in the list. None of them may be empty."""
        patterns = [_clean(literal) for literal in literals]
        self._find = AhoCorasick(patterns, implementation=Implementation.ContiguousNFA).find_matches_as_indexes if patterns else None
        self._overlap = max(map(len, literals), default=1) - 1

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Return every occurrence as (number, start, end), those of a long text once per literal and end of the text."""
        if self._find is None:
            return []
        if len(text) > WINDOW:
            return self._find_long(_clean(text))
        try:
            return self._find(text, overlapping=True)
        except UnicodeEncodeError:
            return self._find(_clean(text), overlapping=True)

    def _find_long(self, text: str) -> list[tuple[int, int, int]]:
        """Keep one occurrence of each literal, beside those at the very beginning and at the very end."""
        if self._find is None:
            return []
        length = len(text)
        kept: dict[tuple[int, bool, bool], tuple[int, int, int]] = {}
        for begin in range(0, length, WINDOW):
            for number, start, end in self._find(text[begin : begin + WINDOW + self._overlap], overlapping=True):
                kept[number, begin + start == 0, begin + end == length] = (number, begin + start, begin + end)
        return list(kept.values())


def _clean(text: str) -> str:
    return _SURROGATE.sub(_STAND_IN, text)
