"""Say what log sources the messages of Linux programs serve and what they are in OCSF; syslog and the journal share it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Part, Route
from bartizan.collect.selection import select
from bartizan.collect.sources.linux.messages import MEANINGS, family_of, understand, unfold
from bartizan.collect.sources.linux.syslog_text import severity_of
from bartizan.collect.text_columns import Gatherer, coded
from bartizan.schema.cells import basename, hostname, integer, ip, port
from bartizan.schema.columns import ABSENT, Cell, Column
from bartizan.schema.expressions import Table, combine, field, first
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.schema.expressions import Function

__all__ = ["ROUTES", "parts_of"]

_SERVICES: Final = {
    "ssh": ("sshd", "auth", "syslog"),
    "sudo": ("sudo", "auth", "syslog"),
    "auth": ("auth", "syslog"),
    "cron": ("cron", "syslog"),
    "clamav": ("clamav", "syslog"),
    "vsftpd": ("vsftpd", "syslog"),
    "guacamole": ("guacamole", "syslog"),
    "systemd": ("systemd", "syslog"),
    "syslog": ("syslog",),
}
"""Sigma services by family: a rule for ``auth`` judges what lands in ``auth.log``, one for ``syslog`` everything."""


def _option(name: str) -> Function:
    """Make the function that takes one of sudo's ``TTY=… ; PWD=… ; USER=…``."""
    start = f"{name}="

    def take(cell: Cell) -> Cell:
        return next((part[len(start) :] for part in str(cell).split(" ; ") if part.startswith(start)), ABSENT)

    return take


def _refusal(cell: Cell) -> Cell:
    """Return why sudo refused: what it says before the options, if anything."""
    told = str(cell).split(" ; ", 1)[0]
    return ABSENT if "=" in told else told


_STATUS: Final = field("result", lambda cell: 1 if cell == "success" else 2)
_ACTIVITY: Final = combine(lambda cell: int(cell) if isinstance(cell, str) and cell.isdecimal() else 99, "activity")
_COMMON: Final[Table] = {
    "severity_id": combine(severity_of, "priority"),
    "time": field("time"),
    "unmapped.time_flag": field("time_flag"),
    "device.type_id": 0,
    "device.hostname": field("host", hostname),
    "device.name": combine(lambda host: "localhost" if host is ABSENT else ABSENT, "host"),
    "device.os.name": "Linux",
    "device.os.type_id": 200,
    "message": field("message"),
    "metadata.log_name": field("program"),
    "count": field("repeated", integer),
}
_PROCESS: Final = combine(lambda program, pid: ABSENT if program is ABSENT or pid is ABSENT else basename(program), "program", "pid")
"""A process is one only with its id; the bare name of the program is ``actor.app_name``."""
_SOURCE_OF_ACTION: Final[Table] = {
    "actor.process.name": _PROCESS,
    "actor.process.pid": field("pid", integer),
    "actor.app_name": field("program", basename),
    "actor.user.name": first("by_user"),
    "actor.user.uid": field("by_uid"),
    "src_endpoint.ip": first(field("src_ip", ip), field("rhost", ip)),
    "src_endpoint.hostname": first(field("src_ip", lambda cell: hostname(cell) if ip(cell) is ABSENT else ABSENT), "rhost"),
    "src_endpoint.port": field("src_port", port),
}
_OCSF: Final[Mapping[str, Table]] = {
    "login": {
        **_SOURCE_OF_ACTION,
        "class_uid": 3002,
        "activity_id": _ACTIVITY,
        "status_id": _STATUS,
        "status_detail": first("reason", field("unknown", lambda cell: str(cell).strip())),
        "user.name": combine(lambda cell: cell if isinstance(cell, str) and cell else "(empty)", "user"),
        "user.uid": field("uid"),
        "service.name": first("service", field("program", basename), field("program")),
        "auth_protocol": field("method"),
        "auth_protocol_id": field("method", lambda _: 99),
        "session.uid": field("session"),
        "session.terminal": first("tty"),
        "is_remote": first(field("src_ip", lambda _: True), field("rhost", lambda cell: True if cell else ABSENT)),
    },
    "connection": {
        **_SOURCE_OF_ACTION,
        "class_uid": 4007,
        "activity_id": _ACTIVITY,
        "status_detail": field("reason"),
        "dst_endpoint.ip": field("dst_ip", ip),
        "dst_endpoint.port": field("dst_port", port),
        "dst_endpoint.hostname": field("host", hostname),
        "unmapped.user": field("user"),
    },
    "command": {
        "class_uid": 1007,
        "activity_id": 1,
        "actor.user.name": field("by_user"),
        "actor.process.name": _PROCESS,
        "actor.process.pid": field("pid", integer),
        "actor.app_name": field("program", basename),
        "process.cmd_line": field("COMMAND"),
        "process.name": field("COMMAND", lambda cell: basename(str(cell).split(" ")[0])),
        "process.uid": combine(
            lambda time, *told: "sudo:" + ":".join(str(part) for part in (time, *told) if part is not ABSENT), "time", "host", "pid"
        ),
        "process.working_directory": field("options", _option("PWD")),
        "process.user.name": first(field("options", _option("USER")), field("options", lambda _: "root")),
        "process.parent_process.pid": field("pid", integer),
        "actor.session.terminal": field("options", _option("TTY")),
        "status_id": field("options", lambda cell: 1 if _refusal(cell) is ABSENT else 2),
        "status_detail": field("options", _refusal),
    },
    "job": {
        "class_uid": 1006,
        "activity_id": _ACTIVITY,
        "actor.user.name": field("user"),
        "actor.process.name": _PROCESS,
        "actor.process.pid": field("pid", integer),
        "job.name": first("command", field("crontab", lambda cell: f"crontab of {cell}")),
        "job.cmd_line": field("command"),
        "job.user.name": first("crontab", "user"),
        "job.type_id": 2,
    },
    "account": {
        **_SOURCE_OF_ACTION,
        "class_uid": 3001,
        "activity_id": _ACTIVITY,
        "activity_name": combine(lambda what, change: change if what == "99" else ABSENT, "activity", "change"),
        "status_id": _STATUS,
        "user.name": field("user"),
        "user.uid": field("uid"),
    },
    "group": {
        **_SOURCE_OF_ACTION,
        "class_uid": 3006,
        "activity_id": _ACTIVITY,
        "status_id": _STATUS,
        "group.name": field("group"),
        "group.uid": field("gid"),
        "user.name": field("user"),
    },
    "service": {"class_uid": 6002, "activity_id": _ACTIVITY, "status_id": _STATUS, "app.name": field("unit")},
    "other": {
        "class_uid": 0,
        "activity_id": 99,
        "activity_name": first("msgid", "program", field("message", lambda _: "message")),
    },
}
_SUDO_FIELDS: Final = {name: field("options", _option(name)) for name in ("TTY", "PWD", "USER", "GROUP")}
ROUTE_OF: Final[Mapping[tuple[str, str], Route]] = {
    (family, meaning): Route(
        name=f"{family}-{meaning}",
        views=tuple(View(Logsource("linux", "", service), _SUDO_FIELDS if meaning == "command" else {}) for service in _SERVICES[family]),
        ocsf={**_COMMON, **_OCSF[meaning]},
    )
    for family, meanings in MEANINGS.items()
    for meaning in meanings
}
ROUTES: Final = tuple(ROUTE_OF.values())


def parts_of(rows: Sequence[int], columns: Mapping[str, Column], context: Context) -> list[Part]:
    """Sort messages into routes. ``columns`` has at least ``program`` and ``message``; ``rows`` says which record each row is."""
    families = columns["program"].map(lambda cell: family_of(cell if isinstance(cell, str) else None)).cells()
    texts = [cell if isinstance(cell, str) else "" for cell in columns["message"].cells()]
    folded = {row: unfold(text) for row, text in enumerate(texts) if text[:16] == "message repeated"}
    for row, (inner, _) in folded.items():
        texts[row] = inner
    gatherers: defaultdict[tuple[str, str], Gatherer] = defaultdict(lambda: Gatherer(None, lambda _: None))
    for said in understand([str(family) for family in families], texts):
        gatherers[said.family, said.meaning].add(said.rows, said.names, said.cells)
    repeated = {} if not folded else {"repeated": coded(folded[row][1] if row in folded else None for row in range(len(texts)))}
    parts = []
    for key, gatherer in gatherers.items():
        route = ROUTE_OF[key]
        told = select({**columns, **repeated}, gatherer.rows, context.wanted(route))
        parts.append(Part(route, [rows[row] for row in gatherer.rows], gatherer.frame(told.columns)))
    return parts
