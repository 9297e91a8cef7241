"""Say of security groups that they are used where something is protected by them: what uses none here may be used elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts, Resource

__all__ = ["used"]


def used(facts: Facts) -> list[Resource]:
    """Return the resources of facts, those that are used with that."""
    protecting = {one.dst for one in facts.edges if one.kind == "protected-by"}
    return [_used(one) if one.kind == "security_group" and one.uid in protecting else one for one in facts.resources]


def _used(one: Resource) -> Resource:
    unknown = {name: why for name, why in one.unknown.items() if name != "in_use"}
    return replace(one, properties={**one.properties, "in_use": True}, unknown=unknown)
