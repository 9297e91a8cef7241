"""Lay out each rule of a security group, with whether anything has the group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.addresses import anyone, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]


def _rows(tables: Tables) -> Iterator[Row]:
    for group in tables.of("aws", "security_group"):
        more = {name: group.properties[name] for name in ("default", "in_use", "vpc") if name in group.properties}
        unknown = tables.unknowns(group, {"in_use": "in_use", "default": "default", "vpc": "vpc"})
        rules = tables.unknown(group, "rules")
        if rules:
            yield Row(
                group,
                more,
                {**unknown, **dict.fromkeys(("direction", "peer", "anyone", "protocol", "first_port", "last_port", "ports"), rules)},
            )
        for one in tables.network_rules.get(group.uid, ()):
            first, last = reach(one.first_port, one.last_port)
            told: dict[str, Value] = {
                "direction": one.direction,
                "peer": one.peer,
                "anyone": anyone(one.peer),
                "protocol": one.protocol,
                "first_port": first,
                "last_port": last,
                "ports": last - first + 1,
            }
            yield Row(group, {**more, **told}, unknown)


JOIN = Join(
    provider="aws",
    name="security_group_rule",
    about="A rule of a security group.",
    subjects=("security_group",),
    needs={"security_group": ("rules",)},
    properties=declare(
        ("direction", "string", "ingress or egress"),
        ("peer", "string", "a range of addresses, or a group"),
        ("anyone", "boolean", "whether the range takes in the whole internet, by IPv4 or IPv6"),
        ("protocol", "string", "tcp, udp, icmp, or -1 for all"),
        ("first_port", "integer", "the first port, 0 where it is all"),
        ("last_port", "integer", "the last port, 65535 where it is all"),
        ("ports", "integer", "how many ports"),
        ("default", "boolean", "whether the VPC came with the group"),
        ("in_use", "boolean", "whether anything has the group"),
        ("vpc", "string", "the network it is in"),
    ),
    rows=_rows,
)
