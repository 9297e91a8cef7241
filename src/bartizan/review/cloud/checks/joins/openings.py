"""Lay out what a firewall lets everybody on the internet through to, as every provider's rules say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.addresses import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bartizan.collect.inventory.contract import NetworkRule
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["opening"]

_NAMES = ("protocol", "first_port", "last_port", "ports")


def opening(provider: str, kind: str, about: str, openings: Callable[[Iterable[NetworkRule]], Iterable[NetworkRule]]) -> Join:
    """Return the join of a kind of firewall; ``openings`` picks of its rules those that let everybody in and that none before denies."""

    def rows(tables: Tables) -> Iterator[Row]:
        for group in tables.of(provider, kind):
            why = tables.unknown(group, "rules")
            if why:
                yield Row(group, {}, dict.fromkeys(_NAMES, why))
            for rule in openings(tables.network_rules.get(group.uid, ())):
                first, last = reach(rule.first_port, rule.last_port)
                yield Row(group, {"protocol": rule.protocol, "first_port": first, "last_port": last, "ports": last - first + 1})

    return Join(
        provider=provider,
        name="opening",
        about=about,
        subjects=(kind,),
        needs={kind: ("rules",)},
        properties=declare(
            ("protocol", "string", "tcp, udp, icmp, or -1 for all"),
            ("first_port", "integer", "the first port, 0 where it is all"),
            ("last_port", "integer", "the last port, 65535 where it is all"),
            ("ports", "integer", "how many ports"),
        ),
        rows=rows,
    )
