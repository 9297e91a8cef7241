"""Kill the writer of a lake 100 times at random moments under load: nothing that was acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.result import Result, skipped

KILLS: Final = 100


def measure() -> Result:
    """Count what is lost, doubled, unbalanced or damaged after the kills."""
    try:
        from benchmarks._crashing import killed
    except ImportError:
        return skipped("crash", "the extra 'lake' is not installed")
    with tempfile.TemporaryDirectory() as folder:
        verdict = killed(Path(folder), KILLS)
    wrong = verdict.lost + verdict.doubled + verdict.unbalanced + verdict.faults
    return Result(
        name="crash",
        figure=wrong,
        unit="deliveries lost or doubled, records unbalanced, faults",
        bar=0,
        higher=False,
        details=asdict(verdict),
    )
