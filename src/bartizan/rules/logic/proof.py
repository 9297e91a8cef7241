"""Prove that a condition, with what is known beside it, can never be true.

What must hold together is collected (through "and", and through "not" of "or"), each pair of it about one field is held
against each other, and of an "or" every branch is tried with it. Nothing is guessed: what cannot be shown cheaply is taken
to be possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.rules.logic.predicates import excludes, implies
from bartizan.rules.plan import AllOf, Exists, Node, Not, Null, Test

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.rules.plan import Predicate

__all__ = ["Fact", "Known", "contradicts", "impossible", "parts_of"]

_MOST_PAIRS: Final = 20_000
"""Pairs of values that two lists may have before they are not compared: a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A test that must come out true, or (``wanted`` False) must not."""

    test: Test
    wanted: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Facts that hold together. ``single``: every field is taken to hold one value, not a list of several."""

    facts: tuple[Fact, ...] = ()
    single: bool = False

    def with_(self, more: Iterable[Fact]) -> Known | None:
        """Add facts; None where they contradict what is known."""
        held = list(self.facts)
        for fact in more:
            if any(contradicts(fact, other, single=self.single) for other in (fact, *held)):
                return None
            held.append(fact)
        return Known(tuple(held), self.single)


@dataclass(slots=True)
class _Parts:
    """What a node asks for together: facts, and choices of which one must be true (each a node, and whether it is wanted)."""

    facts: list[Fact] = field(default_factory=list)
    choices: list[list[tuple[Node, bool]]] = field(default_factory=list)


def impossible(node: Node, known: Known, *, wanted: bool = True) -> bool:
    """Say whether a node is proved never to be true (never to be false, unless ``wanted``) where the facts known hold."""
    parts = parts_of(node, wanted=wanted)
    together = known.with_(parts.facts)
    if together is None:
        return True
    return any(all(impossible(branch, together, wanted=sign) for branch, sign in choice) for choice in parts.choices)


def parts_of(node: Node, *, wanted: bool = True) -> _Parts:
    """Take a node apart into what must hold together."""
    parts = _Parts()
    waiting = [(node, wanted)]
    while waiting:
        one, sign = waiting.pop()
        if isinstance(one, Not):
            waiting.append((one.part, not sign))
        elif isinstance(one, Test):
            _add_test(parts, one, wanted=sign)
        elif isinstance(one, AllOf) is sign:
            waiting.extend((part, sign) for part in reversed(one.parts))
        else:
            parts.choices.append([(part, sign) for part in one.parts])
    return parts


def _add_test(parts: _Parts, test: Test, *, wanted: bool) -> None:
    """Add a test; that not every value matches is a choice of which one does not."""
    if not wanted and test.every and len(test.of) > 1:
        parts.choices.append([(Test(test.field, (one,)), False) for one in test.of])
    else:
        parts.facts.append(Fact(test, wanted))


def contradicts(one: Fact, other: Fact, *, single: bool) -> bool:
    """Say whether two facts cannot both hold."""
    if one.test.field != other.test.field or len(one.test.of) * len(other.test.of) > _MOST_PAIRS:
        return False
    if one.wanted and other.wanted:
        return bool(one.test.field) and _never_both(one.test, other.test, single=single)
    if one.wanted:
        return _follows(one.test, other.test.of)
    return other.wanted and _follows(other.test, one.test.of)


def _follows(held: Test, asked: Sequence[Predicate]) -> bool:
    """Say whether a test that holds makes one of some predicates hold."""
    wanted = frozenset(asked)
    outcomes = (one in wanted or any(implies(one, other) for other in asked) for one in held.of)
    return any(outcomes) if held.every else all(outcomes)


def _never_both(one: Test, other: Test, *, single: bool) -> bool:
    """Say whether two tests of one field exclude each other: of a single value many do, of a list only "is not there" and a value."""
    if not single and not (_absent(one) or _absent(other)):
        return False
    first, second = _ways(one), _ways(other)
    return all(any(_apart(left, right, single=single) for left in mine for right in theirs) for mine in first for theirs in second)


def _ways(test: Test) -> list[tuple[Predicate, ...]]:
    """Return the ways in which a test can be true: what must hold together in each."""
    return [test.of] if test.every else [(one,) for one in test.of]


def _apart(one: Predicate, other: Predicate, *, single: bool) -> bool:
    return excludes(one, other) if single else Exists(wanted=False) in {one, other} and not isinstance(one, Null) and excludes(one, other)


def _absent(test: Test) -> bool:
    return Exists(wanted=False) in test.of
