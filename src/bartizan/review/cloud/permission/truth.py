"""Three values with a memory: yes, no, or not known, and then on which condition keys it hangs or what was not read.

Kleene's strong logic: a no settles a conjunction and a yes a disjunction, whatever is not known beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.contract import Answer, Decision, Why

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NO",
    "NOTHING",
    "YES",
    "Part",
    "Truth",
    "all_of",
    "any_of",
    "depends_on",
    "every",
    "no",
    "none_of",
    "some",
    "unread",
    "verdict",
    "yes",
]


@dataclass(frozen=True, slots=True)
class Truth:
    """``holds``: True, False, or None where it is not known; then ``keys`` are condition keys, ``gaps`` say what was not read."""

    holds: bool | None
    keys: frozenset[str] = frozenset()
    gaps: tuple[str, ...] = ()


YES: Final = Truth(holds=True)
NO: Final = Truth(holds=False)


def depends_on(*keys: str) -> Truth:
    """Return the truth that hangs on condition keys of which nothing is known."""
    return Truth(None, frozenset(keys))


def unread(*gaps: str) -> Truth:
    """Return the truth that cannot be told since something was not read."""
    return Truth(None, gaps=gaps)


def every(truths: Iterable[Truth]) -> Truth:
    """Return whether all hold; of none it is true."""
    open_: list[Truth] = []
    for truth in truths:
        if truth.holds is False:
            return NO
        if truth.holds is None:
            open_.append(truth)
    return _joined(open_) if open_ else YES


def some(truths: Iterable[Truth]) -> Truth:
    """Return whether one holds; of none it is false."""
    open_: list[Truth] = []
    for truth in truths:
        if truth.holds:
            return YES
        if truth.holds is None:
            open_.append(truth)
    return _joined(open_) if open_ else NO


def no(truth: Truth) -> Truth:
    """Return the opposite, which hangs on the same."""
    return truth if truth.holds is None else NO if truth.holds else YES


def _joined(truths: list[Truth]) -> Truth:
    if len(truths) == 1:
        return truths[0]
    gaps = dict.fromkeys(gap for truth in truths for gap in truth.gaps)
    return Truth(None, frozenset[str]().union(*(truth.keys for truth in truths)), tuple(gaps))


@dataclass(frozen=True, slots=True)
class Part:
    """A truth with the reasons for it; one that holds by default needs none."""

    truth: Truth
    why: tuple[Why, ...] = ()


NOTHING: Final = Part(NO)
"""What neither allows nor denies."""


def yes(*why: Why) -> Part:
    """Return a part that holds."""
    return Part(YES, why)


def all_of(*parts: Part) -> Part:
    """Join parts that must all hold: the first that does not is the reason; else all that are not nothing, what is open first."""
    for part in parts:
        if part.truth.holds is False:
            return part
    truth = every(part.truth for part in parts)
    ranked = sorted(parts, key=lambda part: part.truth.holds is not None) if truth.holds is None else parts
    return Part(truth, tuple(dict.fromkeys(why for part in ranked for why in part.why)))


def any_of(*parts: Part) -> Part:
    """Join parts of which one must hold: the first that does is the reason; else all that are open; else all."""
    for part in parts:
        if part.truth.holds:
            return part
    truth = some(part.truth for part in parts)
    told = [part for part in parts if part.truth.holds is truth.holds]
    return Part(truth, tuple(dict.fromkeys(why for part in told for why in part.why)))


def none_of(*parts: Part) -> Part:
    """Join parts none of which may hold: the first that does is the reason against it."""
    found = any_of(*parts)
    return Part(no(found.truth), found.why if found.truth.holds is not False else ())


def verdict(part: Part, reference: str) -> Decision:
    """Return what a part means as a decision; ``reference`` is the date of the data by which it was made."""
    truth = part.truth
    if truth.holds is not None:
        return Decision(Answer.ALLOWED if truth.holds else Answer.DENIED, part.why, reference=reference)
    if truth.gaps:
        return Decision(Answer.UNKNOWN, (*(Why("default", gap) for gap in truth.gaps), *part.why), reference=reference)
    return Decision(Answer.CONDITIONAL, part.why, tuple(sorted(truth.keys)), reference=reference)
