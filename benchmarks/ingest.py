"""Events per second over HTTP, each on disk before it is acknowledged, all judged by all rules of SigmaHQ, our own and our correlations.

Sent are all Windows sets of OTRF, the CloudTrail of a real exercise and a simulated day of a company (Windows, Linux, web, Zeek,
CloudTrail), mixed, a thousand records a request over eight connections from a process on the same machine. The clock runs from the
first request until the last record is judged and its findings are kept.
"""

from __future__ import annotations

import json
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._field import SIGMA, otrf_windows, sigma_packs
from benchmarks._sending import bodies, send_all, serving
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["everything", "measure"]

EVENTS = 220_000


def measure() -> Result:
    """Send it all."""
    if not SIGMA.is_dir():
        return skipped("ingest", "the field data is not here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = bodies(everything(folder))
        size = sum(len(part[1]) for part in parts)
        with serving(folder, "--rules", "starter", *sigma_packs()) as server:
            cpu, began = server.cpu(), time.monotonic()
            client = send_all(server.port, parts)
            acknowledged = time.monotonic() - began
            sent = int(server.metric("bartizan_received_records_total"))
            while server.metric("bartizan_records_total", 'what="read"') < sent:
                time.sleep(0.1)
            judged = time.monotonic() - began
            received, judging = (after - before for after, before in zip(server.cpu(), cpu, strict=True))
            findings, rules = server.metric("bartizan_findings_total"), server.metric("bartizan_rules")
    return Result(
        name="ingest",
        figure=sent / judged,
        unit="events per second",
        bar=25_000,
        details={
            "events": f"{sent:,}, {size / 1e6:,.0f} MB, {len(parts)} requests; {findings:,.0f} findings by {rules:,.0f} rules",
            "acknowledged": f"{sent / acknowledged:,.0f} events per second ({acknowledged:.1f} s), judged after {judged:.1f} s",
            "CPU per event": f"{_micro(received, sent)} receiving, {_micro(judging, sent)} judging, {_micro(client, sent)} sending:"
            f" {_micro(received + judging + client, sent)} in all",
            "two cores for nothing else": f"{2 * sent / (received + judging + client):,.0f} events per second",
            "goal": "50,000",
        },
    )


def _micro(seconds: float, events: int) -> str:
    return f"{seconds / events * 1e6:.1f} microseconds"


def everything(folder: Path) -> Sequence[Path]:
    """Lay out every log as a file."""
    from bartizan.simulate import company_day

    (folder / "otrf").mkdir()
    company_day(folder / "day", seed=7, day=date(2026, 3, 17), events=EVENTS)
    day = [path for path in sorted((folder / "day").rglob("*")) if path.is_file() and path.suffix not in {".gz", ".zip"}]
    truth = {"truth.json"}
    trail = folder / "trail.ndjson"
    with trail.open("w") as out:
        for file in sorted(FIELD.glob("invictus-aws/CloudTrail/*.json")):
            out.writelines(json.dumps(record, separators=(",", ":")) + "\n" for record in json.loads(file.read_bytes())["Records"])
    return [*otrf_windows(folder / "otrf"), *(path for path in day if path.name not in truth), trail]
