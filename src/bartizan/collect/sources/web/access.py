"""Read access logs of nginx, Apache and what writes like them: common and combined format, with or without a virtual host in front."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Part, Source
from bartizan.collect.selection import select
from bartizan.collect.sources.web.access_routes import PROXY, REQUEST, ROUTES
from bartizan.collect.sources.web.access_text import NAMES, is_access, request_parts, split, time_of
from bartizan.collect.text_columns import coded, lines_of
from bartizan.schema.columns import ABSENT, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SOURCE"]

EXAMPLES: Final = (
    Example(
        title="a request for a file outside of the site, in combined format",
        raw=(
            b'203.0.113.9 - - [16/May/2024:10:00:00 +0200] "GET /download?file=../../etc/passwd HTTP/1.1" 404 153 "-" "curl/8.5.0"',
            b'2001:db8::9 - operator [16/May/2024:10:00:01 +0200] "POST /login HTTP/2.0" 302 0 "https://example.com" "Agent" "192.0.2.7"',
        ),
        routes=("request", "request"),
        ocsf={
            "class_uid": 4002,
            "activity_id": 3,
            "time": 1_715_846_400_000_000_000,
            "src_endpoint.ip": "203.0.113.9",
            "http_request.url.path": "/download",
            "http_request.url.query_string": "file=../../etc/passwd",
            "http_response.code": 404,
            "status_id": 2,
        },
    ),
    Example(
        title="a TLS greeting sent to the plain port, and a proxy asked for another site",
        raw=(
            b'203.0.113.9 - - [16/May/2024:10:00:00 +0200] "\\x16\\x03\\x01\\x00\\xEE" 400 157 "-" "-"',
            b'shop.example.com:80 203.0.113.9 - - [16/May/2024:10:00:00 +0200] "CONNECT mail.example.net:25 HTTP/1.0" 405 0',
        ),
        routes=("request", "proxy"),
        ocsf={"class_uid": 4002, "activity_id": 0, "http_response.code": 400, "src_endpoint.ip": "203.0.113.9"},
    ),
    Example(
        title="a line cut off in the request, and one of the error log",
        raw=(
            b'203.0.113.9 - - [16/May/2024:10:00:00 +0200] "GET /downl',
            b"2024/05/16 10:00:00 [error] 12#0: *3 open() failed, client: 203.0.113.9",
        ),
        routes=(None, None),
    ),
)

_WHY_NOT: Final = 'no line of an access log: client, [date], "request", status and size are not all there'
_DASHED: Final = ("cs-ident", "cs-username", "sc-status", "sc-bytes", "cs-referer", "cs-user-agent")
"""Where a lone dash says that there was nothing: rules ask for null."""
_FORWARDED: Final = re.compile(r'\s*"([\da-fA-F.:]{3,45}(?:, ?[\w.:]{1,45}){0,30})"')


def recognise(records: Sequence[bytes]) -> int:
    """Count the lines that have client, date, request, status and size."""
    return sum(map(is_access, records))


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read lines into a frame of requests to this server and one of requests to other servers through it."""
    found = [split(line) for line in lines_of(records)]
    unparsed = {row: _WHY_NOT for row, parts in enumerate(found) if parts is None}
    lines = [parts for parts in found if parts is not None]
    if not lines:
        return Parsed((), unparsed)
    columns = dict(zip(NAMES, map(coded, zip(*lines, strict=True)), strict=True))
    for name in _DASHED:
        columns[name] = columns[name].map(_said)
    columns["time"] = columns.pop("timestamp").map(time_of)
    columns["x-forwarded-for"] = columns["tail"].map(_forwarded)
    requests = columns["request"]
    parts_of = [request_parts(cell) for cell in requests.values]
    for at, name in enumerate(("cs-method", "cs-uri", "cs-version")):
        columns[name] = Column(requests.codes, [parts[at] for parts in parts_of])
    rows = [row for row, parts in enumerate(found) if parts is not None]
    is_proxied = [_is_proxied(method, target) for method, target, _ in parts_of]
    proxied = list(map(is_proxied.__getitem__, requests.codes))
    parts = []
    for route, flag in ((REQUEST, False), (PROXY, True)):
        at_rows = [at for at, one in enumerate(proxied) if one is flag]
        if at_rows:
            parts.append(Part(route, [rows[at] for at in at_rows], select(columns, at_rows, context.wanted(route))))
    return Parsed(parts, unparsed)


def _said(cell: Cell) -> Cell:
    return None if cell == "-" else cell


def _is_proxied(method: Cell, target: Cell) -> bool:
    return method == "CONNECT" or (isinstance(target, str) and target[:7].lower() in {"http://", "https:/"})


def _forwarded(cell: Cell) -> Cell:
    """Return the addresses that a proxy in front added behind the user agent."""
    match = _FORWARDED.match(cell) if isinstance(cell, str) else None
    return match[1] if match else ABSENT


SOURCE: Final = Source(
    name="access-log",
    title="nginx and Apache access logs",
    framings=(Framing.LINES,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "web server access log", "vendor_name": "nginx, Apache"},
)
