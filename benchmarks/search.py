"""Five questions to a lake of 50 million records, beside plain DuckDB over the same files. CPU seconds of all threads.

``BARTIZAN_BENCH_ROWS`` asks for a lake of another size, ``BARTIZAN_BENCH_FOLDER`` says where it is kept: 6 GB, made once in 8 CPU
minutes.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from bartizan.lake.delta.lake import DeltaLake

TRIES: Final = 3
BARS: Final = {
    "pivot on a rare value": 0.3,
    "needle in command line, last 24 h": 2.0,
    "latest 100": 0.5,
    "group by over a day": 2.0,
    "by id": 0.2,
}
_MILLI: Final = 1_000_000
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def measure() -> Result:
    """Ask each question through the lake and in DuckDB alone; the answers must be the same."""
    try:
        import duckdb

        from benchmarks._lake import DAY, DAYS, FIRST, NEEDLE, RARE, lake_of, rows_asked
    except ImportError:
        return skipped("search", "the extra 'lake' is not installed")
    rows = rows_asked()
    with lake_of(rows) as lake:
        engine = duckdb.connect(config={"threads": 2})
        last = (FIRST + (DAYS - 1) * DAY) * _MILLI
        day = (last, last + DAY * _MILLI)
        uid = str(lake.latest("process_activity", 1, columns=("metadata.uid",)).rows[0][0])
        process = f"read_parquet('{lake.stores.root}/ext/process_activity/region=*/*/*/*.parquet')"
        network = f"read_parquet('{lake.stores.root}/ext/network_activity/region=*/*/*/*.parquet')"
        within = f"time >= {day[0] // _MILLI} AND time < {day[1] // _MILLI}"
        grouped = (
            "SELECT device.hostname, count(*), count(DISTINCT actor.user.name) FROM {} WHERE {} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20"
        )
        needle = "SELECT time, process.cmd_line FROM {} WHERE {} AND contains(process.cmd_line, ?) ORDER BY 1"
        over = lake.snapshot(["process_activity"], start=day[0], end=day[1])
        latest = "SELECT * FROM {} ORDER BY time DESC LIMIT 100"
        questions: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "pivot on a rare value": (
                lambda: sum(one.count for one in lake.pivot([RARE])),
                lambda: _one(engine, f"SELECT count(*) FROM {network} WHERE dst_endpoint.ip = ? OR src_endpoint.ip = ?", [RARE, RARE]),
            ),
            "needle in command line, last 24 h": (
                lambda: lake.sql(needle.format("process_activity", within), [NEEDLE], over=over).rows,
                lambda: engine.execute(needle.format(process, within), [NEEDLE]).fetchall(),
            ),
            "latest 100": (
                lambda: [row[0] for row in lake.latest("process_activity", 100).rows],
                lambda: [row[0] for row in engine.execute(latest.format(process)).fetchall()],
            ),
            "group by over a day": (
                lambda: lake.sql(grouped.format("process_activity", within), over=over).rows,
                lambda: engine.execute(grouped.format(process, within)).fetchall(),
            ),
            "by id": (
                lambda: [one.record_id for one in lake.get([uid], proofs=False)],
                lambda: [
                    row[0] for row in engine.execute(f"SELECT metadata.uid, * FROM {process} WHERE metadata.uid = ?", [uid]).fetchall()
                ],
            ),
        }
        return _result(lake, rows, questions)


def _result(lake: DeltaLake, rows: int, questions: dict[str, tuple[Callable[[], object], Callable[[], object]]]) -> Result:
    worst, details, sums = 0.0, {}, [0.0, 0.0]
    for name, (ours, plain) in questions.items():
        (cpu, answer), (peer, expected) = _best(ours, TRIES), _best(plain, TRIES - 1)
        if answer != expected:
            return skipped("search", f"{name}: the answers differ: {str(answer)[:200]} and {str(expected)[:200]}")
        details[name] = f"{cpu:.3f} CPU s (bar {BARS[name]}), plain DuckDB {peer:.3f}, ratio {peer / cpu:.1f}"
        worst = max(worst, cpu / BARS[name])
        sums[0], sums[1] = sums[0] + cpu, sums[1] + peer
    status = lake.status()
    there, files, size = (sum(column) for column in zip(*((one.rows, one.files, one.bytes) for one in status.tables), strict=True))
    told: dict[str, object] = {
        "records": f"{there:,} of {rows:,} asked for, {files} files, {size / 1e9:.1f} GB",
        "index": f"{status.entries:,} entries, {status.index_bytes / 1e6:,.0f} MB",
        **details,
    }
    return Result(
        name="search",
        figure=worst,
        unit="of its bar, the question that comes nearest to it",
        bar=1.0,
        higher=False,
        peer="plain DuckDB over the same files, all five in CPU seconds against ours",
        peer_figure=sums[1],
        ratio=sums[1] / sums[0],
        details=told,
    )


def _one(engine: duckdb.DuckDBPyConnection, query: str, params: list[str]) -> object:
    row = engine.execute(query, params).fetchone()
    return None if row is None else row[0]


def _best(ask: Callable[[], object], tries: int) -> tuple[float, object]:
    best, answer = float("inf"), None
    for _ in range(tries):
        before = _cpu()
        answer = ask()
        best = min(best, _cpu() - before)
    return best, answer


def _cpu() -> float:
    """Return the CPU seconds of this process and of the one that answers SQL below it."""
    children = [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    return (
        time.process_time()
        + sum(sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])) for pid in children) / _TICKS
    )
