"""Match the patterns of policies: ``*`` for any characters, ``?`` for one, in time linear in the text for all that people write."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ANY", "ONE", "glob", "reach", "told", "wild"]

ANY: Final = "\x00"
"""What ``*`` becomes, so that a star that a policy variable brings in stays a star."""
ONE: Final = "\x01"
"""What ``?`` becomes."""
_WILD: Final = str.maketrans("*?", ANY + ONE)
_TAME: Final = str.maketrans(ANY + ONE, "*?")
_FIELDS: Final = 6


def wild(text: str) -> str:
    """Return text in which ``*`` and ``?`` have become wildcards."""
    return text.translate(_WILD)


def told(pattern: str) -> str:
    """Return a pattern as people write it."""
    return pattern.translate(_TAME)


@lru_cache(maxsize=65_536)
def reach(pattern: str) -> Callable[[str], bool]:
    """Return what says whether an ARN is of a pattern of Resource: field by field, and a star at the end stands for fields that it lacks.

    Source: IAM User Guide, "IAM JSON policy elements: Resource": wildcards stand within the fields of an ARN.
    """
    *first, last = pattern.split(":", _FIELDS - 1)
    whole, is_full = glob(pattern), len(first) == _FIELDS - 1
    if ANY not in pattern or not first or (is_full and not any(ANY in one for one in first)):
        return whole
    if not is_full and not last.endswith(ANY):
        return lambda _: False
    *fits, rest = map(glob, (*first, last))

    def judge(text: str) -> bool:
        *has, left = text.split(":", len(fits))
        field = left if is_full else left.partition(":")[0]
        return len(has) == len(fits) and rest(field) and all(one(other) for one, other in zip(fits, has, strict=True))

    return judge


@lru_cache(maxsize=65_536)
def glob(pattern: str) -> Callable[[str], bool]:
    """Return what says whether a text is of a pattern whose wildcards are ``ANY`` and ``ONE``, from its first to its last character."""
    if ONE in pattern:
        return lambda text: _walked(pattern, text)
    first, *rest = pattern.split(ANY)
    if not rest:
        return pattern.__eq__
    *middle, last = rest
    if not any(middle) and not last:
        return lambda text: text.startswith(first)
    return lambda text: _found(text, first, middle, last)


def _found(text: str, first: str, middle: list[str], last: str) -> bool:
    """Find the pieces one after the other: the first place at which each can be is as good as any."""
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _walked(pattern: str, text: str) -> bool:
    """Walk both at once; where they differ, go back to the last star and let it take one character more."""
    at = here = 0
    star, taken = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == ANY:
            star, taken = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in (ONE, text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            taken += 1
            at, here = star + 1, taken
        else:
            return False
    return all(one == ANY for one in pattern[at:])
