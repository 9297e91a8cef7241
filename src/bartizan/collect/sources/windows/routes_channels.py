"""What the events of all other channels mean: PowerShell, System, Defender, Task Scheduler and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Route
from bartizan.collect.sources.windows.channels import SERVICE_OF_CHANNEL
from bartizan.collect.sources.windows.kinds import Kind
from bartizan.collect.sources.windows.mapping import endpoint, event, file, numbered, user
from bartizan.collect.sources.windows.routes_services import EVENTS, THREAT, Event
from bartizan.schema.cells import account, domain, lookup, matched, present, text
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.expressions import Expression, Function, Table, field, first
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ANY", "BY_CHANNEL", "KINDS"]


def _labelled(label: str) -> Function:
    """Make the function that reads one line of a module event's context, ``        User = EXAMPLE operator``."""
    start = f"  {label} = "

    def read(cell: Cell) -> Cell:
        words = text_of(cell) or ""
        at = words.find(start)
        return words[at + len(start) :].partition("\n")[0].strip() or ABSENT if at >= 0 else ABSENT

    return read


def _nth(at: int) -> Function:
    """Make the function that takes one of a list."""
    return lambda cell: cell[at] if isinstance(cell, tuple) and at < len(cell) else ABSENT


def _joined(cell: Cell) -> Cell:
    """Read the unnamed data of a classic event as one text."""
    return "\n".join(str(part) for part in cell) if isinstance(cell, tuple) else cell


_BLOCK: Final[Table] = {
    "script.type_id": 2,
    "script.script_content.value": field("ScriptBlockText", text),
    "script.uid": field("ScriptBlockId", present, text),
    **file("script.file", "Path"),
    "actor.user.uid": field("Security_UserID", present, text),
    "actor.process.pid": field("Execution_ProcessID"),
}
_PIPELINE: Final[Table] = {
    "script.type_id": 2,
    "script.script_content.value": field("Payload", text),
    "actor.process.cmd_line": field("ContextInfo", _labelled("Host Application")),
    "actor.process.pid": field("Execution_ProcessID"),
    "actor.user.name": field("ContextInfo", _labelled("User"), account),
    "actor.user.domain": field("ContextInfo", _labelled("User"), domain),
    "actor.user.uid": field("Security_UserID", present, text),
}
_CLASSIC: Final[Table] = {"actor.app_name": field("Data", _joined, matched(r"HostApplication=([^\r\n]*)"))}
_SERVICE_TYPES: Final[Mapping[str, Cell]] = {
    "kernel mode driver": 1,
    "file system driver": 2,
    "user mode service": 3,
    "0x1": 1,
    "0x2": 2,
    "0x10": 3,
    "0x20": 4,
}
_START_TYPES: Final[Mapping[str, Cell]] = {"boot start": 1, "system start": 2, "auto start": 3, "demand start": 4, "disabled": 5}
_SERVICE: Final[Table] = {
    "actor.app_name": field("Provider_Name", text),
    "win_service.name": field("ServiceName", present, text),
    "win_service.cmd_line": field("ImagePath", present, text),
    "win_service.service_start_name": field("AccountName", present, text),
    "win_service.service_type_id": field("ServiceType", lookup(_SERVICE_TYPES, 99)),
    "win_service.service_start_type_id": field("StartType", lookup(_START_TYPES, 99)),
    "actor.user.uid": field("Security_UserID", present, text),
    "actor.process.pid": field("Execution_ProcessID"),
}
_CLEARED: Final[Table] = {
    "log_name": first("UserData.Channel", "Channel"),
    "log_provider": field("Provider_Name", text),
    "log_type_id": 1,
    **user("actor.user", "SubjectUserName", realm="SubjectDomainName"),
}
_JOB: Final[Table] = {
    "job.name": field("TaskName", present, text),
    "job.cmd_line": first("ActionName", "Path"),
    "job.type_id": 1,
    **user("actor.user", "UserContext"),
}
_SESSION: Final[Table] = {
    **user("user", "User"),
    **endpoint("src_endpoint", "Address"),
    **endpoint("dst_endpoint", "", "", "Computer"),
    "session.uid": field("SessionID", text),
    "logon_type_id": 10,
    "is_remote": True,
}
_RDP: Final[Table] = {
    "user.name": field("Param1", present, text),
    "user.domain": field("Param2", present, text),
    **endpoint("src_endpoint", "Param3"),
    **endpoint("dst_endpoint", "", "", "Computer"),
    "logon_type_id": 10,
    "is_remote": True,
}
_DNS: Final[Table] = {
    **endpoint("src_endpoint", "", "", "Computer"),
    "query.hostname": field("QueryName", present, text),
    "actor.process.pid": field("Execution_ProcessID"),
}
_ACTOR: Final[Table] = {"actor.user.uid": field("Security_UserID", present, text), "actor.process.pid": field("Execution_ProcessID")}

_DATA: Final = first("Data", "Message")
"""Classic events have unnamed data; exporters that leave it out keep the message it was rendered into."""
_WINDEFEND: Final[Mapping[str, str | Expression]] = {
    "ThreatName": first("Threat Name", "ThreatName"),
    "SourceName": first("Source Name", "SourceName"),
    "ProcessName": first("Process Name", "ProcessName"),
    "NewValue": first("New Value", "NewValue"),
    "OldValue": first("Old Value", "OldValue"),
    "Feature_Name": first("Feature Name", "Feature_Name"),
    "User": first("Detection User", "User"),
}
_ANTIVIRUS: Final[Mapping[str, str | Expression]] = {
    **_WINDEFEND,
    "Signature": first("Threat Name", "ThreatName"),
    "Filename": first("Path", "Filename"),
}
_CLEARED_LOG: Final[Mapping[str, str | Expression]] = {"Channel": first("UserData.Channel", "Channel")}
_RENAMED: Final[Mapping[str, str | Expression]] = {"TargetFilename": first("FilePath", "FileName")}
_CRASH: Final[Mapping[str, str | Expression]] = {
    "Data": _DATA,
    "AppName": first("AppName", field("Data", _nth(0)), field("Message", matched(r"Faulting application name: ([^,\r\n]+)"))),
    "AppVersion": first("AppVersion", field("Data", _nth(1))),
    "ModuleName": first("ModuleName", field("Data", _nth(3)), field("Message", matched(r"Faulting module name: ([^,\r\n]+)"))),
    "ExceptionCode": first("ExceptionCode", field("Data", _nth(6)), field("Message", matched(r"Exception code: (\w+)"))),
}
"""Until Windows 10 a crash of an application had no names for its data, only an order."""
_WMI: Final[Mapping[str, str | Expression]] = {
    name: first(name, field("Message", matched(rf"\b{name} = (.*?)(?:; \w+ = |;?\s*$)")))
    for name in ("Operation", "PossibleCause", "Provider", "Query", "User")
}
"""Exporters that drop the user data of WMI's events keep the message, in which it stands too."""
_ALIASES: Final[Mapping[str, Mapping[str, str | Expression]]] = {
    "windefend": _WINDEFEND,
    "application": _CRASH,
    "wmi": _WMI,
    "powershell-classic": {"Data": _DATA},
    "msexchange-management": {"Data": _DATA},
}

_EVENTS: Final[tuple[Event, ...]] = (
    *EVENTS,
    ("powershell", "ps_module", "module", {4103: 1}, 1009, _PIPELINE),
    ("powershell", "ps_script", "script", {4104: 1}, 1009, _BLOCK),
    ("powershell-classic", "ps_classic_start", "start", {400: 99}, 0, _CLASSIC),
    ("powershell-classic", "ps_classic_provider_start", "provider", {600: 99}, 0, _CLASSIC),
    ("powershell-classic", "ps_classic_script", "pipeline", {800: 99}, 0, _CLASSIC),
    ("system", "", "service-install", {7045: 1}, 201004, _SERVICE),
    ("system", "", "log-cleared", {104: 1}, 1008, _CLEARED),
    ("taskscheduler", "", "task", {106: 1, 129: 6, 140: 2, 141: 3, 142: 5, 200: 6}, 1006, _JOB),
    ("terminalservices-localsessionmanager", "", "session", {21: 1, 23: 2, 24: 99, 25: 99}, 3002, _SESSION),
    ("terminalservices-remoteconnectionmanager", "", "logon", {1149: 1}, 3002, _RDP),
    ("dns-client", "", "query", {3006: 1, 3008: 2, 3020: 2}, 4003, _DNS),
)


def _views(service: str, category: str, name: str) -> tuple[View, ...]:
    aliases = _CLEARED_LOG if (service, name) == ("system", "log-cleared") else _ALIASES.get(service, {})
    views = (View(Logsource("windows", service=service), aliases),)
    return (*views, View(Logsource("windows", category, service), aliases)) if category else views


def _special() -> dict[tuple[str, int], Kind]:
    kinds: dict[tuple[str, int], Kind] = {}
    for service, category, name, activities, class_uid, parts in _EVENTS:
        activity = numbered(activities)
        kind = Kind(Route(name=f"{service}-{name}", views=_views(service, category, name), ocsf=event(class_uid, activity, parts)))
        kinds.update({(channel, number): kind for channel, of in SERVICE_OF_CHANNEL.items() if of == service for number in activities})
    return kinds


def _detections() -> dict[tuple[str, int], Kind]:
    """Defender's detections also serve rules that ask for any antivirus."""
    views = (View(Logsource("windows", service="windefend"), _WINDEFEND), View(Logsource("windows", "antivirus", "windefend"), _ANTIVIRUS))
    kind = Kind(Route(name="windefend-detection", views=views, ocsf=event(2004, 1, THREAT)))
    return {("microsoft-windows-windows defender/operational", number): kind for number in (1006, 1007, 1008, 1015, 1116, 1117, 1118, 1119)}


def _kernel_file() -> dict[tuple[str, int], Kind]:
    """Serve the records of the kernel's file provider, as tracing tools export them."""
    kinds: dict[tuple[str, int], Kind] = {}
    for number, name, aliases, activity in ((12, "access", {}, 14), (19, "rename", _RENAMED, 5), (27, "rename", _RENAMED, 5)):
        view = View(Logsource("windows", f"file_{name}"), aliases)
        parts: Table = {**file("file", "FileName"), "actor.process.pid": field("Execution_ProcessID")}
        route = Route(name=f"kernel-file-{name}-{number}", views=(view,), ocsf=event(1001, activity, parts))
        kinds["microsoft-windows-kernel-file/analytic", number] = Kind(route)
    return kinds


def _service_kind(service: str) -> Kind:
    return Kind(Route(name=f"windows-{service}", views=_views(service, "", ""), ocsf=event(0, 99, _ACTOR)))


_SERVICES: Final = {service: _service_kind(service) for service in dict.fromkeys(SERVICE_OF_CHANNEL.values())}
KINDS: Final = {**_special(), **_detections(), **_kernel_file()}
"""Channel in lower case and event id -> kind."""
BY_CHANNEL: Final = {channel: _SERVICES[service] for channel, service in SERVICE_OF_CHANNEL.items()}
ANY: Final = Kind(Route(name="windows-event", views=(View(Logsource("windows")),), ocsf=event(0, 99, _ACTOR)))
"""A record of a channel that Sigma has no name for."""
