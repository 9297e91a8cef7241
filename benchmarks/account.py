"""Read an emulated account of 900 resources and more: calls, wall, CPU, memory and what is written, beside Prowler's of the like.

The account is that of most labs of ``pathfinding-labs``, made in a moto server on loopback from what we read of its Terraform, and more
of what accounts have. Prowler's figures are of another run, on an emulated account of 971 resources, and include its checks; ours here
are of reading and keeping alone. moto does not know 25 of the calls; they are counted all the same.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from benchmarks._cloud import emulated
from benchmarks._cloud_more import more
from benchmarks._cloud_seed import seed
from benchmarks._process import run
from benchmarks.result import FIELD, Result, skipped

LABS: Final = FIELD / "pathfinding-labs" / "modules" / "scenarios"
CALLS: Final = 300
WALL: Final = 15.0
RSS: Final = 350_000_000
LEAST: Final = 900
PEER: Final = {"calls (IAM alone)": 1_929, "wall": 211.0, "cpu": 58.0, "rss MB": 1_370, "written MB": 440}


def measure() -> Result:
    """Make the account, read it in a process of its own, and say what that cost."""
    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.reading import read

    if not LABS.is_dir():
        return skipped("account", f"{LABS} is not there")
    labs = read([LABS])
    ((main, _count),) = Counter(one.account for one in labs.resources).most_common(1)
    mine = Facts(**{name: getattr(labs, name) for name in Facts.__slots__})
    mine.resources = [one for one in labs.resources if one.account == main]
    with emulated() as cloud, tempfile.TemporaryDirectory() as folder:
        seeded = seed(cloud, mine)
        more(cloud)
        out = Path(folder)
        command = [sys.executable, "-m", "benchmarks._cloud_read", cloud.endpoint, str(out)]
        errors = out / "errors"
        cost = run(command, errors=errors)
        if cost.code:
            return skipped("account", errors.read_text()[-500:])
        told: dict[str, Any] = json.loads((out / "told.json").read_text())
        written = sum(file.stat().st_size for file in out.glob("*.ndjson"))
    held = told["resources"] >= LEAST and cost.wall <= WALL and cost.rss <= RSS
    result = Result(
        name="account",
        figure=told["calls"],
        unit="calls",
        bar=CALLS,
        higher=False,
        peer="Prowler 5, IAM alone, an emulated account of 971 resources, another run",
        peer_figure=PEER["calls (IAM alone)"],
        ratio=PEER["calls (IAM alone)"] / told["calls"],
        details={
            "resources": f"{told['resources']} (bar: at least {LEAST})",
            "wall": f"{cost.wall:.1f} s (bar: at most {WALL:g}; Prowler {PEER['wall']:g})",
            "cpu": f"{cost.cpu:.1f} s (Prowler {PEER['cpu']:g})",
            "peak memory": f"{cost.rss / 1e6:.0f} MB (bar: at most {RSS / 1e6:g}; Prowler {PEER['rss MB']:,})",
            "written": f"{written / 1e6:.1f} MB (Prowler {PEER['written MB']})",
            "calls to IAM": told["iam"],
            "of an API that the emulator does not know": told["unanswered"],
            "gaps": told["gaps"],
            "kinds": len(told["kinds"]),
            "principals, statements": f"{told['principals']}, {told['statements']}",
            "of the labs that could not be made": seeded.failed,
        },
    )
    return result if held else replace(result, skipped=f"wall, memory or size is past its bar: {result.details}")
