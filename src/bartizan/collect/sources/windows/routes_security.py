"""What the events of the Security log mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Route
from bartizan.collect.sources.windows.kinds import Kind
from bartizan.collect.sources.windows.mapping import (
    connection,
    endpoint,
    event,
    file,
    integrity,
    numbered,
    process,
    subject,
    user,
)
from bartizan.collect.sources.windows.security_views import PROCESS_START, SECURITY, registry_views
from bartizan.schema.cells import hostname, integer, lookup, present, text
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.expressions import Table, combine, field, first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.logsource import View

__all__ = ["KINDS", "OTHER"]

_LOGON_TYPES: Final[Mapping[str, Cell]] = {"0": 1, **{str(number): number for number in (2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13)}}
_REMOTE: Final[Mapping[str, Cell]] = {
    "3": True,
    "8": True,
    "10": True,
    "12": True,
    **dict.fromkeys(("2", "4", "5", "7", "11", "13"), False),
}
_PROTOCOLS: Final[Mapping[str, Cell]] = {"ntlm": 1, "kerberos": 2, "microsoft_authentication_package_v1_0": 1, "negotiate": 99}
_FAILURES: Final = frozenset({4625, 4771, 4777, 529, 675})


def _failed(event_id: Cell, status: Cell) -> int:
    """Tell success (1) from failure (2): some events are failures, some carry a code that is 0 on success."""
    code = text_of(status) or ""
    return 2 if integer(event_id) in _FAILURES or (code not in {"", "-"} and integer(code) != 0) else 1


def _sids(cell: Cell) -> Cell:
    """Read ``%{S-1-5-11} %{S-1-5-32-545}`` as groups."""
    words = str(cell).replace("%{", " ").replace("}", " ").split()
    groups: list[Mapping[str, Cell]] = [{"uid": word} for word in words if word != "-"]
    return tuple(groups) or ABSENT


_TARGET: Final[Table] = user("user", "TargetUserName", sid="TargetUserSid", realm="TargetDomainName")
_HERE: Final[Table] = endpoint("dst_endpoint", "", "", "Computer")
"""The computer that recorded an authentication is the one it was for, unless the event names another."""
_ACCOUNT: Final[Table] = {**user("user", "TargetUserName", sid="TargetSid", realm="TargetDomainName"), **subject()}
_SOURCE: Final[Table] = endpoint("src_endpoint", "IpAddress", "IpPort", "WorkstationName")
_STATUS: Final[Table] = {"status_id": combine(_failed, "EventID", "Status"), "status_code": field("Status", present, text)}
_CALLER: Final[Table] = process("actor.process", "ProcessName", "ProcessId")
_LOGON: Final[Table] = {
    **_TARGET,
    **_HERE,
    **subject(),
    **_SOURCE,
    **_STATUS,
    **_CALLER,
    "session.uid": field("TargetLogonId", present, text),
    "logon_type_id": field("LogonType", lookup(_LOGON_TYPES, 99)),
    "is_remote": field("LogonType", lookup(_REMOTE)),
    "auth_protocol_id": field("AuthenticationPackageName", lookup(_PROTOCOLS, 99)),
    "auth_protocol": field("AuthenticationPackageName", present, text),
}
_LOGOFF: Final[Table] = {
    **_TARGET,
    **_HERE,
    "session.uid": field("TargetLogonId", present, text),
    "logon_type_id": field("LogonType", lookup(_LOGON_TYPES, 99)),
}
_EXPLICIT: Final[Table] = {
    **user("user", "TargetUserName", realm="TargetDomainName"),
    **subject(),
    **_CALLER,
    **endpoint("src_endpoint", "IpAddress"),
    "dst_endpoint.hostname": field("TargetServerName", hostname),
    "logon_type_id": 9,
}
_TICKET: Final[Table] = {
    **_TARGET,
    **_HERE,
    **endpoint("src_endpoint", "IpAddress", "IpPort"),
    **_STATUS,
    "service.name": field("ServiceName", present, text),
    "service.uid": field("ServiceSid", present, text),
    "auth_protocol_id": 2,
}
_NTLM: Final[Table] = {
    **_HERE,
    **user("user", "TargetUserName"),
    **_STATUS,
    **endpoint("src_endpoint", "", "", "Workstation"),
    "auth_protocol_id": 1,
}
_SESSION: Final[Table] = {
    **_HERE,
    **user("user", "AccountName", realm="AccountDomain"),
    **endpoint("src_endpoint", "ClientAddress", "", "ClientName"),
    "session.uid": field("LogonID", present, text),
}
_PRIVILEGED: Final[Table] = {
    **user("user", "SubjectUserName", sid="SubjectUserSid", realm="SubjectDomainName"),
    "session.uid": field("SubjectLogonId", present, text),
    "privileges": field("PrivilegeList", present, lambda cell: tuple(str(cell).split()) or ABSENT),
}
_GROUPS: Final[Table] = {
    **_TARGET,
    "session.uid": field("TargetLogonId", present, text),
    "groups": first(field("GroupMembership", _sids), field("SidList", _sids)),
}
_GROUP: Final[Table] = {
    **subject(),
    "group.name": field("TargetUserName", present, text),
    "group.domain": field("TargetDomainName", present, text),
    "group.uid": field("TargetSid", present, text),
    "user.uid": field("MemberSid", present, text),
    "user.name": field("MemberName", present, text),
}
_RIGHT: Final[Table] = {
    **subject(),
    "user.uid": field("TargetSid", present, text),
    "privileges": field("PrivilegeList", present, lambda cell: tuple(str(cell).split()) or ABSENT),
}
_JOB: Final[Table] = {**subject(), "job.name": field("TaskName", present, text), "job.type_id": 1}
_SERVICE_TYPES: Final[Mapping[str, Cell]] = {"0x1": 1, "0x2": 2, "0x10": 3, "0x20": 4}
_SERVICE: Final[Table] = {
    **subject(),
    "win_service.name": field("ServiceName", present, text),
    "win_service.cmd_line": field("ServiceFileName", present, text),
    "win_service.service_start_name": field("ServiceAccount", present, text),
    "win_service.service_type_id": field("ServiceType", lookup(_SERVICE_TYPES, 99)),
    "win_service.service_start_type_id": field("ServiceStartType", lookup({"0": 1, "1": 2, "2": 3, "3": 4, "4": 5}, 99)),
}
_CLEARED: Final[Table] = {**subject(), "log_name": field("Channel", text), "log_provider": field("Provider_Name", text), "log_type_id": 1}
_START: Final[Table] = {
    **process("process", "NewProcessName", "NewProcessId", command="CommandLine"),
    **user("process.user", "TargetUserName", sid="TargetUserSid", realm="TargetDomainName"),
    **integrity("MandatoryLabel"),
    **process("actor.process", "ParentProcessName", "ProcessId"),
    **subject(),
    "launch_type_id": 1,
}
_END: Final[Table] = {**process("process", "ProcessName", "ProcessId"), **_CALLER, **subject(), "exit_code": field("Status", integer)}
_FILTERED: Final[Table] = {
    **endpoint("src_endpoint", "SourceAddress", "SourcePort"),
    **endpoint("dst_endpoint", "DestAddress", "DestPort"),
    **connection("Protocol", "Direction", {"%%14592": 1, "%%14593": 2}),
    **process("actor.process", "Application", ""),
    "actor.process.pid": first(field("ProcessID", integer), field("ProcessId", integer)),
}
_SHARE: Final[Table] = {
    **subject(),
    **endpoint("src_endpoint", "IpAddress", "IpPort"),
    **_HERE,
    "share": field("ShareName", present, text),
    "share_type_id": field("ObjectType", lookup({"file": 1}, 0)),
    **file("file", "RelativeTargetName"),
}
_DIRECTORY: Final[Table] = {
    **subject(),
    "entity.name": field("ObjectDN", present, text),
    "entity.uid": field("ObjectGUID", present, text),
    "entity.type": field("ObjectClass", present, text),
}
_OBJECT: Final[Table] = {**subject(), **_CALLER}
_REGISTRY: Final[Table] = {
    **_OBJECT,
    "reg_value.path": field("ObjectName", present, text),
    "reg_value.name": field("ObjectValueName", text),
    "reg_value.data": field("NewValue", text),
    "prev_reg_value.path": field("ObjectName", present, text),
    "prev_reg_value.name": field("ObjectValueName", text),
    "prev_reg_value.data": field("OldValue", text),
}
_ADDED, _REMOVED = (632, 636, 4728, 4732, 4746, 4751, 4756, 4761), (633, 637, 4729, 4733, 4747, 4752, 4757, 4762)
_MADE, _UNMADE = (4727, 4731, 4744, 4749, 4754, 4759), (634, 4730, 4734, 4748, 4753, 4758, 4763)
_CHANGED = (4735, 4737, 4745, 4750, 4755, 4760, 4764)
_GROUP_EVENTS: Final = {
    **dict.fromkeys(_ADDED, 3),
    **dict.fromkeys(_REMOVED, 4),
    **dict.fromkeys(_MADE, 6),
    **dict.fromkeys(_UNMADE, 5),
    **dict.fromkeys(_CHANGED, 9),
}
_ACCOUNT_EVENTS: Final = dict.fromkeys((4738, 4742, 4765, 4766, 4781), 99) | {
    4720: 1,
    4722: 2,
    4723: 3,
    4724: 4,
    4725: 5,
    4726: 6,
    4740: 9,
    4741: 1,
    4743: 6,
    4767: 12,
}
_LOGON_EVENTS: Final = {528: 1, 529: 1, 4624: 1, 4625: 1}
_TICKET_EVENTS: Final = {675: 6, 4768: 3, 4769: 4, 4770: 5, 4771: 6, 4772: 3, 4773: 4}
_NETWORK_EVENTS: Final = {5150: 5, 5151: 5, 5152: 5, 5153: 5, 5154: 7, 5155: 5, 5156: 1, 5157: 5, 5158: 99, 5159: 5}
_JOB_EVENTS: Final = {4698: 1, 4699: 3, 4700: 4, 4701: 5, 4702: 2}
_DIRECTORY_EVENTS: Final = {5136: 3, 5137: 1, 5138: 99, 5139: 5, 5141: 4}

_EVENTS: Final[tuple[tuple[str, int, Mapping[int, int], Table], ...]] = (
    ("logon", 3002, _LOGON_EVENTS, _LOGON),
    ("logoff", 3002, {4634: 2, 4647: 2}, _LOGOFF),
    ("explicit-logon", 3002, {4648: 1}, _EXPLICIT),
    ("kerberos-ticket", 3002, _TICKET_EVENTS, _TICKET),
    ("ntlm", 3002, {4776: 1, 4777: 1}, _NTLM),
    ("session", 3002, {4778: 99, 4779: 99}, _SESSION),
    ("special-logon", 3003, {4672: 1}, _PRIVILEGED),
    ("group-membership", 3003, {4627: 2, 4964: 2}, _GROUPS),
    ("account-change", 3001, _ACCOUNT_EVENTS, _ACCOUNT),
    ("group-change", 3006, _GROUP_EVENTS, _GROUP),
    ("user-right", 3005, {4704: 1, 4705: 2, 4717: 1, 4718: 2}, _RIGHT),
    ("scheduled-task", 1006, _JOB_EVENTS, _JOB),
    ("service-install", 201004, {4697: 1}, _SERVICE),
    ("log-cleared", 1008, {517: 1, 1102: 1}, _CLEARED),
    ("process-exit", 1007, {4689: 2}, _END),
    ("filtering-platform", 4001, _NETWORK_EVENTS, _FILTERED),
    ("share", 4006, {5140: 99, 5142: 99, 5143: 99, 5144: 99, 5145: 99}, _SHARE),
    ("directory-change", 3004, _DIRECTORY_EVENTS, _DIRECTORY),
    ("process-create", 1007, {4688: 1}, _START),
)
"""Name, OCSF class, event ids with their OCSF activity, mapping."""


def _route(name: str, ocsf: Table, *views: View) -> Route:
    return Route(name=f"security-{name}", views=(SECURITY, *views), ocsf=ocsf)


def _kinds() -> dict[int, Kind]:
    kinds: dict[int, Kind] = {}
    for name, class_uid, activities, parts in _EVENTS:
        activity = numbered(activities)
        views = (PROCESS_START,) if name == "process-create" else ()
        kind = Kind(_route(name, event(class_uid, activity, parts), *views))
        kinds.update(dict.fromkeys(activities, kind))
    return kinds


def _registry() -> Kind:
    removed = _route("registry-delete", event(201002, 4, _REGISTRY), *registry_views("registry_delete", "registry_event"))
    written = _route("registry-set", event(201002, 2, _REGISTRY), *registry_views("registry_set", "registry_event"))
    return Kind(written, "OperationType", {"%%1906": removed})


KINDS: Final = {**_kinds(), 4657: _registry()}
OTHER: Final = Kind(_route("other", event(0, 99, _OBJECT)))
"""All other events of the Security log."""
