"""Match a Sigma string with wildcards the plain way."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sigma.types import SigmaCasedString, SigmaString, SpecialChars

if TYPE_CHECKING:
    from sigma.types import SigmaStringPartType

__all__ = ["fits", "within"]


def fits(pattern: SigmaString, text: str) -> bool:
    """Say whether the whole text is what a string with wildcards describes, letter case aside unless it is cased.

    The stretches between its ``*`` have fixed lengths, so each can be taken at its leftmost place: the first at the very
    beginning of the text, the last at the very end, the others in order between them.
    """
    cased = isinstance(pattern, SigmaCasedString)
    seen = text if cased else text.lower()
    first, *rest = _segments(tuple(pattern.s), cased=cased)
    if not rest:
        return first.fullmatch(seen) is not None
    *middle, last = rest
    place = first.match(seen)
    for segment in middle:
        place = place and segment.search(seen, place.end())
    return place is not None and _at_the_end(last, seen, place.end())


def within(pattern: SigmaString, text: str) -> int | None:
    """Find a string with wildcards anywhere in a text (a keyword) and return where it begins; None where it is not."""
    cased = isinstance(pattern, SigmaCasedString)
    seen = text if cased else text.lower()
    at, begin = 0, None
    for segment in _segments(tuple(pattern.s), cased=cased):
        found = segment.search(seen, at)
        if found is None:
            return None
        if begin is None and segment.pattern:
            begin = found.start()
        at = found.end()
    return begin or 0


def _at_the_end(segment: re.Pattern[str], seen: str, after: int) -> bool:
    """Try every place: only one of them can reach to the end, as the length is fixed, and trying is plainer than counting."""
    if not segment.pattern:
        return True
    return re.compile(f"(?:{segment.pattern})\\Z", re.DOTALL).search(seen, after) is not None


@lru_cache(maxsize=262_144)
def _segments(parts: tuple[SigmaStringPartType, ...], *, cased: bool) -> tuple[re.Pattern[str], ...]:
    """Cut a string at its ``*``: one regular expression per stretch between them, ``.`` for each ``?``.

    A string without ``*`` is one segment; ``*a*`` is three, of which the first and last are empty. Each plain part is
    lowered by itself unless the string is cased. (A placeholder that is left cannot be hashed, so it never comes here.)
    """
    found = [""]
    for part in parts:
        if part is SpecialChars.WILDCARD_MULTI:
            found.append("")
        elif part is SpecialChars.WILDCARD_SINGLE:
            found[-1] += "."
        else:
            found[-1] += re.escape(str(part) if cased else str(part).lower())
    return tuple(re.compile(source, re.DOTALL) for source in found)
