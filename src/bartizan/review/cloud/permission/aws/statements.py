"""Statements made ready: their actions as bits, their resources as matchers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
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
_TYPE = re.compile(r"[^/:$]*")
_TYPED = re.compile(r"[a-z-]+[/:]")


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement with the set of actions it speaks of."""

    statement: Statement
    actions: int
    denies: bool
    plain: tuple[Callable[[str], bool], ...]
    """Matchers of its patterns without variables."""
    varied: tuple[str, ...]
    """Its patterns with variables, and those of which nobody tells what they reach."""
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
        plain=tuple(reach(wild(one)) for one in patterns if not (has_variables(one) or _is_vague(one))),
        varied=tuple(one for one in patterns if has_variables(one) or _is_vague(one)),
        everywhere=not patterns or "*" in statement.resources,
    )


def _like(pattern: str, resource: str, known: Callable[[str], Sequence[str] | None]) -> Truth:
    made = filled(pattern, known)
    if made.empty or not (made.unclear or reach(made.text)(resource)):
        return NO
    if made.unclear or _is_vague(pattern):
        return unread(f"what '{pattern}' reaches is documented nowhere")
    return depends_on(*made.missing) if made.missing else YES


@lru_cache(maxsize=65_536)
def _is_vague(pattern: str) -> bool:
    """Say whether it is documented nowhere what a pattern reaches: a variable before the fifth colon, a wildcard in the type of a resource.

    Source: IAM User Guide, "Where you can use policy variables" and "IAM ARNs" (``u*`` for users and groups is none).
    """
    if has_variables(pattern) and pattern.partition("${")[0].count(":") < _COLONS:
        return True
    fields = pattern.split(":", _COLONS)
    kind = _TYPE.match(fields[-1])
    return (
        kind is not None
        and len(fields) > _COLONS
        and kind[0] != "*"
        and ("*" in kind[0] or "?" in kind[0])
        and _has_types(fields[2].lower())
    )


def _has_types(service: str) -> bool:
    """Say whether the ARNs of a service's resources all say what type they are of."""
    kinds = reference().kinds.get(service, {})
    return bool(kinds) and all(_TYPED.match(one.split(":", _COLONS)[-1]) for one in kinds.values())
