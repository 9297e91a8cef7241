"""Find the networks that hold an address, all at once."""

from __future__ import annotations

from bisect import bisect_right
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Networks"]


class Networks:
    """Numbered networks, cut into stretches of addresses that lie in the same ones."""

    def __init__(self, numbered: Iterable[tuple[int, str]]) -> None:
        """Cut the networks given as (number, CIDR)."""
        networks = [(number, ip_network(cidr)) for number, cidr in numbered]
        self._four = _Stretches([(n, int(net[0]), int(net[-1])) for n, net in networks if isinstance(net, IPv4Network)])
        self._six = _Stretches([(n, int(net[0]), int(net[-1])) for n, net in networks if not isinstance(net, IPv4Network)])

    def holding(self, address: IPv4Address | IPv6Address) -> frozenset[int]:
        """Return the numbers of the networks that hold an address; one mapped into IPv6 (RFC 4291, 2.5.5.2) counts as both."""
        if isinstance(address, IPv4Address):
            return self._four.at(int(address))
        mapped = address.ipv4_mapped
        found = self._six.at(int(address))
        return found if mapped is None else found | self._four.at(int(mapped))


class _Stretches:
    def __init__(self, ranges: list[tuple[int, int, int]]) -> None:
        self._starts = sorted({edge for _, low, high in ranges for edge in (low, high + 1)})
        self._numbers = [frozenset(n for n, low, high in ranges if low <= start <= high) for start in self._starts]

    def at(self, address: int) -> frozenset[int]:
        place = bisect_right(self._starts, address) - 1
        return self._numbers[place] if place >= 0 else frozenset()
