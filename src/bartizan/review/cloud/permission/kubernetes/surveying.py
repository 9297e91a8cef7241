"""Know which actions there are in a cluster, and what they can be asked of: what rules name, and what stars stand for there."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.collect.inventory.contract import Facts, Statement

__all__ = ["actions_in", "expanded", "places"]

VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
"""The verbs that a star is written out as; others (bind, escalate, impersonate, approve) are special, and named where they count."""
_SPECIAL: Final = (
    "approve signers.certificates.k8s.io",
    "bind clusterroles.rbac.authorization.k8s.io",
    "escalate clusterroles.rbac.authorization.k8s.io",
    "impersonate groups",
    "impersonate serviceaccounts",
    "impersonate users",
)


def actions_in(statements: Iterable[Statement]) -> frozenset[str]:
    """Return every action on a named kind that rules of some roles allow, and the special ones: what a star is about."""
    kinds: dict[str, None] = {}
    found = set(_SPECIAL)
    for statement in statements:
        for action in statement.actions:
            verb, _, what = action.partition(" ")
            if "*" not in what and not what.startswith("/"):
                kinds[what] = None
                found |= {action} if verb != "*" else set()
    return frozenset(found | {f"{verb} {kind}" for verb, kind in product(VERBS, kinds)})


def expanded(statements: Iterable[Statement]) -> Iterator[str]:
    """Yield the actions that rules name without a star, and paths."""
    for statement in statements:
        yield from (one for one in statement.actions if "*" not in one or one.partition(" ")[2].startswith("/"))


def places(facts: Facts, action: str) -> list[str]:
    """Return what an action can be asked of: everywhere, each namespace, and the names to which rules about it are limited."""
    kind = action.partition(" ")[2].partition("/")[0]
    if not kind:
        return ["*"]
    spaces = dict.fromkeys(one.region for one in facts.resources if one.provider == "kubernetes" and one.region)
    names = dict.fromkeys(
        name
        for statement in facts.statements
        if statement.resources != ("*",) and any(one.partition(" ")[2].partition("/")[0] == kind for one in statement.actions)
        for name in statement.resources
    )
    named = [f"{space}/{name}" for name in names for space in ("", *spaces)]
    return ["*", *(f"{space}/" for space in spaces), *named]
