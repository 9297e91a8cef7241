"""A thousand new indicators against a lake of 50 million records: by the index, beside a full scan of the columns they can stand in.

``BARTIZAN_BENCH_ROWS`` and ``BARTIZAN_BENCH_FOLDER`` as in the benchmark ``search``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from bartizan.lake.delta.lake import DeltaLake

INDICATORS: Final = 1_000
MET: Final = 20
"""Of the indicators, as many were seen."""
TRIES: Final = 3
COLUMNS: Final = {
    "network_activity": ("src_endpoint.ip", "dst_endpoint.ip", "device.hostname"),
    "process_activity": ("device.hostname", "actor.user.name", "process.file.path"),
}


def measure() -> Result:
    """Measure both; they must find the same values as often."""
    try:
        import duckdb

        from benchmarks._lake import RARE, lake_of, rows_asked
    except ImportError:
        return skipped("retro", "the extra 'lake' is not installed")
    with lake_of(rows_asked()) as lake:
        values = [f"192.0.2.{number % 256}.{number}.invalid" for number in range(INDICATORS - MET - 1)]
        values += [RARE, *(f"ws{number}.example.com" for number in range(2)), *(f"198.0.{number}.7" for number in range(MET - 2))]
        engine = duckdb.connect(config={"threads": 2})
        ours, found = _best(lambda: _index(lake, values), TRIES)
        theirs, expected = _best(lambda: _scan(lake, engine, values), 1)
        status = lake.status()
    if found != expected:
        return skipped("retro", f"the index and the scan differ: {str(found)[:200]} and {str(expected)[:200]}")
    details: dict[str, object] = {
        "records": f"{sum(table.rows for table in status.tables):,}",
        "index": f"{status.entries:,} entries, {status.index_bytes / 1e6:,.0f} MB",
        "indicators": f"{len(values):,}, of which {len(found)} were seen, {sum(found.values()):,} times",
    }
    return Result(
        name="retro",
        figure=ours,
        unit="CPU seconds",
        bar=1.0,
        higher=False,
        peer="DuckDB, a join with the columns that hold such values",
        peer_figure=theirs,
        ratio=theirs / ours,
        ratio_bar=10.0,
        details=details,
    )


def _index(lake: DeltaLake, values: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in lake.pivot(values):
        counts[one.value] = counts.get(one.value, 0) + one.count
    return dict(sorted(counts.items()))


def _scan(lake: DeltaLake, engine: duckdb.DuckDBPyConnection, values: list[str]) -> dict[str, int]:
    parts = [
        f"SELECT {column} AS value FROM read_parquet({[file.path for file in table.files]})"
        for table in lake.snapshot().tables
        for column in COLUMNS[table.table]
    ]
    asked = f"SELECT value, count(*) FROM ({' UNION ALL '.join(parts)}) WHERE value IN (SELECT unnest($values)) GROUP BY 1 ORDER BY 1"
    return dict(engine.execute(asked, {"values": values}).fetchall())


def _best(ask: Callable[[], dict[str, int]], tries: int) -> tuple[float, dict[str, int]]:
    best, answer = float("inf"), {}
    for _ in range(tries):
        before = time.process_time()
        answer = ask()
        best = min(best, time.process_time() - before)
    return best, answer
