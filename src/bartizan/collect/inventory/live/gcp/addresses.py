"""Say where interfaces of Google Cloud are, and how their pages follow each other.

Addresses are written without a scheme (``storage.googleapis.com/storage/v1/b``); of something else that speaks like Google Cloud the
host stands in the path (``http://127.0.0.1:8080/storage.googleapis.com/storage/v1/b``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from bartizan.collect.inventory.live.rest.calls import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Addresses", "following"]

_KEPT: Final = "/:?=&%,~@-_.+*()$"
"""What stands in an address as it is: it may be encoded already."""
_PAGE: Final = "pageToken"
_IAM: Final = "iam.googleapis.com"
_SLOW: Final = ("v2", "v3")
"""Versions of IAM that have a quota of their own, held to a pace of their own."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to ask: Google, or an ``endpoint`` that speaks like it."""

    endpoint: str = ""

    def call(self, name: str, address: str, *, body: Mapping[str, Any] | None = None, account: str = "") -> Call:
        """Return a call of an address; ``name`` is the permission that it needs. With a ``body`` it is a POST."""
        base = f"{self.endpoint.rstrip('/')}/" if self.endpoint else "https://"
        url, (service, _, rest) = base + quote(address, safe=_KEPT), address.partition("/")
        version = rest.partition("/")[0]
        service = f"{service}/{version}" if service == _IAM and version in _SLOW else service
        return (
            Call(name, url, service=service, account=account)
            if body is None
            else Call.post(name, url, body, service=service, account=account)
        )


def following(call: Call, document: Mapping[str, Any]) -> Call | None:
    """Return the call of the next page; None behind the last."""
    token = document.get("nextPageToken")
    if not isinstance(token, str) or not token:
        return None
    parts = urlsplit(call.url)
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != _PAGE]
    return replace(call, url=urlunsplit(parts._replace(query=urlencode([*asked, (_PAGE, token)], safe=":,"))))
