"""What the events of Windows' services mean: firewall rules, transfers, code integrity, AppLocker, NTLM, the DNS server, Exchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.collect.sources.windows.mapping import endpoint, file, process, user
from bartizan.schema.cells import basename, fingerprints, hostname, integer, ip, lookup, matched, present, text
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Table, combine, field, first

if TYPE_CHECKING:
    from bartizan.schema.expressions import Function

__all__ = ["EVENTS", "THREAT", "Event"]

Event: TypeAlias = tuple[str, str, str, Mapping[int, int], int, Table]
"""Service, Sigma category, name, event ids with their OCSF activity, OCSF class, mapping."""

_HOST_OF_URL: Final = matched(r"^[a-z][a-z0-9+.-]*://(?:[^/@]*@)?\[?([^/:\]?#]+)")
_QUERY_TYPES: Final[Mapping[str, Cell]] = {
    "1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "15": "MX", "16": "TXT", "28": "AAAA", "33": "SRV", "255": "ANY",
}  # fmt: skip
_RCODES: Final[Mapping[str, Cell]] = {str(number): number for number in (*range(12), *range(16, 24))}
_BLOCKED: Final = frozenset({3004, 3023, 3033, 3034, 3077, 3104})
"""Code integrity events that say that a module was not loaded; the others say what a stricter policy would have done."""
_ENFORCED: Final = frozenset({8004})
_DEFENDER_SEVERITY: Final[Mapping[str, Cell]] = {"0": 0, "1": 2, "2": 3, "4": 4, "5": 5}
_FAILED: Final = 2


def _nth(at: int) -> Function:
    return lambda cell: cell[at] if isinstance(cell, tuple) and at < len(cell) else ABSENT


def _refused(among: frozenset[int]) -> Function:
    return lambda number: _FAILED if integer(number) in among else ABSENT


def _target_host(cell: Cell) -> Cell:
    """Return the host in the service principal name that an outgoing NTLM logon is for, ``TERMSRV/host``."""
    return hostname(str(cell).rpartition("/")[2])


def _evidence(path: Cell, name: Cell, domain_and_name: Cell) -> Cell:
    r"""Return what was found: the first of the paths that Defender lists (``file:_C:\a.exe; containerfile:_…``), and for whom."""
    found: dict[str, Cell] = {}
    where = str(path).partition(";")[0].rpartition(":_")[2].strip() if isinstance(path, str) else ""
    if where:
        found["file"] = {"path": where, "name": basename(where) or where, "type_id": 1}
    if isinstance(domain_and_name, str) and domain_and_name.strip("\\ "):
        found["user"] = {"name": domain_and_name.rpartition("\\")[2]}
    if isinstance(name, str) and present(name) is not ABSENT:
        found["name"] = name
    return (found,) if found.keys() & {"file", "user"} else ABSENT


THREAT: Final[Table] = {
    "finding_info.uid": first("Detection ID", "Threat ID", "Threat Name", field("EventRecordID", text), field("EventID", text)),
    "finding_info.title": first("Threat Name", "Provider_Name"),
    "finding_info.desc": first("Category Name", "Source Name"),
    "severity_id": combine(lookup(_DEFENDER_SEVERITY, 0), "Severity ID"),
    "is_alert": True,
    "evidences": combine(_evidence, "Path", "Process Name", "Detection User"),
    "status_detail": first("Action Name", "Error Description"),
}
"""What Defender says of a threat it found."""

_RULE: Final[Table] = {
    "entity.name": first("RuleName", "RuleId", "Provider_Name"),
    "entity.uid": field("RuleId", present, text),
    "entity.type": "Firewall Rule",
    "actor.app_name": first("ModifyingApplication", "Provider_Name"),
    "actor.user.uid": field("ModifyingUser", present, text),
}
_TRANSFER: Final[Table] = {
    **file("file", "LocalName"),
    "file.name": first(field("LocalName", basename), field("url", basename), field("RemoteName", basename), "url", "RemoteName", "EventID"),
    "file.type_id": 1,
    "file.uri": first("RemoteName", "url"),
    **endpoint("src_endpoint", "", "", "Computer"),
    "dst_endpoint.hostname": first(field("RemoteName", _HOST_OF_URL), field("url", _HOST_OF_URL)),
    "actor.app_name": first("processPath", "Provider_Name"),
    **user("actor.user", "jobOwner"),
    "actor.user.uid": field("Security_UserID", present, text),
    "status_code": field("hr", text),
}
_INTEGRITY: Final[Table] = {
    "module.load_type_id": 0,
    "module.file.path": first("FileNameBuffer", "File Name"),
    "module.file.name": first(field("FileNameBuffer", basename), field("File Name", basename)),
    "actor.app_name": first("ProcessNameBuffer", "Process Name", "Provider_Name"),
    "actor.user.uid": field("Security_UserID", present, text),
    "status_id": field("EventID", _refused(_BLOCKED)),
}
_APPLOCKER: Final[Table] = {
    **process("process", "FullFilePath", "TargetProcessId"),
    "process.file.path": first("FullFilePath", "FilePath"),
    "process.file.name": first(field("FullFilePath", basename), field("FilePath", basename)),
    "process.name": first(field("FullFilePath", basename), field("FilePath", basename)),
    "process.file.hashes": field("FileHash", fingerprints),
    "process.user.uid": field("TargetUser", present, text),
    "actor.app_name": field("Provider_Name", text),
    "actor.user.uid": first("TargetUser", "Security_UserID"),
    "status_id": field("EventID", _refused(_ENFORCED)),
}
_NTLM: Final[Table] = {
    "user.name": first("UserName", "ClientUserName", "Computer"),
    "user.domain": first("DomainName", "ClientDomainName"),
    "src_endpoint.hostname": first(field("WorkstationName", hostname), field("Workstation", hostname)),
    "dst_endpoint.hostname": first(field("TargetName", _target_host), field("SChannelName", hostname), field("Computer", hostname)),
    "auth_protocol_id": 1,
    "is_remote": True,
}
_SERVED: Final[Table] = {
    "src_endpoint.ip": first(field("Source", ip), field("Destination", ip)),
    "src_endpoint.port": field("Port", integer),
    "dst_endpoint.ip": field("InterfaceIP", ip),
    "query.hostname": field("QNAME", hostname),
    "query.type": field("QTYPE", lookup(_QUERY_TYPES)),
    "rcode_id": field("RCODE", lookup(_RCODES, 99)),
}
_CMDLET: Final[Table] = {
    "api.operation": first(field("Data", _nth(0)), field("Data", matched(r"Cmdlet suceeded\. Cmdlet ([\w-]+)")), "Provider_Name"),
    "activity_name": first(field("Data", _nth(0)), "Provider_Name"),
    "api.service.name": field("Provider_Name", text),
    "actor.app_name": field("Provider_Name", text),
    "actor.user.name": field("Data", _nth(2), text, basename),
    **endpoint("src_endpoint", "", "", "Computer"),
}

EVENTS: Final[tuple[Event, ...]] = (
    (
        "firewall-as",
        "",
        "rule",
        {2004: 1, 2071: 1, 2097: 1, 2005: 3, 2073: 3, 2099: 3, 2006: 4, 2052: 4, 2033: 4, 2059: 4, 2060: 3, 2032: 3},
        3004,
        _RULE,
    ),
    ("bits-client", "", "transfer", {59: 2, 60: 2, 61: 2, 16403: 2}, 4010, _TRANSFER),
    (
        "codeintegrity-operational",
        "",
        "load",
        dict.fromkeys((3001, 3002, 3004, 3021, 3022, 3023, 3032, 3033, 3034, 3035, 3063, 3065, 3066, 3076, 3077, 3082, 3083, 3104), 1),
        1005,
        _INTEGRITY,
    ),
    ("applocker", "", "launch", {8002: 1, 8003: 1, 8004: 1}, 1007, _APPLOCKER),
    ("ntlm", "", "logon", {8001: 1, 8002: 1, 8003: 1, 8004: 1}, 3002, _NTLM),
    ("dns-server-analytic", "", "query", {256: 1, 257: 2, 258: 2, 260: 1, 261: 2, 262: 2}, 4003, _SERVED),
    ("msexchange-management", "", "cmdlet", {1: 99, 6: 99}, 6003, _CMDLET),
)
