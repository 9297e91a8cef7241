"""Know an estate by what rules of paths ask of it: indexes over the tables of facts."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bartizan.review.cloud.paths.patterns import glob

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Facts, NetworkRule, Principal, Resource, Statement, Uid, Value

__all__ = ["World", "unreadable"]

Made = TypeVar("Made")

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_ROLE_PROPERTIES: Final = ("role", "task_role")
_HANDS_ON: Final = ("task_definition", "profile")
"""Properties that name another resource, which says as whom this one runs."""


def unreadable(resource: Resource, name: str) -> str:
    """Say why a property could not be read; "" where it could."""
    return next((why for start, why in resource.unknown.items() if start in ("*", name) or name.startswith(f"{start}.")), "")


class World:
    """The facts of one provider, indexed. Everything is in the order of the facts."""

    def __init__(self, facts: Facts, provider: str) -> None:
        """Index what is of one provider."""
        self.provider = provider
        self.facts = facts
        self._made: dict[str, Any] = {}
        self._spoken: dict[tuple[Uid, int, str], bool] = {}
        self._patterns: dict[tuple[Uid, str], tuple[Callable[[str], bool], ...]] = {}
        self.principals: Mapping[Uid, Principal] = {one.uid: one for one in facts.principals if one.provider == provider}
        self.resources: Mapping[Uid, Resource] = {one.uid: one for one in facts.resources if one.provider == provider}

    def once(self, name: str, made: Callable[[World], Made]) -> Made:
        """Return what a match kind makes of the estate, made once."""
        if name not in self._made:
            self._made[name] = made(self)
        kept: Made = self._made[name]
        return kept

    @cached_property
    def by_kind(self) -> Mapping[str, Sequence[Resource]]:
        """Return the resources of each kind."""
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for one in self.resources.values():
            found[one.kind].append(one)
        return found

    @cached_property
    def by_name(self) -> Mapping[tuple[str, str], Sequence[Resource]]:
        """Return the resources of a kind with a name, an id or an ARN that ends in it."""
        found: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
        for one in self.resources.values():
            for name in {one.uid, one.name, one.uid.rpartition("/")[2], one.uid.rpartition(":")[2]}:
                found[one.kind, name].append(one)
        return found

    @cached_property
    def edges(self) -> Mapping[str, Mapping[Uid, Sequence[Uid]]]:
        """Return, for each kind of edge, what a thing is joined to."""
        found: defaultdict[str, defaultdict[Uid, list[Uid]]] = defaultdict(lambda: defaultdict(list))
        for edge in self.facts.edges:
            if edge.dst not in found[edge.kind][edge.src]:
                found[edge.kind][edge.src].append(edge.dst)
        return found

    @cached_property
    def network(self) -> Mapping[Uid, Sequence[NetworkRule]]:
        """Return the network rules of each group."""
        found: defaultdict[Uid, list[NetworkRule]] = defaultdict(list)
        for one in self.facts.network_rules:
            found[one.resource].append(one)
        return found

    @cached_property
    def statements(self) -> Mapping[Uid, Sequence[Statement]]:
        """Return the statements of each policy."""
        found: defaultdict[Uid, list[Statement]] = defaultdict(list)
        for one in self.facts.statements:
            found[one.policy].append(one)
        return found

    @cached_property
    def attached(self) -> Mapping[Uid, Sequence[Attachment]]:
        """Return what is attached to a target."""
        found: defaultdict[Uid, list[Attachment]] = defaultdict(list)
        for one in self.facts.attachments:
            found[one.target].append(one)
        return found

    @cached_property
    def attachments_of(self) -> Mapping[Uid, Sequence[Attachment]]:
        """Return where a policy is attached."""
        found: defaultdict[Uid, list[Attachment]] = defaultdict(list)
        for one in self.facts.attachments:
            found[one.policy].append(one)
        return found

    def groups(self, principal: Uid) -> Sequence[Uid]:
        """Return the groups a principal is a member of."""
        return self.edges["member-of"].get(principal, ())

    def policies(self, principal: Uid, *kinds: str) -> list[Uid]:
        """Return the policies attached to a principal and to its groups, by kinds of attachments."""
        holders = [principal, *self.groups(principal)]
        return [to.policy for holder in holders for to in self.attached.get(holder, ()) if to.kind in kinds]

    def held(self, principal: Uid, *kinds: str) -> list[Statement]:
        """Return the statements attached to a principal and to its groups, by kinds of attachments."""
        return [one for policy in self.policies(principal, *kinds) for one in self.statements.get(policy, ())]

    def speaks(self, statement: Statement, action: str) -> bool:
        """Say whether an Allow names an action, or leaves it unnamed where it names those it is not about."""
        key = (statement.policy, statement.number, action)
        if key not in self._spoken:
            name = action.lower()
            named = bool(statement.not_actions) or any(glob(pattern.lower())(name) for pattern in statement.actions)
            self._spoken[key] = statement.effect == "Allow" and named
        return self._spoken[key]

    def could(self, principal: Uid, action: str, resource: str) -> bool:
        """Say whether own policies of a principal could allow an action to a resource: False only where none speaks of both."""
        return any(fits(resource) for fits in self.allowed(principal, action))

    def allowed(self, principal: Uid, action: str) -> Sequence[Callable[[str], bool]]:
        """Return what says whether a resource is one that own policies of a principal could allow an action to; () for none at all."""
        key = (principal, action)
        if key not in self._patterns:
            unread = any(not self.statements.get(policy) for policy in self.policies(principal, "identity"))
            patterns = ["*"] if unread else []
            for one in self.held(principal, "identity"):
                if self.speaks(one, action):
                    patterns += ["*"] if one.not_resources or not one.resources else [_VARIABLE.sub("*", text) for text in one.resources]
            self._patterns[key] = tuple(glob(pattern) for pattern in dict.fromkeys(patterns))
        return self._patterns[key]

    def bounded(self, principal: Uid) -> bool:
        """Say whether a boundary keeps a principal from having everything, whatever it is given."""
        boundaries = [to for to in self.attached.get(principal, ()) if to.kind == "boundary"]
        if not boundaries:
            return False
        held = [one for to in boundaries for one in self.statements.get(to.policy, ())]
        free = any(one.effect == "Allow" and "*" in one.actions and "*" in one.resources and not one.conditions for one in held)
        return not free or any(one.effect == "Deny" and not one.conditions and "*" in one.resources for one in held)

    def runs_as(self, resource: Uid, depth: int = 3) -> list[Uid]:
        """Return the principals that a workload acts as: by its edges, through its profile or definition, or as its properties say."""
        found = list(self.edges["runs-as"].get(resource, ()))
        for via in self.edges["uses-profile"].get(resource, ()):
            found += self.edges["runs-as"].get(via, ())
        told = self.resources.get(resource)
        if told is not None and not found:
            found += [one.uid for name in _ROLE_PROPERTIES if (one := self._named(told, name)) is not None]
            for name in _HANDS_ON if depth else ():
                other = told.properties.get(name)
                if isinstance(other, str) and other != resource:
                    kind = "ecs_task_definition" if name == "task_definition" else "iam_instance_profile"
                    found += [role for one in self.by_name.get((kind, other), ()) for role in self.runs_as(one.uid, depth - 1)]
        return list(dict.fromkeys(found))

    def _named(self, resource: Resource, name: str) -> Principal | None:
        value: Value = resource.properties.get(name)
        return self.principals.get(value) if isinstance(value, str) else None  # type: ignore[call-overload]  # a text that may be a uid
