"""Peak resident memory, all processes together: on the largest set, and on 5 GB of events in one file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks._field import SIGMA, WINDOWS_RULES, otrf_windows, sigma_packs
from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result, skipped

SIZE = 5_000_000_000
ROOM = 7_000_000_000


def measure() -> Result:
    """Concatenate the OTRF sets until there are 5 GB, each copy made different so that none is a duplicate."""
    if not SIGMA.is_dir():
        return skipped("memory", "the field data is not here")
    with tempfile.TemporaryDirectory() as folder:
        if shutil.disk_usage(folder).free < ROOM:
            return skipped("memory", f"{folder} has less than {ROOM // 10**9} GB free")
        files = otrf_windows(Path(folder))
        largest = max(files, key=lambda file: file.stat().st_size)
        giant = _giant(files, Path(folder) / "giant.ndjson")
        one = run([BARTIZAN, "hunt", str(largest), *sigma_packs(WINDOWS_RULES), "--ndjson"])
        all_of_it = run([BARTIZAN, "hunt", str(giant), *sigma_packs(WINDOWS_RULES), "--ndjson"])
        details: dict[str, object] = {
            "largest set": f"{largest.stat().st_size / 1e6:,.0f} MB: peak {one.rss / 1e6:,.0f} MB",
            "5 GB": f"{giant.stat().st_size / 1e9:.2f} GB: peak {all_of_it.rss / 1e6:,.0f} MB",
            "5 GB took": f"{all_of_it.cpu:,.0f} CPU seconds, {all_of_it.wall:,.0f} s",
            "exit codes": [one.code, all_of_it.code],
        }
        worst = max(one.rss, all_of_it.rss) / 1e6
        return Result(name="memory", figure=worst, unit="MB", bar=1_000, higher=False, details=details)


def _giant(files: list[Path], giant: Path) -> Path:
    """Write the sets over and over, with one field added that numbers the copy."""
    with giant.open("wb") as out:
        copy = 0
        while out.tell() < SIZE:
            copy += 1
            mark = b'{"copy":%d,' % copy
            for file in files:
                out.write(file.read_bytes().replace(b"\n{", b"\n" + mark))
                if out.tell() >= SIZE:
                    break
    return giant
