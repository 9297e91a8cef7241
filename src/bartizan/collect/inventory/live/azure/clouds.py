"""Say where an Azure is asked: that of all, those of governments, or one that tells by itself where its parts are.

Source: Azure documentation, "Endpoints of national clouds"; the document that every Azure Resource Manager shows without being asked for a
token at ``/metadata/endpoints``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bartizan.collect.inventory.live.rest.client import Unanswered, endpoint_of, origin_of
from bartizan.collect.inventory.live.rest.reasons import decoded
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.live.rest.client import Client

__all__ = ["CHINA", "GOVERNMENT", "PUBLIC", "Cloud", "cloud_at"]

_METADATA: Final = "/metadata/endpoints?api-version=2022-09-01"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure: addresses without a stroke at their end."""

    manager: str
    """Azure Resource Manager."""
    graph: str
    """Microsoft Graph; nothing where it has none."""
    login: str
    """Who gives tokens."""
    audience: str
    """For whom a token for the Resource Manager is."""
    graph_audience: str

    def audience_of(self, url: str) -> str:
        """Return for whom a token must be that lets a request in; nothing for who is not of this Azure, and gets none."""
        for place, audience in ((self.manager, self.audience), (self.graph, self.graph_audience)):
            if place and origin_of(place) == origin_of(url):
                return audience
        return ""


def _national(manager: str, graph: str, login: str) -> Cloud:
    return Cloud(f"https://{manager}", f"https://{graph}", f"https://{login}", f"https://{manager}", f"https://{graph}")


PUBLIC: Final = _national("management.azure.com", "graph.microsoft.com", "login.microsoftonline.com")
GOVERNMENT: Final = _national("management.usgovcloudapi.net", "graph.microsoft.us", "login.microsoftonline.us")
CHINA: Final = _national("management.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn", "login.chinacloudapi.cn")


def cloud_at(endpoint: str, client: Client) -> Cloud:
    """Return the Azure whose Resource Manager is at an address, "" for that of all.

    InputError where none answers there, UsageError for what is no address.

    ``client`` asks without a token: where the parts of an Azure are is told to everybody.
    """
    manager = endpoint_of(endpoint)
    for known in (PUBLIC, GOVERNMENT, CHINA):
        if manager in ("", known.manager) or urlsplit(manager).hostname == urlsplit(known.manager).hostname:
            return known
    try:
        told = decoded(client.ask("GET", f"{manager}{_METADATA}"))
    except Unanswered as error:
        message = f"--endpoint {endpoint}: no Azure Resource Manager answers there: {error}"
        raise InputError(message) from error
    login: Any = (told or {}).get("authentication")
    if told is None or not isinstance(login, dict):
        message = f"--endpoint {endpoint}: what answers there is no Azure Resource Manager: {_METADATA} does not say where its parts are"
        raise InputError(message)
    audiences = login.get("audiences")
    audience = str(audiences[0]) if isinstance(audiences, list) and audiences else manager
    graph = _text(told, "microsoftGraphResourceId").rstrip("/")
    return Cloud(manager, graph, _text(login, "loginEndpoint").rstrip("/"), audience.rstrip("/"), graph)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
