"""Put values into policy variables: ``${aws:username}``, ``${aws:PrincipalTag/team, 'none'}``, ``${*}``.

Source: IAM User Guide, "IAM policy elements: Variables and tags". Wildcards of what is not a variable become ``ANY`` and ``ONE``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.patterns import ANY, wild

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Filled", "Key", "filled", "has_variables"]

Key = str
_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT: Final = re.compile(r"([^,]*),\s+'([^']*)'")
_LITERALS: Final = ("*", "?", "$")
"""``${*}`` means a star."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables filled in. ``missing``: keys of which nothing is known; then ``text`` has a wildcard at their places."""

    text: str
    missing: frozenset[str] = frozenset()
    empty: bool = False
    """A variable has no value: the text equals nothing and is like nothing."""
    unclear: bool = False
    """A variable has no value, and a default that is written otherwise than defaults are; then ``text`` is what was written."""


@dataclass(frozen=True, slots=True)
class _Variable:
    key: str
    default: str | None
    strange: bool


def has_variables(text: str) -> bool:
    """Say whether a text has a policy variable."""
    return "${" in text


@lru_cache(maxsize=16_384)
def _parts(text: str) -> tuple[str | _Variable, ...]:
    parts: list[str | _Variable] = []
    at = 0
    for found in _VARIABLE.finditer(text):
        parts.append(wild(text[at : found.start()]))
        at = found.end()
        inner = found[1].strip()
        if inner in _LITERALS:
            parts.append(inner)
            continue
        default = _DEFAULT.fullmatch(inner)
        key = inner.partition(",")[0].strip()
        parts.append(_Variable(key, default[2] if default else None, strange="," in inner and not default))
    parts.append(wild(text[at:]))
    return tuple(parts)


def filled(text: str, known: Callable[[Key], Sequence[str] | None]) -> Filled:
    """Return a text with its variables filled in, as ``known`` knows keys: their values, () for absent, None for nothing known."""
    made: list[str] = []
    missing: list[str] = []
    empty = False
    for part in _parts(text):
        if isinstance(part, str):
            made.append(part)
            continue
        values = known(part.key)
        if values is None:
            missing.append(part.key)
            made.append(ANY)
        elif len(values) == 1:
            made.append(values[0])
        elif not values and part.default is not None:
            made.append(part.default)
        elif not values and part.strange:
            return Filled(text, unclear=True)
        else:  # absent, or several values, of which none can stand for all
            empty = True
    return Filled("".join(made), frozenset(missing), empty)
