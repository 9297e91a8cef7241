"""Read rules for traffic, and say which workload can be reached from where.

A virtual machine is ``protected-by`` the groups of its interfaces and of their subnets, and an address on the internet ``routes-to`` it,
so that nobody has to walk over interfaces. Rules keep their priority: the lowest number that fits counts.
Source: Azure documentation, "Network security groups".
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Edge, NetworkRule, Uid
from bartizan.collect.inventory.exports.azure.rows import mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bartizan.collect.inventory.contract import Facts, Value
    from bartizan.collect.inventory.exports.azure.rows import Row
    from bartizan.collect.inventory.exports.drafts import Draft, Drafts

__all__ = ["GROUP", "RULE", "firewalled", "group_rules", "linked", "open_ports", "openings", "rule_of"]

GROUP: Final = "microsoft.network/networksecuritygroups"
RULE: Final = f"{GROUP}/securityrules"
EVERYWHERE: Final = frozenset({"*", "0.0.0.0/0", "::/0", "internet", "any", "0.0.0.0", "/0"})  # noqa: S104 - how a rule is written, not bound to
"""How a rule says everybody on the internet."""
_PROTOCOLS: Final = {"*": "-1", "tcp": "tcp", "udp": "udp", "icmp": "icmp", "esp": "esp", "ah": "ah"}
_MILLION: Final = 1 << 20


def group_rules(row: Row) -> Iterator[NetworkRule]:
    """Yield the rules of a network security group, those that Azure puts into each after the customer's own."""
    for name in ("securityRules", "defaultSecurityRules"):
        told = row.properties.get(name)
        for rule in told if isinstance(told, list) else []:
            yield from rule_of(row.uid, mapping(mapping(rule).get("properties")) or mapping(rule), row)


def rule_of(group: Uid, told: Mapping[str, Value], row: Row) -> Iterator[NetworkRule]:
    """Yield one rule of Azure as rules of one peer and one range of ports each."""
    ingress = text(told.get("direction")).lower() != "outbound"
    side = "source" if ingress else "destination"
    groups = told.get(f"{side}ApplicationSecurityGroups")
    peers = [
        *_both(told, f"{side}AddressPrefix"),
        *(text(mapping(one).get("id")).lower() for one in (groups if isinstance(groups, list) else [])),
    ]
    priority = told.get("priority")
    for peer in peers:
        for first, last in map(_range, _both(told, "destinationPortRange")):
            yield NetworkRule(
                resource=group,
                direction="ingress" if ingress else "egress",
                peer=peer,
                protocol=_PROTOCOLS.get(text(told.get("protocol")).lower(), text(told.get("protocol")).lower()),
                first_port=first,
                last_port=last,
                action=text(told.get("access")).lower() or "deny",
                priority=priority if isinstance(priority, int) else 0,
                origin=row.origin,
            )


def _both(told: Mapping[str, Value], name: str) -> list[str]:
    several = told.get(f"{name}es" if name.endswith("Prefix") else f"{name}s")
    one = text(told.get(name))
    return [*([one] if one else []), *(value for value in (several if isinstance(several, list) else []) if isinstance(value, str))]


def _range(told: str) -> tuple[int, int]:
    first, _, last = told.partition("-")
    try:
        return int(first), int(last or first)
    except ValueError:
        return -1, -1


def openings(rules: Iterable[NetworkRule]) -> list[NetworkRule]:
    """Return the rules of one group by which everybody on the internet gets in, less those that a rule before denies altogether."""
    ingress = sorted((rule for rule in rules if rule.direction == "ingress"), key=lambda rule: rule.priority)
    everybody = [rule for rule in ingress if rule.peer.lower() in EVERYWHERE]
    return [
        rule for at, rule in enumerate(everybody) if rule.action == "allow" and not any(_covers(before, rule) for before in everybody[:at])
    ]


def open_ports(rules: Iterable[NetworkRule]) -> list[Value]:
    """Return what everybody gets through to by rules of one group, as ``tcp/22``, ``*/80-90``, ``*/*``."""
    return list(dict.fromkeys(f"{'*' if rule.protocol == '-1' else rule.protocol}/{_ports(rule)}" for rule in openings(rules)))


def _covers(before: NetworkRule, rule: NetworkRule) -> bool:
    """Say whether a rule that denies comes before all that another would let in."""
    return (
        before.action == "deny"
        and before.protocol in ("-1", rule.protocol)
        and (before.first_port < 0 or (0 <= before.first_port <= rule.first_port and before.last_port >= rule.last_port))
    )


def _ports(rule: NetworkRule) -> str:
    if rule.first_port < 0 or (rule.first_port == 0 and rule.last_port == 65535):  # noqa: PLR2004 - the last port
        return "*"
    return str(rule.first_port) if rule.first_port == rule.last_port else f"{rule.first_port}-{rule.last_port}"


def firewalled(drafts: Drafts) -> None:
    """Say of databases whether their rules let everybody in, where any rule of theirs is in the export."""
    for uid, draft in drafts.held.items():
        if draft.kind not in ("mssql_server", "postgresql_flexible_server", "mysql_flexible_server"):
            continue
        ranges = [part for name in _FIREWALLS for part in drafts.parts(uid, name)]
        spans = [_span(mapping(one.get("properties"))) for one in ranges]
        why = drafts.untold(uid, "firewall.open_to_azure", "no rule of its firewall is in the export")
        if ranges or not why:
            draft.properties["firewall.open_to_azure"] = (0, 0) in spans
            draft.properties["firewall.open_to_internet"] = any(last - first >= _MILLION for first, last in spans)
        else:
            draft.unknown |= {"firewall.open_to_azure": why, "firewall.open_to_internet": why}


_FIREWALLS: Final = tuple(
    f"{kind}/firewallrules"
    for kind in ("microsoft.sql/servers", "microsoft.dbforpostgresql/flexibleservers", "microsoft.dbformysql/flexibleservers")
)


def _span(told: Mapping[str, Value]) -> tuple[int, int]:
    try:
        return int(ip_address(text(told.get("startIpAddress")))), int(ip_address(text(told.get("endIpAddress"))))
    except ValueError:
        return 1, 1


def linked(drafts: Drafts, facts: Facts) -> None:
    """Join machines to what protects them and to the addresses that lead to them."""
    protected: dict[str, list[str]] = {}
    for edge in drafts.edges:
        if edge.kind == "protected-by":
            protected.setdefault(edge.src, []).append(edge.dst.lower())
    for draft in drafts.held.values():
        if draft.kind != "virtual_machine":
            continue
        named = [drafts.held.get(Uid(str(one).lower())) for one in _list(draft.properties.get("network_interfaces"))]
        interfaces = [one for one in named if one is not None and one.kind == "network_interface"]
        addresses = [address for interface in interfaces for address in _joined(draft, interface, protected, drafts, facts)]
        if len(interfaces) == len(named) and "*" not in draft.unknown:
            draft.properties["public_ips"] = addresses
        else:
            draft.unknown["public_ips"] = "an interface of it is not in the export"


def _joined(machine: Draft, interface: Draft, protected: Mapping[str, list[str]], drafts: Drafts, facts: Facts) -> Iterator[Value]:
    """Join a machine to what one of its interfaces is joined to; yield the interface's addresses on the internet."""
    subnets = [str(one).lower() for one in _list(interface.properties.get("subnets"))]
    groups = dict.fromkeys(group for one in (interface.uid, *subnets) for group in protected.get(one, ()))
    facts.edges += [Edge(machine.uid, Uid(group), "protected-by", machine.origin) for group in groups]
    facts.edges += [Edge(machine.uid, Uid(subnet), "in-network", machine.origin) for subnet in subnets]
    for address in _list(interface.properties.get("public_ips")):
        public = drafts.held.get(Uid(str(address).lower()))
        facts.edges.append(Edge(Uid(str(address).lower()), machine.uid, "routes-to", machine.origin))
        yield str(address) if public is None else public.properties.get("address", str(address))


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []
