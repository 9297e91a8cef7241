"""CPU milliseconds of a commit: 300 batches appended to one table one after the other; the last 50 beside the first 50."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.result import Result, skipped

COMMITS: Final = int(os.environ.get("BARTIZAN_BENCH_COMMITS", "300"))
ROWS: Final = 200
PART: Final = 50


def measure() -> Result:
    """Measure whole appends of small batches (file, index, table, ledger) and the transaction of the table alone."""
    try:
        from bartizan.lake.delta.log import Adding, DeltaLog
        from benchmarks._crashing import batch_of, opened
    except ImportError:
        return skipped("commits", "the extra 'lake' is not installed")
    whole, alone = [], []
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as lake:
        lake.append([batch_of(1007, [str(row) for row in range(ROWS)])], source="bench", batch_id="first")
        log = DeltaLog(Path(folder) / "alone")
        log.widen(lake.stores.table("process_activity").arrow_schema())
        for number in range(COMMITS):
            batch = batch_of(1007, [str(row) for row in range(ROWS)])
            before = time.process_time()
            lake.append([batch], source="bench", batch_id=str(number))
            between = time.process_time()
            log.commit([Adding(path=f"{number}.parquet", bytes=1, rows=1)], transaction=str(number))
            whole.append(1000 * (between - before))
            alone.append(1000 * (time.process_time() - between))
    starts = range(0, COMMITS, PART)
    first, last = statistics.mean(alone[:PART]), statistics.mean(alone[-PART:])
    details: dict[str, object] = {
        "one transaction, mean of 50": ", ".join(f"{statistics.mean(alone[at : at + PART]):.1f}" for at in starts) + " ms",
        "a whole append of 200 records, mean of 50": ", ".join(
            f"{statistics.mean(whole[at : at + PART]):.0f}" for at in range(0, COMMITS, PART)
        )
        + " ms",
        "longest transaction": f"{max(alone):.0f} ms, with a checkpoint in it",
    }
    return Result(name="commits", figure=last / first, unit="times the cost of the first 50", bar=2.0, higher=False, details=details)
