"""Say of security groups that they are used where something that has an interface is protected by them; others may be used elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts, Resource

__all__ = ["used"]

_WITH_INTERFACE: Final = frozenset({"db_instance", "elb", "instance", "lb", "network_interface"})
"""What has an interface from its start. A service of containers has none while it has no task, nor a function that nobody calls."""


def used(facts: Facts) -> list[Resource]:
    """Return the resources of facts, those that are used with that."""
    having = {one.uid for one in facts.resources if one.kind in _WITH_INTERFACE}
    protecting = {one.dst for one in facts.edges if one.kind == "protected-by" and one.src in having}
    return [_used(one) if one.kind == "security_group" and one.uid in protecting else one for one in facts.resources]


def _used(one: Resource) -> Resource:
    unknown = {name: why for name, why in one.unknown.items() if name != "in_use"}
    return replace(one, properties={**one.properties, "in_use": True}, unknown=unknown)
