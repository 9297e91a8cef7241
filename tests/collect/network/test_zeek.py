from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.contract import Context, Parsed, Source
from bartizan.collect.sources.network.zeek import SOURCE
from bartizan.collect.sources.network.zeek_json import SOURCE as JSON_SOURCE
from bartizan.schema.expressions import Expression, evaluate, field, inputs_of
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.schema.columns import Cell

CONNECTION = {"ts": 1715846400.25, "uid": "C1", "id.orig_h": "192.0.2.10", "id.orig_p": 40000, "id.resp_h": "203.0.113.9", "id.resp_p": 80}


def head(path: str, fields: str, types: str = "") -> tuple[bytes, ...]:
    lines = ["#separator \\x09", f"#path\t{path}", "#fields\t" + "\t".join(fields.split())]
    return tuple(line.encode() for line in [*lines, *(["#types\t" + "\t".join(types.split())] if types else [])])


def table(path: str, fields: str, types: str, *lines: str) -> Parsed:
    return SOURCE.parse([line.encode() for line in lines], Context(head=head(path, fields, types)))


def row(parsed: Parsed, number: int = 0) -> dict[str, Cell]:
    part = next(part for part in parsed.parts if number in part.rows)
    return part.frame.row(list(part.rows).index(number))


def record(log: str | None = None, /, **fields: object) -> bytes:
    marked = {} if log is None else {"_path": log}
    return json.dumps({**marked, **CONNECTION, **{name.replace("__", "."): value for name, value in fields.items()}}).encode()


def mapped(raw: bytes) -> dict[str, Cell]:
    part = JSON_SOURCE.parse([raw], Context()).parts[0]
    return {"route": part.route.name, **evaluate(part.route.ocsf, part.frame).row(0)}


def seen(asked: Logsource, raw: bytes, names: Sequence[str], source: Source = JSON_SOURCE) -> dict[str, Cell]:
    """What a rule for a log source sees under its own names."""
    route = source.parse([raw], Context()).parts[0].route
    view = next(view for view in route.views if view.logsource.serves(asked))
    aliases = {name: view.aliases.get(name, name) for name in names}
    asked_for = {name: alias if isinstance(alias, Expression) else field(alias) for name, alias in aliases.items()}
    part = source.parse([raw], Context(wanted=lambda _route: inputs_of(asked_for))).parts[0]
    return evaluate(asked_for, part.frame).row(0)


def test_fields_are_read_by_their_types() -> None:
    parsed = table(
        "dns",
        "ts query id.orig_p AA answers tags empty",
        "time string port bool vector[string] set[count] string",
        "1715846400.250001\ta\\x09b\\\\\\x00\t53\tT\tx,-,y\\x2cz\t1,2\t(empty)",
        "-\t-\t-\tF\t(empty)\t-\t-",
    )
    assert row(parsed) == {
        "ts": "1715846400.250001",
        "query": "a\tb\\\\x00",
        "id.orig_p": 53,
        "AA": True,
        "answers": ("x", None, "y,z"),
        "tags": (1, 2),
        "empty": "",
    }
    assert row(parsed, 1) == {"AA": False, "answers": ()}


def test_a_log_without_types_is_text() -> None:
    assert row(table("other", "ts n", "", "1.5\t7")) == {"ts": "1.5", "n": "7"}


def test_other_separators_are_those_the_head_names() -> None:
    lines = (
        b"#separator |",
        b"#set_separator|;",
        b"#unset_field|NIL",
        b"#path|conn",
        b"#fields|ts|id.orig_h|x",
        b"#types|time|addr|set[string]",
    )
    parsed = SOURCE.parse([b"1.5|192.0.2.1|a;b", b"1.5|192.0.2.1|NIL"], Context(head=lines))
    assert [row(parsed, at).get("x") for at in (0, 1)] == [("a", "b"), None]


def test_lines_of_another_width_are_unparsed_and_say_why() -> None:
    parsed = table("conn", "ts uid", "time string", "1.5", "1.5\tC1", "1.5\tC1\tx")
    assert parsed.unparsed == {
        0: "1 field where the head of the conn log names 2",
        2: "3 fields where the head of the conn log names 2",
    }
    assert SOURCE.parse([b"x"], Context()).unparsed == {0: "no head names the fields of this line (`#fields` with tabs, as Zeek writes it)"}
    assert table("conn", "ts uid", "time string", "1").parts == ()


def test_a_log_is_recognised_by_its_head() -> None:
    lines = [*head("conn", "ts uid", "time string"), b"1.5\tC1", b"x"]
    assert SOURCE.recognise(lines) == 5
    assert SOURCE.recognise([b"#Fields: date time", b"1.5\tC1"]) == 0


@pytest.mark.parametrize(
    ("state", "activity", "action"),
    [("SF", 2, "accept"), ("S0", 4, None), ("REJ", 5, "reject"), ("RSTO", 3, "accept"), ("OTH", 6, None), ("S1", 1, "accept")],
)
def test_the_state_of_a_connection_gives_activity_and_verdict(state: str, activity: int, action: str | None) -> None:
    raw = record("conn", conn_state=state)
    assert mapped(raw)["activity_id"] == activity
    assert seen(Logsource("", "firewall", ""), raw, ["action", "dst_port"]) == {**({"action": action} if action else {}), "dst_port": 80}


@pytest.mark.parametrize(
    ("ends", "direction"), [((True, False), 2), ((False, True), 1), ((True, True), 3), ((False, False), 0), ((None, True), 0)]
)
def test_the_local_ends_give_the_direction(ends: tuple[object, object], direction: int) -> None:
    assert mapped(record("conn", local_orig=ends[0], local_resp=ends[1]))["connection_info.direction_id"] == direction


def test_dns_serves_rules_of_zeek_and_of_dns() -> None:
    raw = record("dns", query="x.example.com", qtype_name="TXT", answers=["TXT 4 IEX"], rcode=3, rcode_name="NXDOMAIN", AA=True, RD=True)
    names = ["query", "record_type", "answer"]
    assert seen(Logsource("", "dns", ""), raw, names) == {"query": "x.example.com", "record_type": "TXT", "answer": ("TXT 4 IEX",)}
    assert seen(Logsource("zeek", "", "dns"), raw, ["query"]) == {"query": "x.example.com"}
    row = mapped(raw)
    assert (row["rcode_id"], row["status_id"], row["flag_ids"], row["answers"]) == (3, 2, (1, 3), ({"rdata": "TXT 4 IEX"},))


def test_a_code_that_dns_does_not_know_keeps_its_number_as_name() -> None:
    assert [mapped(record("dns", query="x", rcode=3841)).get(name) for name in ("rcode_id", "rcode")] == [99, "3841"]
    assert mapped(record("dns", rcode_name="REFUSED"))["rcode_id"] == 5


def test_a_name_with_a_blank_is_no_host_name() -> None:
    row = mapped(record("dns", query="a b", qtype_name="A"))
    assert ("query.hostname" in row, "query.type" in row) == (False, False)
    assert mapped(record("dns", query="."))["query.hostname"] == "."


def test_http_serves_rules_of_zeek_proxies_and_web_servers() -> None:
    raw = record(
        "http", method="GET", host="x.example.net", uri="/a.exe?b", user_agent="curl", status_code=200, resp_mime_types=["text/html"]
    )
    proxy = seen(Logsource("", "proxy", ""), raw, ["c-uri", "c-uri-extension", "cs-host", "c-useragent", "sc-status", "dst_ip"])
    assert proxy == {
        "c-uri": ("/a.exe?b", "http://x.example.net/a.exe?b"),
        "c-uri-extension": "exe",
        "cs-host": "x.example.net",
        "c-useragent": "curl",
        "sc-status": 200,
        "dst_ip": "203.0.113.9",
    }
    assert seen(Logsource("", "webserver", ""), raw, ["cs-uri-query"]) == {"cs-uri-query": ("b", "/a.exe?b")}
    assert seen(Logsource("zeek", "", "http"), raw, ["resp_mime_types", "method"]) == {"resp_mime_types": ("text/html",), "method": "GET"}


def test_a_response_without_a_code_is_left_out() -> None:
    row = mapped(record("http", method="GET", host="x", uri="/", status_msg="odd", response_body_len=5))
    assert [name for name in row if name.startswith("http_response")] == []


def test_tls_takes_its_names_and_fingerprints() -> None:
    row = mapped(record("ssl", version="TLSv12", server_name="x.example.com", ja3="0" * 32, established=False))
    assert (row["tls.version"], row["tls.sni"], row["activity_id"], row["status_id"]) == ("TLSv12", "x.example.com", 4, 2)
    assert row["tls.ja3_hash"] == {"algorithm": "MD5", "algorithm_id": 1, "value": "0" * 32}
    assert mapped(record("ssl"))["tls.version"] == "unknown"


def test_files_name_who_sent_them() -> None:
    raw = (
        b'{"_path":"files","ts":1.5,"fuid":"F1","tx_hosts":["192.0.2.1"],"rx_hosts":["192.0.2.2"],"source":"SMB","is_orig":true,'
        b'"md5":"00","sha256":"11"}'
    )
    row = mapped(raw)
    assert (row["src_endpoint.ip"], row["dst_endpoint.ip"], row["activity_id"], row["file.name"]) == ("192.0.2.1", "192.0.2.2", 1, "F1")
    assert row["file.hashes"] == (
        {"algorithm": "MD5", "algorithm_id": 1, "value": "00"},
        {"algorithm": "SHA-256", "algorithm_id": 3, "value": "11"},
    )
    assert mapped(b'{"_path":"files","ts":1.5,"fuid":"F1"}')["src_endpoint.uid"] == "F1"


def test_smb_names_shares_and_files() -> None:
    opened = mapped(record("smb_files", action="SMB::FILE_OPEN", path="\\\\srv\\c$", name="a.exe"))
    deleted = mapped(record("smb_files", action="SMB::FILE_DELETE", name="a.exe"))
    assert (opened["activity_id"], opened["share"], opened["file.name"]) == (2, "\\\\srv\\c$", "a.exe")
    assert (deleted["activity_id"], deleted["activity_name"]) == (99, "SMB::FILE_DELETE")
    tree = mapped(record("smb_mapping", path="\\\\srv\\IPC$", share_type="PIPE"))
    assert (tree["activity_name"], tree["share_type_id"]) == ("Tree Connect", 2)


def test_authentications_that_name_nobody_are_messages() -> None:
    ticket = mapped(record("kerberos", request_type="TGS", client="op/EXAMPLE.COM", service="host/srv", success=False, error_msg="no"))
    assert (ticket["class_uid"], ticket["activity_id"], ticket["user.name"], ticket["user.domain"], ticket["status_id"]) == (
        3002,
        4,
        "op",
        "EXAMPLE.COM",
        2,
    )
    assert mapped(record("kerberos"))["route"] == "kerberos-message"
    login = mapped(record("ntlm", username="op", hostname="ws-1", domainname="EXAMPLE", success=True))
    assert (login["class_uid"], login["user.name"], login["src_endpoint.hostname"], login["status_id"]) == (3002, "op", "ws-1", 1)
    assert mapped(b'{"_path":"ntlm","ts":1.5}')["route"] == "other"


def test_what_is_about_no_connection_is_a_bare_event() -> None:
    assert [mapped(b'{"_path":"%s","ts":1.5}' % name)["route"] for name in (b"weird", b"notice", b"stats", b"never_heard_of")] == [
        "weird-unplaced",
        "notice-unplaced",
        "stats",
        "other",
    ]
    assert mapped(record("never_heard_of"))["route"] == "other-connection"
    scan = mapped(b'{"_path":"notice","ts":1.5,"note":"Scan::Port_Scan","msg":"x","src":"192.0.2.1"}')
    assert (scan["route"], scan["src_endpoint.ip"], scan["is_alert"], scan["firewall_rule.name"]) == (
        "notice",
        "192.0.2.1",
        True,
        "Scan::Port_Scan",
    )


@pytest.mark.parametrize(
    ("fields", "route"),
    [
        ({"conn_state": "SF"}, "conn"),
        ({"trans_id": 1, "query": "x"}, "dns"),
        ({"request_body_len": 0}, "http"),
        ({"established": True}, "ssl"),
        ({"operation": "x", "endpoint": "y"}, "dce-rpc"),
        ({"auth_attempts": 1, "auth_success": True}, "ssh"),
        ({"cookie": "x"}, "rdp"),
        ({"notice": False, "name": "x"}, "weird"),
        ({"unheard": 1}, "other-connection"),
    ],
)
def test_a_log_that_does_not_say_which_it_is_is_told_by_its_fields(fields: dict[str, object], route: str) -> None:
    assert mapped(record(None, **fields))["route"] == route


def test_underscores_stand_for_dots() -> None:
    mixed = [record("conn"), record("conn").replace(b"id.", b"id_"), b'{"_path":"x509","ts":1.5,"certificate_serial":"8BB00EE"}']
    parsed = JSON_SOURCE.parse(mixed, Context())
    assert [row(parsed, at)["id.orig_h"] for at in (0, 1)] == ["192.0.2.10", "192.0.2.10"]
    assert row(parsed, 2)["certificate.serial"] == "8BB00EE"
    some = JSON_SOURCE.parse(mixed, Context(wanted=lambda _route: frozenset({"certificate.serial"})))
    assert row(some, 2) == {"certificate.serial": "8BB00EE"}


def test_what_is_not_zeeks_is_unparsed() -> None:
    parsed = JSON_SOURCE.parse([record("conn"), b'{"ts":1.5}', b"{", b'{"_path":7}'], Context())
    assert sorted(parsed.unparsed) == [1, 2, 3]
    assert parsed.unparsed[1].startswith("a JSON object, but none of Zeek's")
    assert JSON_SOURCE.recognise([record("conn"), b'{"ts":1.5}', b'{"ts":1.5,"id.orig_h":"x"']) == 1


def test_dhcp_and_ssh_and_rdp_take_their_classes() -> None:
    lease = mapped(record("dhcp", msg_types=["DISCOVER", "ACK"], mac="00:00:5e:00:53:01", client_addr="192.0.2.7", lease_time=600.0))
    assert (lease["class_uid"], lease["activity_id"], lease["src_endpoint.ip"], lease["lease_dur"]) == (4004, 5, "192.0.2.7", 600)
    session = mapped(record("ssh", auth_success=False, version=2))
    assert (session["class_uid"], session["activity_id"], session["status_id"], session["protocol_ver"]) == (4007, 4, 2, "2")
    assert mapped(record("rdp", cookie="op"))["identifier_cookie"] == "op"


def test_a_record_whose_time_is_an_object_is_none_whatever_fields_are_asked_for() -> None:
    raw = [b'{"ts":{"value":1715846400.25},"uid":"C1","id.resp_h":"203.0.113.9","trans_depth":1,"method":"GET"}']
    for wanted in (None, frozenset({"uid"})):
        parsed = JSON_SOURCE.parse(raw, Context(wanted=lambda _route, wanted=wanted: wanted))
        assert list(parsed.unparsed) == [0]
