"""Read an emulated account of 900 resources and more: calls, wall, CPU, memory and what is written, beside Prowler's of the like.

The account is that of most labs of ``pathfinding-labs``, made in a moto server on loopback from what we read of its Terraform, and more
of what accounts have. Prowler's figures are of another run, on an emulated account of 971 resources, and include its checks; ours here
are of reading and keeping alone. What moto does not know is counted as a call all the same.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks._cloud import emulated
from benchmarks._cloud_more import more
from benchmarks._cloud_seed import seed
from benchmarks._process import run
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts

LABS: Final = FIELD / "pathfinding-labs" / "modules" / "scenarios"
CALLS: Final = 300
WALL: Final = 15.0
RSS: Final = 350_000_000
LEAST: Final = 900
PEER: Final = {"calls (IAM alone)": 1_929, "wall": 211.0, "cpu": 58.0, "rss MB": 1_370, "written MB": 440}


def main_account() -> Facts:
    """Return what the labs declare, with the resources of the account that most of them are in."""
    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.reading import read

    labs = read([LABS])
    ((main, _count),) = Counter(one.account for one in labs.resources).most_common(1)
    mine = Facts(**{name: getattr(labs, name) for name in Facts.__slots__})
    mine.resources = [one for one in labs.resources if one.account == main]
    return mine


def measure() -> Result:
    """Make the account, read it in a process of its own, and say what that cost."""
    if not LABS.is_dir():
        return skipped("account", f"{LABS} is not there")
    with emulated() as cloud, tempfile.TemporaryDirectory() as folder:
        seeded = seed(cloud, main_account())
        more(cloud)
        out = Path(folder)
        command = [sys.executable, "-m", "benchmarks._cloud_read", cloud.endpoint, str(out)]
        errors = out / "errors"
        cost = run(command, errors=errors)
        if cost.code:
            return skipped("account", errors.read_text()[-500:])
        told: dict[str, Any] = json.loads((out / "told.json").read_text())
        written = sum(file.stat().st_size for file in out.glob("*.ndjson"))
    bars = {"calls": told["calls"] / CALLS, "wall": cost.wall / WALL, "memory": cost.rss / RSS, "resources": LEAST / told["resources"]}
    return Result(
        name="account",
        figure=max(bars.values()),
        unit="of what is allowed, whichever of calls, wall, memory and size is furthest",
        bar=1,
        higher=False,
        details={
            "calls": f"{told['calls']} (bar: at most {CALLS}), of IAM {told['iam']} (Prowler: {PEER['calls (IAM alone)']:,} of IAM alone)",
            "wall": f"{cost.wall:.1f} s (bar: at most {WALL:g}; Prowler {PEER['wall']:g}), on a machine with load {os.getloadavg()[0]:.1f}",
            "cpu": f"{cost.cpu:.1f} s (Prowler {PEER['cpu']:g})",
            "peak memory": f"{cost.rss / 1e6:.0f} MB (bar: at most {RSS / 1e6:g}; Prowler {PEER['rss MB']:,})",
            "written": f"{written / 1e6:.1f} MB (Prowler {PEER['written MB']})",
            "resources": f"{told['resources']} of {len(told['kinds'])} kinds (bar: at least {LEAST})",
            "principals, statements": f"{told['principals']}, {told['statements']}",
            "calls of an API that the emulator does not know": told["unanswered"],
            "gaps": told["gaps"],
            "of the labs that could not be made": seeded.failed,
        },
    )
