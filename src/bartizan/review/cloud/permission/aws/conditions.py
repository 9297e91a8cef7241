"""Weigh the conditions of a statement against what is known of a request, with three values.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.permission.aws.operators import Operator, Test, parsed
from bartizan.review.cloud.permission.aws.patterns import told
from bartizan.review.cloud.permission.aws.variables import Filled, filled
from bartizan.review.cloud.permission.truth import NO, YES, Truth, depends_on, every, no, some, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.collect.inventory.contract import Condition

__all__ = ["conditions_hold"]


def conditions_hold(conditions: Sequence[Condition], known: Callable[[str], Sequence[str] | None]) -> Truth:
    """Return whether all conditions hold; ``known`` gives the values of a key, () for an absent one, None where nothing is known."""
    return every(_holds(condition, known) for condition in conditions) if conditions else YES


def _holds(condition: Condition, known: Callable[[str], Sequence[str] | None]) -> Truth:
    test = parsed(condition.operator)
    if test is None:
        return unread(f"'{condition.operator}' is no condition operator that AWS documents")
    have = known(condition.key)
    if have is None:
        return depends_on(condition.key)
    if test.operator is None:
        return _truth(any(value.lower() == ("false" if have else "true") for value in condition.values))
    if test.quantifier:
        have = [one for one in have if one]  # of a set, an empty text is no member
    if not have:
        return _truth(_without_value(test, test.operator))
    wanted = [filled(value, known) if test.operator.variables else Filled(value) for value in condition.values]
    each = [no(_matches(test.operator, wanted, one)) if test.operator.inverted else _matches(test.operator, wanted, one) for one in have]
    return _joined(condition, test, each)


def _joined(condition: Condition, test: Test, each: Sequence[Truth]) -> Truth:
    """Join what holds of each value of a key: several values ask for a set operator, and what comes of none is said nowhere."""
    one, all_ = some(each), every(each)
    if test.quantifier:
        return one if test.quantifier == "any" else all_
    return one if one.holds is all_.holds else unread(f"{condition.key} has several values, and {condition.operator} is for one")


def _without_value(test: Test, operator: Operator) -> bool:
    """Say whether a test holds for a key that the request does not have; of no values, none is any, whatever IfExists says."""
    if test.quantifier == "any":
        return False
    return test.if_exists or test.quantifier == "all" or operator.inverted


def _matches(operator: Operator, wanted: Sequence[Filled], have: str) -> Truth:
    """Return whether a value is one that is wanted."""
    return some(_matches_one(operator, want, have) for want in wanted)


def _matches_one(operator: Operator, want: Filled, have: str) -> Truth:
    if want.unclear:
        return unread(f"what '{want.text}' comes to is documented nowhere")
    if want.empty:
        return NO
    if want.missing:
        return depends_on(*want.missing)
    holds = operator.holds(want.text, have)
    return unread(f"'{have}' compares with '{told(want.text)}' in no way that is documented") if holds is None else _truth(holds)


def _truth(holds: bool) -> Truth:  # noqa: FBT001 - a truth
    return YES if holds else NO
