"""Which route a Windows event takes, whatever its bytes pretend."""

from __future__ import annotations

import random

import pytest
from tests.collect.windows.parsing import native, raw, routes

from bartizan.collect.contract import Context
from bartizan.collect.sources.windows.event_json import SOURCE as EVENT_JSON
from bartizan.collect.sources.windows.flat_json import SOURCE as FLAT
from bartizan.collect.sources.windows.routes import ROUTES, kind_of
from bartizan.collect.sources.windows.winlogbeat import SOURCE as BEAT

SYSMON = "Microsoft-Windows-Sysmon/Operational"


@pytest.mark.parametrize(
    ("channel", "event_id", "provider", "route"),
    [
        ("Security", 4688, "", "security-process-create"),
        ("security", 4624, "", "security-logon"),
        ("Security", 4957, "", "security-other"),
        (SYSMON, 1, "", "sysmon-process-create"),
        (SYSMON, 99, "", "windows-sysmon"),
        ("", 3, "Microsoft-Windows-Sysmon", "sysmon-network-connection"),
        ("", 11, "Linux-Sysmon", "sysmon-linux-file-create"),
        ("Linux-Sysmon/Operational", 99, "", "sysmon-linux-other"),
        ("System", 1, "Microsoft-Windows-Kernel-General", "windows-system"),
        ("PowerShellCore/Operational", 4104, "", "powershell-script"),
        ("Windows PowerShell", 400, "", "powershell-classic-start"),
        ("Microsoft-Windows-Windows Defender/Operational", 1116, "", "windefend-detection"),
        ("Microsoft-Windows-Kernel-File/Analytic", 27, "", "kernel-file-rename-27"),
        ("Operations Manager", 1, "", "windows-event"),
        ("", 0, "", "windows-event"),
    ],
)
def test_channel_and_event_id_choose_the_route(channel: str, event_id: int, provider: str, route: str) -> None:
    assert kind_of(channel, event_id, provider).route.name == route


def test_no_two_routes_share_a_name() -> None:
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names))


def test_a_value_that_quotes_another_event_does_not_mislead() -> None:
    quoted = {"CommandLine": '{"EventID":4624,"Channel":"Security"}', "EventID": 1, "Channel": SYSMON, "Image": "C:\\a.exe"}
    plain = {"EventID": 4624, "Channel": "Security", "TargetUserName": "operator"}
    records = raw(quoted, plain)
    assert routes(FLAT, records) == ["sysmon-process-create", "security-logon"]
    assert native(FLAT, records[0])["CommandLine"] == '{"EventID":4624,"Channel":"Security"}'


def test_a_misleading_record_loses_no_field_that_its_own_route_reads() -> None:
    quoted = {"Z": '"EventID":4624,"Channel":"Security"', "EventID": 1, "Channel": SYSMON, "OriginalFileName": "a.exe"}
    record = b'{"Z":{"EventID":4624,"Channel":"Security"},' + raw(quoted)[0][1:]
    wanted = {"sysmon-process-create": frozenset({"OriginalFileName"}), "security-logon": frozenset({"LogonType"})}
    context = Context(wanted=lambda route: wanted.get(route.name, frozenset()))
    (part,) = FLAT.parse([record], context).parts
    assert (part.route.name, part.frame.row(0)["OriginalFileName"]) == ("sysmon-process-create", "a.exe")


def test_registry_events_go_by_what_was_done() -> None:
    kinds = ["CreateKey", "DeleteKey", "DeleteValue", None, "INFO"]
    records = raw(*({"EventID": 12, "Channel": SYSMON, "TargetObject": "HKLM\\a", "EventType": kind} for kind in kinds))
    assert routes(FLAT, records) == [
        "sysmon-registry-key-create",
        "sysmon-registry-key-delete",
        "sysmon-registry-value-delete",
        "sysmon-registry-key",
        "sysmon-registry-key",
    ]


def test_what_event_12_does_not_tell_apart_serves_additions_and_deletions() -> None:
    (route,) = (route for route in ROUTES if route.name == "sysmon-registry-key")
    assert [str(view.logsource) for view in route.views] == [
        "windows/-/sysmon",
        "windows/registry_add/sysmon",
        "windows/registry_delete/sysmon",
        "windows/registry_event/sysmon",
    ]


def test_each_record_of_a_shuffled_mixture_keeps_its_place() -> None:
    pairs = [(SYSMON, 1), (SYSMON, 12), ("Security", 4688), ("System", 7045), ("Application", 1000), ("Odd Channel", 5)]
    plan = [random.Random(7).choice(pairs) for _ in range(500)]
    flat = raw(*({"Channel": channel, "EventID": number, "Mark": str(at)} for at, (channel, number) in enumerate(plan)))
    tree = raw(*({"Event": {"System": {"Channel": c, "EventID": n}, "EventData": {"Mark": str(at)}}} for at, (c, n) in enumerate(plan)))
    beat = raw(*({"winlog": {"channel": c, "event_id": str(n), "event_data": {"Mark": str(at)}}} for at, (c, n) in enumerate(plan)))
    for source, records in ((FLAT, flat), (EVENT_JSON, tree), (BEAT, beat)):
        for part in source.parse(records, Context()).parts:
            assert part.frame.column("Mark").cells() == [str(index) for index in part.rows]
        assert routes(source, records) == [kind_of(channel, number).route.name for channel, number in plan]


def test_bad_records_are_told_apart_from_good_ones() -> None:
    records = [b'{"EventID":1,', *raw({"EventID": 1, "Channel": SYSMON}, {"level": "info"}), b"\xff\xfe", b""]
    parsed = FLAT.parse(records, Context())
    assert [(part.route.name, list(part.rows)) for part in parsed.parts] == [("sysmon-process-create", [1])]
    assert dict(parsed.unparsed) == {
        0: "no JSON: expecting property name enclosed in double quotes at character 14 of 13",
        2: "a JSON object, but no Windows event: it has no event id",
        3: "no JSON: expecting value at character 1 of 2",
        4: "no JSON: expecting value at character 1 of 0",
    }


def test_only_the_fields_that_are_read_are_decoded() -> None:
    (record,) = raw({"EventID": 4634, "Channel": "Security", "Message": "x" * 100, "Extra": 1, "Level": "0", "TargetUserName": "operator"})
    (part,) = FLAT.parse([record], Context(wanted=lambda _: frozenset())).parts
    assert set(part.frame.columns) == {"EventID", "Channel", "Level", "TargetUserName"}


def test_a_thousand_invented_fields_are_the_most_that_are_decoded() -> None:
    (part,) = FLAT.parse(raw({"EventID": 1, "Channel": "Odd", **{f"f{at}": at for at in range(5000)}}), Context()).parts
    assert 900 < len(part.frame.columns) <= 1000
