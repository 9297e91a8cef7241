"""Find the texts without which a regular expression cannot be found."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from bartizan.rules.regexes.tree import Tree, parsed

__all__ = ["TWINS", "required"]

TWINS: Final = frozenset("\u017f\u0131\u0130\u212a")
"""Characters that Python's IGNORECASE takes for ASCII letters and ``str.lower`` does not: a text with one of them may hold a
match although it holds none of the literals."""
MAX_CHOICES: Final = 32
"""Alternatives kept apart; beyond, the choice as a whole is passed over."""


@lru_cache(maxsize=4096)
def required(pattern: str, flags: str) -> tuple[frozenset[str], ...]:
    """Return sets of lowered ASCII literals: one set is wholly in the lowered form of each text that matches; () if none is known."""
    choices = _sequence(parsed(pattern, flags))
    return () if any(not choice for choice in choices) else tuple(dict.fromkeys(choices))


def _sequence(tree: Tree) -> list[frozenset[str]]:
    """Return the alternatives of a sequence: every combination of what its items need."""
    run: list[str] = []
    choices = [frozenset[str]()]
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL" and argument < 128:  # noqa: PLR2004 - the ASCII characters, whose case nobody disputes
            run.append(chr(argument).lower())
            continue
        choices = _joined(choices, run)
        run = []
        choices = _product(choices, _item(name, argument))
    return _joined(choices, run)


def _joined(choices: list[frozenset[str]], run: list[str]) -> list[frozenset[str]]:
    return [choice | {"".join(run)} for choice in choices] if run else choices


def _item(name: str, argument: Any) -> list[frozenset[str]]:  # noqa: ANN401 - parse trees have no type
    if name == "SUBPATTERN":
        return _sequence(argument[3])
    if name == "BRANCH":
        return [choice for inner in argument[1] for choice in _sequence(inner)]
    if name in {"MAX_REPEAT", "MIN_REPEAT"} and argument[0] > 0:
        return _sequence(argument[2])
    if name == "IN" and all(str(op) == "LITERAL" and value < 128 for op, value in argument):  # noqa: PLR2004 - ASCII
        letters = {chr(value).lower() for _, value in argument}
        return [frozenset({letter}) for letter in sorted(letters)]
    return [frozenset()]


def _product(left: list[frozenset[str]], right: list[frozenset[str]]) -> list[frozenset[str]]:
    """Combine, unless that makes too many; then the side that says more is kept."""
    if len(left) * len(right) <= MAX_CHOICES:
        return [one | two for one in left for two in right]
    weak = min((min((len(text) for text in choice), default=0) for choice in right), default=0)
    kept = min((min((len(text) for text in choice), default=0) for choice in left), default=0)
    return right if weak > kept and len(right) <= MAX_CHOICES else left
