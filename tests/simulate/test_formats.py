from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.simulate.framing import DAY, content, files, head, records

from bartizan.simulate.company.world import found
from bartizan.simulate.contract import Attack, behaviours, stages
from bartizan.simulate.writers.nxlog import _templates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.simulate import Truth

NGINX = re.compile(rb'[0-9a-f.:]+ - - \[10/Mar/2026:\d\d:\d\d:\d\d \+0000\] "[^"]*" \d{3} \d+ "[^"]*" "[^"]*"')
SYSLOG = re.compile(rb"Mar (?: 9|10|11) \d\d:\d\d:\d\d [a-z]+-\d\d [A-Za-z-]+(?:\[\d+\])?: .+")
AUDIT = re.compile(rb"type=[A-Z_]+ msg=audit\(\d{10}\.\d{3}:\d+\): .+")


def events(root: Path) -> list[dict[str, Any]]:
    found_events = []
    for path in files(root, "windows/wec-01"):
        if "resent" not in path.parts:
            found_events += [json.loads(raw) for raw in records(path) if raw.startswith(b"{") and raw.endswith(b"}")]
    return found_events


def sysmon(root: Path, number: int) -> list[dict[str, Any]]:
    return [event for event in events(root) if event["EventID"] == number and event["Channel"].startswith("Microsoft-Windows-Sysmon")]


def test_all_but_the_garbage_of_each_text_log_has_its_form(small_day: tuple[Path, Truth]) -> None:
    root, truth = small_day
    for folder, form in (("nginx", NGINX), ("linux", re.compile(AUDIT.pattern + b"|" + SYSLOG.pattern))):
        for path in files(root, folder):
            strange = [raw for raw in records(path) if not form.fullmatch(raw)]
            assert len(strange) == truth.files[str(path.relative_to(root))].garbage, (path, strange[:3])


def test_windows_lines_are_flat_json_but_for_the_garbage(small_day: tuple[Path, Truth]) -> None:
    root, truth = small_day
    garbage = sum(count.garbage for path, count in truth.files.items() if path.startswith("windows"))
    total = sum(count.records for path, count in truth.files.items() if path.startswith("windows"))
    told = events(root)
    assert (garbage, len(told)) == (2, total)
    assert all(isinstance(value, str | int) for event in told for value in event.values())


def test_zeek_lines_have_a_value_for_each_named_field(small_day: tuple[Path, Truth]) -> None:
    for path in files(small_day[0], "zeek"):
        lines = {line.split(b"\t")[0]: line.split(b"\t")[1:] for line in head(path)}
        assert len(lines[b"#fields"]) == len(lines[b"#types"])
        assert {raw.count(b"\t") + 1 for raw in records(path)} == {len(lines[b"#fields"])}


def test_cloudtrail_files_are_one_json_object_of_records_in_their_period(small_day: tuple[Path, Truth]) -> None:
    for path in files(small_day[0], "cloudtrail"):
        told: Mapping[str, Any] = json.loads(content(path))
        assert list(told) == ["Records"]
        delivered = datetime.strptime(path.name.split("_")[3], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        for record in told["Records"]:
            age = (delivered - datetime.fromisoformat(record["eventTime"])).total_seconds()
            assert 0 <= age <= 300
            assert {"eventVersion", "userIdentity", "eventSource", "eventName", "eventID", "recipientAccountId"} <= set(record)


def test_every_emitted_event_gives_exactly_the_values_its_template_takes() -> None:
    company = found(3, DAY, 0.01)
    for behaviour in behaviours():
        behaviour.act(company)
    attack = Attack(company, company.rng("intrusion"))
    for stage in stages():
        stage.act(attack)
    slots = {event: max(map(int, re.findall(r"\{(\d+)\}", text))) - 6 for event, (text, _) in _templates().items()}
    wrong = {
        (event, len(values), slots[event])
        for _, event, _, values, _ in company.journal.streams["windows"]
        if len(values) != max(slots[event], 0)
    }
    assert wrong == set()


def test_the_set_of_windows_events_is_the_one_a_company_forwards(small_day: tuple[Path, Truth]) -> None:
    numbers = {
        (event["Channel"].removeprefix("Microsoft-Windows-").removesuffix("/Operational"), event["EventID"])
        for event in events(small_day[0])
    }
    sysmon_events = {("Sysmon", number) for number in (1, 3, 5, 7, 8, 10, 11, 12, 13, 17, 22)}
    security = (1102, 4624, 4625, 4634, 4648, 4662, 4672, 4688, 4698, 4720, 4728, 4768, 4769, 4771, 4776, 5140, 5145, 5156)
    others = {("System", 104), ("System", 7036), ("System", 7045), ("PowerShell", 4103), ("PowerShell", 4104)}
    assert numbers == sysmon_events | {("Security", number) for number in security} | others


def test_record_numbers_rise_by_one_for_each_host_and_channel(small_day: tuple[Path, Truth]) -> None:
    last: dict[tuple[str, str], int] = {}
    for event in events(small_day[0]):
        key = (event["Hostname"], event["Channel"])
        assert event["RecordNumber"] == last.get(key, event["RecordNumber"] - 1) + 1
        last[key] = event["RecordNumber"]


def test_a_parent_that_started_today_is_named_as_it_started(small_day: tuple[Path, Truth]) -> None:
    starts = {event["ProcessGuid"]: event for event in sysmon(small_day[0], 1)}
    children = [(event, starts[event["ParentProcessGuid"]]) for event in starts.values() if event["ParentProcessGuid"] in starts]
    assert len(children) > 100
    for child, parent in children:
        named = (child["ParentProcessId"], child["ParentImage"], child["ParentCommandLine"], child["ParentUser"], child["Hostname"])
        assert named == (parent["ProcessId"], parent["Image"], parent["CommandLine"], parent["User"], parent["Hostname"])
        assert child["UtcTime"] >= parent["UtcTime"]


def test_every_logoff_ends_a_logon_of_the_same_host(small_day: tuple[Path, Truth]) -> None:
    told = events(small_day[0])
    on = {(event["Hostname"], event["TargetLogonId"], event["TargetUserName"]) for event in told if event["EventID"] == 4624}
    off = {(event["Hostname"], event["TargetLogonId"], event["TargetUserName"]) for event in told if event["EventID"] == 4634}
    assert off
    assert off <= on


def test_clocks_differ_by_zone_and_one_is_wrong(small_day: tuple[Path, Truth]) -> None:
    def offset(event: Mapping[str, Any], field: str) -> float:
        received = datetime.fromisoformat(event["@timestamp"]).replace(tzinfo=None)
        return round((datetime.fromisoformat(event[field]) - received).total_seconds() / 60)

    local: dict[str, set[float]] = {}
    own: dict[str, set[float]] = {}
    for event in sysmon(small_day[0], 13) + sysmon(small_day[0], 1):
        name = event["Hostname"].split(".")[0]
        local.setdefault(name, set()).add(offset(event, "EventTime"))
        own.setdefault(name, set()).add(offset(event, "UtcTime"))
        assert event["EventReceivedTime"] >= event["EventTime"]
    assert local["dc-01"] == {60.0}
    assert local["dev-04"] == {-300.0}
    assert {name for name, offsets in own.items() if offsets != {0.0}} == {"hr-02"}


def test_a_program_run_is_six_audit_records_of_one_time_and_serial(small_day: tuple[Path, Truth]) -> None:
    serials: dict[bytes, list[bytes]] = {}
    for path in files(small_day[0], "linux/web-01/audit"):
        for raw in records(path):
            kind, stamp = raw.split(b" ")[:2]
            serials.setdefault(stamp, []).append(kind)
    execution = (b"type=SYSCALL", b"type=EXECVE", b"type=CWD", b"type=PATH", b"type=PATH", b"type=PROCTITLE")
    assert set(map(tuple, serials.values())) == {execution, (b"type=USER_LOGIN",)}
