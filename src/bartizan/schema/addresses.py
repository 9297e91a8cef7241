"""Read IP addresses as OCSF writes them."""

from __future__ import annotations

import ipaddress

from bartizan.schema.columns import ABSENT, Absent, Cell, text_of

__all__ = ["ip"]


def ip(cell: Cell) -> str | Absent:
    """Return an IP address in its normal notation, an IPv4 address mapped into IPv6 as IPv4, without the zone index."""
    found = (text_of(cell) or "").strip().strip("[]").partition("%")[0]
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return ABSENT
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
