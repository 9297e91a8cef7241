"""Look into the facts of an estate: resources by kind, and what is said of them in the other tables."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from bartizan.review.cloud.checks.gaps import Gaps, reaches, reason, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Grant, NetworkRule, Resource, Statement, Value

__all__ = ["Tables"]


class Tables:
    """Facts with the indexes that joins need, each made when it is first asked for."""

    def __init__(self, facts: Facts) -> None:
        """Take facts, of which nothing may be changed from now on."""
        self.facts = facts

    @cached_property
    def gaps(self) -> Gaps:
        """Return what is missing."""
        return Gaps(self.facts, self.by_kind)

    @cached_property
    def by_kind(self) -> Mapping[tuple[str, str], Sequence[Resource]]:
        """Return the resources of each kind, by provider and name, in the order in which they were read."""
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for one in self.facts.resources:
            found[one.provider, one.kind].append(one)
        return found

    def of(self, provider: str, *names: str) -> Sequence[Resource]:
        """Return the resources of some kinds."""
        if len(names) == 1:
            return self.by_kind.get((provider, names[0]), ())
        return [one for name in names for one in self.by_kind.get((provider, name), ())]

    @cached_property
    def by_uid(self) -> Mapping[str, Resource]:
        """Return resources by uid; of two with one uid the first."""
        found: dict[str, Resource] = {}
        for one in self.facts.resources:
            found.setdefault(one.uid, one)
        return found

    @cached_property
    def statements(self) -> Mapping[str, Sequence[Statement]]:
        """Return the statements of each policy."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for one in self.facts.statements:
            found[one.policy].append(one)
        return found

    @cached_property
    def attachments(self) -> Mapping[str, Sequence[Attachment]]:
        """Return the policies that hold for each target."""
        found: dict[str, list[Attachment]] = defaultdict(list)
        for one in self.facts.attachments:
            found[one.target].append(one)
        return found

    @cached_property
    def network_rules(self) -> Mapping[str, Sequence[NetworkRule]]:
        """Return the rules of each group, ACL or firewall."""
        found: dict[str, list[NetworkRule]] = defaultdict(list)
        for one in self.facts.network_rules:
            found[one.resource].append(one)
        return found

    @cached_property
    def grants(self) -> Mapping[str, Sequence[Grant]]:
        """Return the grants of each resource."""
        found: dict[str, list[Grant]] = defaultdict(list)
        for one in self.facts.grants:
            found[one.resource].append(one)
        return found

    @cached_property
    def edges_from(self) -> Mapping[str, Sequence[Edge]]:
        """Return the edges that begin at each thing."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for one in self.facts.edges:
            found[one.src].append(one)
        return found

    @cached_property
    def edges_to(self) -> Mapping[str, Sequence[Edge]]:
        """Return the edges that end at each thing."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for one in self.facts.edges:
            found[one.dst].append(one)
        return found

    def policies(self, target: str, kind: str) -> Sequence[Statement]:
        """Return the statements of the policies of a kind (``resource``, ``trust``, ``identity`` ...) that hold for a target."""
        held = (one.policy for one in self.attachments.get(target, ()) if one.kind == kind)
        return [statement for policy in held for statement in self.statements.get(policy, ())]

    def unread(self, *policies: str) -> str:
        """Say why a policy, or a part of it, was not read, "" if all were: what was read of it is not the whole."""
        return next((told(gap) for policy in policies for gap in self.gaps.about(policy)), "")

    def unread_of(self, target: str, kind: str) -> str:
        """Say which policy of a kind that holds for a target was not read whole, "" if all were."""
        return self.unread(*(one.policy for one in self.attachments.get(target, ()) if one.kind == kind))

    def unknown(self, resource: Resource, name: str) -> str:
        """Say why a property of a resource is unknown, "" where it is known."""
        return reason(name, resource.properties, resource.unknown, self.gaps.near(resource))

    def unknowns(self, resource: Resource, names: Mapping[str, str]) -> dict[str, str]:
        """Return, for properties of a row by the property of the resource that each is made of, why they are unknown."""
        found = ((mine, self.unknown(resource, theirs)) for mine, theirs in names.items())
        return {mine: why for mine, why in found if why}

    def incomplete(self, where: Resource, *names: str) -> str:
        """Say why there may be more of some kinds where a resource is than were read, "" if there are not: for who concludes from none."""
        for name in names:
            gaps = (gap for gap in self.gaps.unlisted(where.provider, name) if reaches(gap, where))
            found = next(gaps, None)
            if found is not None:
                return told(found)
            if not self.gaps.lists(where, name):
                return f"{where.origin.how}: no {name} is read there"
        return ""

    def value(self, resource: Resource, name: str) -> Value:
        """Return a property, None where it is not set or not known."""
        return resource.properties.get(name)
