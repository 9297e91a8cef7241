"""Find the kind of a Windows event from its channel, event id and provider."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.collect.sources.windows import routes_channels, routes_security, routes_sysmon
from bartizan.collect.sources.windows.channels import channel_of
from bartizan.collect.sources.windows.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.collect.contract import Route

__all__ = ["KINDS", "ROUTES", "kind_of"]

_SYSMON: Final = "microsoft-windows-sysmon/operational"
_LINUX: Final = "linux-sysmon/operational"
_MOST_NARROWED: Final = 1024
"""Event ids told apart: more than a fleet of hosts writes; a file of invented ones must not fill the memory."""
_NARROWED: Final[dict[tuple[Kind, int], Kind]] = {}


@lru_cache(maxsize=65_536)
def kind_of(channel: str, event_id: int, provider: str = "") -> Kind:
    """Return the kind of a record; one of an unknown channel is still a Windows event."""
    return _narrowed(_kind_of(channel_of(channel, provider), event_id), event_id)


def _kind_of(name: str, event_id: int) -> Kind:
    if name == _SYSMON:
        return routes_sysmon.WINDOWS.get(event_id) or routes_channels.BY_CHANNEL[_SYSMON]
    if name == _LINUX:
        return routes_sysmon.LINUX.get(event_id) or routes_sysmon.LINUX_OTHER
    if name == "security":
        return routes_security.KINDS.get(event_id) or routes_security.OTHER
    return routes_channels.KINDS.get((name, event_id)) or routes_channels.BY_CHANNEL.get(name) or routes_channels.ANY


def _narrowed(kind: Kind, event_id: int) -> Kind:
    """Return the kind with routes that say their event id, so that rules about others are not tried on them."""
    found = _NARROWED.get((kind, event_id))
    if found is None:
        if len(_NARROWED) >= _MOST_NARROWED:
            return kind
        given = {"EventID": str(event_id)}
        among = {word: replace(route, given=given) for word, route in kind.among.items()}
        found = _NARROWED[kind, event_id] = Kind(replace(kind.route, given=given), kind.by, among)
    return found


def _routes(kinds: Iterable[Kind]) -> tuple[Route, ...]:
    return tuple({route.name: route for kind in kinds for route in kind.routes()}.values())


ROUTES: Final = _routes(
    (
        *routes_sysmon.WINDOWS.values(),
        *routes_security.KINDS.values(),
        routes_security.OTHER,
        *routes_channels.KINDS.values(),
        *routes_channels.BY_CHANNEL.values(),
        routes_channels.ANY,
        *routes_sysmon.LINUX.values(),
        routes_sysmon.LINUX_OTHER,
    )
)
"""Every route of an event that came through a Windows event log or a Sysmon."""

KINDS: Final = tuple(
    [(_SYSMON, str(number), kind_of(_SYSMON, number)) for number in routes_sysmon.WINDOWS]
    + [(_LINUX, str(number), kind_of(_LINUX, number)) for number in routes_sysmon.LINUX]
    + [("security", str(number), kind_of("security", number)) for number in routes_security.KINDS]
    + [(channel, str(number), kind_of(channel, number)) for channel, number in routes_channels.KINDS]
    + [("security", "", routes_security.OTHER), (_LINUX, "", routes_sysmon.LINUX_OTHER), ("", "", routes_channels.ANY)]
    + [(channel, "", kind) for channel, kind in routes_channels.BY_CHANNEL.items()]
)
"""Every kind there is, with its channel and event id; "" for the events of a channel, and the channels, that have none of their own."""
