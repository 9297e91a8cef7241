"""CPU time of ``bartizan --help``: the median of 15 runs after one warm-up."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.result import Result


def measure() -> Result:
    """Measure our own and the bare cost of the usual framework beside it."""
    own = _cpu([str(Path(sys.executable).with_name("bartizan")), "--help"])
    bare = _cpu([sys.executable, "-c", "pass"])
    return Result(name="startup", figure=own, unit="ms CPU", bar=250, higher=False, details={"python itself": f"{bare:.0f} ms CPU"})


def _cpu(command: list[str]) -> float:
    return statistics.median(_once(command) for _ in range(16))


def _once(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
