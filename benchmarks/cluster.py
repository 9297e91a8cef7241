"""A lake of field data judged by a Spark cluster of two workers, one of which is killed on the way, beside processes of this machine.

Both run the same rules, SigmaHQ's and ours. Counted are findings that only one of them has, or that are not the same byte for
byte; the bar is none. The hunt through the logs themselves is the third: its findings must have the same ids.
"""

from __future__ import annotations

import json
import os
import resource
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks._cluster import cluster, lacking
from benchmarks._field import ACTIVE, SIGMA
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from bartizan.detect.hunt.request import Request
    from bartizan.lake.contract import Snapshot
    from benchmarks._cluster import Cluster

SETS: Final = ("otrf", "evtx-to-mitre", "invictus-aws")
WORKERS: Final = 2
_LOOK: Final = 0.05
WORKED: Final = 2.0
"""CPU seconds of the Python of a worker after which it is in the middle of its first tasks: its imports and rules took one."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an engine gave: findings in their order, and what it took, start of the session apart. CPU of processes that have ended."""

    lines: list[bytes]
    started: float
    seconds: float
    records: int
    cpu: float


def measure() -> Result:
    """Judge the lake twice and compare."""
    if why := lacking():
        return skipped("cluster", why)
    if not SIGMA.is_dir():
        return skipped("cluster", "the field data is not here")
    from bartizan import workbench

    rules = ["starter", *(str(SIGMA / name) for name in ACTIVE)]
    with tempfile.TemporaryDirectory() as folder:
        hunted, over = _lake(Path(folder), rules)
        request = workbench.watch_request(rules, Path(folder) / "seed", workbench.Asked(exceptions=()))
        local = judged(over, request, "local", workers=WORKERS)
        with cluster(Path(folder)) as running:
            killed: list[str] = []
            watcher = threading.Thread(target=kill, args=(running, killed), daemon=True)
            watcher.start()
            spark = judged(over, request, running.address)
            watcher.join()
    if not killed:
        return skipped("cluster", "the job was over before a worker could be killed")
    differing = len(set(local.lines) ^ set(spark.lines)) + (local.lines != spark.lines)
    otherwise = len(hunted ^ {json.loads(line)["metadata"]["uid"] for line in local.lines})
    size = sum(file.bytes for table in over.tables for file in table.files)
    return Result(
        name="cluster",
        figure=differing + otherwise,
        unit="findings that differ",
        bar=0,
        higher=False,
        details={
            "lake": f"{local.records:,} records in {len(over.paths)} files, {size / 1e6:,.1f} MB",
            "findings": f"{len(local.lines):,}; {differing} are not the same bytes in the same order, {otherwise} not those of the hunt",
            "killed": killed[0],
            f"local, {WORKERS} processes": f"{local.seconds:.1f} s, {local.cpu:.1f} CPU seconds",
            f"Spark, {WORKERS} workers of a core, one killed": f"{spark.seconds:.1f} s; {spark.started:.1f} s until there was a session",
            "Spark : local": f"{spark.seconds / local.seconds:.1f} times as long",
        },
    )


def judged(over: Snapshot, request: Request, engine: str, *, workers: int = 1) -> Judged:
    """Judge the files of a snapshot on an engine."""
    from bartizan.detect.hunt.run import Means
    from bartizan.detect.hunt.setup import judge_for, rules_for
    from bartizan.detect.hunt.spool import Spool
    from bartizan.detect.stored.run import run_stored
    from bartizan.lake.engines.opening import open_engine

    rules = rules_for(request)
    begun, cpu = time.perf_counter(), _cpu()
    with open_engine(engine, workers=workers) as opened, closing(Spool()) as spool:
        ready = time.perf_counter()
        outcome = run_stored(over, opened, request, Means(judge=judge_for(request, rules), rules=rules, spool=spool))
        ended = time.perf_counter()
        lines = list(spool.lines())
    read = sum(one.read for one in outcome.balance)
    return Judged(lines=lines, started=ready - begun, seconds=ended - ready, records=read, cpu=_cpu() - cpu)


def _lake(folder: Path, rules: list[str]) -> tuple[set[str], Snapshot]:
    """Hunt through the field data, put what was kept into a lake, and return the ids of the findings and the lake's files."""
    from bartizan import workbench
    from bartizan.collect.catalogue import catalogue
    from bartizan.lake.declared import declare
    from bartizan.lake.opening import make_lake

    logs = [FIELD / name for name in SETS]
    with workbench.hunt(*logs, rules=rules, out=folder / "kept", asked=workbench.Asked(exceptions=())) as found:
        hunted = {json.loads(line)["metadata"]["uid"] for line in found.spool.lines()}
    with make_lake(folder / "lake", declare(route.ocsf for source in catalogue().sources for route in source.routes)) as lake:
        lake.take_in(folder / "kept")
        return hunted, lake.snapshot()


def kill(running: Cluster, killed: list[str], worked: float = WORKED) -> None:
    """Kill a worker of the cluster as soon as its Python has worked for so many CPU seconds."""
    while True:
        for number in range(len(running.workers)):
            python = [pid for pid in running.executors(number) if _spent(pid) >= worked]
            if python:
                died = running.kill_worker(number)
                killed.append(
                    f"worker {number} with all that it had started, {died} processes, when its Python had worked for {worked:g} s"
                )
                return
        time.sleep(_LOOK)


def _spent(pid: int) -> float:
    """Return the CPU seconds of a process that runs Python, 0 of any other."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS if b"pyspark" in command and b"python" in command else 0.0


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)
