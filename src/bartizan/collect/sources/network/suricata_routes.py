"""Say what Suricata's events mean: their own names for Sigma, DNS, proxy and firewall rules where they see what those ask for; OCSF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bartizan.collect.contract import Route
from bartizan.collect.http import (
    activity_name_of,
    activity_of,
    extension_of,
    method_of,
    path_of,
    query_of,
    sigma_query,
    status_of,
    text_there,
)
from bartizan.collect.sources.network.flows import (
    answers_of,
    beside,
    dns_name,
    fingerprint_md5,
    full_url,
    protocol_number,
    rcode_name,
    rcode_number,
    size_or_nothing,
)
from bartizan.schema.cells import integer, ip, lookup, lower, port, text
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Expression, Table, combine, field, first
from bartizan.schema.logsource import Logsource, View
from bartizan.schema.time import nanoseconds

__all__ = ["PLACED", "ROUTES", "ROUTE_OF", "bare_route_of"]

_DNS_PORT: Final = 53
_OTHER: Final = 99
_SEVERITIES: Final = {1: 4, 2: 3, 3: 2}
"""Suricata's priority, 1 the worst, as OCSF severity; 4 and beyond are informational."""
_ALLOWED, _BLOCKED = "allowed", "blocked"


def _milliseconds(cell: Cell) -> Cell:
    time = nanoseconds(cell)
    return time // 1_000_000 if isinstance(time, int) else ABSENT


def _seconds_to_milliseconds(cell: Cell) -> Cell:
    seconds = integer(cell)
    return seconds * 1000 if isinstance(seconds, int) else ABSENT


def _severity(cell: Cell) -> Cell:
    number = integer(cell)
    return _SEVERITIES.get(number, 1) if isinstance(number, int) else 1


def _items(cell: Cell, key: str) -> list[Cell]:
    """Return what the objects of a list have under a key; one object counts as a list of one."""
    items = cell if isinstance(cell, tuple) else (cell,)
    return [item[key] for item in items if isinstance(item, Mapping) and key in item]


def _asked(key: str) -> Expression:
    """Make the expression of a part of a DNS question: where versions 1 and 2 of the event have it, 3 (Suricata 8), and alerts."""

    def collect(own: Cell, queries: Cell, query: Cell) -> Cell:
        found = [own, *_items(queries, key), *_items(query, key)]
        return next((cell for cell in found if isinstance(cell, str) and cell), ABSENT)

    return combine(collect, f"dns.{key}", "dns.queries", "dns.query")


def _told(own: Cell, answers: Cell) -> Cell:
    """Return the data of all answers."""
    found = [own, *_items(answers, "rdata")]
    return tuple(dict.fromkeys(cell for cell in found if isinstance(cell, str))) or ABSENT


_ANSWERS: Final = combine(_told, "dns.rdata", "dns.answers")
_IS_ANSWER: Final = ("answer", "response")


def _end(mine: str, theirs: str) -> Expression:
    """Make the expression of one end of a DNS exchange: an answer is logged with the server as its source, which asked nothing."""

    def choose(kind: Cell, source_port: Cell, own: Cell, other: Cell) -> Cell:
        return other if kind in _IS_ANSWER and integer(source_port) == _DNS_PORT else own

    return combine(choose, "dns.type", "src_port", mine, theirs)


def _then(expression: Expression, *functions: object) -> Expression:
    def apply(*cells: Cell) -> Cell:
        found = expression.apply(*cells)
        for function in functions:
            found = found if found is ABSENT or found is None or not callable(function) else function(found)
        return found

    return Expression(expression.inputs, apply)


def _certificate(issuer: Cell, serial: Cell, cell: Cell) -> Cell:
    """Return a part of a certificate of which issuer and serial number, that OCSF needs, are known."""
    return beside(issuer, beside(serial, cell))


def _sha1(issuer: Cell, serial: Cell, cell: Cell) -> Cell:
    found: Mapping[str, Cell] = {"algorithm": "SHA-1", "algorithm_id": 2, "value": str(cell).replace(":", "")}
    return _certificate(issuer, serial, (found,) if isinstance(cell, str) else ABSENT)


def _day(issuer: Cell, serial: Cell, cell: Cell) -> Cell:
    return _certificate(issuer, serial, _milliseconds(cell))


_HASHES: Final = (("md5", "MD5", 1), ("sha1", "SHA-1", 2), ("sha256", "SHA-256", 3))


def _hashes(*told: Cell) -> Cell:
    found: list[Mapping[str, Cell]] = [
        {"algorithm": name, "algorithm_id": number, "value": value}
        for (_, name, number), value in zip(_HASHES, told, strict=True)
        if isinstance(value, str)
    ]
    return tuple(found) or ABSENT


_COMMON: Final[Table] = {"severity_id": 1, "time": field("timestamp", nanoseconds), "device.hostname": field("host")}
_ENDPOINTS: Final[Table] = {
    **_COMMON,
    "src_endpoint.ip": field("src_ip", ip),
    "src_endpoint.port": field("src_port", port),
    "dst_endpoint.ip": field("dest_ip", ip),
    "dst_endpoint.port": field("dest_port", port),
    "connection_info.uid": field("flow_id", text),
    "connection_info.community_uid": field("community_id"),
    "connection_info.protocol_name": field("proto", lower),
    "connection_info.protocol_num": field("proto", protocol_number),
}
_CONNECTION: Final[Table] = {**_ENDPOINTS, "class_uid": 4001, "activity_id": 6, "app_name": first("app_proto", "event_type")}
_ALERT: Final[Table] = {
    **_CONNECTION,
    "severity_id": combine(_severity, "alert.severity"),
    "is_alert": True,
    "action_id": field("alert.action", lookup({_ALLOWED: 1, _BLOCKED: 2}, 0)),
    "disposition_id": field("alert.action", lookup({_ALLOWED: 1, _BLOCKED: 2}, 0)),
    "firewall_rule.uid": field("alert.signature_id", text),
    "firewall_rule.name": field("alert.signature"),
    "firewall_rule.category": field("alert.category", text_there),
    "firewall_rule.version": field("alert.rev", text),
    "message": field("alert.signature"),
    "url.hostname": combine(beside, "http.url", "http.hostname"),
    "url.path": field("http.url", path_of),
    "url.query_string": field("http.url", query_of),
    "url.url_string": field("http.url"),
    "traffic.bytes_out": field("flow.bytes_toserver", integer),
    "traffic.bytes_in": field("flow.bytes_toclient", integer),
}
_DNS: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4003,
    "activity_id": combine(lambda kind: 2 if kind in _IS_ANSWER else 1, "dns.type"),
    "src_endpoint.ip": _then(_end("src_ip", "dest_ip"), ip),
    "src_endpoint.port": _then(_end("src_port", "dest_port"), port),
    "dst_endpoint.ip": _then(_end("dest_ip", "src_ip"), ip),
    "dst_endpoint.port": _then(_end("dest_port", "src_port"), port),
    "query.hostname": _then(_asked("rrname"), dns_name),
    "query.type": combine(
        lambda *told: beside(_then(_asked("rrname"), dns_name).apply(*told[:3]), _asked("rrtype").apply(*told[3:])),
        *_asked("rrname").inputs,
        *_asked("rrtype").inputs,
    ),
    "answers": _then(_ANSWERS, answers_of),
    "rcode_id": field("dns.rcode", rcode_number),
    "rcode": field("dns.rcode", rcode_name),
    "status_id": field("dns.rcode", lambda cell: 1 if rcode_number(cell) == 0 else 2),
    "transaction_id": field("dns.id", integer),
}
_HTTP: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4002,
    "activity_id": combine(activity_of, "http.http_method"),
    "activity_name": field("http.http_method", activity_name_of),
    "status_id": field("http.status", status_of),
    "status_code": field("http.status", text),
    "http_request.http_method": field("http.http_method", method_of),
    "http_request.version": field("http.protocol"),
    "http_request.user_agent": field("http.http_user_agent", text_there),
    "http_request.referrer": field("http.http_refer", text_there),
    "http_request.length": combine(
        size_or_nothing, "http.request_length", "http.http_method", "http.url", "http.http_user_agent", "http.status"
    ),
    "http_request.url.path": field("http.url", path_of),
    "http_request.url.query_string": field("http.url", query_of),
    "http_request.url.url_string": field("http.url"),
    "http_request.url.hostname": combine(beside, "http.url", "http.hostname"),
    "http_response.code": field("http.status", integer),
    "http_response.length": combine(lambda code, size: beside(code, integer(size)), "http.status", "http.length"),
    "http_response.content_type": combine(beside, "http.status", "http.http_content_type"),
    "dst_endpoint.hostname": field("http.hostname", dns_name),
}
_TLS: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4001,
    "activity_id": 1,
    "app_name": "tls",
    "tls.version": combine(lambda version: version if isinstance(version, str) else "unknown", "tls.version"),
    "tls.sni": field("tls.sni"),
    "tls.ja3_hash": field("tls.ja3.hash", fingerprint_md5),
    "tls.ja3s_hash": field("tls.ja3s.hash", fingerprint_md5),
    "tls.certificate.issuer": combine(_certificate, "tls.issuerdn", "tls.serial", "tls.issuerdn"),
    "tls.certificate.serial_number": combine(_certificate, "tls.issuerdn", "tls.serial", "tls.serial"),
    "tls.certificate.subject": combine(_certificate, "tls.issuerdn", "tls.serial", "tls.subject"),
    "tls.certificate.created_time": combine(_day, "tls.issuerdn", "tls.serial", "tls.notbefore"),
    "tls.certificate.expiration_time": combine(_day, "tls.issuerdn", "tls.serial", "tls.notafter"),
    "tls.certificate.fingerprints": combine(_sha1, "tls.issuerdn", "tls.serial", "tls.fingerprint"),
    "dst_endpoint.hostname": field("tls.sni", dns_name),
}
_FLOW: Final[Table] = {
    **_CONNECTION,
    "activity_id": combine(lambda state: 2 if state == "closed" else 6, "flow.state"),
    "status_code": field("flow.state"),
    "traffic.bytes_out": field("flow.bytes_toserver", integer),
    "traffic.bytes_in": field("flow.bytes_toclient", integer),
    "traffic.packets_out": field("flow.pkts_toserver", integer),
    "traffic.packets_in": field("flow.pkts_toclient", integer),
    "duration": field("flow.age", _seconds_to_milliseconds),
    "unmapped.flow_start": field("flow.start"),
}
_FILE: Final[Table] = {
    **{name: value for name, value in _ENDPOINTS.items() if name.partition(".")[0] != "connection_info"},
    "class_uid": 4010,
    "activity_id": combine(lambda method: 1 if method in ("POST", "PUT") else 2, "http.http_method"),
    "actor.app_name": first("app_proto", "event_type"),
    "file.name": first("fileinfo.filename", "fileinfo.sha256", "fileinfo.md5", "event_type"),
    "file.type_id": 1,
    "file.mime_type": field("fileinfo.magic"),
    "file.size": field("fileinfo.size", integer),
    "file.hashes": combine(_hashes, *(f"fileinfo.{name}" for name, _, _ in _HASHES)),
}
_SSH: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4007,
    "activity_id": 1,
    "protocol_ver": first("ssh.client.proto_version", "ssh.server.proto_version"),
}
_SMB: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4006,
    "activity_id": combine(lambda disposition: {"FILE_OPEN": 2, "FILE_CREATE": 3}.get(str(disposition), _OTHER), "smb.disposition"),
    "activity_name": combine(
        lambda disposition, command: (
            ABSENT if disposition in ("FILE_OPEN", "FILE_CREATE") else command if isinstance(command, str) else "SMB"
        ),
        "smb.disposition",
        "smb.command",
    ),
    "command": field("smb.command"),
    "dialect": field("smb.dialect"),
    "share": field("smb.share"),
    "file.name": field("smb.filename", text_there),
    "status_code": field("smb.status"),
}
_KERBEROS: Final[Table] = {
    **{name: value for name, value in _ENDPOINTS.items() if name.partition(".")[0] != "connection_info"},
    "class_uid": 3002,
    "activity_id": combine(lambda kind: 3 if "_AS_" in str(kind) else 4 if "_TGS_" in str(kind) else 6, "krb5.msg_type"),
    "user.name": combine(lambda cell: cell if isinstance(cell, str) and cell else "(unknown)", "krb5.cname"),
    "user.domain": field("krb5.realm", text_there),
    "service.name": first("krb5.sname", "event_type"),
    "auth_protocol_id": 2,
    "status_id": combine(lambda kind, error: 2 if error is not ABSENT or kind == "KRB_ERROR" else 1, "krb5.msg_type", "krb5.error_code"),
    "status_detail": field("krb5.error_code"),
}
_ANOMALY: Final[Table] = {**_CONNECTION, "message": first("anomaly.event", "anomaly.type")}
_BARE: Final[Table] = {
    **_COMMON,
    "class_uid": 0,
    "activity_id": _OTHER,
    "activity_name": first("event_type", field("timestamp", lambda _: "event")),
}

_FLOW_NAMES: Final[Mapping[str, str | Expression]] = {
    "dst_ip": "dest_ip",
    "dst_port": "dest_port",
    "source.ip": "src_ip",
    "source.port": "src_port",
    "destination.ip": "dest_ip",
    "destination.port": "dest_port",
    "action": combine(
        lambda verdict, answered: "drop" if verdict == "drop" else "accept" if integer(answered) not in {0, ABSENT} else ABSENT,
        "flow.action",
        "flow.pkts_toclient",
    ),
}
_DROP_NAMES: Final[Mapping[str, str | Expression]] = {
    **_FLOW_NAMES,
    "action": field("event_type", lambda _: "drop"),
    "blocked": field("event_type", lambda _: "true"),
}
_WEB_NAMES: Final[Mapping[str, str | Expression]] = {
    "c-uri": combine(full_url, "http.hostname", "http.url"),
    "c-uri-query": field("http.url", sigma_query),
    "c-uri-stem": field("http.url", path_of),
    "c-uri-extension": field("http.url", extension_of),
    "c-useragent": "http.http_user_agent",
    "c-ip": "src_ip",
    "cs-host": "http.hostname",
    "cs-method": "http.http_method",
    "cs-uri": "http.url",
    "cs-uri-query": field("http.url", sigma_query),
    "cs-uri-stem": field("http.url", path_of),
    "cs-user-agent": "http.http_user_agent",
    "cs-referer": "http.http_refer",
    "sc-status": "http.status",
    "dst_ip": "dest_ip",
    "dst_port": "dest_port",
}
_DNS_NAMES: Final[Mapping[str, str | Expression]] = {
    "query": _asked("rrname"),
    "record_type": _asked("rrtype"),
    "answer": _ANSWERS,
    "dst_ip": "dest_ip",
}
_TABLES: Final[Mapping[str, Table]] = {
    "alert": _ALERT,
    "dns": _DNS,
    "http": _HTTP,
    "tls": _TLS,
    "flow": _FLOW,
    "netflow": _CONNECTION,
    "fileinfo": _FILE,
    "ssh": _SSH,
    "smb": _SMB,
    "krb5": _KERBEROS,
    "anomaly": _ANOMALY,
    "drop": {**_CONNECTION, "activity_id": 5, "action_id": 2},
    "connection": _CONNECTION,
}
_VIEWS: Final[Mapping[str, tuple[View, ...]]] = {
    "dns": (View(Logsource("suricata", "dns", "dns"), _DNS_NAMES),),
    "http": (View(Logsource("suricata", "proxy", "http"), _WEB_NAMES), View(Logsource("suricata", "webserver", "http"), _WEB_NAMES)),
    "flow": (View(Logsource("suricata", "firewall", "flow"), _FLOW_NAMES), View(Logsource("suricata", "", "netflow"), _FLOW_NAMES)),
    "drop": (View(Logsource("suricata", "firewall", "drop"), _DROP_NAMES),),
}
ROUTE_OF: Final[Mapping[str, Route]] = {
    name: Route(name=name, views=_VIEWS.get(name, (View(Logsource("suricata", "", name)),)), ocsf=table) for name, table in _TABLES.items()
}
PLACED: Final = ROUTE_OF["connection"]
"""Events of protocols that have no route of their own."""
_STATS: Final = Route(name="stats", views=(View(Logsource("suricata", "", "stats")),), ocsf=_BARE)
_BARE_ROUTE: Final = Route(name="event", views=(View(Logsource("suricata", "", "event")),), ocsf=_BARE)
ROUTES: Final = (*ROUTE_OF.values(), _STATS, _BARE_ROUTE)


def bare_route_of(event_type: str) -> Route:
    """Return the route of an event that names no address."""
    return _STATS if event_type == "stats" else _BARE_ROUTE
