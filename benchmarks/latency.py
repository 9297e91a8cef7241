"""Seconds from arrival to finding at half the load that `ingest` has to reach, with the same rules and the same mix of real logs.

Arrival is when the server took the record's body, the end when the finding is in the ledger. Correlations are left out: they are
told when their window has closed.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks._field import SIGMA, sigma_packs
from benchmarks._sending import bodies, send_all, serving
from benchmarks.ingest import everything
from benchmarks.result import Result, skipped

RATE = 12_500.0
SECONDS = 30
BAR_P50, BAR_P99 = 1.0, 3.0


def measure() -> Result:
    """Send at that rate for a while."""
    if not SIGMA.is_dir():
        return skipped("latency", "the field data is not here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts, sent = [], 0
        for part in bodies(everything(folder)):
            parts.append(part)
            sent += part[2]
            if sent > RATE * SECONDS:
                break
        with serving(folder, "--rules", "starter", *sigma_packs()) as server:
            send_all(server.port, parts[:60])
            warm = int(server.metric("bartizan_received_records_total"))
            while server.metric("bartizan_records_total", 'what="read"') < warm:
                time.sleep(0.1)
            began = time.time_ns()
            send_all(server.port, parts[60:], rate=RATE)
            took = (time.time_ns() - began) / 1e9
            kept = int(server.metric("bartizan_received_records_total"))
            while server.metric("bartizan_records_total", 'what="read"') < kept:
                time.sleep(0.1)
        waits = _waits(folder / "state" / "watch.sqlite", began)
    middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    return Result(
        name="latency",
        figure=late if middle < BAR_P50 else max(late, middle * BAR_P99),
        unit="seconds (p99, or three times a median of more than one second)",
        bar=BAR_P99,
        higher=False,
        details={
            "p50, p99, longest": f"{middle:.2f} s (bar: {BAR_P50:g}), {late:.2f} s (bar: {BAR_P99:g}), {waits[-1]:.2f} s",
            "load": f"{(kept - warm) / took:,.0f} events per second for {took:.0f} s; {len(waits):,} findings",
        },
    )


def _waits(path: Path, began: int) -> list[float]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT received, judged, line FROM finding WHERE received >= ?", (began,)).fetchall()
    return sorted((judged - received) / 1e9 for received, judged, line in rows if "related_events" not in json.loads(line)["finding_info"])
