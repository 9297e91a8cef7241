"""What rules written for Sysmon's fields see of records that name them otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.collect.windows.parsing import mapped, raw, seen

from bartizan.collect.sources.windows.event_json import SOURCE as EVENT_JSON
from bartizan.collect.sources.windows.flat_json import SOURCE as FLAT

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell

START = {
    "EventID": 4688,
    "Channel": "Security",
    "SubjectUserSid": "S-1-5-18",
    "SubjectUserName": "WS07$",
    "SubjectDomainName": "EXAMPLE",
    "SubjectLogonId": "0x3e7",
    "NewProcessId": "0x1400",
    "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
    "ProcessId": "0x2c",
    "ParentProcessName": "C:\\Windows\\System32\\services.exe",
    "TargetUserSid": "S-1-0-0",
    "TargetUserName": "-",
    "TargetDomainName": "-",
    "TargetLogonId": "0x0",
    "MandatoryLabel": "S-1-16-16384",
}


def test_a_process_audited_by_security_reads_like_one_of_sysmon() -> None:
    assert seen(FLAT, raw(START)[0], "process_creation") == {
        "Image": "C:\\Windows\\System32\\cmd.exe",
        "ParentImage": "C:\\Windows\\System32\\services.exe",
        "ProcessId": 5120,
        "ParentProcessId": 44,
        "User": "NT AUTHORITY\\SYSTEM",
        "LogonId": "0x3e7",
        "IntegrityLevel": ("System", "S-1-16-16384"),
    }


def test_a_process_started_for_someone_else_runs_as_them() -> None:
    target = {
        "TargetUserSid": "S-1-5-21-1-2-3-1001",
        "TargetUserName": "operator",
        "TargetDomainName": "EXAMPLE",
        "TargetLogonId": "0x5a1f",
    }
    found = seen(FLAT, raw(START | target)[0], "process_creation")
    assert (found["User"], found["LogonId"]) == ("EXAMPLE\\operator", "0x5a1f")


def test_a_process_of_nobody_has_no_user() -> None:
    nobody = {name: "-" for name in START if name.startswith("Subject")}
    assert "User" not in seen(FLAT, raw(START | nobody)[0], "process_creation")
    local = {"SubjectUserSid": "S-1-5-21-1", "SubjectUserName": "operator", "SubjectDomainName": "-"}
    assert seen(FLAT, raw(START | local)[0], "process_creation")["User"] == "operator"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"ObjectName": "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\x", "ObjectValueName": "Start", "NewValueType": "%%1876"},
            {"TargetObject": "HKLM\\SYSTEM\\CurrentControlSet\\Services\\x\\Start", "Details": "DWORD (0x00000004)"},
        ),
        (
            {"ObjectName": "\\REGISTRY\\USER\\S-1-5-21\\Run", "ObjectValueName": "", "NewValueType": "%%1873"},
            {"TargetObject": "HKU\\S-1-5-21\\Run\\(Default)", "Details": "4"},
        ),
        (
            {"ObjectName": "\\REGISTRY\\A\\x", "NewValueType": "%%1883"},
            {"TargetObject": "\\REGISTRY\\A\\x", "Details": "QWORD (0x00000000-0x00000004)"},
        ),
        ({"ObjectName": "x", "NewValueType": "%%1875"}, {"TargetObject": "x", "Details": "Binary Data"}),
        ({"NewValueType": "%%1876", "NewValue": "y"}, {"Details": "y"}),
    ],
)
def test_an_audited_registry_value_reads_like_one_of_sysmon(fields: dict[str, Cell], expected: dict[str, Cell]) -> None:
    event = {"EventID": 4657, "Channel": "Security", "OperationType": "%%1905", "NewValue": "4", "ProcessName": "C:\\reg.exe"} | fields
    assert seen(FLAT, raw(event)[0], "registry_set") == {"EventType": "SetValue", "Image": "C:\\reg.exe", **expected}


def test_an_audited_deletion_serves_rules_for_deletions_only() -> None:
    event = {"EventID": 4657, "Channel": "Security", "OperationType": "%%1906", "ObjectName": "\\REGISTRY\\MACHINE\\x"}
    assert seen(FLAT, raw(event)[0], "registry_delete") == {"EventType": "DeleteValue", "TargetObject": "HKLM\\x"}


def test_hashes_can_be_asked_for_one_by_one() -> None:
    hashes = "MD5=900150983CD24FB0D6963F7D28E17F72,IMPHASH=D41D8CD98F00B204E9800998ECF8427E"
    event = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hashes": hashes}
    found = seen(FLAT, raw(event)[0], "process_creation")
    assert {name: found.get(name) for name in ("md5", "MD5", "Imphash", "sha256")} == {
        "md5": "900150983CD24FB0D6963F7D28E17F72",
        "MD5": "900150983CD24FB0D6963F7D28E17F72",
        "Imphash": "D41D8CD98F00B204E9800998ECF8427E",
        "sha256": None,
    }


def test_classic_events_without_data_are_judged_by_their_message() -> None:
    event = {"EventID": 400, "Channel": "Windows PowerShell", "Message": "HostApplication=powershell -enc x"}
    assert seen(FLAT, raw(event)[0], "ps_classic_start") == {"Data": "HostApplication=powershell -enc x"}


def test_a_crash_tells_its_parts_by_name_by_order_or_by_message() -> None:
    system = {"EventID": 1000, "Channel": "Application"}
    ordered = {"Event": {"System": system, "EventData": {"Data": ["lsass.exe", "10.0", "5e", "x.dll", "1.0", "5f", "c0000005"]}}}
    expected = {"AppName": "lsass.exe", "ModuleName": "x.dll", "ExceptionCode": "c0000005"}
    by_order = seen(EVENT_JSON, raw(ordered)[0], service="application")
    message = (
        "Faulting application name: lsass.exe, version: 10.0\r\nFaulting module name: x.dll, version: 1.0\r\nException code: c0000005\r\n"
    )
    by_message = seen(FLAT, raw(system | {"Message": message})[0], service="application")
    assert [{name: found[name] for name in expected} for found in (by_order, by_message)] == [expected, expected]


def test_an_event_of_wmi_tells_its_parts_by_message() -> None:
    message = (
        "Id = {x}; User = EXAMPLE\\\\operator; Operation = Select * from x where Name = 'a'; ResultCode = 0x1; PossibleCause = Unknown"
    )
    event = {"EventID": 5858, "Channel": "Microsoft-Windows-WMI-Activity/Operational", "Message": message}
    assert seen(FLAT, raw(event)[0], service="wmi") == {
        "Operation": "Select * from x where Name = 'a'",
        "PossibleCause": "Unknown",
        "User": "EXAMPLE\\\\operator",
    }


def test_a_detection_of_defender_serves_rules_for_any_antivirus() -> None:
    data = {"Threat Name": "Tool:Test", "Path": "C:\\x.exe", "Source Name": "Real-Time Protection"}
    system = {"EventID": 1116, "Channel": "Microsoft-Windows-Windows Defender/Operational", "Provider": {"@Name": "Windows Defender"}}
    found = seen(EVENT_JSON, raw({"Event": {"System": system, "EventData": data}})[0], "antivirus")
    assert (found["Signature"], found["Filename"], found["SourceName"]) == ("Tool:Test", "C:\\x.exe", "Real-Time Protection")


def test_the_context_of_a_pipeline_tells_who_ran_it_in_what() -> None:
    lines = ("Severity = Informational", "Host Application = powershell.exe -nop", "User = EXAMPLE\\operator", "Connected User = ")
    context = "".join(f"        {line}\r\n" for line in lines)
    event = {"EventID": 4103, "Channel": "Microsoft-Windows-PowerShell/Operational", "ContextInfo": context, "ExecutionProcessID": 7}
    found = mapped(FLAT, raw(event)[0])
    names = ("actor.process.cmd_line", "actor.user.name", "actor.user.domain", "actor.process.pid")
    assert [found[name] for name in names] == ["powershell.exe -nop", "operator", "EXAMPLE", 7]


def test_answers_of_a_name_server_are_taken_apart() -> None:
    event = {"EventID": 22, "Channel": "Microsoft-Windows-Sysmon/Operational", "QueryName": "www.example.com", "QueryStatus": "1460"}
    found = mapped(FLAT, raw(event | {"QueryResults": "type:  5 edge.example.net;::ffff:192.0.2.1;2001:db8::1;"})[0])
    assert (found["answers"], found["rcode_id"], found["rcode"]) == (
        ({"type": "CNAME", "rdata": "edge.example.net"}, {"rdata": "192.0.2.1"}, {"rdata": "2001:db8::1"}),
        99,
        "1460",
    )


def test_groups_and_failures_of_logons_are_read() -> None:
    groups = {
        "EventID": 4627,
        "Channel": "Security",
        "TargetUserName": "operator",
        "GroupMembership": "\n\t\t%{S-1-5-11}\n\t\t%{S-1-5-32-545}",
    }
    assert mapped(FLAT, raw(groups)[0])["groups"] == ({"uid": "S-1-5-11"}, {"uid": "S-1-5-32-545"})
    codes = ((4776, "0x0"), (4776, "0xc000006a"), (4771, "0x0"))
    status = [mapped(FLAT, raw({"EventID": number, "Channel": "Security", "Status": code})[0])["status_id"] for number, code in codes]
    assert status == [1, 2, 2]
