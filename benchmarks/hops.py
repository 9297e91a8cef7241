"""Hops of attack paths: how many of those that leave a record a detection sees, per cloud; ours, and SigmaHQ's as the peer.

Every event that a rule of paths declares is written as its log writes it, once done by a person and once by a workload, read by the source
of the log and matched by the engine. A hop is *seen* where some step of it fires a detection whoever does it (and however it is done,
where there are several ways); *where data events are logged* if that is what it takes; *perhaps* where a detection fires only if the
record says more, somebody certain did it, or it is done often; *blind* otherwise. Hops of which no log has a record are counted apart.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bartizan.review.cloud.paths.detections import Standing, sights, standing
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.rules.loading import load
from bartizan.workbench import content_folder
from benchmarks._field import SIGMA
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BAR = 80.0
_SEEN = (Standing.SEEN, Standing.LOGGED)


def measure() -> Result:
    """Match the records of every hop against both packs."""
    details: dict[str, object] = {}
    ours, not_seen = _counted("ours", [content_folder() / "detections"], details)
    peer = _counted("SigmaHQ", [SIGMA / "rules"], details)[0] if SIGMA.is_dir() else 0.0
    details["not seen by ours"] = not_seen
    return Result(
        name="hops",
        figure=ours,
        unit="% of hops that leave a record are seen",
        bar=BAR,
        peer="SigmaHQ's rules" if peer else "",
        peer_figure=peer or None,
        ratio=ours / peer if peer else None,
        details=details,
    )


def _counted(pack: str, folders: Sequence[Path], details: dict[str, object]) -> tuple[float, list[str]]:
    """Put the counts of each cloud into the details; return the share that is seen, and which are not."""
    paths = path_rules(content_folder() / "paths")
    found = {name: standing(seen) for name, seen in sights(paths.values(), load(folders)).items()}
    for cloud in sorted({path.provider for path in paths.values()}):
        counts = Counter(stands for name, stands in found.items() if paths[name].provider == cloud)
        written = counts.total() - counts[Standing.SILENT]
        told = f"seen {counts[Standing.SEEN]}, where data events are logged {counts[Standing.LOGGED]}, perhaps {counts[Standing.PERHAPS]}"
        share = 100 * sum(counts[one] for one in _SEEN) / written
        details[f"{cloud}, {pack}"] = (
            f"{told}, blind {counts[Standing.BLIND]} of {written} that leave a record ({share:.0f} %); {counts[Standing.SILENT]} leave none"
        )
    leave = [name for name, stands in found.items() if stands is not Standing.SILENT]
    missed = [f"{name} ({found[name].value})" for name in leave if found[name] not in _SEEN]
    return 100 * (len(leave) - len(missed)) / len(leave), missed
