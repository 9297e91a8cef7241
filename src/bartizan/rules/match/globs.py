"""Match texts with wildcards in time linear in the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.rules.plan import Glob

__all__ = ["ANY_ONE", "ANY_RUN", "glob_matcher"]

ANY_RUN: Final = 0
ANY_ONE: Final = 1


def glob_matcher(glob: Glob) -> Callable[[str], bool]:
    """Return a test of a text, already lowered unless the pattern is cased.

    The stretches between the ``*`` have fixed lengths, so taking each at its leftmost place is enough: no backtracking.
    """
    segments = _segments(glob.parts)
    first, last = segments[0], segments[-1]
    if len(segments) == 1:
        whole = _compiled(first)
        return lambda text: whole.fullmatch(text) is not None
    start = _compiled(first)
    middle = [_finder(segment) for segment in segments[1:-1]]
    end = _compiled(last)
    tail = _length(last)

    def matches(text: str) -> bool:
        found = start.match(text)
        if found is None:
            return False
        at = found.end()
        for find in middle:
            at = find(text, at)
            if at < 0:
                return False
        place = len(text) - tail
        return place >= at and end.match(text, place) is not None

    return matches


def _segments(parts: tuple[str | int, ...]) -> list[list[str | int]]:
    segments: list[list[str | int]] = [[]]
    for part in parts:
        if part == ANY_RUN:
            segments.append([])
        else:
            segments[-1].append(part)
    return segments


def _length(segment: list[str | int]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for part in segment)


def _compiled(segment: list[str | int]) -> re.Pattern[str]:
    return re.compile("".join(re.escape(part) if isinstance(part, str) else "." for part in segment), re.DOTALL)


def _finder(segment: list[str | int]) -> Callable[[str, int], int]:
    """Return a search that gives the end of the leftmost place from a position on, -1 where there is none."""
    if len(segment) == 1 and isinstance(segment[0], str):
        literal = segment[0]
        size = len(literal)

        def find_literal(text: str, at: int) -> int:
            place = text.find(literal, at)
            return place if place < 0 else place + size

        return find_literal
    search = _compiled(segment).search

    def find_pattern(text: str, at: int) -> int:
        found = search(text, at)
        return -1 if found is None else found.end()

    return find_pattern
