"""Events per CPU-second: parse, match, map to OCSF, write findings; all OTRF Windows sets, all SigmaHQ Windows rules, one process.

Counted is everything that the command does but its start and the loading of the cached rules, which is measured on an empty
file and printed. Beside it the same work by one SQL query per rule (see ``_sqlite_peer``); its start and its time to make
the queries are not counted either. It is given every ninth event: each query looks at every row, so that its cost per event
does not depend on how many there are, while caches favour few. With an index of ours it is another tool; that is printed too.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from benchmarks._field import SIGMA, WINDOWS_RULES, otrf_windows, sigma_packs
from benchmarks._process import BARTIZAN, Cost, run
from benchmarks._sqlite_peer import hunt_by_sql
from benchmarks.result import Result, skipped

RUNS = 3
PEER_STEP = 9


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
        given, peer, note = hunt_by_sql([sample], indexed=False)
        _, helped, _ = hunt_by_sql([sample], indexed=True)
        rate, peer_rate = events / (cost.cpu - start.cpu), given / peer
        details: dict[str, object] = {
            "events": f"{events:,} in {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:,.0f} MB",
            "CPU seconds": f"{cost.cpu:.2f} (median of {RUNS} runs), of which start and loading {start.cpu:.2f}",
            "with start and loading": f"{events / cost.cpu:,.0f} events per CPU-second",
            "peak memory": f"{cost.rss / 1e6:,.0f} MB",
            "peer": f"{given:,} events in {peer:.1f} CPU seconds; {note}",
            "peer with an index of ours": f"{given / helped:,.0f} events per CPU-second, ratio {rate * helped / given:.1f}",
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
    with sample.open("wb") as out:
        for file in files:
            out.writelines(file.read_bytes().splitlines(keepends=True)[::PEER_STEP])
