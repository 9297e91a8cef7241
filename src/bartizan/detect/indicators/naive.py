"""Match indicators one by one, straight from what matching means: the twin that tests hold the index to."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.detect.indicators.contract import Kind

if TYPE_CHECKING:
    from bartizan.detect.indicators.contract import Indicator

__all__ = ["meets"]


def meets(indicator: Indicator, kind: Kind, value: str, *, subdomains: bool = True) -> bool:
    """Say whether a normalised observable meets an indicator."""
    if indicator.kind is kind and indicator.value == value:
        return True
    if kind is Kind.URL:
        host = urlsplit(value).hostname or ""
        numeric = ":" in host or host.split(".")[-1].isdigit()
        if indicator.kind is Kind.URL:
            return indicator.value.endswith("/") and value.partition("?")[0].startswith(indicator.value)
        return indicator.kind is not Kind.NETWORK and meets(indicator, Kind.IP if numeric else Kind.DOMAIN, host, subdomains=subdomains)
    if indicator.kind is Kind.DOMAIN and kind is Kind.DOMAIN:
        return subdomains and value.endswith("." + indicator.value)
    if indicator.kind is Kind.NETWORK and kind is Kind.IP:
        return ipaddress.ip_address(value) in ipaddress.ip_network(indicator.value)
    return False
