"""Read Zeek's logs as JSON: its own (``LogAscii::use_json``), with ``_path`` as streaming scripts add it, or with ``@stream``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Part, Source
from bartizan.collect.json_columns import decode
from bartizan.collect.selection import select
from bartizan.collect.sources.network.zeek_routes import EVIDENCE, ROUTES, parted
from bartizan.schema.columns import ABSENT, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SOURCE"]

_CONN: Final = (
    b'"ts":1715846400.25,"uid":"C1","id.orig_h":"192.0.2.10","id.orig_p":40000,"id.resp_h":"203.0.113.9","id.resp_p":80,"proto":"tcp"'
)
EXAMPLES: Final = (
    Example(
        title="a program is fetched over HTTP, in a log that does not say which it is",
        raw=(
            (
                b'{"ts":1715846400.25,"uid":"C1","id.orig_h":"192.0.2.10","id.orig_p":40000,"id.resp_h":"203.0.113.9","id.resp_p":80,"trans_depth":1,'
                b'"method":"GET","host":"files.example.net","uri":"/a.exe?b=1","user_agent":"curl/8.5.0","request_body_len":0,"status_code":200,'
                b'"resp_mime_types":["application/x-dosexec"]}'
            ),
            b"{" + _CONN + b',"conn_state":"S0","local_orig":true,"local_resp":false}',
        ),
        routes=("http", "conn"),
        ocsf={
            "class_uid": 4002,
            "activity_id": 3,
            "time": 1_715_846_400_250_000_000,
            "http_request.url.hostname": "files.example.net",
            "http_request.url.path": "/a.exe",
            "http_response.code": 200,
            "http_response.content_type": "application/x-dosexec",
        },
    ),
    Example(
        title="a sensor's own names: the log under @stream, underscores for dots",
        raw=(
            (
                b'{"@stream":"dce_rpc","@proc":"zeek","ts":1715846400.25,"uid":"C2","id_orig_h":"192.0.2.10","id_orig_p":49700,"id_resp_h":"192.0.2.1",'
                b'"id_resp_p":445,"endpoint":"svcctl","operation":"CreateServiceW"}'
            ),
            (
                b'{"_path":"kerberos","ts":"2024-05-16T08:00:00.250000Z","uid":"C3","id.orig_h":"192.0.2.10","id.orig_p":1,"id.resp_h":"192.0.2.1",'
                b'"id.resp_p":88,"request_type":"TGS","client":"operator/EXAMPLE.COM","service":"host/srv-1","success":true,"cipher":"rc4-hmac"}'
            ),
            b'{"_path":"kerberos","ts":"2024-05-16T08:00:00.250000Z","uid":"C4","id.orig_h":"192.0.2.10","id.resp_h":"192.0.2.1"}',
        ),
        routes=("dce-rpc", "kerberos", "kerberos-message"),
        ocsf={"class_uid": 4001, "src_endpoint.ip": "192.0.2.10", "dst_endpoint.port": 445, "app_name": "dce_rpc"},
    ),
    Example(
        title="a file is opened on a share, a desktop is reached, a certificate is seen",
        raw=(
            (
                b'{"_path":"smb_files","ts":1715846401.25,"uid":"C5","id.orig_h":"192.0.2.10","id.orig_p":49701,"id.resp_h":"192.0.2.1",'
                b'"id.resp_p":445,"fuid":"F1","action":"SMB::FILE_OPEN","path":"\\\\\\\\srv-1\\\\public","name":"plan.docx","size":4096}'
            ),
            (
                b'{"_path":"rdp","ts":1715846402.25,"uid":"C6","id.orig_h":"192.0.2.10","id.orig_p":49702,"id.resp_h":"192.0.2.1",'
                b'"id.resp_p":3389,"cookie":"operator","result":"encrypted","security_protocol":"HYBRID","client_build":"RDP 10.0"}'
            ),
            (
                b'{"_path":"x509","ts":1715846403.25,"id":"F2","certificate.version":3,"certificate.serial":"0A1B2C","certificate.subject":'
                b'"CN=www.example.com","certificate.issuer":"CN=Example CA","certificate.key_length":2048}'
            ),
        ),
        routes=("smb-files", "rdp", "x509"),
        ocsf={"class_uid": 4006, "activity_id": 2, "share": "\\\\srv-1\\public", "file.name": "plan.docx", "file.size": 4096},
    ),
    Example(
        title="a record cut off, and an object of another program",
        raw=(b"{" + _CONN, b'{"ts":1715846400.25,"level":"info"}'),
        routes=(None, None),
    ),
)

_PATHS: Final = ("_path", "@stream")
_DOTTED: Final = (
    "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "certificate.version", "certificate.serial", "certificate.subject",
    "certificate.issuer",
    "certificate.not_valid_before", "certificate.not_valid_after", "certificate.key_alg", "certificate.sig_alg", "certificate.key_type",
    "certificate.key_length", "certificate.exponent", "certificate.curve", "san.dns", "san.uri", "san.email", "san.ip",
    "basic_constraints.ca", "basic_constraints.path_len",
)  # fmt: skip
_WITH_UNDERSCORE: Final = {name.replace(".", "_"): name for name in _DOTTED}
"""How shippers that allow no dots in names write Zeek's."""
_SIGNS: Final = {
    "conn_state": "conn", "qclass": "dns", "qtype": "dns", "trans_id": "dns", "request_body_len": "http", "certificate.serial": "x509",
    "established": "ssl", "share_type": "smb_mapping", "named_pipe": "dce_rpc", "operation": "dce_rpc", "seen_bytes": "files",
    "times_modified": "smb_files", "request_type": "kerberos", "auth_success": "ssh", "auth_attempts": "ssh", "note": "notice",
    "cookie": "rdp", "domainname": "ntlm", "helo": "smtp", "lease_time": "dhcp", "msg_types": "dhcp", "notice": "weird",
    "tunnel_type": "tunnel", "failure_reason": "dpd", "machine": "pe",
}  # fmt: skip
"""A field that only one log has -> the log, in the order in which they are looked for, where a record does not say which log it is of."""
_MARK: Final = re.compile(rb'"(?:_path|@stream|fuid|id[._]orig_h|conn_state|peer)"\s*:')
_CLOCK: Final = re.compile(rb'"(?:ts|_write_ts|@proc|@stream|_path)"\s*:')
_ROUTING_ONLY: Final = Context(wanted=lambda _route: frozenset())
_WHY_NOT: Final = "a JSON object, but none of Zeek's: it has neither the name of a log (_path, @stream) nor a clock (ts) and an address"


_TELLING: Final = frozenset({"ts", "id.orig_h", *_SIGNS})


def recognise(records: Sequence[bytes]) -> int:
    """Count the objects that are read as records of a log and have a field that Zeek's logs have."""
    likely = [record for record in records if _MARK.search(record) and _CLOCK.search(record)]
    return len(likely) - len(parse(likely, _ROUTING_ONLY).unparsed)


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read records into a frame per log, under the names that Zeek's own log has."""
    decoded = decode(records, _fields(context))
    columns = {name: _plain(column) if name in _TELLING else column for name, column in _renamed(decoded.columns).items()}
    height = len(decoded.rows)
    paths = _paths(columns, height)
    addresses = columns.get("id.orig_h", Column.constant(ABSENT, height)).cells()
    clocks = columns.get("ts", Column.constant(ABSENT, height)).cells()
    known = [path != "" or (clock is not ABSENT and host is not ABSENT) for path, clock, host in zip(paths, clocks, addresses, strict=True)]
    unparsed = {**decoded.unparsed, **{decoded.rows[at]: _WHY_NOT for at, yes in enumerate(known) if not yes}}
    parts = []
    for route, own in parted(paths, columns):
        kept = own if all(known) else [at for at in own if known[at]]
        if kept:
            parts.append(Part(route, [decoded.rows[at] for at in kept], select(columns, kept, context.wanted(route))))
    return Parsed(parts, unparsed)


def _fields(context: Context) -> list[str] | None:
    wanted = [context.wanted(route) for route in ROUTES]
    if None in wanted:
        return None
    names = {"ts", *EVIDENCE, *_PATHS, *_SIGNS, *(name for names in wanted for name in names or ())}
    return sorted({*names, *(short for short, name in _WITH_UNDERSCORE.items() if name in names)})


def _renamed(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Give fields Zeek's own names; where a batch holds both spellings, each row has the cell of the one that is there."""
    found: dict[str, Column] = {}
    for given, column in columns.items():
        name = _WITH_UNDERSCORE.get(given, given)
        before = found.get(name)
        if before is None:
            found[name] = column
        else:
            pairs = zip(before.cells(), column.cells(), strict=True)
            found[name] = Column.encode(mine if mine is not ABSENT else other for mine, other in pairs)
    return found


def _plain(column: Column) -> Column:
    """Return a column in which an object is nothing: where all fields are read, what is in it has names of its own."""
    if not any(isinstance(value, dict) for value in column.values):
        return column
    return column.map(lambda cell: ABSENT if isinstance(cell, dict) else cell)


def _paths(columns: Mapping[str, Column], height: int) -> list[str]:
    """Name the log of each row: what the record says, else the first sign that it has, else nothing."""
    found: list[str] = [""] * height
    for name in _PATHS:
        if name in columns:
            found = [old or _log_name(cell) for old, cell in zip(found, columns[name].cells(), strict=True)]
    for name, path in _SIGNS.items() if "" in found and "ts" in columns else ():
        if name in columns:
            clocks = columns["ts"].cells()
            rows = zip(found, columns[name].cells(), clocks, strict=True)
            found = [path if not old and cell is not ABSENT and clock is not ABSENT else old for old, cell, clock in rows]
    return found


def _log_name(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


SOURCE: Final = Source(
    name="zeek-json",
    title="Zeek logs (JSON)",
    framings=(Framing.JSON,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "Zeek", "vendor_name": "Zeek"},
)
