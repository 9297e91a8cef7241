"""Say what network rules take in."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from typing import Final

__all__ = ["LAST_PORT", "anyone", "reach"]

LAST_PORT: Final = 65_535
_WIDE: Final = 8
"""A range shorter than this is more than any single holder has: two halves of the internet are the internet."""
_NAMED: Final = frozenset({"*", "internet", "any", "0.0.0.0", "<nw>/0", "/0"})  # noqa: S104 - how Azure writes everybody


@lru_cache(maxsize=65_536)
def anyone(peer: str) -> bool:
    """Say whether a peer is the internet, or a part of it that is wider than a /8 (of IPv6: a /8 too)."""
    if peer.lower() in _NAMED:
        return True
    try:
        network = ip_network(peer, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _WIDE


def reach(first: int, last: int) -> tuple[int, int]:
    """Return the ports of a rule, all of them where it names none."""
    return (0, LAST_PORT) if first < 0 or last < 0 else (first, last)
