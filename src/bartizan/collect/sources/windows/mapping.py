"""Pieces of which the OCSF mappings of Windows events are made: each gives the attributes of one object from native fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.schema.cells import account, basename, domain, fingerprints, guid, hostname, integer, ip, lookup, port, present, text
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.expressions import Expression, Table, combine, field
from bartizan.schema.time import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "COMMON",
    "connection",
    "constant",
    "endpoint",
    "event",
    "file",
    "integrity",
    "numbered",
    "process",
    "same_process",
    "subject",
    "user",
]

_SEVERITY: Final = {"0": 1, "1": 5, "2": 4, "3": 3, "4": 1, "5": 1}
"""Windows level (0 always, 1 critical, 2 error, 3 warning, 4 information, 5 verbose) -> OCSF severity."""
_INTEGRITY: Final = {
    "untrusted": 1,
    "low": 2,
    "medium": 3,
    "medium plus": 3,
    "high": 4,
    "system": 5,
    "protectedprocess": 6,
    "s-1-16-0": 1,
    "s-1-16-4096": 2,
    "s-1-16-8192": 3,
    "s-1-16-8448": 3,
    "s-1-16-12288": 4,
    "s-1-16-16384": 5,
    "s-1-16-20480": 6,
}
_SYSTEM_SIDS: Final = {"s-1-5-18": 3, "s-1-5-19": 4, "s-1-5-20": 4}

_PROTOCOLS: Final = {"tcp": "tcp", "udp": "udp", "6": "tcp", "17": "udp", "1": "icmp", "58": "ipv6-icmp"}
_PROTOCOL_NUMBERS: Final = {"tcp": 6, "udp": 17, "6": 6, "17": 17, "1": 1, "58": 58}


def _severity(level: Cell) -> int:
    return _SEVERITY.get(text_of(level) or "", 0)


COMMON: Final[Table] = {
    "severity_id": combine(_severity, "Level"),
    "time": field("TimeCreated", nanoseconds),
    "metadata.event_code": field("EventID", text),
    "metadata.log_name": field("Channel", text),
    "metadata.log_provider": field("Provider_Name", text),
    "device.hostname": field("Computer", hostname),
    "device.type_id": 0,
    "device.os.name": "Windows",
    "device.os.type_id": 100,
}
"""What every Windows event says."""


def event(class_uid: int, activity_id: int | Expression, *parts: Table) -> Table:
    """Return the mapping of one kind of event: what all have in common, its class and activity, and its objects."""
    table: dict[str, Expression | str | int | bool] = {**COMMON, "class_uid": class_uid, "activity_id": activity_id}
    for part in parts:
        table.update(part)
    return table


def file(at: str, path: str, *, hashes: str = "", type_id: int = 1) -> Table:
    """Return a file object under ``at``, named by a path; absent as a whole where the record has no path."""
    table: dict[str, Expression | str | int | bool] = {
        f"{at}.path": field(path, present, text),
        f"{at}.name": field(path, present, _last_part),
        f"{at}.type_id": constant(path, type_id),
    }
    if hashes:
        table[f"{at}.hashes"] = field(hashes, fingerprints)
    return table


def _last_part(cell: Cell) -> Cell:
    """Name a file by the last part of its path, the root of a share by the path."""
    name = basename(cell)
    return text(cell) if name is ABSENT else name


def process(at: str, image: str, pid: str, uid: str = "", *, command: str = "") -> Table:
    """Return a process object under ``at``: its image, its numbers, its command line."""
    table: dict[str, Expression | str | int | bool] = {
        f"{at}.name": field(image, present, basename),
        **file(f"{at}.file", image),
    }
    if pid:
        table[f"{at}.pid"] = field(pid, integer)
    if uid:
        table[f"{at}.uid"] = field(uid, guid)
    if command:
        table[f"{at}.cmd_line"] = field(command, present, text)
    return table


def same_process(*, user_field: str = "User") -> Table:
    """Return the acting process as most Sysmon events write it."""
    return {**process("actor.process", "Image", "ProcessId", "ProcessGuid"), **user("actor.user", user_field)}


def user(at: str, name: str, *, sid: str = "", realm: str = "") -> Table:
    r"""Return a user object under ``at``; without ``realm`` the domain is the part of the name before the backslash."""
    table: dict[str, Expression | str | int | bool] = {
        f"{at}.name": field(name, present, account),
        f"{at}.domain": field(realm, present, text) if realm else field(name, domain),
    }
    if sid:
        table[f"{at}.uid"] = field(sid, present, text)
        table[f"{at}.type_id"] = field(sid, present, lookup(_SYSTEM_SIDS, 1))
    return table


def subject(at: str = "actor", prefix: str = "Subject") -> Table:
    """Return who caused a Security event: account, domain, SID and logon session."""
    return {
        **user(f"{at}.user", f"{prefix}UserName", sid=f"{prefix}UserSid", realm=f"{prefix}DomainName"),
        f"{at}.session.uid": field(f"{prefix}LogonId", present, text),
    }


def endpoint(at: str, address: str, port_field: str = "", name: str = "") -> Table:
    """Return one end of a connection."""
    table: dict[str, Expression | str | int | bool] = {}
    if address:
        table[f"{at}.ip"] = field(address, ip)
    if port_field:
        table[f"{at}.port"] = field(port_field, port)
    if name:
        table[f"{at}.hostname"] = field(name, hostname)
    return table


def connection(protocol: str, direction: str, directions: Mapping[str, Cell]) -> Table:
    """Return what is said of a connection: protocol by name or number, and who began it."""
    return {
        "connection_info.protocol_name": field(protocol, lookup(_PROTOCOLS)),
        "connection_info.protocol_num": field(protocol, lookup(_PROTOCOL_NUMBERS)),
        "connection_info.direction_id": combine(lookup(directions, 0), direction),
    }


def integrity(name: str) -> Table:
    """Return the integrity level of the launched process, by name or by the SID of its label."""
    return {"process.integrity_id": field(name, lookup(_INTEGRITY))}


def constant(where: str, value: Cell) -> Expression:
    """Return the expression that is ``value`` wherever a field says something."""
    return field(where, present, lambda _cell: value)


def numbered(activities: Mapping[int, int], default: int = 99) -> Expression | int:
    """Return the activity that follows from the event id; a number where it is the same for all."""
    if len(set(activities.values())) == 1:
        return next(iter(activities.values()))
    return combine(lambda cell: activities.get(cell, default) if isinstance(cell, int) else default, "EventID")
