"""Make network rules of declarations.

An entry of ``rules`` is ``{each, direction, peers, self, protocol, first, last, action, priority}``: ``each`` is JMESPath of the items
(without it the declaration itself is the only one), ``direction`` and ``action`` a word or JMESPath behind ``=``, the others JMESPath
over an item, ``peers`` a list of them: each yields CIDRs or names of groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import NetworkRule
from bartizan.collect.inventory.declared.values import Unknown, first_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Origin, Uid

__all__ = ["network_rules"]

_PROTOCOLS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1", "": "-1", "none": "-1", "-1": "-1"}
_PORTS: Final = {"ssh": 22, "http": 80, "https": 443}


def network_rules(
    told: Mapping[str, Any],
    item: Any,  # noqa: ANN401 - any value
    group: Uid,
    search: Callable[[str, Any], Any],
    origin: Origin,
) -> tuple[list[NetworkRule], str]:
    """Make the rules of one item; and why it could not be told, "" where it could."""
    fields = {name: _field(told, name, item, search) for name in ("direction", "protocol", "first", "last", "action", "priority", "self")}
    peers = [peer for path in told.get("peers", ()) for peer in _list(search(path, item))]
    if fields["self"] is True:
        peers.append(str(group))
    unknown = first_unknown([*fields.values(), *peers])
    if unknown is not None:
        return [], unknown.why
    protocol = str("" if fields["protocol"] is None else fields["protocol"]).lower()
    protocol = _PROTOCOLS.get(protocol, protocol)
    first, last = (-1, -1) if protocol == "-1" else (_port(fields["first"]), _port(fields["last"]))
    made = [
        NetworkRule(
            resource=group,
            direction=str(fields["direction"]).lower(),
            peer=str(peer),
            protocol=protocol,
            first_port=first,
            last_port=last if last != -1 or first == -1 else first,
            action=str(fields["action"] or "allow").lower(),
            priority=int(fields["priority"] or 0),
            origin=origin,
        )
        for peer in peers
    ]
    return made, ""


def _field(told: Mapping[str, Any], name: str, item: Any, search: Callable[[str, Any], Any]) -> Any:  # noqa: ANN401 - any value
    """Return what is told of a field: a word for direction and action unless it begins with ``=``, JMESPath for the others."""
    path = told.get(name)
    if path is None:
        return None
    if name in ("direction", "action"):
        return search(path[1:], item) if path.startswith("=") else path
    return search(path, item)


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - any value
    return [] if value is None else value if isinstance(value, list) else [value]


def _port(value: Any) -> int:  # noqa: ANN401 - any value
    if isinstance(value, Unknown) or value is None or value == "":
        return -1
    return _PORTS[value] if isinstance(value, str) and value in _PORTS else int(value)
