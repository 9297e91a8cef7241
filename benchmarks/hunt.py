"""Events per CPU-second: parse, match, map to OCSF, write findings; all OTRF Windows sets, all SigmaHQ Windows rules, one process.

Counted is everything that the command does but what does not grow with the events: its start, the loading of the cached
rules, and their binding to each kind of event that is met (which columns they read, what they look for in them). That is
measured on the first event of each kind, and printed beside the rate of the whole. Every event is mapped in full; the command itself,
which keeps no records here, maps only what it shows: its rate is printed too. Beside it the same work by one SQL query
per rule (see ``_sqlite_peer``); its start and its time to make the queries are not counted either. It is given every ninth
event: each query looks at every row, so that its cost per event does not depend on how many there are, while caches favour
few. With an index of ours it is another tool; that is printed too.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks._field import SIGMA, otrf_windows
from benchmarks._rate import rate_of
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
        sample = Path(folder) / "sample.ndjson"
        _thin(files, sample)
        ours = rate_of(files, Path(folder), runs=RUNS)
        command = rate_of(files, Path(folder), runs=RUNS, mapped=False)
        given, peer, note = hunt_by_sql([sample], indexed=False)
        _, helped, _ = hunt_by_sql([sample], indexed=True)
        rate, peer_rate = ours.per_second, given / peer
        details: dict[str, object] = {
            "events": f"{ours.events:,} in {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:,.0f} MB; "
            f"median of {RUNS} runs",
            **ours.details,
            "as the command does it, which maps what it shows": f"{command.per_second:,.0f} events per CPU-second, with start, loading "
            f"and binding {command.events / command.whole.cpu:,.0f}",
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


def _thin(files: list[Path], sample: Path) -> None:
    with sample.open("wb") as out:
        for file in files:
            out.writelines(file.read_bytes().splitlines(keepends=True)[::PEER_STEP])
