"""Read Suricata's EVE: alerts, protocol events, flows and statistics, one JSON object each."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Part, Route, Source
from bartizan.collect.json_columns import decode
from bartizan.collect.selection import select
from bartizan.collect.sources.network.suricata_routes import PLACED, ROUTE_OF, ROUTES, bare_route_of
from bartizan.schema.columns import ABSENT, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SOURCE"]

_FLOW: Final = (
    b'"timestamp":"2024-05-16T10:00:00.250000+0200","flow_id":7,"src_ip":"192.0.2.10","src_port":40000,"dest_ip":"203.0.113.9",'
    b'"proto":"TCP",'
)
EXAMPLES: Final = (
    Example(
        title="a signature matches in a request that was let through",
        raw=(
            b"{" + _FLOW + b'"dest_port":80,"event_type":"alert","alert":{"action":"allowed","gid":1,"signature_id":9000001,"rev":2,'
            b'"signature":"EXAMPLE web shell asked for","category":"Web Application Attack","severity":1},'
            b'"http":{"hostname":"shop.example.com","url":"/shell.php?cmd=id","http_method":"GET","status":200},"app_proto":"http"}',
            b"{" + _FLOW + b'"dest_port":80,"event_type":"http","http":{"hostname":"shop.example.com","url":"/shell.php?cmd=id",'
            b'"http_user_agent":"curl/8.5.0","http_method":"GET","protocol":"HTTP/1.1","status":200,"length":39}}',
            b"{" + _FLOW + b'"dest_port":80,"event_type":"flow","flow":{"pkts_toserver":4,"pkts_toclient":3,"bytes_toserver":500,'
            b'"bytes_toclient":900,"age":3,"state":"closed"}}',
        ),
        routes=("alert", "http", "flow"),
        ocsf={
            "class_uid": 4001,
            "is_alert": True,
            "severity_id": 4,
            "action_id": 1,
            "time": 1_715_846_400_250_000_000,
            "firewall_rule.uid": "9000001",
            "firewall_rule.name": "EXAMPLE web shell asked for",
            "src_endpoint.ip": "192.0.2.10",
            "url.path": "/shell.php",
        },
    ),
    Example(
        title="an answer of a name server: who asked is the client, although the server sent it",
        raw=(
            (
                b'{"timestamp":"2024-05-16T10:00:00.250000+0200","event_type":"dns","src_ip":"192.0.2.53","src_port":53,"dest_ip":"192.0.2.10",'
                b'"dest_port":40000,"proto":"UDP","dns":{"version":2,"type":"answer","id":5,"rcode":"NOERROR","rrname":"www.example.com",'
                b'"rrtype":"A","answers":[{"rrname":"www.example.com","rrtype":"A","ttl":9,"rdata":"198.51.100.1"}]}}'
            ),
            b'{"timestamp":"2024-05-16T10:00:00.250000+0200","event_type":"stats","stats":{"uptime":5400}}',
        ),
        routes=("dns", "stats"),
        ocsf={
            "class_uid": 4003,
            "activity_id": 2,
            "src_endpoint.ip": "192.0.2.10",
            "dst_endpoint.ip": "192.0.2.53",
            "query.hostname": "www.example.com",
            "query.type": "A",
            "answers": ({"rdata": "198.51.100.1"},),
        },
    ),
    Example(
        title="an event cut off, and an object that is none",
        raw=(b"{" + _FLOW + b'"event_type":"al', b'{"timestamp":"2024-05-16T10:00:00Z","level":"info"}'),
        routes=(None, None),
    ),
)

_KIND: Final = re.compile(rb'"event_type"\s*:\s*"[a-z0-9_-]{1,40}"')
_MARK: Final = re.compile(rb'"(?:src_ip|flow_id|stats|engine|in_iface)"\s*:')
_ROUTING: Final = ("event_type", "timestamp", "src_ip")
_ROUTING_ONLY: Final = Context(wanted=lambda _route: frozenset())
_WHY_NOT: Final = "a JSON object, but no event of Suricata: event_type or timestamp is missing"


def recognise(records: Sequence[bytes]) -> int:
    """Count the objects that are read as events and have something else that EVE has."""
    likely = [record for record in records if _KIND.search(record) and _MARK.search(record)]
    return len(likely) - len(parse(likely, _ROUTING_ONLY).unparsed)


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read events into a frame per type, under their own dotted names."""
    wanted = [context.wanted(route) for route in ROUTES]
    fields = None if None in wanted else sorted({*_ROUTING, *(name for names in wanted for name in names or ())})
    decoded = decode(records, fields)
    blank = Column.constant(ABSENT, len(decoded.rows))
    evidence = [decoded.columns.get(name, blank).cells() for name in _ROUTING]
    rows: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
    unparsed = dict(decoded.unparsed)
    for at, (kind, clock, address) in enumerate(zip(*evidence, strict=True)):
        if isinstance(kind, str) and isinstance(clock, str):
            rows[kind, isinstance(address, str)].append(at)
        else:
            unparsed[decoded.rows[at]] = _WHY_NOT
    merged: dict[str, tuple[Route, list[int]]] = {}
    for (kind, placed), own in rows.items():
        route = ROUTE_OF.get(kind, PLACED) if placed else bare_route_of(kind)
        merged.setdefault(route.name, (route, []))[1].extend(own)
    parts = [
        Part(route, [decoded.rows[at] for at in own], select(decoded.columns, own, context.wanted(route))) for route, own in merged.values()
    ]
    return Parsed(parts, unparsed)


SOURCE: Final = Source(
    name="suricata",
    title="Suricata EVE JSON",
    framings=(Framing.JSON,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "Suricata", "vendor_name": "OISF"},
    marks=(b'"event_type"',),
)
