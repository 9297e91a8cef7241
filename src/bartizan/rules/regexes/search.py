"""Search with the engine that fits the pattern and the length of the text."""

from __future__ import annotations

import re
import warnings
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.rules.regexes.linear import linear_search
from bartizan.rules.regexes.tree import cost, nested, parsed, python_flags

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Searcher", "searcher"]

STEPS: Final = 1_000_000.0
"""Steps that Python's engine may need at worst before the linear engine takes over: some 5 ms. A linear search costs
3 us, and some 100 us for the first text."""


class Searcher:
    """A compiled regular expression; ``found`` says whether a text holds it."""

    def __init__(self, pattern: str, flags: str) -> None:
        """Compile a pattern that ``checked`` let pass."""
        self._source = pattern, flags
        tree = parsed(pattern, flags)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            self._search = re.compile(pattern, python_flags(flags)).search
        self._limit = 0 if nested(tree) else _limit(lambda length: cost(tree, length))

    def found(self, text: str) -> bool:
        """Say whether the pattern is found somewhere in a text."""
        if len(text) > self._limit and self._linear is not None:
            return self._linear(text) >= 0
        return self._search(text) is not None

    def place(self, text: str) -> int:
        """Return where the pattern is found, -1 if it is not; 0 where a linear engine found it in a text that is not ASCII."""
        if len(text) > self._limit and self._linear is not None:
            return self._linear(text)
        found = self._search(text)
        return -1 if found is None else found.start()

    @cached_property
    def _linear(self) -> Callable[[str], int] | None:
        return linear_search(*self._source)


@lru_cache(maxsize=4096)
def searcher(pattern: str, flags: str) -> Searcher:
    """Return the searcher of a pattern, compiled once."""
    return Searcher(pattern, flags)


def _limit(steps: Callable[[int], float]) -> int:
    """Return the longest text, up to a power of two, whose worst case stays below the bound."""
    length = 16
    while length < 1 << 30 and steps(length * 2) <= STEPS:
        length *= 2
    return length
