"""Lay out by which rules the internet gets to what has a public address: for ``instance`` the join ``exposed_instance``, and so on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.addresses import anyone, reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Resource, Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOINS"]

KINDS: Final[Mapping[str, tuple[str, object]]] = {
    "instance": ("public_ip", None),
    "db_instance": ("public", True),
    "redshift_cluster": ("public", True),
    "ecs_service": ("public_ip", True),
    "elb": ("scheme", "internet-facing"),
    "lb": ("scheme", "internet-facing"),
    "mq_broker": ("public", True),
}
"""By kind the property that says whether it has a public address, and its value where it does (None: any)."""
_PROPERTIES: Final = declare(
    ("public", "boolean", "whether it has a public address"),
    ("group", "string", "the security group whose rule it is"),
    ("anyone", "boolean", "whether the rule lets in the whole internet"),
    ("protocol", "string", "tcp, udp, icmp, or -1 for all"),
    ("first_port", "integer", "the first port, 0 where it is all"),
    ("last_port", "integer", "the last port, 65535 where it is all"),
)
_OF_RULE: Final = tuple(name for name in _PROPERTIES if name != "public")


def _rows(tables: Tables, kind: str) -> Iterator[Row]:
    groups = {one.uid.rpartition("/")[2]: one for one in tables.of("aws", "security_group")}
    name, wanted = KINDS[kind]
    for one in tables.of("aws", kind):
        hidden = tables.unknown(one, name)
        value = one.properties.get(name)
        public = bool(value) if wanted is None else value == wanted
        if not hidden and not public:
            continue
        told: dict[str, Value] = {"public": public}
        unknown = {"public": hidden} if hidden else {}
        for group, why in _groups(tables, one, groups):
            if why:
                yield Row(one, {**told, "group": group}, {**unknown, **{each: why for each in _OF_RULE if each != "group"}})
            else:
                yield from (Row(one, {**told, "group": group, **rule}, unknown) for rule in _ingress(tables, groups[group]))


def _groups(tables: Tables, one: Resource, groups: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    """Yield the security groups of a thing, each with why its rules are not known."""
    listed = one.properties.get("security_groups")
    named = {str(each).rpartition("/")[2] for each in listed} if isinstance(listed, list) else set()
    named |= {edge.dst.rpartition("/")[2] for edge in tables.edges_from.get(one.uid, ()) if edge.kind == "protected-by"}
    if not named:
        yield "", tables.unknown(one, "security_groups") or "no security group of it was read"
    for group in sorted(named):
        found = groups.get(group)
        yield group, f"the security group {group} was not read" if found is None else tables.unknown(found, "rules")


def _ingress(tables: Tables, group: Resource) -> Iterator[Mapping[str, Value]]:
    for one in tables.network_rules.get(group.uid, ()):
        if one.direction == "ingress":
            first, last = reach(one.first_port, one.last_port)
            yield {"anyone": anyone(one.peer), "protocol": one.protocol, "first_port": first, "last_port": last}


JOINS = tuple(
    Join(
        provider="aws",
        name=f"exposed_{kind}",
        about=f"A rule that lets somebody in to a public thing of the kind {kind}.",
        subjects=(kind,),
        needs={kind: (name, "security_groups"), "security_group": ("rules",)},
        properties=_PROPERTIES,
        rows=partial(_rows, kind=kind),
    )
    for kind, (name, _) in KINDS.items()
)
