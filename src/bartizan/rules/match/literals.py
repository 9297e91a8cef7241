"""Look for many literals in one pass over a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from ahocorasick_rs import AhoCorasick, Implementation

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Literals"]

WINDOW: Final = 16_384
"""Characters scanned at once: the occurrences of short literals in a long text are listed window by window, not all together."""
SMALL: Final = 20_000
"""Characters of all literals up to which the automaton is a table of every state and character: some 5 MB, and twice as fast."""
BUSY: Final = 3
"""Texts, for each literal, from which that table is worth what it costs to build: most columns never see as many new values."""
LINES_FROM: Final = 512
"""Characters from which a text of several lines is looked at line by line: what PowerShell logs repeats all its lines but one or two."""
MAX_LINES: Final = 8_000
MAX_CHARACTERS: Final = 8_000_000
"""Lines remembered, and the characters of all of them; with more of either all are forgotten. A line may fill a window."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STAND_IN: Final = "\U0010ffff"
"""A character that no text may hold (Unicode, "noncharacters") stands in for a lone surrogate, which UTF-8 cannot carry."""


class Literals:
    """Literals with numbers, found in lowered texts."""

    def __init__(self, literals: list[str]) -> None:
        """Build the automaton; a literal's number is its place in the list. None of them may be empty."""
        patterns = [_clean(literal) for literal in literals]
        self._find = AhoCorasick(patterns, implementation=Implementation.ContiguousNFA).find_matches_as_indexes if patterns else None
        self._patterns = patterns if sum(map(len, patterns)) <= SMALL else []
        self._until_busy = BUSY * len(self._patterns)
        self._overlap = max(map(len, literals), default=1) - 1
        self._whole_lines = not any("\n" in literal for literal in literals)
        self._idle: set[str] = set()
        self._met: dict[str, _Met] = {}
        self._characters = 0

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Return the occurrences as (number, start, end).

        Of a text longer than a window, or of several lines, each literal is given once, with places that mean nothing, beside
        those occurrences that begin or end the text.
        """
        find = self._find
        if find is None:
            return []
        self._until_busy -= 1
        if self._until_busy == 0:
            find = self._find = AhoCorasick(self._patterns, implementation=Implementation.DFA).find_matches_as_indexes
        if len(text) >= LINES_FROM and self._whole_lines and "\n" in text:
            return self._find_lines(find, text)
        if len(text) > WINDOW:
            return self._find_long(find, _clean(text))
        try:
            return find(text, overlapping=True)
        except UnicodeEncodeError:
            return find(_clean(text), overlapping=True)

    def _find_lines(self, find: Callable[..., list[tuple[int, int, int]]], text: str) -> list[tuple[int, int, int]]:
        """Look at each line once: no literal reaches from one into the next."""
        lines = text.split("\n")
        if len(self._idle) + len(self._met) > MAX_LINES or self._characters > MAX_CHARACTERS:
            self._idle.clear()
            self._met.clear()
            self._characters = 0
        # Nearly all lines are known to hold nothing: a set says so of all of them at once.
        met = self._met
        holding = set(lines).difference(self._idle)
        for line in holding.difference(met):
            known = self._in_line(find, line)
            self._characters += len(line)
            if known[0]:
                met[line] = known
            else:
                self._idle.add(line)
        numbers = {number for line in holding if line in met for number in met[line][0]}
        if not numbers:
            return []
        found = [(number, -1, -1) for number in numbers]
        found += [(number, 0, -1) for number in met.get(lines[0], _NOTHING)[1]]
        return found + [(number, -1, len(text)) for number in met.get(lines[-1], _NOTHING)[2]]

    def _in_line(self, find: Callable[..., list[tuple[int, int, int]]], line: str) -> _Met:
        """Return the literals in a line, those that begin it and those that end it."""
        hits = self._find_long(find, _clean(line)) if len(line) > WINDOW else find(_clean(line), overlapping=True)
        if not hits:
            return _NOTHING
        length = len(line)
        starts = frozenset(number for number, start, _ in hits if start == 0)
        return frozenset(number for number, _, _ in hits), starts, frozenset(number for number, _, end in hits if end == length)

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


_Met: TypeAlias = tuple[frozenset[int], frozenset[int], frozenset[int]]
_NOTHING: Final[_Met] = (frozenset(), frozenset(), frozenset())


def _clean(text: str) -> str:
    return _SURROGATE.sub(_STAND_IN, text)
