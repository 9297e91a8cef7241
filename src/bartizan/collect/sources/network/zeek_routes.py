"""Say which Sigma log sources each of Zeek's logs serves: its own and, where it sees what they ask for, DNS, proxy and firewall."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Route
from bartizan.collect.http import extension_of, path_of, sigma_query
from bartizan.collect.sources.network.flows import full_url
from bartizan.collect.sources.network.zeek_tables import BARE, TABLES, bare, connection
from bartizan.schema.columns import ABSENT, Cell, Column
from bartizan.schema.expressions import Expression, Table, combine, field
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["EVIDENCE", "ROUTES", "parted"]

_ESTABLISHED: Final = ("S1", "SF", "S2", "S3", "RSTO", "RSTR")
EVIDENCE: Final = ("id.orig_h", "src", "client", "username")
"""Fields that decide about the route."""
_DNS_ALIASES: Final[Mapping[str, str | Expression]] = {
    "answer": "answers",
    "record_type": "qtype_name",
    "src_ip": "id.orig_h",
    "dst_ip": "id.resp_h",
}
_WEB_ALIASES: Final[Mapping[str, str | Expression]] = {
    "c-uri": combine(full_url, "host", "uri"),
    "c-uri-query": field("uri", sigma_query),
    "c-uri-stem": field("uri", path_of),
    "c-uri-extension": field("uri", extension_of),
    "c-useragent": "user_agent",
    "c-ip": "id.orig_h",
    "cs-host": "host",
    "cs-method": "method",
    "cs-uri": "uri",
    "cs-uri-query": field("uri", sigma_query),
    "cs-uri-stem": field("uri", path_of),
    "cs-user-agent": "user_agent",
    "cs-referer": "referrer",
    "cs-username": "username",
    "sc-status": "status_code",
    "src_ip": "id.orig_h",
    "dst_ip": "id.resp_h",
    "dst_port": "id.resp_p",
}


def _accepted(state: Cell) -> Cell:
    """Return what a firewall's log would have said of a connection of which an answer was seen, or a refusal."""
    return "accept" if state in _ESTABLISHED else "reject" if state == "REJ" else ABSENT


_FLOW_ALIASES: Final[Mapping[str, str | Expression]] = {
    "src_ip": "id.orig_h",
    "src_port": "id.orig_p",
    "dst_ip": "id.resp_h",
    "dst_port": "id.resp_p",
    "source.ip": "id.orig_h",
    "source.port": "id.orig_p",
    "destination.ip": "id.resp_h",
    "destination.port": "id.resp_p",
    "action": field("conn_state", _accepted),
    "blocked": field("conn_state", lambda cell: {"accept": "false", "reject": "true"}.get(str(_accepted(cell)), ABSENT)),
}
_VIEWS: Final[Mapping[str, tuple[View, ...]]] = {
    "dns": (View(Logsource("zeek", "dns", "dns"), _DNS_ALIASES),),
    "http": (View(Logsource("zeek", "proxy", "http"), _WEB_ALIASES), View(Logsource("zeek", "webserver", "http"), _WEB_ALIASES)),
    "conn": (View(Logsource("zeek", "firewall", "conn"), _FLOW_ALIASES), View(Logsource("zeek", "", "netflow"), _FLOW_ALIASES)),
}


def _route(name: str, table: Table, path: str | None = None) -> Route:
    return Route(name=name.replace("_", "-"), views=_VIEWS.get(path or name, (View(Logsource("zeek", "", path or name)),)), ocsf=table)


_ROUTE_OF: Final[Mapping[str, Route]] = {name: _route(name, table) for name, table in TABLES.items()}
_ANONYMOUS: Final[Mapping[str, Route]] = {name: _route(f"{name}-message", connection(name), name) for name in ("kerberos", "ntlm")}
"""Messages of an authentication that name no account."""
_UNPLACED: Final[Mapping[str, Route]] = {name: _route(f"{name}-unplaced", bare(name), name) for name in ("weird", "notice")}
"""What a sensor says of no connection."""
_ELSEWHERE: Final = frozenset({"files", "dhcp"})
"""Logs whose table finds its addresses in other fields."""
_WITH_ENDPOINTS: Final = _route("other-connection", connection("other"), "other")
_WITHOUT: Final = _route("other", bare("other"))
ROUTES: Final = (*_ROUTE_OF.values(), *_ANONYMOUS.values(), *_UNPLACED.values(), _WITH_ENDPOINTS, _WITHOUT)


def _route_of(path: str, *, named: bool, placed: bool) -> Route:
    """Return the route of a log; ``named``: the record names an account, ``placed``: it names an address."""
    if path in _ANONYMOUS and not named:
        return _ANONYMOUS[path] if placed else _WITHOUT
    if not placed and path not in _ELSEWHERE and path not in BARE:
        return _UNPLACED.get(path, _WITHOUT)
    return _ROUTE_OF.get(path, _WITH_ENDPOINTS)


def parted(paths: Sequence[str], columns: Mapping[str, Column]) -> Iterable[tuple[Route, list[int]]]:
    """Sort rows by route; ``paths`` says of each row which log it is of."""
    blank = Column.constant(ABSENT, len(paths))
    evidence = [columns.get(name, blank) for name in EVIDENCE]
    there = [bytes(value is not ABSENT and value is not None for value in column.values) for column in evidence]
    marks = [map(told.__getitem__, column.codes) for told, column in zip(there, evidence, strict=True)]
    rows: defaultdict[tuple[str, int, int, int, int], list[int]] = defaultdict(list)
    for at, key in enumerate(zip(paths, *marks, strict=True)):
        rows[key].append(at)
    merged: dict[str, tuple[Route, list[int]]] = {}
    for (path, host, source, client, user), own in rows.items():
        route = _route_of(path, named=bool(client if path == "kerberos" else user), placed=bool(host or (source and path == "notice")))
        merged.setdefault(route.name, (route, []))[1].extend(own)
    return [(route, sorted(own)) for route, own in merged.values()]
