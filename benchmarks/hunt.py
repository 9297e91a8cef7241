"""Events per CPU-second: parse, match, map to OCSF, write findings; all OTRF Windows sets, all SigmaHQ Windows rules, one process.

Counted is everything that the command does but its start and the loading of the cached rules, which is measured on an empty
file and printed. Beside it the same work by one SQL query per rule: events decoded with the standard library into an SQLite
table in memory, the queries that pySigma's SQLite backend makes, findings written; its start and its time to make the
queries are not counted either.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._field import SIGMA, WINDOWS_RULES, otrf_windows, sigma_packs
from benchmarks._process import BARTIZAN, Cost, run
from benchmarks.result import Result, skipped

RUNS = 3
PEER_STEP = 9
"""The peer sees every ninth event of all files: its cost per event does not fall with more."""


def measure() -> Result:
    """Measure both."""
    if not SIGMA.is_dir():
        return skipped("hunt", "the field data is not here")
    with tempfile.TemporaryDirectory() as folder:
        files = otrf_windows(Path(folder))
        sample, empty = Path(folder) / "sample.ndjson", Path(folder) / "empty.ndjson"
        _thin(files, sample)
        empty.touch()
        _, start = _ours([empty], Path(folder), runs=RUNS)
        events, cost = _ours(files, Path(folder), runs=RUNS)
        sampled, ours_sampled = _ours([sample], Path(folder), runs=1)
        peer, note = _peer([sample])
        rate, peer_rate = events / (cost.cpu - start.cpu), sampled / peer
        details: dict[str, object] = {
            "events": f"{events:,} in {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:,.0f} MB",
            "CPU seconds": f"{cost.cpu:.2f} (median of {RUNS} runs), of which start and loading {start.cpu:.2f}",
            "with start and loading": f"{events / cost.cpu:,.0f} events per CPU-second",
            "peak memory": f"{cost.rss / 1e6:,.0f} MB",
            "peer's sample": f"{sampled:,} events; ours on the same {sampled / (ours_sampled.cpu - start.cpu):,.0f} events per CPU-second",
            "peer": note,
            "goal": "150,000 and 30x",
        }
        return Result(
            name="hunt",
            figure=rate,
            unit="events per CPU-second",
            bar=60_000,
            peer="one SQL query per rule, SQLite via pySigma",
            peer_figure=peer_rate,
            ratio=rate / peer_rate,
            ratio_bar=20,
            details=details,
        )


def _ours(files: list[Path], folder: Path, *, runs: int) -> tuple[int, Cost]:
    balance = folder / "balance"
    command = [BARTIZAN, "hunt", *map(str, files), *sigma_packs(WINDOWS_RULES), "--workers", "1", "--ndjson", "--balance", str(balance)]
    run(command, out=folder / "findings")
    costs = [run(command, out=folder / "findings") for _ in range(runs)]
    middle = statistics.median(cost.cpu for cost in costs)
    return json.loads(balance.read_text())["total"]["read"], min(costs, key=lambda cost: abs(cost.cpu - middle))


def _thin(files: list[Path], sample: Path) -> None:
    """Write every ninth event of all files into one file."""
    with sample.open("wb") as out:
        for file in files:
            out.writelines(file.read_bytes().splitlines(keepends=True)[::PEER_STEP])


def _peer(files: list[Path]) -> tuple[float, str]:
    queries = _queries()
    began = time.process_time()
    database = sqlite3.connect(":memory:")
    database.create_function("regexp", 2, _regexp, deterministic=True)
    columns = _load(database, files)
    ran = failed = findings = 0
    with tempfile.TemporaryFile("w") as out:
        for where, query in queries:
            # A rule that names a column which no record has cannot be run as SQL at all: it is left out, in the peer's favour.
            try:
                rows = database.execute(query.replace("FROM logs ", f"FROM (SELECT * FROM logs WHERE {where}) ", 1)).fetchall()
            except sqlite3.Error:
                failed += 1
                continue
            ran += 1
            for row in rows:
                findings += 1
                out.write(json.dumps({name: cell for name, cell in zip(columns, row, strict=False) if cell is not None}) + "\n")
    return time.process_time() - began, f"{ran} queries ran, {failed} could not (a column that no record has), {findings} findings"


def _regexp(pattern: str, value: object) -> bool:
    import re

    return value is not None and re.search(pattern, str(value)) is not None


def _load(database: sqlite3.Connection, files: list[Path]) -> list[str]:
    rows = [json.loads(line) for file in files for line in file.read_bytes().splitlines() if line.startswith(b"{")]
    names: dict[str, str] = {}
    for row in rows:
        for name in row:
            names.setdefault(name.lower(), name)
    quoted = ", ".join(f'"{name}"' for name in names.values())
    database.execute(f"CREATE TABLE logs ({quoted})")
    marks = ", ".join("?" * len(names))
    cells = ([_cell(row.get(name)) for name in names.values()] for row in rows)
    database.executemany(f"INSERT INTO logs VALUES ({marks})", cells)
    database.execute('CREATE INDEX by_kind ON logs ("Channel", "EventID")')
    return list(names.values())


def _cell(value: object) -> object:
    return value if value is None or (isinstance(value, str | int | float) and abs(_number(value)) < 2**63) else json.dumps(value)


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def _queries() -> list[tuple[str, str]]:
    """Return, for each rule, which rows its log source means and its query."""
    from sigma.backends.sqlite.sqlite import sqliteBackend
    from sigma.collection import SigmaCollection
    from sigma.rule import SigmaRule

    backend: Any = sqliteBackend()  # type: ignore[no-untyped-call]  # the peer carries no types
    found: list[tuple[str, str]] = []
    kinds = _kinds()
    for pack in WINDOWS_RULES:
        for rule in SigmaCollection.load_ruleset([str(SIGMA / pack)], collect_errors=True).rules:
            if not isinstance(rule, SigmaRule):
                continue
            where = kinds.get((rule.logsource.category or "", rule.logsource.service or ""))
            if rule.logsource.product not in {"windows", None} or where is None:
                continue
            try:
                found += [(where, query) for query in backend.convert_rule(rule)]
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
