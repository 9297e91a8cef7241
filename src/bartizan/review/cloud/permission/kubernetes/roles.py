"""Say which rules each principal of a cluster has, and where: groups, bindings, aggregated roles, and the roles of every cluster."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts
from bartizan.collect.inventory.kubernetes.names import named, uid
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.collect.inventory.kubernetes.selectors import chooses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Attachment, Resource, Statement, Uid

__all__ = ["MASTERS", "Roles", "implied", "with_beginnings"]

MASTERS: Final = "system:masters"
"""The group that may do everything, whatever the bindings say."""
_ROLES: Final = ("role", "cluster_role")


class Roles:
    """The roles, bindings and groups of all clusters of some facts."""

    def __init__(self, facts: Facts) -> None:
        """Sort the facts by what they are about."""
        self.facts = with_beginnings(facts)
        self._rules: dict[Uid, list[Statement]] = defaultdict(list)
        for statement in self.facts.statements:
            self._rules[statement.policy].append(statement)
        self._attached: dict[Uid, list[Attachment]] = defaultdict(list)
        for attachment in self.facts.attachments:
            self._attached[attachment.target].append(attachment)
        self._roles = {one.uid: one for one in self.facts.resources if one.kind in _ROLES}
        self._member_of: dict[Uid, list[Uid]] = defaultdict(list)
        for edge in self.facts.edges:
            if edge.kind == "member-of":
                self._member_of[edge.src].append(edge.dst)
        self._resolved: dict[Uid, tuple[Statement, ...] | None] = {}

    def groups(self, principal: Uid, more: tuple[str, ...] = ()) -> tuple[Uid, ...]:
        """Return the groups of a principal: those that its name says, those that were read, and ``more`` by their names."""
        parts = named(principal)
        if parts is None:
            return ()
        names = [*more, *implied(parts.kind, parts.namespace, parts.name)]
        found = [uid(parts.cluster, "group", name) for name in names]
        return tuple(dict.fromkeys([*found, *self._member_of.get(principal, ())]))

    def attachments(self, principal: Uid, groups: tuple[Uid, ...]) -> Iterator[Attachment]:
        """Yield the bindings that give something to a principal or to one of its groups."""
        for one in (principal, *groups):
            yield from self._attached.get(one, ())

    def rules(self, policy: Uid) -> tuple[Statement, ...] | None:
        """Return the rules of a role, with those that it aggregates; None for a role that is not there."""
        if policy not in self._resolved:
            self._resolved[policy] = self._with_aggregated(policy) if policy in self._roles else None
        return self._resolved[policy]

    def _with_aggregated(self, policy: Uid) -> tuple[Statement, ...]:
        taken: dict[Uid, None] = {policy: None}
        waiting = [policy]
        while waiting:
            for other in self._chosen(self._roles[waiting.pop()]):
                if other not in taken:
                    taken[other] = None
                    waiting.append(other)
        return tuple(statement for one in taken for statement in self._rules.get(one, ()))

    def _chosen(self, role: Resource) -> Iterator[Uid]:
        """Yield the cluster roles that one chooses by their labels."""
        rule: Any = role.properties.get("aggregation")
        selectors = rule.get("clusterRoleSelectors") if isinstance(rule, dict) else None
        for selector in selectors if isinstance(selectors, list) else []:
            for one in self._roles.values():
                if one.kind == "cluster_role" and one.account == role.account and chooses(selector, one.tags):
                    yield one.uid


def implied(kind: str, namespace: str, name: str) -> tuple[str, ...]:
    """Return the groups that a principal is in by being what it is."""
    if kind == "service_account":
        return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    if name in ("system:anonymous", "system:unauthenticated"):
        return ("system:unauthenticated",) if kind == "user" else ()
    nodes = ("system:nodes",) if kind == "user" and name.startswith("system:node:") else ()
    return (*nodes, *(() if (kind, name) == ("group", "system:authenticated") else ("system:authenticated",)))


def with_beginnings(facts: Facts) -> Facts:
    """Return facts with the roles and bindings that a cluster begins with, for each of which its own were not read."""
    clusters = dict.fromkeys(one.account for one in facts.resources if one.provider == "kubernetes")
    whole = {one.account for one in facts.resources if one.kind == "cluster_role" and one.name == "cluster-admin"}
    there = {one.uid for one in facts.resources}
    joined = Facts()
    joined.add(facts)
    for cluster in clusters:
        if cluster not in whole:
            begun = _beginnings(cluster)
            joined.resources.extend(one for one in begun.resources if one.uid not in there)
            joined.statements.extend(one for one in begun.statements if one.policy not in there)
            joined.attachments.extend(begun.attachments)
    return joined


@cache
def _beginnings(cluster: str) -> Facts:
    read = Objects(cluster)
    read.file(files(__package__).joinpath("builtin.yml").read_bytes(), "builtin.yml")
    return read.facts()
