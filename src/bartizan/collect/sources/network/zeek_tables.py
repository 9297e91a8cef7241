"""Say what the records of Zeek's logs are in OCSF: one table per log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.http import activity_name_of, activity_of, method_of, path_of, query_of, status_of, text_there
from bartizan.collect.sources.network.flows import (
    answers_of,
    beside,
    dns_name,
    fingerprint_md5,
    milliseconds_of,
    protocol_number,
    rcode_name,
    rcode_number,
    size_or_nothing,
)
from bartizan.schema.cells import boolean, integer, ip, lookup, port, text
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Table, combine, field, first
from bartizan.schema.time import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BARE", "TABLES", "bare", "connection"]

_CONN_ACTIVITY: Final = {
    "s0": 4, "s1": 1, "sf": 2, "rej": 5, "s2": 2, "s3": 2, "rsto": 3, "rstr": 3, "rstos0": 3, "rstrh": 3, "sh": 4, "shr": 4, "oth": 6,
}  # fmt: skip
"""``conn_state`` -> OCSF network activity: 1 open, 2 close, 3 reset, 4 fail, 5 refuse, 6 traffic."""
_OTHER: Final = 99


def _direction(mine: Cell, theirs: Cell) -> Cell:
    """Return the direction by which end is local: 1 inbound, 2 outbound, 3 lateral."""
    out, into = boolean(theirs) is False, boolean(mine) is False
    if ABSENT in {boolean(mine), boolean(theirs)} or (out and into):
        return 0
    return 2 if out else 1 if into else 3


def _succeeded(cell: Cell) -> Cell:
    said = boolean(cell)
    return ABSENT if said is ABSENT else 1 if said else 2


def _flags(*told: Cell) -> Cell:
    return tuple(number for number, cell in enumerate(told, 1) if boolean(cell) is True) or ABSENT


def _part(cell: Cell, mark: str, at: int) -> Cell:
    parts = str(cell).split(mark)
    return parts[at] if len(parts) > abs(at) and parts[at] else ABSENT


def _user(cell: Cell) -> Cell:
    return _part(cell, "/", 0)


def _realm(cell: Cell) -> Cell:
    return _part(cell, "/", 1) if "/" in str(cell) else ABSENT


def _head_of(cell: Cell) -> Cell:
    return (cell[0] if cell else ABSENT) if isinstance(cell, tuple) else cell


_COMMON: Final[Table] = {
    "severity_id": 1,
    "time": field("ts", nanoseconds),
    "metadata.original_event_uid": field("uid"),
}
_ENDPOINTS: Final[Table] = {
    **_COMMON,
    "src_endpoint.ip": field("id.orig_h", ip),
    "src_endpoint.port": field("id.orig_p", port),
    "dst_endpoint.ip": field("id.resp_h", ip),
    "dst_endpoint.port": field("id.resp_p", port),
    "connection_info.uid": field("uid"),
    "connection_info.protocol_name": field("proto"),
    "connection_info.protocol_num": field("proto", protocol_number),
}
_CONN: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4001,
    "activity_id": combine(lambda state: _CONN_ACTIVITY.get(str(state).lower(), 6), "conn_state"),
    "status_code": field("conn_state"),
    "connection_info.direction_id": combine(_direction, "local_orig", "local_resp"),
    "connection_info.flag_history": field("history"),
    "connection_info.community_uid": field("community_id"),
    "traffic.bytes_out": field("orig_bytes", integer),
    "traffic.bytes_in": field("resp_bytes", integer),
    "traffic.packets_out": field("orig_pkts", integer),
    "traffic.packets_in": field("resp_pkts", integer),
    "traffic.bytes_missed": field("missed_bytes", integer),
    "duration": field("duration", milliseconds_of),
    "app_name": field("service"),
}
_DNS: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4003,
    "activity_id": 6,
    "query.hostname": field("query", dns_name),
    "query.type": combine(lambda query, kind: beside(dns_name(query), kind), "query", "qtype_name"),
    "query.class": combine(lambda query, kind: beside(dns_name(query), kind), "query", "qclass_name"),
    "answers": field("answers", answers_of),
    "rcode_id": first(field("rcode", rcode_number), field("rcode_name", rcode_number)),
    "rcode": first(field("rcode", rcode_name)),
    "status_id": field("rcode", lambda cell: 1 if rcode_number(cell) == 0 else 2),
    "flag_ids": combine(_flags, "AA", "TC", "RD", "RA"),
    "transaction_id": field("trans_id", integer),
}
_HTTP: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4002,
    "activity_id": combine(activity_of, "method"),
    "activity_name": field("method", activity_name_of),
    "status_id": field("status_code", status_of),
    "status_code": field("status_code", text),
    "http_request.http_method": field("method", method_of),
    "http_request.version": field("version"),
    "http_request.user_agent": field("user_agent", text_there),
    "http_request.referrer": field("referrer", text_there),
    "http_request.body_length": combine(size_or_nothing, "request_body_len", "method", "uri", "user_agent", "status_code"),
    "http_request.url.path": field("uri", path_of),
    "http_request.url.query_string": field("uri", query_of),
    "http_request.url.url_string": field("uri"),
    "http_request.url.hostname": combine(beside, "uri", "host"),
    "http_response.code": field("status_code", integer),
    "http_response.message": combine(beside, "status_code", "status_msg"),
    "http_response.body_length": combine(lambda code, size: beside(code, integer(size)), "status_code", "response_body_len"),
    "http_response.content_type": combine(lambda code, kinds: beside(code, _head_of(kinds)), "status_code", "resp_mime_types"),
    "dst_endpoint.hostname": field("host", text_there),
    "actor.user.name": field("username", text_there),
}
_SSL: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4001,
    "activity_id": combine(lambda cell: 4 if boolean(cell) is False else 1, "established"),
    "tls.version": combine(lambda version: version if isinstance(version, str) else "unknown", "version"),
    "tls.cipher": field("cipher"),
    "tls.sni": field("server_name"),
    "tls.ja3_hash": field("ja3", fingerprint_md5),
    "tls.ja3s_hash": field("ja3s", fingerprint_md5),
    "tls.certificate_chain": field("cert_chain_fps"),
    "dst_endpoint.hostname": field("server_name", dns_name),
    "app_name": "ssl",
    "status_id": field("established", _succeeded),
}
_HASHES: Final = (("md5", "MD5", 1), ("sha1", "SHA-1", 2), ("sha256", "SHA-256", 3))


def _unplaced(hosts: Cell, host: Cell, fuid: Cell) -> Cell:
    """Name the end that sent a file by the file, where Zeek tells no address of it."""
    return fuid if hosts in (ABSENT, ()) and host is ABSENT else ABSENT


def _hashes(*told: Cell) -> Cell:
    found: list[Mapping[str, Cell]] = [
        {"algorithm": name, "algorithm_id": number, "value": value}
        for (_, name, number), value in zip(_HASHES, told, strict=True)
        if isinstance(value, str)
    ]
    return tuple(found) or ABSENT


_FILES: Final[Table] = {
    **_COMMON,
    "class_uid": 4010,
    "activity_id": combine(lambda cell: 1 if boolean(cell) is True else 2, "is_orig"),
    "actor.app_name": first("source", field("fuid", lambda _: "zeek"), field("ts", lambda _: "zeek")),
    "src_endpoint.ip": first(field("tx_hosts", _head_of, ip), field("id.orig_h", ip)),
    "src_endpoint.uid": combine(_unplaced, "tx_hosts", "id.orig_h", "fuid"),
    "dst_endpoint.ip": first(field("rx_hosts", _head_of, ip), field("id.resp_h", ip)),
    "file.name": first("filename", "fuid", field("ts", lambda _: "unknown")),
    "file.uid": field("fuid"),
    "file.type_id": 1,
    "file.mime_type": field("mime_type"),
    "file.size": first(field("total_bytes", integer), field("seen_bytes", integer)),
    "file.hashes": combine(_hashes, *(name for name, _, _ in _HASHES)),
}
_SMB_FILES: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4006,
    "activity_id": field("action", lookup({"smb::file_open": 2}, 99)),
    "activity_name": field("action", lambda cell: ABSENT if str(cell).lower() == "smb::file_open" else cell),
    "share": field("path"),
    "file.name": first("name", "path", "action"),
    "file.type_id": 0,
    "file.size": field("size", integer),
}
_SMB_MAPPING: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4006,
    "activity_id": _OTHER,
    "activity_name": "Tree Connect",
    "share": field("path"),
    "share_type_id": field("share_type", lookup({"disk": 1, "pipe": 2, "print": 3}, 99)),
    "share_type": field("share_type", lambda cell: ABSENT if str(cell).lower() in {"disk", "pipe", "print"} else cell),
}
_AUTH: Final[Table] = {
    **{name: value for name, value in _ENDPOINTS.items() if not name.startswith("connection_info.")},
    "class_uid": 3002,
    "status_id": field("success", _succeeded),
    "is_remote": True,
}
_KERBEROS: Final[Table] = {
    **_AUTH,
    "activity_id": combine(lambda kind: {"AS": 3, "TGS": 4}.get(str(kind), 6), "request_type"),
    "user.name": field("client", _user),
    "user.domain": field("client", _realm),
    "service.name": first("service", field("client", lambda _: "krbtgt")),
    "auth_protocol_id": 2,
    "status_detail": field("error_msg"),
}
_NTLM: Final[Table] = {
    **_AUTH,
    "activity_id": 1,
    "user.name": field("username"),
    "user.domain": field("domainname"),
    "src_endpoint.hostname": field("hostname"),
    "service.name": first(field("server_dns_computer_name"), field("server_nb_computer_name"), field("username", lambda _: "ntlm")),
    "auth_protocol_id": 1,
}
_RDP: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4005,
    "activity_id": 1,
    "identifier_cookie": field("cookie"),
    "protocol_ver": field("client_build"),
    "status_detail": field("result"),
}
_SSH: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4007,
    "activity_id": combine(lambda cell: 4 if boolean(cell) is False else 1, "auth_success"),
    "status_id": field("auth_success", _succeeded),
    "protocol_ver": field("version", text),
}
_NOTICE: Final[Table] = {
    **_ENDPOINTS,
    "class_uid": 4001,
    "activity_id": 6,
    "severity_id": 2,
    "is_alert": True,
    "firewall_rule.name": field("note"),
    "message": field("msg"),
    "src_endpoint.ip": first(field("id.orig_h", ip), field("src", ip)),
    "dst_endpoint.ip": first(field("id.resp_h", ip), field("dst", ip)),
    "dst_endpoint.port": first(field("id.resp_p", port), field("p", port)),
}
_DHCP_TYPES: Final = {"discover": 1, "offer": 2, "request": 3, "decline": 4, "ack": 5, "nak": 6, "release": 7, "inform": 8}
_DHCP: Final[Table] = {
    **_COMMON,
    "class_uid": 4004,
    "activity_id": combine(
        lambda kinds: _DHCP_TYPES.get(str(kinds[-1]).lower(), 0) if isinstance(kinds, tuple) and kinds else 0, "msg_types"
    ),
    "src_endpoint.ip": first(field("client_addr", ip), field("assigned_addr", ip)),
    "src_endpoint.hostname": first("host_name", "client_fqdn"),
    "src_endpoint.mac": field("mac"),
    "src_endpoint.uid": first("mac", "uid", field("uids", _head_of), field("ts", lambda _: "unknown")),
    "dst_endpoint.ip": field("server_addr", ip),
    "lease_dur": field("lease_time", lambda cell: integer(str(cell).split(".")[0])),
}


_CONNECTIONS: Final = (
    "dce_rpc ftp smtp snmp sip irc mysql ldap ldap_search tunnel socks radius rfb dpd analyzer modbus dnp3 mqtt_connect mqtt_publish "
    "syslog ntp quic websocket postgresql redis"
)
"""Logs about a connection that has no class of its own here."""
BARE: Final = frozenset(
    {
        "x509", "pe", "ocsp", "stats", "reporter", "capture_loss", "packet_filter", "loaded_scripts", "software", "known_hosts",
        "known_services", "known_certs", "intel", "broker", "cluster", "telemetry", "config",
    },
)  # fmt: skip
"""Logs about no connection."""


def connection(name: str) -> Table:
    """Return the table of a log about connections of a kind that has no class of its own here."""
    return {**_ENDPOINTS, "class_uid": 4001, "activity_id": 6, "app_name": name}


def bare(name: str) -> Table:
    """Return the table of a log about no connection."""
    return {**_COMMON, "class_uid": 0, "activity_id": _OTHER, "activity_name": name}


TABLES: Final[Mapping[str, Table]] = {
    "conn": _CONN,
    "dns": _DNS,
    "http": _HTTP,
    "ssl": _SSL,
    "files": _FILES,
    "smb_files": _SMB_FILES,
    "smb_mapping": _SMB_MAPPING,
    "kerberos": _KERBEROS,
    "ntlm": _NTLM,
    "rdp": _RDP,
    "ssh": _SSH,
    "notice": _NOTICE,
    "weird": {**connection("weird"), "message": field("name")},
    "dhcp": _DHCP,
    **{name: connection(name) for name in _CONNECTIONS.split()},
    **{name: bare(name) for name in sorted(BARE)},
}
"""Name of a log -> its table."""
