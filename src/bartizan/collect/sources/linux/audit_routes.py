"""Say what the lines of the audit log mean: the log sources each kind serves, and its OCSF class."""

from __future__ import annotations

import ipaddress
import json
import posixpath
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Route
from bartizan.schema.cells import basename, integer, ip, lookup
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Expression, Table, combine, field, first
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CREATED", "EXECUTION", "OTHER", "ROUTES", "ROUTE_OF_TYPE", "SYSCALL", "is_inet"]

_UNSET: Final = ("4294967295", "-1", "unset", "?", "")
_INET: Final = frozenset({"0200", "0002"})
_INET6: Final = frozenset({"0A00", "000A"})
_STATUS: Final = lookup({"success": 1, "yes": 1, "1": 1, "failed": 2, "no": 2, "0": 2})


def is_inet(saddr: str) -> bool:
    """Say whether a socket address (hexadecimal, as the kernel writes it, or interpreted) has an IP address and a port."""
    return saddr[:4] in _INET or saddr[:4] in _INET6


def _saddr_ip(cell: Cell) -> Cell:
    text = cell if isinstance(cell, str) else ""
    packed = text[8:16] if text[:4] in _INET else text[16:48] if text[:4] in _INET6 else ""
    try:
        return ip(str(ipaddress.ip_address(bytes.fromhex(packed))))
    except ValueError:
        return ABSENT


def _saddr_port(cell: Cell) -> Cell:
    try:
        return int(cell[4:8], 16) if isinstance(cell, str) and is_inet(cell) else ABSENT
    except ValueError:
        return ABSENT


@cache
def _syscalls() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = json.loads(files(__package__).joinpath("syscalls.json").read_text("ascii"))
    return table


def _syscall(name: Cell, arch: Cell, number: Cell) -> Cell:
    """Name a system call: as the enriched log does, else by architecture and number; a number nobody knows stays one."""
    if isinstance(name, str):
        return name
    return _syscalls().get(str(arch), {}).get(str(number), number)


def _set(cell: Cell) -> Cell:
    return ABSENT if cell in _UNSET else cell


def _user_of(uid: Cell) -> Cell:
    return "root" if uid == "0" else _set(uid)


def _session(cell: Cell) -> Cell:
    return "0" if cell in _UNSET else cell


def _at(folder: Cell, name: Cell, success: Cell = "yes") -> Cell:
    """Return the absolute path; ABSENT where the call failed, so that nothing was done there."""
    if not isinstance(name, str) or success == "no":
        return ABSENT
    return posixpath.normpath(posixpath.join(folder, name)) if isinstance(folder, str) else name


def _where(name: str, value: Cell) -> Expression:
    return field(name, lambda _: value)


def _own_id(pid: Cell, time: Cell, serial: Cell) -> Cell:
    """Identify a process by its audit event where its process id is not told."""
    return ABSENT if isinstance(pid, str) else f"audit:{time}:{serial}"


def _unless(cell: Cell, other: Cell) -> Cell:
    """Return a cell where the other is not there: the ids of the acting program are not those of the account it names."""
    return cell if other is ABSENT else ABSENT


def _name_of_other(activities: Mapping[str, int]) -> Expression:
    return field("type", lambda cell: ABSENT if str(cell) in activities else cell)


_AUDITD: Final = View(Logsource("linux", "", "auditd"), {"SYSCALL": combine(_syscall, "SYSCALL", "arch", "syscall")})
_COMMON: Final[Table] = {
    "severity_id": 1,
    "time": field("time"),
    "device.type_id": 0,
    "device.hostname": field("node"),
    "device.name": combine(lambda node: "localhost" if node is ABSENT else ABSENT, "node"),
    "device.os.name": "Linux",
    "device.os.type_id": 200,
    "metadata.correlation_uid": field("serial"),
    "metadata.event_code": field("type"),
}
_ACTOR: Final[Table] = {
    "actor.process.pid": field("event.pid", integer),
    "actor.process.name": first("event.comm", field("event.exe", basename)),
    "actor.process.file.path": field("event.exe"),
    "actor.process.file.name": field("event.exe", basename),
    "actor.process.file.type_id": _where("event.exe", 1),
    "actor.user.uid": first(field("event.auid", _set), "event.uid"),
    "actor.user.name": first(field("event.AUID", _set), field("event.UID", _set), field("event.uid", _user_of)),
    "actor.session.uid": field("event.ses", _set),
    "status_id": field("event.success", _STATUS),
}
_PROGRAM: Final[Table] = {
    "actor.process.pid": field("pid", integer),
    "actor.process.file.path": field("exe", _set),
    "actor.process.file.name": field("exe", _set, basename),
    "actor.process.file.type_id": field("exe", _set, lambda _: 1),
    "actor.user.uid": first(field("auid", _set), "uid"),
    "actor.user.name": first(field("AUID", _set), field("UID", _set), field("uid", _user_of)),
    "status_id": field("res", _STATUS),
}

_NO_PROCESS: Final = combine(lambda pid: ABSENT if isinstance(pid, str) else "kernel", "event.pid")
"""Who acted where the line that names the process is missing."""

_LOGINS: Final = {"USER_LOGIN": 1, "USER_AUTH": 1, "USER_START": 1, "LOGIN": 1, "USER_LOGOUT": 2, "USER_END": 2}
_LOGIN_TYPES: Final = (*_LOGINS, "USER_ACCT", "USER_ERR", "CRED_ACQ", "CRED_DISP", "CRED_REFR", "GRP_AUTH")
_ACCOUNTS: Final = {"ADD_USER": 1, "DEL_USER": 6, "USER_CHAUTHTOK": 3, "ACCT_LOCK": 9, "ACCT_UNLOCK": 12}
_GROUPS: Final = {"ADD_GROUP": 6, "DEL_GROUP": 5, "GRP_MGMT": 9, "GRP_CHAUTHTOK": 9}
_SERVICES: Final = {"SERVICE_START": 3, "SERVICE_STOP": 4}


def _activity(table: Mapping[str, int]) -> Expression:
    return field("type", lambda cell: table.get(str(cell), 99))


_SUBJECT: Final[Table] = {
    "user.name": first(field("acct", _set), field("ID", _set), field("AUID", _set), field("auid", _user_of)),
    "user.uid": first(field("id", _set), field("auid", _set), combine(_unless, "uid", "acct")),
}

EXECUTION: Final = Route(
    name="execution",
    views=(
        _AUDITD,
        View(
            Logsource("linux", "process_creation", "auditd"),
            {
                "CommandLine": "command_line",
                "Image": first("event.exe", "a0"),
                "CurrentDirectory": "event.cwd",
                "User": first(field("event.UID", _set), field("event.uid", _user_of)),
                "LogonId": field("event.ses", _session),
                "ParentImage": "event.parent.exe",
                "ParentCommandLine": "event.parent.command_line",
                "ProcessId": "event.pid",
                "ParentProcessId": "event.ppid",
            },
        ),
    ),
    ocsf={
        **_COMMON,
        "class_uid": 1007,
        "activity_id": 1,
        "process.cmd_line": field("command_line"),
        "process.name": first(field("event.exe", basename), field("a0", basename)),
        "process.file.path": field("event.exe"),
        "process.file.name": field("event.exe", basename),
        "process.file.type_id": _where("event.exe", 1),
        "process.pid": field("event.pid", integer),
        "process.uid": combine(_own_id, "event.pid", "time", "serial"),
        "process.working_directory": field("event.cwd"),
        "process.user.uid": field("event.uid"),
        "process.user.name": first(field("event.UID", _set), field("event.uid", _user_of)),
        "process.parent_process.pid": field("event.ppid", integer),
        "process.parent_process.file.path": field("event.parent.exe"),
        "process.parent_process.file.name": field("event.parent.exe", basename),
        "process.parent_process.file.type_id": _where("event.parent.exe", 1),
        "process.parent_process.cmd_line": field("event.parent.command_line"),
        "actor.process.pid": field("event.ppid", integer),
        "actor.process.file.path": field("event.parent.exe"),
        "actor.process.file.name": field("event.parent.exe", basename),
        "actor.process.file.type_id": _where("event.parent.exe", 1),
        "actor.user.uid": first(field("event.auid", _set), "event.uid"),
        "actor.user.name": first(field("event.AUID", _set), field("event.UID", _set), field("event.uid", _user_of)),
        "actor.app_name": _NO_PROCESS,
        "actor.session.uid": field("event.ses", _set),
        "status_id": field("event.success", _STATUS),
    },
)
_FILE: Final[Table] = {
    **_COMMON,
    **_ACTOR,
    "class_uid": 1001,
    "actor.app_name": _NO_PROCESS,
    "activity_id": combine(lambda a, b: {"CREATE": 1, "DELETE": 4}.get(str(b if a is ABSENT else a), 0), "nametype", "objtype"),
    "file.path": combine(_at, "event.cwd", "name"),
    "file.name": first(field("name", basename), "name", "inode", field("item", lambda cell: f"item {cell}")),
    "file.type_id": 0,
    "file.uid": field("inode"),
}
FILE: Final = Route(name="file", views=(_AUDITD,), ocsf=_FILE)
CREATED: Final = Route(
    name="file-created",
    views=(
        _AUDITD,
        View(
            Logsource("linux", "file_event", "auditd"),
            {"TargetFilename": combine(_at, "event.cwd", "name", "event.success"), "Image": "event.exe", "User": "event.UID"},
        ),
    ),
    ocsf=_FILE,
)
_REMOTE_IP: Final = first(field("saddr", _saddr_ip), field("laddr", ip))
_REMOTE_PORT: Final = first(field("saddr", _saddr_port), field("lport", integer))
CONNECTION: Final = Route(
    name="connection",
    views=(
        _AUDITD,
        View(
            Logsource("linux", "network_connection", "auditd"),
            {
                "DestinationIp": _REMOTE_IP,
                "DestinationPort": _REMOTE_PORT,
                "Image": "event.exe",
                "Initiated": combine(
                    lambda *call: "true" if _syscall(*call) in ("connect", "sendto", "sendmsg") else "false",
                    "event.SYSCALL",
                    "event.arch",
                    "event.syscall",
                ),
                "User": first(field("event.UID", _set), field("event.uid", _user_of)),
            },
        ),
    ),
    ocsf={
        **_COMMON,
        **_ACTOR,
        "class_uid": 4001,
        "activity_id": 1,
        "dst_endpoint.ip": _REMOTE_IP,
        "dst_endpoint.port": _REMOTE_PORT,
        "connection_info.direction_id": 2,
    },
)
SYSCALL: Final = Route(
    name="syscall",
    views=(_AUDITD,),
    ocsf={
        **_COMMON,
        **{name: Expression(tuple(f.removeprefix("event.") for f in value.inputs), value.apply)
           for name, value in _ACTOR.items() if isinstance(value, Expression)},
        "class_uid": 1003,
        "activity_id": 4,
        "actor.process.parent_process.pid": field("ppid", integer),
        "kernel.name": first(combine(_syscall, "SYSCALL", "arch", "syscall"), "type"),
        "kernel.type_id": 2,
        "status_code": field("exit"),
    },
)  # fmt: skip
LOGIN: Final = Route(
    name="login",
    views=(_AUDITD,),
    ocsf={
        **_COMMON,
        **_PROGRAM,
        **_SUBJECT,
        "class_uid": 3002,
        "activity_id": _activity(_LOGINS),
        "activity_name": _name_of_other(_LOGINS),
        "service.name": first(field("exe", _set, basename), field("type", lambda _: "kernel")),
        "src_endpoint.ip": first(field("addr", ip), field("hostname", ip)),
        "session.uid": field("ses", _set),
        "session.terminal": first(field("terminal", _set), field("tty", _set)),
    },
)
ACCOUNT: Final = Route(
    name="account",
    views=(_AUDITD,),
    ocsf={
        **_COMMON,
        **_PROGRAM,
        "class_uid": 3001,
        "activity_id": _activity(_ACCOUNTS),
        "activity_name": _name_of_other(_ACCOUNTS),
        "user.name": first(field("acct", _set), field("ID", _set)),
        "user.uid": first(field("id", _set), combine(_unless, "auid", "acct")),
    },
)
GROUP: Final = Route(
    name="group",
    views=(_AUDITD,),
    ocsf={
        **_COMMON,
        **_PROGRAM,
        "class_uid": 3006,
        "activity_id": _activity(_GROUPS),
        "group.name": first(field("grp", _set), field("acct", _set), field("GID", _set)),
        "group.uid": first(field("gid", _set), field("id", _set)),
    },
)
COMMAND: Final = Route(
    name="command",
    views=(_AUDITD,),
    ocsf={
        **_COMMON,
        **_PROGRAM,
        "class_uid": 1007,
        "activity_id": 1,
        "process.cmd_line": field("cmd"),
        "process.name": field("cmd", lambda cell: basename(str(cell).split(" ")[0])),
        "process.uid": combine(_own_id, "no-pid", "time", "serial"),
        "process.working_directory": field("cwd"),
        "process.parent_process.pid": field("pid", integer),
    },
)
SERVICE: Final = Route(
    name="service",
    views=(_AUDITD,),
    ocsf={
        **_COMMON,
        **_PROGRAM,
        "class_uid": 6002,
        "activity_id": _activity(_SERVICES),
        "app.name": first("unit", field("exe", basename), "type"),
    },
)
OTHER: Final = Route(
    name="other",
    views=(_AUDITD,),
    ocsf={**_COMMON, **_PROGRAM, "class_uid": 0, "activity_id": 99, "activity_name": field("type")},
)
ROUTES: Final = (EXECUTION, FILE, CREATED, CONNECTION, SYSCALL, LOGIN, ACCOUNT, GROUP, COMMAND, SERVICE, OTHER)
ROUTE_OF_TYPE: Final[Mapping[str, Route]] = {
    "EXECVE": EXECUTION,
    "PATH": FILE,
    "SOCKADDR": CONNECTION,
    "SYSCALL": SYSCALL,
    "USER_CMD": COMMAND,
    **dict.fromkeys(_LOGIN_TYPES, LOGIN),
    **dict.fromkeys((*_ACCOUNTS, "USER_MGMT"), ACCOUNT),
    **dict.fromkeys(_GROUPS, GROUP),
    **dict.fromkeys(_SERVICES, SERVICE),
}
