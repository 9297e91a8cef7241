"""What Sysmon's events mean, on Windows and, with the same event ids and fields, on Linux."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Route
from bartizan.collect.sources.windows.kinds import Kind
from bartizan.collect.sources.windows.mapping import (
    connection,
    constant,
    endpoint,
    event,
    file,
    integrity,
    process,
    same_process,
    user,
)
from bartizan.schema.cells import fingerprint, fingerprints, guid, hostname, lookup, present, text
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Table, field
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.expressions import Expression

__all__ = ["LINUX", "LINUX_OTHER", "WINDOWS"]


def _hash_aliases(where: str) -> dict[str, str | Expression]:
    """Let rules ask for one hash by its name, in the spellings in use."""
    names = ("Imphash", "imphash", "IMPHASH", "md5", "MD5", "sha1", "SHA1", "sha256", "SHA256")
    return {name: field(where, fingerprint(name.upper())) for name in names}


def _answers(cell: Cell) -> Cell:
    """Read ``type:  5 name.example.com;::ffff:192.0.2.1;`` as OCSF answers."""
    parts = [part.strip() for part in str(cell).split(";")]
    answers: list[Mapping[str, Cell]] = []
    for part in parts:
        words = part.removeprefix("type:").split()
        if not part or not words:
            continue
        if part.startswith("type:") and len(words) > 1:
            answers.append({"type": _RECORD_TYPES.get(words[0], words[0]), "rdata": words[1]})
        else:
            answers.append({"rdata": part.removeprefix("::ffff:")})
    return tuple(answers) or ABSENT


def _value_name(cell: Cell) -> Cell:
    return str(cell).rpartition("\\")[2] or ABSENT


def _key_path(cell: Cell) -> Cell:
    return str(cell).rpartition("\\")[0] or ABSENT


_RECORD_TYPES: Final = {"1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "15": "MX", "16": "TXT", "28": "AAAA", "33": "SRV"}
_RCODES: Final[Mapping[str, Cell]] = {"0": 0, "9001": 1, "9002": 2, "9003": 3, "9004": 4, "9005": 5}
"""DNS status as Windows numbers it -> DNS response code."""
_LAUNCHED: Final[Table] = {
    **process("process", "Image", "ProcessId", "ProcessGuid", command="CommandLine"),
    "process.file.hashes": field("Hashes", fingerprints),
    **user("process.user", "User"),
    **integrity("IntegrityLevel"),
    "process.working_directory": field("CurrentDirectory", present, text),
    "process.session.uid": field("LogonId", present, text),
    "launch_type_id": 1,
    **process("actor.process", "ParentImage", "ParentProcessId", "ParentProcessGuid", command="ParentCommandLine"),
    **user("actor.user", "ParentUser"),
}
_TARGET: Final[Table] = {
    **process("actor.process", "SourceImage", "SourceProcessId", "SourceProcessGUID"),
    **user("actor.user", "SourceUser"),
    **process("process", "TargetImage", "TargetProcessId", "TargetProcessGUID"),
    **user("process.user", "TargetUser"),
}
_REMOTE_THREAD: Final[Table] = {
    **_TARGET,
    "actor.process.uid": field("SourceProcessGuid", guid),
    "process.uid": field("TargetProcessGuid", guid),
    "injection_type_id": 1,
    "module.load_type_id": constant("StartAddress", 0),
    "module.function_name": field("StartFunction", present, text),
    "module.start_address": field("StartAddress", present, text),
    "module.file.path": field("StartModule", present, text),
}
_CONNECTION: Final[Table] = {
    **same_process(),
    **endpoint("src_endpoint", "SourceIp", "SourcePort", "SourceHostname"),
    **endpoint("dst_endpoint", "DestinationIp", "DestinationPort", "DestinationHostname"),
    **connection("Protocol", "Initiated", {"true": 2, "false": 1}),
}
_REGISTRY_VALUE: Final[Table] = {
    **same_process(),
    "reg_value.path": field("TargetObject", _key_path),
    "reg_value.name": field("TargetObject", _value_name),
    "reg_value.data": field("Details", text),
}
_REGISTRY_KEY: Final[Table] = {**same_process(), "reg_key.path": field("TargetObject", present, text)}
_DNS: Final[Table] = {
    **same_process(),
    **endpoint("src_endpoint", "", "", "Computer"),
    "query.hostname": field("QueryName", hostname),
    "rcode_id": field("QueryStatus", lookup(_RCODES, 99)),
    "rcode": field("QueryStatus", lambda cell: ABSENT if str(cell) in _RCODES else text(cell)),
    "answers": field("QueryResults", present, _answers),
}
_MODULE: Final[Table] = {**same_process(), **file("module.file", "ImageLoaded", hashes="Hashes"), "module.load_type_id": 1}
_DRIVER: Final[Table] = {
    **file("driver.file", "ImageLoaded", hashes="Hashes"),
    "actor.process.pid": 4,
    "actor.process.name": "System",
}
_FILE: Final[Table] = {**same_process(), **file("file", "TargetFilename", hashes="Hashes")}
_STREAM: Final[Table] = {**same_process(), **file("file", "TargetFilename", hashes="Hash")}
_PIPE: Final[Table] = {**same_process(), **file("file", "PipeName", type_id=6)}
_RAW_DISK: Final[Table] = {**same_process(), **file("file", "Device", type_id=4)}
_CLIPBOARD: Final[Table] = {**same_process()}
_TAMPERED: Final[Table] = {
    **process("process", "Image", "ProcessId", "ProcessGuid"),
    **process("actor.process", "Image", "ProcessId", "ProcessGuid"),
    **user("actor.user", "User"),
}
_EXITED: Final[Table] = {**_TAMPERED}
_SETTINGS: Final[Table] = {"message": field("State", present, text)}

_EVENTS: Final = (
    (1, "process-create", ("process_creation",), event(1007, 1, _LAUNCHED)),
    (2, "file-time", ("file_change",), event(1001, 6, _FILE)),
    (3, "network-connection", ("network_connection",), event(4001, 1, _CONNECTION)),
    (4, "service-state", ("sysmon_status",), event(0, 99, _SETTINGS)),
    (5, "process-exit", ("process_termination",), event(1007, 2, _EXITED)),
    (6, "driver-load", ("driver_load",), event(1002, 1, _DRIVER)),
    (7, "image-load", ("image_load",), event(1005, 1, _MODULE)),
    (8, "remote-thread", ("create_remote_thread",), event(1007, 4, _REMOTE_THREAD)),
    (9, "raw-read", ("raw_access_thread", "raw_access_read"), event(1001, 2, _RAW_DISK)),
    (10, "process-access", ("process_access",), event(1007, 3, _TARGET)),
    (11, "file-create", ("file_event",), event(1001, 1, _FILE)),
    (13, "registry-set", ("registry_set", "registry_event"), event(201002, 2, _REGISTRY_VALUE)),
    (14, "registry-rename", ("registry_rename", "registry_event"), event(201001, 5, _REGISTRY_KEY)),
    (15, "stream-create", ("create_stream_hash",), event(1001, 1, _STREAM)),
    (16, "configuration", ("sysmon_status",), event(0, 99, _SETTINGS)),
    (17, "pipe-create", ("pipe_created",), event(1001, 1, _PIPE)),
    (18, "pipe-connect", ("pipe_created",), event(1001, 14, _PIPE)),
    (19, "wmi-filter", ("wmi_event",), event(0, 99, user("actor.user", "User"))),
    (20, "wmi-consumer", ("wmi_event",), event(0, 99, user("actor.user", "User"))),
    (21, "wmi-binding", ("wmi_event",), event(0, 99, user("actor.user", "User"))),
    (22, "dns-query", ("dns_query",), event(4003, 2, _DNS)),
    (23, "file-delete", ("file_delete",), event(1001, 4, _FILE)),
    (24, "clipboard", ("clipboard_capture", "clipboard_change"), event(0, 99, _CLIPBOARD)),
    (25, "process-tampering", ("process_tampering",), event(1007, 99, _TAMPERED)),
    (26, "file-delete-logged", ("file_delete", "file_delete_detected"), event(1001, 4, _FILE)),
    (27, "file-block-executable", ("file_block", "file_block_executable"), event(1001, 1, _FILE)),
    (28, "file-block-shredding", ("file_block", "file_block_shredding"), event(1001, 4, _FILE)),
    (29, "file-executable", ("file_executable_detected",), event(1001, 1, _FILE)),
    (255, "sysmon-error", ("sysmon_error",), event(0, 99, {"message": field("Description", present, text)})),
)
"""Event id, name, the Sigma categories it serves, its mapping."""

_KEYS: Final = (
    ("CreateKey", "registry-key-create", ("registry_add", "registry_event"), event(201001, 1, _REGISTRY_KEY)),
    ("DeleteKey", "registry-key-delete", ("registry_delete", "registry_event"), event(201001, 4, _REGISTRY_KEY)),
    ("DeleteValue", "registry-value-delete", ("registry_delete", "registry_event"), event(201002, 4, _REGISTRY_VALUE)),
)
"""Event 12 is three events; what it does not tell apart serves all three."""


def _views(product: str, categories: tuple[str, ...]) -> tuple[View, ...]:
    hashes, stream = _hash_aliases("Hashes"), {**_hash_aliases("Hash"), "Hashes": "Hash"}
    return tuple(View(Logsource(product, name, "sysmon"), stream if name == "create_stream_hash" else hashes) for name in categories)


def _route(product: str, name: str, categories: tuple[str, ...], ocsf: Table) -> Route:
    prefix = "sysmon" if product == "windows" else f"sysmon-{product}"
    table = ocsf if product == "windows" else {**ocsf, "device.os.name": "Linux", "device.os.type_id": 200}
    return Route(name=f"{prefix}-{name}", views=(View(Logsource(product, service="sysmon")), *_views(product, categories)), ocsf=table)


def _kinds(product: str) -> dict[int, Kind]:
    kinds = {number: Kind(_route(product, name, categories, ocsf)) for number, name, categories, ocsf in _EVENTS}
    unknown = _route(product, "registry-key", ("registry_add", "registry_delete", "registry_event"), event(201001, 99, _REGISTRY_KEY))
    keys = {change: _route(product, name, categories, ocsf) for change, name, categories, ocsf in _KEYS}
    return {**kinds, 12: Kind(unknown, "EventType", keys)}


WINDOWS: Final = _kinds("windows")
LINUX: Final = _kinds("linux")
LINUX_OTHER: Final = Kind(_route("linux", "other", (), event(0, 99)))
