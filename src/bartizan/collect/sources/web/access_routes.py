"""Say what a line of an access log means: HTTP Activity in OCSF, the W3C field names for Sigma."""

from __future__ import annotations

from typing import Final

from bartizan.collect.contract import Route
from bartizan.collect.http import (
    activity_name_of,
    activity_of,
    extension_of,
    host_of,
    host_port_of,
    method_of,
    path_of,
    query_of,
    scheme_of,
    sigma_query,
    status_of,
    text_there,
)
from bartizan.schema.cells import integer, ip, port
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Expression, Table, combine, field, first
from bartizan.schema.logsource import Logsource, View

__all__ = ["PROXY", "REQUEST", "ROUTES"]


def _client_name(cell: Cell) -> Cell:
    return text_there(cell) if ip(cell) is ABSENT else ABSENT


def _forwarded(cell: Cell) -> Cell:
    """Return the addresses of ``X-Forwarded-For``; what is none (``unknown``) is left out."""
    parts = [ip(part.strip().rpartition(":")[0] if part.count(":") == 1 else part) for part in str(cell).split(",")]
    return tuple(part for part in parts if part is not ABSENT) or ABSENT


def _code(cell: Cell) -> Cell:
    number = integer(cell)
    return 0 if number is ABSENT else number


_WEB: Final[dict[str, str | Expression]] = {
    "cs-uri-stem": field("cs-uri", path_of),
    "cs-uri-query": field("cs-uri", sigma_query),
    "c-uri": "cs-uri",
    "c-uri-query": field("cs-uri", sigma_query),
    "c-uri-stem": field("cs-uri", path_of),
    "c-uri-extension": field("cs-uri", extension_of),
    "c-useragent": "cs-user-agent",
    "cs(User-Agent)": "cs-user-agent",
    "cs(Referer)": "cs-referer",
    "cs-host": first(field("cs-uri", host_of), field("s-host", text_there)),
    "src_ip": "c-ip",
}
_VIEWS: Final = (
    View(Logsource("", "webserver", "nginx"), _WEB),
    View(Logsource("", "webserver", "apache"), _WEB),
)
_OCSF: Final[Table] = {
    "class_uid": 4002,
    "activity_id": combine(activity_of, "cs-method"),
    "activity_name": field("cs-method", activity_name_of),
    "severity_id": 1,
    "time": field("time"),
    "status_id": field("sc-status", status_of),
    "status_code": field("sc-status"),
    "src_endpoint.ip": first(field("c-ip", ip)),
    "src_endpoint.hostname": field("c-ip", _client_name),
    "http_request.http_method": field("cs-method", method_of),
    "http_request.version": field("cs-version"),
    "http_request.user_agent": field("cs-user-agent", text_there),
    "http_request.referrer": field("cs-referer", text_there),
    "http_request.x_forwarded_for": field("x-forwarded-for", _forwarded),
    "http_request.url.path": field("cs-uri", path_of),
    "http_request.url.query_string": field("cs-uri", query_of),
    "http_request.url.url_string": field("cs-uri"),
    "http_request.url.scheme": field("cs-uri", scheme_of),
    "http_request.url.hostname": first(field("cs-uri", host_of), field("s-host", text_there)),
    "http_response.code": combine(_code, "sc-status"),
    "http_response.length": field("sc-bytes", integer),
    "dst_endpoint.hostname": field("s-host", text_there),
    "dst_endpoint.port": field("s-port", port),
    "actor.user.name": field("cs-username", text_there),
}
REQUEST: Final = Route(name="request", views=_VIEWS, ocsf=_OCSF)
PROXY: Final = Route(
    name="proxy",
    views=(
        View(
            Logsource("", "proxy", ""),
            {**_WEB, "cs-host": first(field("cs-uri", host_of), field("cs-uri", lambda cell: host_port_of(cell)[0]))},
        ),
        *_VIEWS,
    ),
    ocsf={
        **_OCSF,
        "http_request.url.hostname": first(field("cs-uri", host_of), field("cs-uri", lambda cell: host_port_of(cell)[0])),
        "dst_endpoint.hostname": first(field("cs-uri", host_of), field("cs-uri", lambda cell: host_port_of(cell)[0])),
        "dst_endpoint.port": field("cs-uri", lambda cell: host_port_of(cell)[1]),
    },
)
"""What a client asks a forward proxy for: CONNECT, or a target with scheme and host."""
ROUTES: Final = (REQUEST, PROXY)
