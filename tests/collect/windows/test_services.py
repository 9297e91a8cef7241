"""What the events of Windows' services come out as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.collect.windows.parsing import mapped, raw, routes

from bartizan.collect.contract import Context
from bartizan.collect.sources.windows.flat_json import SOURCE as FLAT
from bartizan.schema.expressions import evaluate
from bartizan.schema.record import Provenance, complete, nested
from bartizan.testing.ocsf_check import check_record

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell

EVENT = {"EventTime": "2026-03-02T08:14:07Z", "Hostname": "ws07.example.com", "SeverityValue": 2, "ExecutionProcessID": 900}
CASES = [
    (
        "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        {"EventID": 2071, "RuleName": "web", "RuleId": "{1}", "ModifyingUser": "S-1-5-18", "ModifyingApplication": "C:\\a.exe"},
        "firewall-as-rule",
        {"class_uid": 3004, "activity_id": 1, "entity.name": "web", "entity.uid": "{1}", "actor.app_name": "C:\\a.exe"},
    ),
    (
        "Microsoft-Windows-Bits-Client/Operational",
        {
            "EventID": 16403,
            "RemoteName": "https://files.example.com:8443/x/a.exe",
            "LocalName": "C:\\Temp\\a.exe",
            "jobOwner": "EXAMPLE\\alice",
        },
        "bits-client-transfer",
        {
            "class_uid": 4010,
            "activity_id": 2,
            "file.path": "C:\\Temp\\a.exe",
            "file.name": "a.exe",
            "dst_endpoint.hostname": "files.example.com",
            "src_endpoint.hostname": "ws07.example.com",
            "actor.user.name": "alice",
        },
    ),
    (
        "Microsoft-Windows-CodeIntegrity/Operational",
        {"EventID": 3033, "FileNameBuffer": "\\Device\\HarddiskVolume2\\a.dll", "ProcessNameBuffer": "\\Device\\HarddiskVolume2\\b.exe"},
        "codeintegrity-operational-load",
        {"class_uid": 1005, "activity_id": 1, "module.file.name": "a.dll", "status_id": 2},
    ),
    (
        "Microsoft-Windows-AppLocker/EXE and DLL",
        {
            "EventID": 8003,
            "FilePath": "%OSDRIVE%\\T\\A.EXE",
            "FullFilePath": "C:\\T\\a.exe",
            "TargetUser": "S-1-5-21-1",
            "TargetProcessId": 44,
        },
        "applocker-launch",
        {
            "class_uid": 1007,
            "process.name": "a.exe",
            "process.pid": 44,
            "process.file.path": "C:\\T\\a.exe",
            "actor.user.uid": "S-1-5-21-1",
        },
    ),
    (
        "Microsoft-Windows-NTLM/Operational",
        {"EventID": 8001, "TargetName": "TERMSRV/srv1", "UserName": "alice", "DomainName": "EXAMPLE"},
        "ntlm-logon",
        {"class_uid": 3002, "user.name": "alice", "user.domain": "EXAMPLE", "dst_endpoint.hostname": "srv1", "auth_protocol_id": 1},
    ),
    (
        "Microsoft-Windows-DNS-Server/Analytical",
        {"EventID": 257, "Destination": "192.0.2.7", "InterfaceIP": "192.0.2.53", "QNAME": "www.example.com.", "QTYPE": "28", "RCODE": "3"},
        "dns-server-analytic-query",
        {
            "class_uid": 4003,
            "activity_id": 2,
            "src_endpoint.ip": "192.0.2.7",
            "dst_endpoint.ip": "192.0.2.53",
            "query.hostname": "www.example.com",
            "query.type": "AAAA",
            "rcode_id": 3,
        },
    ),
    (
        "MSExchange Management",
        {
            "EventID": 1,
            "SourceName": "MSExchange CmdletLogs",
            "Data": ["New-MailboxExportRequest", "-Mailbox a", "example.com/Users/alice"],
        },
        "msexchange-management-cmdlet",
        {"class_uid": 6003, "api.operation": "New-MailboxExportRequest", "actor.user.name": "alice"},
    ),
    (
        "Microsoft-Windows-Windows Defender/Operational",
        {
            "EventID": 1116,
            "Detection ID": "{7}",
            "Threat Name": "Trojan:Example",
            "Severity ID": "5",
            "Path": "file:_C:\\Temp\\a.exe; containerfile:_C:\\Temp\\a.zip",
            "Process Name": "C:\\b.exe",
            "Detection User": "EXAMPLE\\alice",
        },
        "windefend-detection",
        {
            "class_uid": 2004,
            "severity_id": 5,
            "finding_info.uid": "{7}",
            "finding_info.title": "Trojan:Example",
            "evidences": (
                {"file": {"path": "C:\\Temp\\a.exe", "name": "a.exe", "type_id": 1}, "user": {"name": "alice"}, "name": "C:\\b.exe"},
            ),
        },
    ),
]


@pytest.mark.parametrize(("channel", "fields", "route", "expected"), CASES, ids=[case[2] for case in CASES])
def test_an_event_of_a_service_comes_out_as_what_it_means(
    channel: str, fields: dict[str, object], route: str, expected: dict[str, Cell]
) -> None:
    (record,) = raw({"SourceName": "Microsoft-Windows-Example", **EVENT, "Channel": channel, **fields})
    assert routes(FLAT, [record]) == [route]
    found = mapped(FLAT, record)
    assert {name: found.get(name) for name in expected} == expected
    (part,) = FLAT.parse([record], Context()).parts
    whole = complete(evaluate(part.route.ocsf, part.frame), Provenance(now=1, product=FLAT.product))
    assert check_record(nested(whole.row(0))) == []


def test_a_threat_that_names_no_file_has_no_evidence() -> None:
    channel = "Microsoft-Windows-Windows Defender/Operational"
    (record,) = raw({**EVENT, "Channel": channel, "EventID": 1117, "Threat ID": "9", "Process Name": "C:\\b.exe"})
    found = mapped(FLAT, record)
    assert ("evidences" in found, found["finding_info.uid"]) == (False, "9")
