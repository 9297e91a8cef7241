"""Events per CPU-second: parse, match, map to OCSF, write findings; all OTRF Windows sets, all SigmaHQ Windows rules, one process.

Counted is everything that the command does but what does not grow with the events: its start, the loading of the cached
rules, and their binding to each kind of event that is met (which columns they read, what they look for in them). That is
measured on the first event of each kind, and printed beside the rate of the whole. Beside it the same work by one SQL query
per rule (see ``_sqlite_peer``); its start and its time to make the queries are not counted either. It is given every ninth
event: each query looks at every row, so that its cost per event does not depend on how many there are, while caches favour
few. With an index of ours it is another tool; that is printed too.
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
        sample, first, empty = (Path(folder) / f"{name}.ndjson" for name in ("sample", "first", "empty"))
        _thin(files, sample)
        _first_of_each_kind(files, first)
        empty.touch()
        _, start = _ours([empty], Path(folder), runs=RUNS)
        kinds, bound = _ours([first], Path(folder), runs=RUNS)
        events, cost = _ours(files, Path(folder), runs=RUNS)
        given, peer, note = hunt_by_sql([sample], indexed=False)
        _, helped, _ = hunt_by_sql([sample], indexed=True)
        rate, peer_rate = (events - kinds) / (cost.cpu - bound.cpu), given / peer
        details: dict[str, object] = {
            "events": f"{events:,} in {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:,.0f} MB",
            "CPU seconds": f"{cost.cpu:.2f} (median of {RUNS} runs), of which start and loading {start.cpu:.2f}, "
            f"binding to {kinds} kinds of events {bound.cpu - start.cpu:.2f}",
            "with start, loading and binding": f"{events / cost.cpu:,.0f} events per CPU-second",
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


def _first_of_each_kind(files: list[Path], first: Path) -> None:
    seen: set[tuple[object, object]] = set()
    with first.open("wb") as out:
        for file in files:
            for line in file.read_bytes().splitlines(keepends=True):
                event = json.loads(line) if line.startswith(b"{") else {}
                kind = event.get("Channel"), event.get("EventID")
                if kind not in seen:
                    seen.add(kind)
                    out.write(line)


def _thin(files: list[Path], sample: Path) -> None:
    with sample.open("wb") as out:
        for file in files:
            out.writelines(file.read_bytes().splitlines(keepends=True)[::PEER_STEP])
