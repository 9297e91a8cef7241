"""What a billion records cost in a lake: bytes to keep, CPU to judge; the Windows sets of OTRF, all rules of SigmaHQ and ours.

The lake is judged once and three times over, in one process, and the difference divided: what does not grow with the records
(the start, unpacking the rules, binding them to each kind of event) is printed apart.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks._field import ACTIVE, SIGMA, otrf_windows
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from bartizan.lake.contract import Snapshot, TableFiles

BILLION: Final = 1_000_000_000
TIMES: Final = 3
FILES: Final = 100_000
STEP: Final = 10_000
LONG: Final = ("raw_data", "unmapped")
"""Columns that are as long as the raw record."""


def measure() -> Result:
    """Make the lake, weigh it, judge it."""
    if not SIGMA.is_dir():
        return skipped("billion", "the field data is not here")
    from bartizan import workbench
    from bartizan.collect.catalogue import catalogue
    from bartizan.lake.declared import declare
    from bartizan.lake.opening import make_lake
    from bartizan.lake.policy import Policy

    rules = ["starter", *(str(SIGMA / name) for name in ACTIVE)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "logs").mkdir()
        logs = otrf_windows(folder / "logs")
        raw = sum(path.stat().st_size for path in logs)
        workbench.hunt(*logs, rules=["starter"], out=folder / "kept", asked=workbench.Asked(exceptions=())).close()
        with make_lake(folder / "lake", declare(route.ocsf for source in catalogue().sources for route in source.routes)) as lake:
            begun = time.process_time()
            lake.take_in(folder / "kept")
            put = time.process_time() - begun
            lake.maintain(Policy(compact_files=2))
            over = lake.snapshot()
        over = replace(over, tables=tuple(table for table in over.tables if table.table != "detection_finding"))
        once, found = _judged(over, rules, 1)
        thrice, _ = _judged(over, rules, TIMES)
        each = (thrice - once) / (TIMES - 1) / over.rows
        size, long = _weighed(over.tables)
        listed, committed = _state(folder / "state", FILES)
    return Result(
        name="billion",
        figure=each * BILLION / 3600,
        unit="CPU hours to judge a billion records in a lake",
        bar=30,
        higher=False,
        details={
            "records": f"{over.rows:,} in {len(over.paths)} files, {found:,} findings",
            "raw": f"{raw / over.rows:,.0f} bytes a record, {raw / over.rows * BILLION / 1e9:,.0f} GB a billion",
            "in the lake": f"{size / over.rows:,.0f} bytes a record, {size / over.rows * BILLION / 1e9:,.0f} GB a billion; "
            f"{long / size:.0%} of it {' and '.join(LONG)}",
            "put into the lake from Parquet": f"{put / over.rows * BILLION / 3600:,.1f} CPU hours a billion (index, digests, filters)",
            f"a table of {FILES:,} files": f"{listed:.2f} CPU seconds to open and list, {committed:.2f} to commit one more",
            "judged": f"{1 / each:,.0f} records per CPU second; beside it {once - each * over.rows:.1f} CPU seconds a process",
        },
    )


def _judged(over: Snapshot, rules: list[str], times: int) -> tuple[float, int]:
    """Judge the same files so many times over in this process; return CPU seconds and findings."""
    from bartizan import workbench
    from bartizan.detect.hunt.run import Means
    from bartizan.detect.hunt.setup import judge_for, rules_for
    from bartizan.detect.hunt.spool import Spool
    from bartizan.detect.stored.judging import judge_for_stored
    from bartizan.detect.stored.run import run_stored
    from bartizan.lake.engines.kinds.local import LocalEngine

    judge_for_stored.cache_clear()
    repeated = replace(over, tables=tuple(replace(table, files=table.files * times) for table in over.tables))
    with tempfile.TemporaryDirectory() as folder, closing(Spool()) as spool:
        request = workbench.watch_request(rules, Path(folder), workbench.Asked(exceptions=()))
        loaded = rules_for(request)
        begun = time.process_time()
        outcome = run_stored(repeated, LocalEngine(1), request, Means(judge=judge_for(request, loaded), rules=loaded, spool=spool))
        return time.process_time() - begun, outcome.findings


def _state(folder: Path, files: int) -> tuple[float, float]:
    """Return the CPU seconds that it takes to open a table of so many files and list them, and to commit one more."""
    from bartizan.lake.delta.log import Adding, DeltaLog
    from bartizan.lake.layout import PARTITIONS

    def file(number: int) -> Adding:
        partition = {"region": "local", "accountId": "local", "eventDay": f"202601{number // STEP + 1:02}"}
        path = "/".join([*(f"{name}={value}" for name, value in partition.items()), f"part-{number:032x}.parquet"])
        return Adding(path=path, bytes=1 << 26, rows=1_000_000, first=number, last=number + 1, partition=partition)

    made = DeltaLog(folder, partitions=PARTITIONS)
    made.widen(pa.schema([("time", pa.int64()), *((name, pa.string()) for name in PARTITIONS)]))
    for first in range(0, files, STEP):
        made.commit([file(number) for number in range(first, first + STEP)])
    made.checkpoint()
    begun = time.process_time()
    opened = DeltaLog(folder, partitions=PARTITIONS)
    opened.files()
    listed = time.process_time()
    opened.commit([file(files)])
    return listed - begun, time.process_time() - listed


def _weighed(tables: tuple[TableFiles, ...]) -> tuple[int, int]:
    """Return the bytes of files, and of their long columns."""
    size = long = 0
    for file in (file for table in tables for file in table.files):
        size += file.bytes
        told = pq.ParquetFile(file.path).metadata
        for group in (told.row_group(number) for number in range(told.num_row_groups)):
            columns = (group.column(number) for number in range(group.num_columns))
            long += sum(column.total_compressed_size for column in columns if column.path_in_schema in LONG)
    return size, long
