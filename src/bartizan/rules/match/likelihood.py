"""Guess how often a predicate holds, to wake a rule by what is rare in it."""

from __future__ import annotations

from typing import Final

from bartizan.rules.plan import Exists, Glob, Network, Null, Number, Predicate, Reference, Regex, Text, TimePart

__all__ = ["likelihood"]

_PER_LETTER: Final = 0.7
"""How much rarer each further character makes a text. Only the order counts; measured on none, it orders ``-enc`` after ``\\cmd.exe``."""
_KINDS: Final[dict[type, float]] = {
    Exists: 1.0,
    Null: 0.9,
    Network: 0.5,
    Number: 0.3,
    Reference: 1.0,
    Regex: 0.3,
    TimePart: 0.5,
}


def likelihood(predicate: Predicate) -> float:
    """Return a number between 0 and 1 by which predicates can be ordered."""
    if isinstance(predicate, Text):
        share = 0.8 if predicate.how == "in" else 0.5
        return share * float(_PER_LETTER ** len(predicate.text)) + 1e-6
    if isinstance(predicate, Glob):
        letters = sum(len(part) for part in predicate.parts if isinstance(part, str))
        return float(_PER_LETTER**letters) + 1e-6
    return _KINDS.get(type(predicate), 1.0)
