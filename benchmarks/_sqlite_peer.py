"""The hunt as others do it: events decoded with the standard library into an SQLite table, one SQL query per rule.

It does the same work: every event is decoded and mapped to OCSF attributes (in SQL, about as many as our mapping of the
same events has), every rule is asked by the query that pySigma's SQLite backend makes of it, and each finding is written
as an OCSF Detection Finding with its raw record. Where it could be slower than it must be, it is helped: events are
inserted by shape, columns appear as they are met, a rule's query is narrowed to the events of its log source, and a rule
that names a column which no record has is left out. With ``indexed`` it is helped further, by an index on the columns that
tell a log source, which neither the backend nor the tools built on it make.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
import time
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from benchmarks._field import SIGMA, WINDOWS_RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["hunt_by_sql"]

_RAW: Final = "raw record"
_SYSMON: Final = "\"Channel\" = 'Microsoft-Windows-Sysmon/Operational'"
_LAUNCH: Final = f'{_SYSMON} AND "EventID" IN (1, 5)'
_CLASSES: Final = (
    (f'{_SYSMON} AND "EventID" IN (1, 5, 8, 10, 25)', 1007),
    (f'{_SYSMON} AND "EventID" IN (2, 11, 15, 23, 26)', 1001),
    (f'{_SYSMON} AND "EventID" IN (6, 7)', 1005),
    (f'{_SYSMON} AND "EventID" IN (12, 14)', 201001),
    (f'{_SYSMON} AND "EventID" = 13', 201002),
    (f'{_SYSMON} AND "EventID" = 3', 4001),
    (f'{_SYSMON} AND "EventID" = 22', 4003),
    ('"Channel" = \'Security\' AND "EventID" IN (4624, 4625, 4634, 4647, 4648)', 3002),
    ('"Channel" = \'Security\' AND "EventID" IN (4688, 4689)', 1007),
    ('"Channel" = \'Security\' AND "EventID" IN (5156, 5157, 5158)', 4001),
    ('"Channel" = \'Microsoft-Windows-PowerShell/Operational\' AND "EventID" IN (4103, 4104)', 1009),
)
"""Which events are of which OCSF class; all others are base events."""


def hunt_by_sql(files: list[Path], *, indexed: bool) -> tuple[int, float, str]:
    """Return how many events were hunted through, the CPU seconds it took, and what came of it; making the queries is not counted."""
    queries = _queries()
    began = time.process_time()
    database = sqlite3.connect(":memory:", cached_statements=4096)
    database.create_function("regexp", 2, _regexp, deterministic=True)
    database.create_function("basename", 1, _basename, deterministic=True)
    events = _load(database, files)
    if indexed:
        database.execute('CREATE INDEX by_kind ON logs ("Channel", "EventID")')
    ran = failed = findings = 0
    with tempfile.TemporaryFile("w") as out:
        for rule, where, query in queries:
            try:
                rows = database.execute(
                    query.replace("SELECT * FROM logs ", f"SELECT rowid FROM (SELECT rowid, * FROM logs WHERE {where}) ", 1)
                )
                hits = [row[0] for row in rows]
            except sqlite3.Error:
                failed += 1
                continue
            ran += 1
            findings += len(hits)
            out.writelines(_finding(database, rule, hit) for hit in hits)
    took = time.process_time() - began
    return events, took, f"{ran} queries ran, {failed} could not (a column that no record has), {findings} findings"


def _load(database: sqlite3.Connection, files: list[Path]) -> int:
    """Fill the table of events and that of their OCSF attributes; return how many events there are."""
    names: dict[str, str] = {}
    for file in files:
        for shape, rows in groupby(_rows(file), key=_shape):
            _widen(database, names, shape)
            wanted = ", ".join(f'"{name}"' for name in shape)
            marks = ", ".join("?" * len(shape))
            database.executemany(f"INSERT INTO logs ({wanted}) VALUES ({marks})", ([*map(_cell, row.values())] for row in rows))
    database.execute(_mapping(names))
    return int(database.execute("SELECT count(*) FROM logs").fetchone()[0])


def _rows(file: Path) -> Iterator[dict[str, object]]:
    """Yield events; of names that differ by letter case alone, which SQL takes for one column, the last counts."""
    for line in file.read_bytes().splitlines():
        if line.startswith(b"{"):
            row = json.loads(line)
            row[_RAW] = line.decode("utf-8", "replace")
            spelt = {name.lower(): name for name in row}
            yield row if len(spelt) == len(row) else {name: row[name] for name in spelt.values()}


def _shape(row: dict[str, object]) -> tuple[str, ...]:
    return tuple(row)


def _widen(database: sqlite3.Connection, names: dict[str, str], shape: tuple[str, ...]) -> None:
    for name in shape:
        if name.lower() not in names:
            database.execute(f'ALTER TABLE logs ADD COLUMN "{name}"' if names else f'CREATE TABLE logs ("{name}")')
            names[name.lower()] = name


def _cell(value: object) -> object:
    if value is None or isinstance(value, str | float) or (isinstance(value, int) and abs(value) < 1 << 63):
        return value
    return json.dumps(value)


def _mapping(names: dict[str, str]) -> str:
    """Return the statement that maps every event to OCSF attributes."""

    def column(*choices: str) -> str:
        there = [f'"{names[choice.lower()]}"' for choice in choices if choice.lower() in names]
        return f"coalesce({', '.join([*there, 'NULL', 'NULL'])})"

    def before(text: str) -> str:
        return f"CASE WHEN instr({text}, '\\') > 0 THEN substr({text}, 1, instr({text}, '\\') - 1) END"

    def behind(text: str) -> str:
        return f"substr({text}, instr({text}, '\\') + 1)"

    user, image, target = column("User", "SubjectUserName"), column("Image", "SourceImage", "ProcessName"), column("TargetImage", "Image")
    classes = " ".join(f"WHEN {where} THEN {uid}" for where, uid in _CLASSES)
    clock = column("@timestamp", "TimeCreated", "UtcTime", "EventTime")
    attributes = {
        "class_uid": f"CASE {classes} ELSE 0 END",
        "activity_id": f'CASE WHEN {_LAUNCH} THEN CASE "EventID" WHEN 1 THEN 1 ELSE 2 END ELSE 99 END',
        "severity_id": f"CASE {column('Level', 'SeverityValue')} WHEN 1 THEN 5 WHEN 2 THEN 4 WHEN 3 THEN 3 WHEN 4 THEN 1 ELSE 0 END",
        "time": f"CAST(strftime('%s', {clock}) AS INTEGER) * 1000 + CAST(substr(strftime('%f', {clock}), 4) AS INTEGER)",
        "metadata.log_name": column("Channel"),
        "metadata.event_code": f"CAST({column('EventID')} AS TEXT)",
        "metadata.log_provider": column("SourceName", "ProviderName"),
        "device.hostname": column("Hostname", "Computer"),
        "actor.user.name": behind(user),
        "actor.user.domain": before(user),
        "actor.user.uid": column("SubjectUserSid", "UserID"),
        "actor.process.name": f"basename({image})",
        "actor.process.file.path": image,
        "actor.process.pid": f"CAST({column('ProcessId', 'SourceProcessId', 'ExecutionProcessID')} AS INTEGER)",
        "actor.process.uid": column("ProcessGuid", "SourceProcessGUID"),
        "actor.process.cmd_line": column("ParentCommandLine"),
        "process.name": f"basename({target})",
        "process.file.path": target,
        "process.file.hashes": column("Hashes"),
        "process.pid": f"CAST({column('TargetProcessId', 'ProcessId', 'NewProcessId')} AS INTEGER)",
        "process.uid": column("TargetProcessGUID", "ProcessGuid"),
        "process.cmd_line": column("CommandLine"),
        "file.path": column("TargetFilename"),
        "file.name": f"basename({column('TargetFilename')})",
        "module.file.path": column("ImageLoaded"),
        "module.file.name": f"basename({column('ImageLoaded')})",
        "reg_key.path": column("TargetObject"),
        "reg_value.name": f"basename({column('TargetObject')})",
        "reg_value.data": column("Details"),
        "src_endpoint.ip": column("SourceIp", "IpAddress", "SourceAddress"),
        "src_endpoint.port": f"CAST({column('SourcePort', 'IpPort')} AS INTEGER)",
        "dst_endpoint.ip": column("DestinationIp", "DestAddress"),
        "dst_endpoint.port": f"CAST({column('DestinationPort', 'DestPort')} AS INTEGER)",
        "query.hostname": column("QueryName"),
        "script.script_content.value": column("ScriptBlockText", "Payload"),
        "session.uid": column("LogonId", "TargetLogonId", "SubjectLogonId"),
    }
    return f"CREATE TABLE ocsf AS SELECT {', '.join(f'{how} AS [{name}]' for name, how in attributes.items())} FROM logs"


def _finding(database: sqlite3.Connection, rule: tuple[str, str, str], hit: int) -> str:
    """Write one finding as an OCSF Detection Finding."""
    uid, title, level = rule
    found = database.execute("SELECT * FROM ocsf WHERE rowid = ?", (hit,))
    cells = {name[0]: cell for name, cell in zip(found.description, found.fetchone(), strict=True) if cell is not None}
    raw = database.execute(f'SELECT "{_RAW}" FROM logs WHERE rowid = ?', (hit,)).fetchone()[0]
    finding = {
        "class_uid": 2004,
        "activity_id": 1,
        "type_uid": 200401,
        "severity": level,
        "time": cells.pop("time", None),
        "metadata": {"version": "1.8.0", "product": {"name": "SQLite"}, "uid": f"{uid}-{hit}"},
        "finding_info": {"uid": f"{uid}-{hit}", "title": title, "analytic": {"uid": uid, "name": title, "type_id": 1}},
        "evidences": [{"data": {"raw_data": raw, "record": hit}, **cells}],
    }
    return json.dumps(finding) + "\n"


def _regexp(pattern: str, value: object) -> bool:
    return value is not None and re.search(pattern, str(value)) is not None


def _basename(path: str | float | None) -> str | float | None:
    return path.rpartition("\\")[2] if isinstance(path, str) else path


def _queries() -> list[tuple[tuple[str, str, str], str, str]]:
    """Return, for each rule, its id, title and level, which rows its log source means, and its query."""
    from sigma.backends.sqlite.sqlite import sqliteBackend
    from sigma.collection import SigmaCollection
    from sigma.rule import SigmaRule

    backend: Any = sqliteBackend()  # type: ignore[no-untyped-call]  # the peer carries no types
    found: list[tuple[tuple[str, str, str], str, str]] = []
    kinds = _kinds()
    for pack in WINDOWS_RULES:
        for rule in SigmaCollection.load_ruleset([str(SIGMA / pack)], collect_errors=True).rules:
            if not isinstance(rule, SigmaRule):
                continue
            where = kinds.get((rule.logsource.category or "", rule.logsource.service or ""))
            if rule.logsource.product not in {"windows", None} or where is None:
                continue
            try:
                found += [((str(rule.id), rule.title, str(rule.level)), where, query) for query in backend.convert_rule(rule)]
            except Exception:  # noqa: BLE001 - however the peer fails, it has no query for this rule
                continue
    return found


def _kinds() -> dict[tuple[str, str], str]:
    sysmon = '"Channel" = \'Microsoft-Windows-Sysmon/Operational\' AND "EventID" IN ({})'
    numbers = {
        "process_creation": "1", "file_change": "2", "network_connection": "3", "driver_load": "6", "image_load": "7",
        "create_remote_thread": "8", "raw_access_thread": "9", "process_access": "10", "file_event": "11", "registry_add": "12",
        "registry_delete": "12", "registry_set": "13", "registry_rename": "14", "registry_event": "12, 13, 14",
        "create_stream_hash": "15", "pipe_created": "17, 18", "wmi_event": "19, 20, 21", "dns_query": "22", "file_delete": "23, 26",
        "process_tampering": "25",
    }  # fmt: skip
    kinds = {(category, ""): sysmon.format(ids) for category, ids in numbers.items()}
    powershell = '"Channel" = \'Microsoft-Windows-PowerShell/Operational\' AND "EventID" = {}'
    kinds |= {("ps_module", ""): powershell.format(4103), ("ps_script", ""): powershell.format(4104)}
    services = {
        "security": "Security",
        "system": "System",
        "application": "Application",
        "powershell": "Microsoft-Windows-PowerShell/Operational",
    }
    return kinds | {("", service): f"\"Channel\" = '{channel}'" for service, channel in services.items()}
