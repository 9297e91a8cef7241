"""A thousand new indicators, and a new rule, against a lake of 50 million records, each beside a full scan.

The indicators are looked up in the index, beside a join of the columns they can stand in. The rule is put to all of the lake by
`retro`, and to its last day also by reading all of that day: the findings must be the same. ``BARTIZAN_BENCH_WHOLE=1`` reads all ten
days, some 15 CPU minutes. ``BARTIZAN_BENCH_ROWS`` and ``BARTIZAN_BENCH_FOLDER`` as in the benchmark ``search``.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from bartizan.detect.retro.run import Looked
    from bartizan.lake.contract import Snapshot
    from bartizan.lake.delta.lake import DeltaLake

INDICATORS: Final = 1_000
MET: Final = 20
"""Of the indicators, as many were seen."""
TRIES: Final = 3
RULE: Final = """title: A tool and an export
id: 11111111-1111-4111-8111-111111111111
status: test
level: high
logsource: {product: windows, category: process_creation}
detection:
  tool: {CommandLine|contains: Invoke-Nightfall}
  export: {Image|endswith: '\\program2999.exe', CommandLine|contains: '--export'}
  condition: tool or export
"""
COLUMNS: Final = {
    "network_activity": ("src_endpoint.ip", "dst_endpoint.ip", "device.hostname"),
    "process_activity": ("device.hostname", "actor.user.name", "process.file.path"),
}


def measure() -> Result:
    """Measure both; they must find the same values as often."""
    try:
        import duckdb

        from benchmarks._lake import DAY, DAYS, FIRST, RARE, lake_of, rows_asked
    except ImportError:
        return skipped("retro", "the extra 'lake' is not installed")
    with lake_of(rows_asked()) as lake:
        values = [f"192.0.2.{number % 256}.{number}.invalid" for number in range(INDICATORS - MET - 1)]
        values += [RARE, *(f"ws{number}.example.com" for number in range(2)), *(f"198.0.{number}.7" for number in range(MET - 2))]
        engine = duckdb.connect(config={"threads": 2})
        ours, found = _best(lambda: _index(lake, values), TRIES)
        theirs, expected = _best(lambda: _scan(lake, engine, values), 1)
        status = lake.status()
        whole = bool(os.environ.get("BARTIZAN_BENCH_WHOLE"))
        last = (FIRST + (DAYS - 1) * DAY) * 1_000_000
        everything = lake.snapshot()
        part = everything if whole else lake.snapshot(start=last, end=last + DAY * 1_000_000)
        rule, told, looked = _rule(lake, everything, whole=False)
        rule_part, told_part, _ = _rule(lake, part, whole=False)
        scan, told_scan, scanned = _rule(lake, part, whole=True)
    if told_part != told_scan:
        return skipped("retro", f"retro finds {len(told_part)} where a full scan finds {len(told_scan)}, or others")
    if found != expected:
        return skipped("retro", f"the index and the scan differ: {str(found)[:200]} and {str(expected)[:200]}")
    details: dict[str, object] = {
        "records": f"{sum(table.rows for table in status.tables):,}",
        "index": f"{status.entries:,} entries, {status.index_bytes / 1e6:,.0f} MB",
        "rule": f"{rule:.2f} CPU s over everything: {len(told):,} findings, {looked.records:,} of {looked.of_records:,} records read",
        "rule, full scan": f"{scan:.1f} CPU s over {scanned.of_records:,} records, retro {rule_part:.2f}: {scan / rule_part:.0f}x, "
        f"the same {len(told_scan):,} findings",
        "indicators, DuckDB's join": f"{theirs:.2f} CPU s, index {ours:.2f}: {theirs / ours:.0f}x",
        "indicators": f"{len(values):,}, of which {len(found)} were seen, {sum(found.values()):,} times",
    }
    return Result(
        name="retro",
        figure=ours,
        unit="CPU seconds for the indicators",
        bar=1.0,
        higher=False,
        peer="full scans: DuckDB's join of columns for the indicators, the engine of the hunt for the rule; the smaller ratio of both",
        peer_figure=theirs,
        ratio=min(theirs / ours, scan / rule_part),
        ratio_bar=10.0,
        details=details,
    )


def _rule(lake: DeltaLake, over: Snapshot, *, whole: bool) -> tuple[float, list[bytes], Looked]:
    from bartizan import workbench
    from bartizan.detect.hunt.run import Means
    from bartizan.detect.hunt.setup import judge_for, rules_for
    from bartizan.detect.hunt.spool import Spool
    from bartizan.detect.retro.run import Back, look_back
    from bartizan.lake.engines.opening import open_engine

    # The same place each time, for a finding names the file of its rule.
    folder = Path(tempfile.gettempdir()) / "bartizan-bench-retro"
    folder.mkdir(exist_ok=True)
    (folder / "rule.yml").write_text(RULE)
    with open_engine("local") as engine, closing(Spool()) as spool:
        request = workbench.request_of(workbench.Asked(exceptions=(), cache=folder / "cache", now=1), [folder / "rule.yml"], records=False)
        rules = rules_for(request)
        means = Means(judge=judge_for(request, rules), rules=rules, spool=spool)
        before = time.process_time()
        _outcome, looked = look_back(Back(lake, over, engine, whole), request, rules, means)
        return time.process_time() - before, list(spool.lines()), looked


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
