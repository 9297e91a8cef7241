"""Wall seconds of the demo, environment made: simulate 220,000 events, hunt through them, score the result."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result


def measure() -> Result:
    """Run it as `make demo` does."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "score.json"
        cost = run([BARTIZAN, "demo", "--out", str(Path(folder) / "demo"), "--json"], out=told)
        score = json.loads(told.read_text())
    named = ("actions", "techniques", "tactics", "findings", "groups")
    shares = {name: f"{score[name]['part']} of {score[name]['whole']}" for name in named}
    details: dict[str, object] = {"CPU seconds": f"{cost.cpu:.1f}", "peak memory": f"{cost.rss / 1e6:,.0f} MB", **shares}
    return Result(name="demo", figure=cost.wall, unit="seconds", bar=60, higher=False, details=details)
