"""Lay out each entry of a network ACL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.addresses import anyone, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

_PROPERTIES = declare(
    ("direction", "string", "ingress or egress"),
    ("action", "string", "allow or deny"),
    ("anyone", "boolean", "whether the range takes in the whole internet"),
    ("protocol", "string", "tcp, udp, icmp, or -1 for all"),
    ("first_port", "integer", "the first port, 0 where it is all"),
    ("last_port", "integer", "the last port, 65535 where it is all"),
)


def _rows(tables: Tables) -> Iterator[Row]:
    for acl in tables.of("aws", "network_acl"):
        hidden = tables.unknown(acl, "rules")
        if hidden:
            yield Row(acl, {}, dict.fromkeys(_PROPERTIES, hidden))
        for one in tables.network_rules.get(acl.uid, ()):
            first, last = reach(one.first_port, one.last_port)
            yield Row(
                acl,
                {
                    "direction": one.direction,
                    "action": one.action,
                    "anyone": anyone(one.peer),
                    "protocol": one.protocol,
                    "first_port": first,
                    "last_port": last,
                },
            )


JOIN = Join(
    provider="aws",
    name="network_acl_rule",
    about="An entry of a network ACL.",
    subjects=("network_acl",),
    needs={"network_acl": ("rules",)},
    properties=_PROPERTIES,
    rows=_rows,
)
