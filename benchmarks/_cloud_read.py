"""Read an AWS on loopback into a folder: run in a process of its own, so that what it costs is what reading costs."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from bartizan.collect.inventory.live.aws.caller import Connection
from bartizan.collect.inventory.live.aws.collector import collect
from benchmarks._cloud import REGION, Emulated


def main(endpoint: str, folder: Path) -> None:
    """Read, keep the answers, and say what was read."""
    collected = collect([Emulated(endpoint).session()], regions=[REGION], connection=Connection(endpoint=endpoint), keep=folder)
    facts = collected.facts
    told = {
        "calls": sum(collected.made.values()),
        "iam": sum(count for name, count in collected.made.items() if name.startswith("iam:")),
        "unanswered": sum(1 for gap in facts.gaps if gap.reason == "not-implemented"),
        "gaps": dict(Counter(gap.reason for gap in facts.gaps)),
        "resources": len(facts.resources),
        "kinds": dict(Counter(one.kind for one in facts.resources).most_common()),
        "principals": len(facts.principals),
        "statements": len(facts.statements),
    }
    (folder / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
