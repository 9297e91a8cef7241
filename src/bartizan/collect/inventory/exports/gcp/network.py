"""Read firewall rules of networks, and say which machine each protects.

A rule holds for machines of its network with one of its tags or service accounts, for all where it names none. The lowest priority counts.
Source: Virtual Private Cloud, "VPC firewall rules".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Edge, NetworkRule, Uid
from bartizan.collect.inventory.exports.gcp.assets import items, linked, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.collect.inventory.contract import Facts, Value
    from bartizan.collect.inventory.exports.drafts import Draft, Drafts
    from bartizan.collect.inventory.exports.gcp.assets import Asset

__all__ = ["FIREWALL", "joined", "open_ports", "openings", "rules_of"]

FIREWALL: Final = "compute.googleapis.com/firewall"
_EVERYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
_PRIORITY: Final = 1000
"""The priority of a rule that says none."""


def rules_of(asset: Asset) -> Iterator[NetworkRule]:
    """Yield a firewall rule as rules of one peer, protocol and range of ports each; one that is off has none."""
    told = asset.value
    if told.get("disabled") is True:
        return
    ingress = text(told.get("direction")).upper() != "EGRESS"
    peers = [text(one) for one in items(told.get("sourceRanges" if ingress else "destinationRanges"))]
    peers += [f"tag:{text(one)}" for one in items(told.get("sourceTags"))] + [text(one) for one in items(told.get("sourceServiceAccounts"))]
    for action in ("allowed", "denied"):
        for one in map(mapping, items(told.get(action))):
            for peer in peers or ["0.0.0.0/0"]:
                for first, last in map(_range, [text(port) for port in items(one.get("ports"))] or [""]):
                    yield NetworkRule(
                        resource=asset.uid,
                        direction="ingress" if ingress else "egress",
                        peer=peer,
                        protocol=_protocol(one.get("IPProtocol")),
                        first_port=first,
                        last_port=last,
                        action="allow" if action == "allowed" else "deny",
                        priority=_priority(told.get("priority")),
                        origin=asset.origin,
                    )


def _protocol(value: Value) -> str:
    told = text(value).lower()
    return {"all": "-1", "": "-1", "6": "tcp", "17": "udp", "1": "icmp"}.get(told, told)


def _priority(value: Value) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else _PRIORITY


def _range(told: str) -> tuple[int, int]:
    first, _, last = told.partition("-")
    return (int(first), int(last or first)) if first.isdecimal() and (not last or last.isdecimal()) else (-1, -1)


def openings(rules: Iterable[NetworkRule]) -> list[NetworkRule]:
    """Return the rules by which everyone on the internet gets in."""
    return [rule for rule in rules if rule.direction == "ingress" and rule.action == "allow" and rule.peer in _EVERYWHERE]


def open_ports(rules: Iterable[NetworkRule]) -> list[Value]:
    """Return what everyone gets through to, as ``tcp/22``, ``tcp/80-90``, ``*/*``."""
    return list(dict.fromkeys(f"{'*' if rule.protocol == '-1' else rule.protocol}/{_ports(rule)}" for rule in openings(rules)))


def _ports(rule: NetworkRule) -> str:
    if rule.first_port < 0 or (rule.first_port <= 1 and rule.last_port == 65535):  # noqa: PLR2004 - the first and the last port
        return "*"
    return str(rule.first_port) if rule.first_port == rule.last_port else f"{rule.first_port}-{rule.last_port}"


def joined(drafts: Drafts, facts: Facts) -> None:
    """Join each machine to the rules that hold for it."""
    rules: dict[str, list[Draft]] = {}
    for draft in drafts.held.values():
        if draft.kind == "compute_firewall" and draft.properties.get("disabled") is not True:
            rules.setdefault(linked(text(draft.properties.get("network"))), []).append(draft)
    for machine in drafts.held.values():
        if machine.kind != "compute_instance":
            continue
        tags = machine.properties.get("tags")
        mine = {text(machine.properties.get("service_account")), *map(text, tags if isinstance(tags, list) else [])}
        for rule in rules.get(linked(text(machine.properties.get("network"))), ()):
            targets = rule.properties.get("targets")
            named = set(map(text, targets if isinstance(targets, list) else []))
            if not named or named & mine:
                facts.edges.append(Edge(machine.uid, Uid(rule.uid), "protected-by", machine.origin))
