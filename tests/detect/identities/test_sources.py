"""What records of real formats say belongs together, through one table for all sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.detect.identities.records import frames, kept, told

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.detect.identities.places import paths_at
from bartizan.detect.identities.table import TIES
from bartizan.schema.expressions import evaluate

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.detect.identities.contract import Tie

SID = "S-1-5-21-1004336348-1177238915-682003330-1105"
SYSMON = {
    "EventTime": "2026-03-02 09:14:07", "Hostname": "WS07.corp.example", "EventID": 1, "SourceName": "Microsoft-Windows-Sysmon",
    "Channel": "Microsoft-Windows-Sysmon/Operational", "UtcTime": "2026-03-02 08:14:07.318", "ProcessId": "5120",
    "ProcessGuid": "{7b1c0f52-5b1f-69a5-0000-001057a81b00}", "Image": "C:\\Windows\\System32\\whoami.exe", "CommandLine": "whoami",
    "User": "CORP\\alice", "LogonId": "0x3A1B2", "Hashes": "MD5=900150983CD24FB0D6963F7D28E17F72,IMPHASH=10F3679384A03CB487BDA9621CEB5F90",
    "ParentProcessId": "4312", "ParentProcessGuid": "{00000000-0000-0000-0000-000000000000}", "ParentImage": "C:\\Windows\\explorer.exe",
}  # fmt: skip
SECURITY = {
    "EventTime": "2026-03-02 08:14:00", "Hostname": "WS07.corp.example", "Channel": "Security",
    "SourceName": "Microsoft-Windows-Security-Auditing",
}  # fmt: skip
CONNECTION = {
    "EventTime": "2026-03-02 09:14:09", "Hostname": "WS07.corp.example", "EventID": 3, "SourceName": "Microsoft-Windows-Sysmon",
    "Channel": "Microsoft-Windows-Sysmon/Operational", "UtcTime": "2026-03-02 08:14:09.318", "ProcessId": "5120", "Image": "C:\\a.exe",
    "Protocol": "tcp", "Initiated": "true", "SourceIp": "10.0.0.7", "SourcePort": "50001", "SourceHostname": "-",
    "DestinationIp": "203.0.113.9", "DestinationPort": "443", "DestinationHostname": "-", "User": "NT AUTHORITY\\SYSTEM",
}  # fmt: skip
LOGON = {
    "EventID": 4624, "TargetUserSid": SID, "TargetUserName": "alice", "TargetDomainName": "CORP", "TargetLogonId": "0x3a1b2",
    "LogonType": "3", "IpAddress": "10.0.0.7", "WorkstationName": "WS01", "SubjectUserSid": "S-1-0-0", "SubjectUserName": "-",
    "SubjectDomainName": "-", "SubjectLogonId": "0x0",
}  # fmt: skip
LOGOFF = {
    "EventTime": "2026-03-02 09:00:00", "EventID": 4634, "TargetUserSid": SID, "TargetUserName": "alice", "TargetDomainName": "CORP",
    "TargetLogonId": "0x3a1b2", "LogonType": "3",
}  # fmt: skip
CLOUDTRAIL = {
    "eventVersion": "1.09", "eventTime": "2026-03-02T08:00:00Z", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
    "awsRegion": "eu-central-1", "sourceIPAddress": "203.0.113.9", "eventID": "e-1", "recipientAccountId": "111122223333",
    "userIdentity": {
        "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/ci/deploy", "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLE1", "principalId": "AROA1:deploy",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/ci", "userName": "ci"}},
    },
}  # fmt: skip
FALCON = {
    "event_simpleName": "ProcessRollup2", "aid": "a-1", "aip": "198.51.100.7", "cid": "c-1", "event_platform": "Win", "id": "e-1",
    "timestamp": "1772438400120", "ImageFileName": "\\Device\\HarddiskVolume2\\Windows\\System32\\whoami.exe", "RawProcessId": "5120",
    "TargetProcessId": "4390327988", "SHA256HashData": "488e74e2026d03f21b33f470c23b3de2f466643186c2e06ae7b4883cc2e59377",
    "UserSid": SID, "ComputerName": "ws07",
}  # fmt: skip
OKTA = {
    "uuid": "e-1", "published": "2026-03-02T08:00:00.120Z", "eventType": "user.session.start", "severity": "INFO",
    "displayMessage": "User login to Okta", "actor": {"id": "00u1", "type": "User", "alternateId": "alice@example.com",
    "displayName": "Alice Example"}, "client": {"ipAddress": "203.0.113.9"}, "outcome": {"result": "SUCCESS"}, "target": [],
    "transaction": {"type": "WEB", "id": "t-1"}, "authenticationContext": {"authenticationStep": 0, "externalSessionId": "s-1"},
}  # fmt: skip
RESOLVER = {
    "version": "1.100000", "account_id": "111122223333", "region": "eu-central-1", "vpc_id": "vpc-1", "query_name": "example.com.",
    "query_timestamp": "2026-03-02T08:00:00Z", "query_type": "A", "query_class": "IN", "rcode": "NOERROR", "answers": [],
    "srcaddr": "192.0.2.10", "srcport": "40122", "transport": "UDP", "srcids": {"instance": "i-0a1"},
}  # fmt: skip
GITHUB = {
    "@timestamp": 1772438400120, "_document_id": "d-1", "action": "repo.create", "actor": "alice", "actor_id": 7,
    "actor_ip": "203.0.113.9", "created_at": 1772438400120, "operation_type": "create", "org": "example", "repo": "example/shop",
}  # fmt: skip
TRAFFIC = (
    "1,2024/05/16 08:00:00,007051000000001,TRAFFIC,end,2561,2024/05/16 08:00:00,192.0.2.10,203.0.113.9,198.51.100.1,203.0.113.9,"
    "allow-web,corp\\alice,,web-browsing,vsys1,trust,untrust,ethernet1/2,ethernet1/1,default,2024/05/16 08:00:00,77,1,40122,443,40122,"
    "443,0x400053,tcp,allow,5000,2000,3000,20,2024/05/16 07:59:50,10,any,0,1234,0x0,10.0.0.0-10.255.255.255,United States,0,10,10,"
    "tcp-fin,0,0,0,0,,pa-1,from-policy"
)
AUDIT = (
    'type=USER_LOGIN msg=audit(1772438400.120:77): pid=901 uid=0 auid=1000 ses=3 msg=\'op=login id=1000 exe="/usr/sbin/sshd" '
    'hostname=203.0.113.77 addr=203.0.113.77 terminal=ssh res=success\'\x1dUID="root" AUID="alice" ID="alice"'
)
HOST = "host:ws07.corp.example"

EXAMPLES: list[tuple[str, tuple[str | dict[str, object], ...], set[tuple[str, str, str, str, str]]]] = [
    (
        "windows-flat-json",
        (SYSMON,),
        {
            ("process-pid", "5120", "7b1c0f52-5b1f-69a5-0000-001057a81b00", HOST, "unknown"),
            ("process-image", "5120", "c:\\windows\\system32\\whoami.exe", HOST, "unknown"),
            ("process-user", "7b1c0f52-5b1f-69a5-0000-001057a81b00", "corp\\alice", HOST, "never"),
            ("process-session", "7b1c0f52-5b1f-69a5-0000-001057a81b00", "0x3a1b2", HOST, "never"),
            ("process-hash", "900150983cd24fb0d6963f7d28e17f72", "7b1c0f52-5b1f-69a5-0000-001057a81b00", HOST, "never"),
            ("file-hash", "900150983cd24fb0d6963f7d28e17f72", "c:\\windows\\system32\\whoami.exe", HOST, "unknown"),
            ("session-process-user", "0x3a1b2", "corp\\alice", HOST, "unknown"),
        },
    ),
    (
        "windows-flat-json",
        ({**SECURITY, **LOGON}, {**SECURITY, **LOGOFF}),
        {
            ("user-sid", SID, "corp\\alice", "", "never"),
            ("session-login-user", "0x3a1b2", "corp\\alice", HOST, "logoff"),
            ("session-login-sid", "0x3a1b2", SID, HOST, "logoff"),
            ("session-address", "0x3a1b2", "10.0.0.7", HOST, "unknown"),
            ("host-address", "10.0.0.7", "ws01", "source:microsoft-windows-security-auditing", "unknown"),
        },
    ),
    (
        "windows-flat-json",
        (CONNECTION,),
        {("outbound-address-host", "10.0.0.7", "ws07.corp.example", "source:microsoft-windows-sysmon", "unknown")},
    ),
    (
        "cloudtrail",
        (CLOUDTRAIL,),
        {
            ("key-arn", "ASIAEXAMPLE1", "arn:aws:sts::111122223333:assumed-role/ci/deploy", "", "never"),
            ("key-user", "ASIAEXAMPLE1", "ci", "account:111122223333", "never"),
            ("user-arn", "arn:aws:sts::111122223333:assumed-role/ci/deploy", "ci", "", "never"),
            ("assumed-role", "arn:aws:sts::111122223333:assumed-role/ci/deploy", "arn:aws:iam::111122223333:role/ci", "", "never"),
        },
    ),
    (
        "crowdstrike-fdr",
        (FALCON,),
        {
            ("host-agent", "a-1", "ws07", "tenant:c-1", "unknown"),
            ("host-address", "198.51.100.7", "ws07", "tenant:c-1", "unknown"),
            ("agent-address", "198.51.100.7", "a-1", "tenant:c-1", "unknown"),
            ("process-pid", "5120", "4390327988", "host:ws07", "unknown"),
            ("process-image", "5120", "\\device\\harddiskvolume2\\windows\\system32\\whoami.exe", "host:ws07", "unknown"),
            ("process-sid", "4390327988", SID, "host:ws07", "never"),
            ("process-hash", "488e74e2026d03f21b33f470c23b3de2f466643186c2e06ae7b4883cc2e59377", "4390327988", "host:ws07", "never"),
            (
                "file-hash",
                "488e74e2026d03f21b33f470c23b3de2f466643186c2e06ae7b4883cc2e59377",
                "\\device\\harddiskvolume2\\windows\\system32\\whoami.exe",
                "host:ws07",
                "unknown",
            ),
        },
    ),
    (
        "okta",
        (OKTA,),
        {
            ("user-uid", "00u1", "alice@example.com", "source:okta", "unknown"),
            ("uid-email", "alice@example.com", "00u1", "source:okta", "unknown"),
            ("session-login-user", "s-1", "alice@example.com", "source:okta", "unknown"),
            ("session-login-uid", "s-1", "00u1", "source:okta", "unknown"),
            ("session-address", "s-1", "203.0.113.9", "source:okta", "unknown"),
        },
    ),
    (
        "dhcpd",
        (
            "May 16 08:00:00 gw dhcpd[77]: DHCPACK on 192.0.2.10 to 02:00:00:00:00:01 (laptop-7) via eth0",
            "May 16 12:00:00 gw dhcpd[77]: DHCPACK on 192.0.2.10 to 02:00:00:00:00:02 (laptop-9) via eth0",
        ),
        {
            ("dhcp-lease", "192.0.2.10", "02:00:00:00:00:01", "host:gw", "next-lease"),
            ("dhcp-lease", "192.0.2.10", "02:00:00:00:00:02", "host:gw", "unknown"),
            ("dhcp-lease-host", "192.0.2.10", "laptop-7", "host:gw", "next-lease"),
            ("dhcp-lease-host", "192.0.2.10", "laptop-9", "host:gw", "unknown"),
            ("address-mac", "192.0.2.10", "02:00:00:00:00:01", "host:gw", "unknown"),
            ("address-mac", "192.0.2.10", "02:00:00:00:00:02", "host:gw", "unknown"),
            ("host-mac", "02:00:00:00:00:01", "laptop-7", "source:dhcpd", "unknown"),
            ("host-mac", "02:00:00:00:00:02", "laptop-9", "source:dhcpd", "unknown"),
            ("host-address", "192.0.2.10", "laptop-7", "source:dhcpd", "next-holder"),
            ("host-address", "192.0.2.10", "laptop-9", "source:dhcpd", "unknown"),
        },
    ),
    (
        "openvpn",
        (
            "May 16 08:00:01 vpn-1 openvpn[77]: alice/203.0.113.9:40122 MULTI: Learn: 10.8.0.6 -> alice/203.0.113.9:40122",
            "May 16 08:30:03 vpn-1 openvpn[77]: alice/203.0.113.9:40122 SIGTERM[soft,remote-exit] received, client-instance exiting",
        ),
        {
            ("tunnel-address", "10.8.0.6", "alice", "host:vpn-1", "unknown"),
            ("session-tunnel-user", "alice/203.0.113.9/40122", "alice", "host:vpn-1", "logoff"),
            ("session-address", "alice/203.0.113.9/40122", "203.0.113.9", "host:vpn-1", "logoff"),
        },
    ),
    ("route53-resolver", (RESOLVER,), {("instance-address", "192.0.2.10", "i-0a1", "account:111122223333", "unknown")}),
    ("github-audit", (GITHUB,), {("user-uid", "7", "alice", "source:github-audit", "unknown")}),
    (
        "palo-alto",
        (TRAFFIC,),
        {
            ("address-user", "192.0.2.10", "corp\\alice", "host:pa-1", "unknown"),
            ("host-agent", "007051000000001", "pa-1", "source:palo-alto", "unknown"),
        },
    ),
    (
        "auditd",
        (AUDIT,),
        {
            ("session-login-user", "3", "alice", "source:auditd", "unknown"),
            ("session-login-uid", "3", "1000", "source:auditd", "unknown"),
            ("session-address", "3", "203.0.113.77", "source:auditd", "unknown"),
            ("user-uid", "1000", "alice", "source:auditd", "unknown"),
        },
    ),
]


@pytest.mark.parametrize(("source", "records", "facts"), EXAMPLES, ids=[f"{source}-{at}" for at, (source, *_) in enumerate(EXAMPLES)])
def test_the_records_of_a_source_say_what_belongs_together(
    source: str, records: tuple[str | dict[str, object], ...], facts: set[tuple[str, str, str, str, str]], tmp_path: Path
) -> None:
    assert told(kept(tmp_path, frames(source, *records))) == facts


def test_a_fact_says_when_it_held_how_often_it_was_seen_and_where(tmp_path: Path) -> None:
    facts = kept(tmp_path, frames("windows-flat-json", {**SECURITY, **LOGON}, {**SECURITY, **LOGOFF}))
    session = next(fact for fact in facts if fact.rule == "session-login-sid")
    assert (session.left_kind, session.right_kind, session.source) == ("session", "sid", "Microsoft-Windows-Security-Auditing")
    assert (session.first_seen, session.last_seen) == (1_772_439_240_000, 1_772_442_000_000)
    assert (session.valid_from, session.valid_to, session.ends) == (1_772_439_240_000, 1_772_442_000_000, "logoff")
    assert session.count == 2
    assert len(session.record_id) == 32


def test_each_row_of_the_table_has_a_name_of_its_own() -> None:
    rules = [tie.rule for tie in TIES]
    assert len(rules) == len(set(rules))


def asked_by(tie: Tie) -> list[set[str]]:
    """Return the attributes that both sides of a tie cannot do without, for each of its places."""
    return [{paths_at(side, place)[0] for side in (tie.left, tie.right)} for place in tie.places]


def test_every_row_of_the_table_is_told_by_an_example_of_some_source() -> None:
    """A row that no source could fill would be a promise without proof; each attribute must come out of an example."""
    filled: list[frozenset[str]] = []
    for source in catalogue().sources:
        for example in source.examples:
            parts = source.parse(list(example.raw), Context(modified=1.0, head=example.head)).parts
            filled += [frozenset(evaluate(part.route.ocsf, part.frame).columns) for part in parts]
    filled += [frozenset(frame.columns) for source, records, _ in EXAMPLES for frame in frames(source, *records)]
    idle = [tie.rule for tie in TIES if not any(asked <= names for names in filled for asked in asked_by(tie))]
    assert idle == []
