"""Lay out what a firewall rule lets everybody on the internet through to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.inventory.exports.gcp.network import openings
from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.addresses import reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

_NAMES = ("protocol", "first_port", "last_port", "ports")


def _rows(tables: Tables) -> Iterator[Row]:
    for group in tables.of("gcp", "compute_firewall"):
        why = tables.unknown(group, "rules")
        if why:
            yield Row(group, {}, dict.fromkeys(_NAMES, why))
        for rule in openings(tables.network_rules.get(group.uid, ())):
            first, last = reach(rule.first_port, rule.last_port)
            yield Row(group, {"protocol": rule.protocol, "first_port": first, "last_port": last, "ports": last - first + 1})


JOIN = Join(
    provider="gcp",
    name="opening",
    about="What a firewall rule lets everybody on the internet through to.",
    subjects=("compute_firewall",),
    needs={"compute_firewall": ("rules",)},
    properties=declare(
        ("protocol", "string", "tcp, udp, icmp, or -1 for all"),
        ("first_port", "integer", "the first port, 0 where it is all"),
        ("last_port", "integer", "the last port, 65535 where it is all"),
        ("ports", "integer", "how many ports"),
    ),
    rows=_rows,
)
