"""Look for many literals in one pass over a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ahocorasick_rs import AhoCorasick, Implementation

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Literals"]

WINDOW: Final = 16_384
"""Characters scanned at once: the occurrences of short literals in a long text are listed window by window, not all together."""
SMALL: Final = 20_000
"""Characters of all literals up to which the automaton is a table of every state and character: some 5 MB, and twice as fast."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STAND_IN: Final = "\U0010ffff"
"""A character that no text may hold (Unicode, "noncharacters") stands in for a lone surrogate, which UTF-8 cannot carry."""


class Literals:
    """Literals with numbers, found in lowered texts."""

    def __init__(self, literals: list[str]) -> None:
        """Build the automaton; a literal's number is its place in the list. None of them may be empty."""
        patterns = [_clean(literal) for literal in literals]
        small = sum(map(len, patterns)) <= SMALL
        kind = Implementation.DFA if small else Implementation.ContiguousNFA
        self._find = AhoCorasick(patterns, implementation=kind).find_matches_as_indexes if patterns else None
        self._overlap = max(map(len, literals), default=1) - 1

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Return the occurrences as (number, start, end).

        Of a text longer than a window each literal is given once, with places that mean nothing, beside those occurrences
        that begin or end the text.
        """
        find = self._find
        if find is None:
            return []
        if len(text) > WINDOW:
            return self._find_long(find, _clean(text))
        try:
            return find(text, overlapping=True)
        except UnicodeEncodeError:
            return find(_clean(text), overlapping=True)

    def _find_long(self, find: Callable[..., list[tuple[int, int, int]]], text: str) -> list[tuple[int, int, int]]:
        length = len(text)
        numbers: set[int] = set()
        found: list[tuple[int, int, int]] = []
        for begin in range(0, length, WINDOW):
            hits = find(text[begin : begin + WINDOW + self._overlap], overlapping=True)
            numbers.update({number for number, _, _ in hits})
            if begin == 0:
                found += [(number, 0, -1) for number, start, _ in hits if start == 0]
            if begin + WINDOW + self._overlap >= length:
                found += [(number, -1, length) for number, _, end in hits if begin + end == length]
        return [*found, *((number, -1, -1) for number in numbers)]


def _clean(text: str) -> str:
    return _SURROGATE.sub(_STAND_IN, text)
