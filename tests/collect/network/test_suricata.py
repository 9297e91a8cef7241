from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.contract import Context
from bartizan.collect.sources.network.suricata import SOURCE
from bartizan.schema.expressions import Expression, evaluate, field, inputs_of
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.schema.columns import Cell

FLOW = {
    "timestamp": "2024-05-16T10:00:00.250000+0200",
    "flow_id": 7,
    "src_ip": "192.0.2.10",
    "src_port": 40000,
    "dest_ip": "203.0.113.9",
    "dest_port": 80,
    "proto": "TCP",
}


def event(kind: str, **more: object) -> bytes:
    return json.dumps({**FLOW, "event_type": kind, **more}).encode()


def mapped(raw: bytes) -> dict[str, Cell]:
    part = SOURCE.parse([raw], Context()).parts[0]
    return {"route": part.route.name, **evaluate(part.route.ocsf, part.frame).row(0)}


def seen(asked: Logsource, raw: bytes, names: Sequence[str]) -> dict[str, Cell]:
    """What a rule for a log source sees under its own names."""
    route = SOURCE.parse([raw], Context()).parts[0].route
    view = next(view for view in route.views if view.logsource.serves(asked))
    aliases = {name: view.aliases.get(name, name) for name in names}
    table = {name: alias if isinstance(alias, Expression) else field(alias) for name, alias in aliases.items()}
    part = SOURCE.parse([raw], Context(wanted=lambda _route: inputs_of(table))).parts[0]
    return evaluate(table, part.frame).row(0)


@pytest.mark.parametrize(
    ("priority", "action", "expected"), [(1, "allowed", (4, 1)), (2, "blocked", (3, 2)), (3, "allowed", (2, 1)), (9, "?", (1, 0))]
)
def test_an_alert_takes_severity_and_verdict(priority: int, action: str, expected: tuple[int, int]) -> None:
    row = mapped(event("alert", alert={"severity": priority, "action": action, "signature_id": 1, "signature": "x"}))
    assert (row["severity_id"], row["action_id"]) == expected
    assert (row["is_alert"], row["firewall_rule.uid"], row["message"]) == (True, "1", "x")


def test_rules_read_an_alert_under_its_own_names() -> None:
    raw = event("alert", alert={"signature": "x", "metadata": {"tag": ["a", "b"]}})
    assert seen(Logsource("suricata", "", "alert"), raw, ["alert.signature", "alert.metadata.tag"]) == {
        "alert.signature": "x",
        "alert.metadata.tag": ("a", "b"),
    }


@pytest.mark.parametrize(
    "dns",
    [
        {"type": "answer", "rrname": "x.example.com", "rrtype": "TXT", "rdata": "IEX", "rcode": "NOERROR"},
        {"type": "answer", "rrname": "x.example.com", "rrtype": "TXT", "answers": [{"rdata": "IEX"}, {"ttl": 1}], "rcode": "NOERROR"},
        {"type": "response", "queries": [{"rrname": "x.example.com", "rrtype": "TXT"}], "answers": [{"rdata": "IEX"}], "rcode": "NOERROR"},
    ],
)
def test_every_version_of_a_dns_event_serves_dns_rules(dns: dict[str, object]) -> None:
    raw = event("dns", src_port=53, dns=dns)
    assert seen(Logsource("", "dns", ""), raw, ["query", "record_type", "answer"]) == {
        "query": "x.example.com",
        "record_type": "TXT",
        "answer": ("IEX",),
    }
    row = mapped(raw)
    assert (row["activity_id"], row["query.hostname"], row["query.type"], row["rcode_id"], row["status_id"]) == (
        2,
        "x.example.com",
        "TXT",
        0,
        1,
    )
    assert (row["src_endpoint.ip"], row["dst_endpoint.ip"], row["dst_endpoint.port"]) == ("203.0.113.9", "192.0.2.10", 53)


def test_a_question_keeps_who_asked() -> None:
    row = mapped(event("dns", dns={"type": "query", "rrname": "a b", "rrtype": "A"}))
    assert (row["activity_id"], row["src_endpoint.ip"], "query.type" in row) == (1, "192.0.2.10", False)


def test_http_serves_proxy_and_web_server_rules() -> None:
    raw = event(
        "http", http={"hostname": "x.example.net", "url": "/a.php?b", "http_method": "POST", "http_user_agent": "curl", "status": 500}
    )
    assert seen(Logsource("", "proxy", ""), raw, ["c-uri", "c-uri-extension", "cs-method", "c-useragent"]) == {
        "c-uri": ("/a.php?b", "http://x.example.net/a.php?b"),
        "c-uri-extension": "php",
        "cs-method": "POST",
        "c-useragent": "curl",
    }
    assert seen(Logsource("", "webserver", ""), raw, ["cs-uri-query", "sc-status"]) == {"cs-uri-query": ("b", "/a.php?b"), "sc-status": 500}
    row = mapped(raw)
    assert (row["class_uid"], row["activity_id"], row["status_id"], row["http_response.code"]) == (4002, 6, 2, 500)
    assert mapped(event("http", http={"http_port": 81}))["http_request.length"] == 0


def test_flows_and_drops_serve_firewall_rules() -> None:
    firewall = Logsource("", "firewall", "")
    answered = event("flow", flow={"pkts_toclient": 3, "state": "closed", "age": 2})
    assert seen(firewall, answered, ["action", "dst_port"]) == {"action": "accept", "dst_port": 80}
    assert seen(firewall, event("flow", flow={"pkts_toclient": 0}), ["action"]) == {}
    assert seen(firewall, event("flow", flow={"pkts_toclient": 9, "action": "drop"}), ["action"]) == {"action": "drop"}
    assert seen(firewall, event("drop"), ["action", "blocked"]) == {"action": "drop", "blocked": "true"}
    assert seen(Logsource("", "", "netflow"), answered, ["destination.port"]) == {"destination.port": 80}
    assert [mapped(answered)[name] for name in ("activity_id", "duration")] == [2, 2000]


def test_a_certificate_is_told_with_issuer_and_number_or_not_at_all() -> None:
    tls = {
        "subject": "CN=x",
        "issuerdn": "CN=ca",
        "serial": "01",
        "fingerprint": "0a:0b",
        "notbefore": "2024-05-16T08:00:00",
        "notafter": "?",
        "sni": "x",
    }
    row = mapped(event("tls", tls=tls))
    assert (row["tls.certificate.created_time"], "tls.certificate.expiration_time" in row) == (1_715_846_400_000, False)
    assert row["tls.certificate.fingerprints"] == ({"algorithm": "SHA-1", "algorithm_id": 2, "value": "0a0b"},)
    bare = mapped(event("tls", tls={"subject": "CN=x", "ja3": {"hash": "0" * 32}}))
    assert [name for name in bare if name.startswith("tls.")] == ["tls.version", "tls.ja3_hash"]
    assert bare["tls.version"] == "unknown"


def test_files_logins_shares_and_sessions_take_their_classes() -> None:
    stored = mapped(event("fileinfo", app_proto="http", http={"http_method": "PUT"}, fileinfo={"filename": "/a", "size": 4, "sha1": "00"}))
    assert (stored["class_uid"], stored["activity_id"], stored["file.name"]) == (4010, 1, "/a")
    assert stored["file.hashes"] == ({"algorithm": "SHA-1", "algorithm_id": 2, "value": "00"},)
    ticket = mapped(event("krb5", krb5={"msg_type": "KRB_TGS_REP", "cname": "op", "realm": "EXAMPLE", "sname": "host/x"}))
    assert (ticket["class_uid"], ticket["activity_id"], ticket["user.name"], ticket["status_id"]) == (3002, 4, "op", 1)
    assert mapped(event("krb5", krb5={"msg_type": "KRB_ERROR", "error_code": "KDC_ERR"}))["status_id"] == 2
    opened = mapped(event("smb", smb={"command": "SMB2_COMMAND_CREATE", "disposition": "FILE_OPEN", "filename": "a.exe", "share": "c$"}))
    assert (opened["activity_id"], opened["file.name"]) == (2, "a.exe")
    assert mapped(event("smb", smb={"command": "SMB2_COMMAND_READ"}))["activity_name"] == "SMB2_COMMAND_READ"
    assert mapped(event("ssh", ssh={"client": {"proto_version": "2.0"}}))["protocol_ver"] == "2.0"
    assert (
        mapped(event("anomaly", anomaly={"type": "decode", "event": "decoder.ipv4.opt_invalid"}))["message"] == "decoder.ipv4.opt_invalid"
    )


def test_a_protocol_without_a_route_of_its_own_is_a_connection() -> None:
    row = mapped(event("mqtt"))
    assert (row["route"], row["app_name"]) == ("connection", "mqtt")


def test_what_names_no_address_is_a_bare_event() -> None:
    assert [
        mapped(b'{"timestamp":"2024-05-16T08:00:00Z","event_type":"%s"}' % kind)["route"] for kind in (b"stats", b"engine", b"alert")
    ] == [
        "stats",
        "event",
        "event",
    ]


def test_what_is_no_event_is_unparsed() -> None:
    parsed = SOURCE.parse([event("flow"), b'{"event_type":"flow"}', b'{"timestamp":"x","event_type":7}', b"{", event("alert")], Context())
    assert sorted(parsed.unparsed) == [1, 2, 3]
    assert {part.route.name: list(part.rows) for part in parsed.parts} == {"flow": [0], "alert": [4]}
    assert parsed.unparsed[1] == "a JSON object, but no event of Suricata: event_type or timestamp is missing"
    assert SOURCE.recognise([event("flow"), b'{"event_type":"x"}', b"{"]) == 1
