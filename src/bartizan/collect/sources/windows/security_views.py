"""How rules written for Sysmon's fields read the Security log: audit events that tell of the same deeds under other names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.schema.cells import integer, lookup, text
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.expressions import combine, field
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.expressions import Expression

__all__ = ["PROCESS_START", "SECURITY", "registry_views"]

SECURITY: Final = View(Logsource("windows", service="security"), {"ComputerName": "Computer", "SubjectAccountName": "SubjectUserName"})

_NOBODY: Final = frozenset({"", "-", "0x0"})
_ACCOUNTS: Final = {
    "S-1-5-18": "NT AUTHORITY\\SYSTEM",
    "S-1-5-19": "NT AUTHORITY\\LOCAL SERVICE",
    "S-1-5-20": "NT AUTHORITY\\NETWORK SERVICE",
}
_LEVELS: Final[Mapping[str, Cell]] = {
    "s-1-16-0": ("Untrusted", "S-1-16-0"),
    "s-1-16-4096": ("Low", "S-1-16-4096"),
    "s-1-16-8192": ("Medium", "S-1-16-8192"),
    "s-1-16-8448": ("Medium Plus", "S-1-16-8448"),
    "s-1-16-12288": ("High", "S-1-16-12288"),
    "s-1-16-16384": ("System", "S-1-16-16384"),
}
"""The label's SID -> the name Sysmon writes, and the SID, since rules ask for either."""
_HIVES: Final = (("\\REGISTRY\\MACHINE", "HKLM"), ("\\REGISTRY\\USER", "HKU"))
_DWORDS: Final = frozenset({"%%1876", "%%1877"})
_QWORDS: Final = frozenset({"%%1883"})
_BINARIES: Final = frozenset({"%%1875", "%%1872"})


def _named(name: Cell, domain: Cell, sid: Cell) -> str:
    """Name an account as Sysmon does; the empty string for nobody."""
    who, realm, identity = text_of(name) or "", text_of(domain) or "", text_of(sid) or ""
    if who in _NOBODY:
        return ""
    return _ACCOUNTS.get(identity) or (who if realm in _NOBODY else f"{realm}\\{who}")


def _user(*cells: Cell) -> Cell:
    """Name whom a process runs as: the target account where there is one, else its creator (name, domain, SID of each)."""
    return _named(*cells[:3]) or _named(*cells[3:]) or ABSENT


def _creator(name: Cell, domain: Cell, sid: Cell) -> Cell:
    return _named(name, domain, sid) or ABSENT


def _session(target: Cell, creator: Cell) -> Cell:
    return creator if target is ABSENT or text_of(target) in _NOBODY else target


def _registry_path(key: Cell, value: Cell) -> Cell:
    path, name = text_of(key), text_of(value)
    if path is None:
        return ABSENT
    for hive, short in _HIVES:
        if path.upper().startswith(hive):
            path = short + path[len(hive) :]
    path = path.replace("\\ControlSet001\\", "\\CurrentControlSet\\")
    return path if name is None else f"{path}\\{name or '(Default)'}"


def _registry_details(kind: Cell, value: Cell) -> Cell:
    """Write a value as Sysmon writes it."""
    type_of, number = text_of(kind) or "", integer(value)
    if type_of in _BINARIES:
        return "Binary Data"
    if isinstance(number, int) and type_of in _DWORDS:
        return f"DWORD (0x{number & 0xFFFFFFFF:08x})"
    if isinstance(number, int) and type_of in _QWORDS:
        return f"QWORD (0x{number >> 32 & 0xFFFFFFFF:08x}-0x{number & 0xFFFFFFFF:08x})"
    return text(value)


PROCESS_START: Final = View(
    Logsource("windows", "process_creation", "security"),
    {
        "Image": "NewProcessName",
        "ParentImage": "ParentProcessName",
        "ProcessId": field("NewProcessId", integer),
        "ParentProcessId": field("ProcessId", integer),
        "User": combine(
            _user, "TargetUserName", "TargetDomainName", "TargetUserSid", "SubjectUserName", "SubjectDomainName", "SubjectUserSid"
        ),
        "LogonId": combine(_session, "TargetLogonId", "SubjectLogonId"),
        "IntegrityLevel": field("MandatoryLabel", lookup(_LEVELS)),
    },
)


def registry_views(*categories: str) -> tuple[View, ...]:
    """Return the views of event 4657, which names hives, keys, values and data in its own way."""
    aliases: dict[str, str | Expression] = {
        "Image": "ProcessName",
        "TargetObject": combine(_registry_path, "ObjectName", "ObjectValueName"),
        "Details": combine(_registry_details, "NewValueType", "NewValue"),
        "EventType": field("OperationType", lookup({"%%1904": "SetValue", "%%1905": "SetValue", "%%1906": "DeleteValue"})),
        "User": combine(_creator, "SubjectUserName", "SubjectDomainName", "SubjectUserSid"),
    }
    return tuple(View(Logsource("windows", category, "security"), aliases) for category in categories)
