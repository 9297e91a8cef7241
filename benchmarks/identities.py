"""What identity facts cost a hunt that keeps its records: their share of its CPU seconds, all OTRF Windows sets, one process.

Measured inside one process, around every call that a hunt makes for them; threads of the engine are counted.
A hunt that keeps nothing makes none of these calls.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._field import otrf_windows
from benchmarks._process import run
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Sequence


def measure() -> Result:
    """Hunt in a process of its own, so that nothing is warm and its memory is its own."""
    if not FIELD.is_dir():
        return skipped("identities", "the field data is not here")
    with tempfile.TemporaryDirectory() as folder:
        files = otrf_windows(Path(folder))
        told, command = Path(folder) / "told", [sys.executable, "-m", "benchmarks.identities", f"{folder}/out", *map(str, files)]
        cost = run(command, out=told)
        found = json.loads(told.read_text())
        details: dict[str, object] = {
            "events": f"{found['events']:,}",
            "facts": f"{found['facts']:,}, of {found['rules']} rules",
            "CPU seconds": f"{found['cpu']:.2f} with everything, of which facts {found['identities']:.2f}",
            "table": f"{found['bytes'] / 1e6:,.1f} MB of {found['all_bytes'] / 1e6:,.0f} MB",
            "peak memory": f"{cost.rss / 1e6:,.0f} MB",
        }
        share = 100 * found["identities"] / found["cpu"]
        return Result(name="identities", figure=share, unit="% of the CPU of a hunt with --out", bar=10, higher=False, details=details)


def _hunt(out: str, files: Sequence[str]) -> dict[str, object]:
    import polars as pl

    from bartizan import hunt
    from bartizan.detect.identities.ledger import IdentityLedger
    from bartizan.workbench import Asked

    spent = [0.0]
    add, close = IdentityLedger.add, IdentityLedger.close

    def timed_add(self: IdentityLedger, frame: object) -> None:
        began = time.process_time()
        add(self, frame)  # type: ignore[arg-type]  # as the hunt calls it
        spent[0] += time.process_time() - began

    def timed_close(self: IdentityLedger) -> int:
        began = time.process_time()
        count = close(self)
        spent[0] += time.process_time() - began
        return count

    IdentityLedger.add, IdentityLedger.close = timed_add, timed_close  # type: ignore[method-assign]  # to be measured
    began = time.process_time()
    with hunt(*files, rules=["starter"], out=out, asked=Asked(exceptions=())) as found:
        events = found.outcome.events
    cpu = time.process_time() - began
    table = pl.read_parquet(f"{out}/identities/*.parquet")
    sizes = {path: path.stat().st_size for path in Path(out).rglob("*") if path.is_file()}
    return {
        "events": events,
        "cpu": cpu,
        "identities": spent[0],
        "facts": table.height,
        "rules": table["rule"].n_unique(),
        "bytes": sum(size for path, size in sizes.items() if "identities" in path.parts),
        "all_bytes": sum(sizes.values()),
    }


if __name__ == "__main__":
    print(json.dumps(_hunt(sys.argv[1], sys.argv[2:])))
