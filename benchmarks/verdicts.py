"""Every active SigmaHQ rule loads or is refused with a reason; how long that takes cold and from the cache."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks._field import SIGMA, sigma_packs
from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result, skipped

ACTIVE_RULES = 3780
COLD_WALL, WARM_CPU = 12.0, 0.5


def measure() -> Result:
    """List all rules twice with a cache that is empty at first."""
    if not SIGMA.is_dir():
        return skipped("verdicts", "the field data is not here")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "rules.json"
        run([BARTIZAN, "rules", "list", "--json", *sigma_packs()], out=listed)
        rules = json.loads(listed.read_bytes())
        cold, warm = _load(Path(folder) / "cache"), _load(Path(folder) / "cache")
    verdicts = [rule["verdict"] for rule in rules]
    told = sum(1 for rule in rules if rule["verdict"] == "running" or rule["reason"])
    details: dict[str, object] = {
        "verdicts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
        "cold load": f"{cold[1]:.2f} s wall (bar: at most {COLD_WALL:g})",
        "warm load": f"{warm[0]:.2f} s CPU (bar: at most {WARM_CPU:g})",
    }
    quick = cold[1] <= COLD_WALL and warm[0] <= WARM_CPU
    return Result(name="verdicts", figure=told if quick else 0, unit="rule documents with a verdict", bar=ACTIVE_RULES, details=details)


def _load(cache: Path) -> tuple[float, float]:
    """Return CPU and wall seconds of loading every rule in a fresh process, without its start and imports."""
    import subprocess
    import sys

    paths = [str(word) for word in sigma_packs() if word != "--rules"]
    code = (
        "import sys, time; from pathlib import Path; from bartizan import rules;"
        "c, w = time.process_time(), time.perf_counter();"
        "rules.load(sys.argv[2:], cache=Path(sys.argv[1]));"
        "print(time.process_time() - c, time.perf_counter() - w)"
    )
    told = subprocess.run([sys.executable, "-c", code, str(cache), *paths], capture_output=True, text=True, check=True)
    cpu, wall = map(float, told.stdout.split())
    return cpu, wall
