"""The cloud review beside Checkov over the same folders: what each costs, and where both judge the same thing differently.

Measured where the peer's environment is there already (``build/peers/checkov``), or is asked for: ``PEER=1 make bench NAME=peers-cloud``.
The labs are always compared; ``ESTATES=DIR`` names a folder of more, one folder each (those of Kubernetes by their manifests). Each
disagreement was decided by the documentation of the provider and stands in ``peer_checks.yml`` with who is right; one that does not is
open, and counts.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from benchmarks._peer_checkov import PACKAGES, TABLE, compared
from benchmarks._peers import environment
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks._peer_checkov import Compared

LABS: Final = FIELD / "pathfinding-labs" / "modules" / "scenarios"


def measure() -> Result:
    """Run both over each folder."""
    python = environment("checkov", PACKAGES, make="PEER" in os.environ)
    if not python:
        return skipped("peers-cloud", f"{PACKAGES[0]} is in no environment here: PEER=1 makes one")
    more = os.environ.get("ESTATES")
    folders = [folder for folder in (LABS, *(sorted(Path(more).iterdir()) if more else ())) if folder.is_dir()]
    if not folders:
        return skipped("peers-cloud", f"{LABS} is not there, and ESTATES names no folder")
    decided = {(one["check"], one["theirs"], one["ours"]): one["right"] for one in yaml.safe_load(TABLE.read_text())["decided"]}
    details: dict[str, object] = {}
    found: list[Compared] = []
    for folder in folders:
        with tempfile.TemporaryDirectory() as out:
            found.append(compared(python, folder, Path(out), framework=_framework(folder)))
        details[folder.name] = _told(found[-1])
    apart = [one for each in found for one in each.apart]
    ways = Counter(decided.get(_key(one), "open") for one in apart)
    still = [one for one in apart if _key(one) not in decided]
    cost = [sum(side.cpu for side in sides) for sides in zip(*((one.ours, one.theirs) for one in found), strict=True)]
    details |= {
        "CPU": f"ours {cost[0]:.1f} s, theirs {cost[1]:.1f} s ({PACKAGES[0]})",
        "judged by both": sum(one.same + len(one.apart) for one in found),
        "the same": sum(one.same for one in found),
        "decided for us": ways["ours"],
        "decided for them": ways["theirs"],
        "two questions": ways["both"],
        "open": still,
        "unknown to us, judged by them": sum(one.unknown for one in found),
        "of what only they read": sum(one.alone for one in found),
    }
    return Result(
        name="peers-cloud",
        figure=len(still) + ways["theirs"],
        unit="judgements in which the peer is right, or which nobody decided",
        bar=0,
        higher=False,
        ratio=round(cost[1] / cost[0], 2),
        ratio_bar=1,
        details=details,
    )


def _framework(folder: Path) -> str:
    return "terraform" if next(folder.rglob("*.tf"), None) else "kubernetes"


def _key(one: str) -> tuple[str, str, str]:
    check, verdicts, _place = one.split(" ", 2)
    theirs, ours = verdicts.split("/")
    return check, theirs, ours


def _told(one: Compared) -> str:
    def side(name: str) -> str:
        cost = getattr(one, name)
        return f"{cost.wall:.1f} s, {cost.cpu:.1f} s of CPU, {cost.rss / 1e6:.0f} MB, {one.findings[name]} failures"

    return f"ours {side('ours')}; theirs {side('theirs')}; {_counted(one.apart)}"


def _counted(apart: Iterable[str]) -> str:
    told = Counter(one.rpartition(" ")[0] for one in apart)
    return "apart: " + (", ".join(f"{name} ({count})" for name, count in sorted(told.items())) or "nothing")
