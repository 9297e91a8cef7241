"""What goes wrong where a disk is full or read-only, a clock jumps, or bytes of the journal change: what is documented, or a failure.

See ``docs/guide/watch.md``, "When something breaks". Small disks are mounted (that needs root), the clock is that of the server alone
(Debian's package faketime).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks._faults import FAULTS, Untried
from benchmarks.result import Result


def measure() -> Result:
    """Break everything once."""
    told: dict[str, object] = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        for fault, broken in FAULTS.items():
            folder = Path(name) / fault.replace(" ", "-")
            folder.mkdir()
            try:
                found = broken(folder)
            except Untried as error:
                found = [f"not tried: {error}"]
            wrong += len(found)
            told[fault] = "; ".join(found) or "as documented"
    return Result(name="faults", figure=wrong, unit="things that are not as documented", bar=0, higher=False, details=told)
