"""Statements made ready: their actions as bits, their resources as matchers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.review.cloud.permission.aws.patterns import reach, wild
from bartizan.review.cloud.permission.aws.reference import mask, reference
from bartizan.review.cloud.permission.aws.variables import filled, has_variables
from bartizan.review.cloud.permission.truth import NO, YES, Truth, depends_on, no, some, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.collect.inventory.contract import Statement

__all__ = ["Ready", "ready"]

_COLONS = 5
"""Before the fifth colon of an ARN a policy variable is none (IAM User Guide, "Where you can use policy variables")."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement with the set of actions it speaks of."""

    statement: Statement
    actions: int
    denies: bool
    plain: tuple[Callable[[str], bool], ...]
    """Matchers of its patterns without variables."""
    varied: tuple[str, ...]
    """Its patterns with variables."""
    everywhere: bool
    """It speaks of every resource: of ``*``, or, in the policy of a resource, of that."""

    @property
    def unbound(self) -> bool:
        """Say whether it holds whatever is asked: of every resource, of everybody, without conditions."""
        return self.everywhere and not self.statement.conditions

    def speaks_of(self, resource: str, known: Callable[[str], Sequence[str] | None]) -> Truth:
        """Return whether it speaks of a resource."""
        if self.everywhere:
            return YES
        found = YES if any(fits(resource) for fits in self.plain) else some(_like(one, resource, known) for one in self.varied)
        return no(found) if self.statement.not_resources else found


def ready(statement: Statement) -> Ready:
    """Make a statement ready."""
    patterns = statement.resources or statement.not_resources
    found = 0
    for pattern in statement.actions or statement.not_actions:
        found |= mask(pattern)
    return Ready(
        statement=statement,
        actions=reference().every & ~found if statement.not_actions else found,
        denies=statement.effect == "Deny",
        plain=tuple(reach(wild(one)) for one in patterns if not has_variables(one)),
        varied=tuple(one for one in patterns if has_variables(one)),
        everywhere=not patterns or "*" in statement.resources,
    )


def _like(pattern: str, resource: str, known: Callable[[str], Sequence[str] | None]) -> Truth:
    made = filled(pattern, known)
    if made.empty or not (made.unclear or reach(made.text)(resource)):
        return NO
    if made.unclear or pattern.partition("${")[0].count(":") < _COLONS:
        return unread(f"what '{pattern}' reaches is documented nowhere")
    return depends_on(*made.missing) if made.missing else YES
