"""The optimised engine against the reference matcher: all field data, all rules, differences."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks._field import SIGMA, sigma_packs
from benchmarks._process import BARTIZAN, run
from benchmarks.result import FIELD, Result, skipped

SETS = (
    "otrf",
    "evtx-to-mitre",
    "sigma-regression",
    "invictus-aws",
    "stratus",
    "panther",
    "ait-ads",
    "sigma",
    "ocsf-schema",
    "pathfinding-labs",
    "pathfinding-paths",
)
"""Everything in the field folder that a hunt could meet; what is no log is said to be none."""


def measure() -> Result:
    """Run every set with --paranoid, where each (rule, record) pair is judged twice."""
    if not SIGMA.is_dir():
        return skipped("paranoid", "the field data is not here")
    events = findings = 0
    differing: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        balance, errors = Path(folder) / "balance", Path(folder) / "errors"
        for name in SETS:
            command = [BARTIZAN, "hunt", str(FIELD / name), *sigma_packs(), "--rules", "starter", "--paranoid", "--ndjson"]
            cost = run([*command, "--balance", str(balance)], out=Path(folder) / "findings", errors=errors)
            told = json.loads(balance.read_text())
            events += told["total"]["stored"]
            findings += sum(1 for _ in (Path(folder) / "findings").open("rb"))
            if cost.code not in {0, 3}:
                differing += errors.read_text().splitlines()[-20:] or [f"{name}: exit {cost.code}"]
            elif told["total"]["read"] != sum(told["total"][part] for part in ("stored", "unparsed", "duplicate")):
                differing.append(f"{name}: the balance does not close")
    details: dict[str, object] = {"records judged by both": f"{events:,}", "findings": f"{findings:,}", "differences": differing[:20]}
    return Result(name="paranoid", figure=len(differing), unit="differences", bar=0, higher=False, details=details)
