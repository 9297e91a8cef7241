"""Match a Sigma string with wildcards the plain way."""

from __future__ import annotations

import re
from functools import lru_cache

from sigma.types import SigmaCasedString, SigmaString, SpecialChars

__all__ = ["fits", "segments", "within"]


def segments(pattern: SigmaString) -> list[str]:
    """Cut a string at its ``*``: one regular expression source per stretch between them, ``.`` for each ``?``.

    A string without ``*`` is one segment; ``*a*`` is three, of which the first and last are empty. Each plain part is
    lowered by itself unless the string is cased.
    """
    cased = isinstance(pattern, SigmaCasedString)
    found = [""]
    for part in pattern.s:
        if part is SpecialChars.WILDCARD_MULTI:
            found.append("")
        elif part is SpecialChars.WILDCARD_SINGLE:
            found[-1] += "."
        elif isinstance(part, str):
            found[-1] += re.escape(part if cased else part.lower())
        else:
            message = f"a placeholder is left in {pattern.original!r}"
            raise ValueError(message)
    return found


def fits(pattern: SigmaString, text: str) -> bool:
    """Say whether the whole text is what a string with wildcards describes, letter case aside unless it is cased."""
    seen = text if isinstance(pattern, SigmaCasedString) else text.lower()
    first, *rest = segments(pattern)
    if not rest:
        return _compiled(first).fullmatch(seen) is not None
    *middle, last = rest
    start = _compiled(first).match(seen)
    if start is None:
        return False
    at = start.end()
    for segment in middle:
        found = _compiled(segment).search(seen, at)
        if found is None:
            return False
        at = found.end()
    # The last segment has a fixed length, so it can only lie at the very end.
    end = _compiled(f"(?:{last})\\Z").search(seen, at)
    return end is not None


def within(pattern: SigmaString, text: str) -> re.Match[str] | None:
    """Find a string with wildcards anywhere in a text (a keyword); the match is in the text as compared, lowered or not."""
    seen = text if isinstance(pattern, SigmaCasedString) else text.lower()
    inner = segments(pattern)
    at, begin = 0, None
    for segment in inner:
        found = _compiled(segment).search(seen, at)
        if found is None:
            return None
        begin = found if begin is None and segment else begin
        at = found.end()
    return begin or _compiled("").search(seen)


@lru_cache(maxsize=65_536)
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.DOTALL)
