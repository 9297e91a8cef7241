"""Put the values of a list in the place of each ``%placeholder%``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TypeAlias

from sigma.exceptions import SigmaPlaceholderError
from sigma.types import Placeholder, SigmaExpansion, SigmaRegularExpression, SigmaString, SigmaStringPartType, SigmaType

__all__ = ["Placeholders", "expanded"]

Placeholders: TypeAlias = Mapping[str, Sequence[str]]


def expanded(value: SigmaType, placeholders: Placeholders) -> SigmaType:
    """Return a value that asks for any of the listed values; a placeholder without a list raises a SigmaPlaceholderError."""
    if isinstance(value, SigmaExpansion):
        return SigmaExpansion([expanded(choice, placeholders) for choice in value.values])
    if isinstance(value, SigmaString):
        return SigmaExpansion(list(_strings(value, placeholders))) if value.contains_placeholder() else value
    if isinstance(value, SigmaRegularExpression) and value.contains_placeholder():
        choices = [SigmaRegularExpression(str(regexp), set(value.flags)) for regexp in _strings(value.regexp, placeholders)]
        return SigmaExpansion(list(choices))
    return value


def _strings(pattern: SigmaString, placeholders: Placeholders) -> Iterator[SigmaString]:
    """Give every combination; a listed value may hold wildcards, as if it were written in the rule."""
    choices = [_choices(part, placeholders) for part in pattern.s]
    for chosen in product(*choices):
        made = type(pattern)()
        made.original = pattern.original
        made.s = [part for parts in chosen for part in parts]
        yield made


def _choices(part: SigmaStringPartType, placeholders: Placeholders) -> list[list[SigmaStringPartType]]:
    if not isinstance(part, Placeholder):
        return [[part]]
    if part.name not in placeholders:
        message = f"placeholder %{part.name}% has no list"
        raise SigmaPlaceholderError(message)
    return [SigmaString(text).s for text in placeholders[part.name]]
