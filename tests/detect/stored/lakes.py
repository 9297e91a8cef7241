"""Lakes of what hunts kept, and hunts through them on any engine."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.hunting import NOW, Told

from bartizan import workbench
from bartizan.collect.catalogue import catalogue
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.run import Means
from bartizan.detect.hunt.setup import judge_for, rules_for
from bartizan.detect.hunt.spool import Spool
from bartizan.detect.stored.run import run_stored
from bartizan.lake.declared import declare
from bartizan.lake.engines.opening import open_engine
from bartizan.lake.opening import make_lake, open_lake

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.lake.contract import Snapshot


def lake_of(folder: Path, rules: Path, *hunts: list[Path]) -> Path:
    """Make a lake of what hunts through some logs kept, one hunt after the other."""
    tables = declare(route.ocsf for source in catalogue().sources for route in source.routes)
    with make_lake(folder / "lake", tables) as lake:
        for number, logs in enumerate(hunts):
            asked = workbench.Asked(exceptions=(), now=NOW)
            workbench.hunt(*logs, rules=[rules], out=folder / f"kept-{number}", asked=asked).close()
            lake.take_in(folder / f"kept-{number}")
    return folder / "lake"


def snapshot_of(root: Path, **part: Any) -> Snapshot:  # noqa: ANN401 - any part of the lake
    with open_lake(root) as lake:
        return lake.snapshot(**part)


def hunted_stored(root: Path, rules: Path, *, engine: str = "local", workers: int = 1, **asked: Any) -> Told:  # noqa: ANN401 - any of the request's own options
    """Hunt through a lake with the parts that the workbench puts together."""
    request = Request(rules=(rules,), now=NOW, **asked)
    loaded = rules_for(request)
    over = snapshot_of(root, start=request.since, end=request.until)
    with closing(Spool()) as spool, open_engine(engine, workers=workers) as opened:
        outcome = run_stored(over, opened, request, Means(judge=judge_for(request, loaded), rules=loaded, spool=spool))
        groups = [replace(group, samples=tuple(group.samples)) for group in outcome.groups]
        return Told(replace(outcome, groups=groups), b"".join(spool.blocks()))


def ids(told: Told) -> list[str]:
    """Return the ids of findings: rule and record, or rule, group and time."""
    return sorted(one["metadata"]["uid"] for one in told.findings)
