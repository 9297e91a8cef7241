"""Say which principals have the same rights, so that one is asked for all: users of one account with the very same policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Principal
    from bartizan.review.cloud.paths.world import World

__all__ = ["Rights"]

_WHO: Final = ("aws:principal", "aws:userid", "aws:username", "aws:source", "aws:assumed")
"""Starts of condition keys that can tell one principal from another."""


class Rights:
    """What the principals of one estate hold. The policies have to be the same ones, since a hop names the statements that allow it."""

    def __init__(self, world: World) -> None:
        """Look for what tells principals apart beside their policies."""
        self._world = world
        self._named = frozenset(value for one in world.facts.statements for _, value in (*one.principals, *one.not_principals))
        self._told_apart = any(
            condition.key.lower().startswith(_WHO) for one in world.facts.statements for condition in one.conditions
        ) or any("${" in pattern for one in world.facts.statements for pattern in (*one.resources, *one.not_resources))
        self._granted = frozenset(one.grantee for one in world.facts.grants)
        self._gaps = frozenset(one.uid for one in world.facts.gaps if one.uid)

    def of(self, principal: Principal) -> object | None:
        """Return what is equal for users with the same rights; None for who has to be asked alone."""
        uid = principal.uid
        if principal.kind != "user" or self._told_apart or uid in self._named or uid in self._granted or uid in self._gaps:
            return None
        held = [to for holder in (uid, *self._world.groups(uid)) for to in self._world.attached.get(holder, ())]
        if any(to.policy in self._gaps for to in held):
            return None
        return principal.account, frozenset((to.kind, to.policy) for to in held)
