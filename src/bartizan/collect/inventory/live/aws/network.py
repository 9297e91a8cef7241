"""Read the rules of security groups and network ACLs, which both EC2 and AWS Config tell in this form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import NetworkRule, Origin, Uid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["rules_of"]

_PROTOCOLS: Final[Mapping[str, str]] = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_ALL_PORTS: Final = (0, 65_535)


def rules_of(kind: str, uid: Uid, item: Mapping[str, Any], origin: Origin) -> list[NetworkRule]:
    """Return the rules of a thing of a kind; none where its kind has none."""
    if kind == "security_group":
        return [*_group(uid, "ingress", item.get("IpPermissions"), origin), *_group(uid, "egress", item.get("IpPermissionsEgress"), origin)]
    return list(_acl(uid, item, origin)) if kind == "network_acl" else []


def _group(uid: Uid, direction: str, permissions: Any, origin: Origin) -> Iterator[NetworkRule]:  # noqa: ANN401 - JSON
    for permission in permissions or ():
        first, last = _ports(permission.get("FromPort"), permission.get("ToPort"))
        for peer in _peers(permission):
            yield NetworkRule(
                resource=uid,
                direction=direction,
                peer=peer,
                protocol=_protocol(permission.get("IpProtocol")),
                first_port=first,
                last_port=last,
                origin=origin,
            )


def _peers(permission: Mapping[str, Any]) -> Iterator[str]:
    for name, key in (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId"),
        ("UserIdGroupPairs", "GroupId"),
    ):
        for one in permission.get(name) or ():
            peer = one if isinstance(one, str) else one.get(key)  # AWS Config has bare ranges
            if peer:
                yield str(peer)


def _acl(uid: Uid, item: Mapping[str, Any], origin: Origin) -> Iterator[NetworkRule]:
    for entry in item.get("Entries") or ():
        first, last = _ports((entry.get("PortRange") or {}).get("From"), (entry.get("PortRange") or {}).get("To"))
        yield NetworkRule(
            resource=uid,
            direction="egress" if entry.get("Egress") else "ingress",
            peer=str(entry.get("CidrBlock") or entry.get("Ipv6CidrBlock") or ""),
            protocol=_protocol(entry.get("Protocol")),
            first_port=first,
            last_port=last,
            action=str(entry.get("RuleAction", "allow")),
            priority=int(entry.get("RuleNumber", 0)),
            origin=origin,
        )


def _protocol(value: Any) -> str:  # noqa: ANN401 - JSON
    return _PROTOCOLS.get(str(value), str(value)) if value is not None else "-1"


def _ports(first: Any, last: Any) -> tuple[int, int]:  # noqa: ANN401 - JSON
    ports = (int(first) if first is not None else -1, int(last) if last is not None else -1)
    return (-1, -1) if ports == _ALL_PORTS else ports
