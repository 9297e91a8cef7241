"""Findings of the watch against findings of the hunt, over every field data set: each is cut into batches as a sender would send it.

Both are asked for the same things: every finding by its id (rule and record; for a correlation rule, group and time) and what became
of every record. Counted are findings that only one of them has, and records that they judge differently; the bar is none.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._field import ACTIVE, SIGMA
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.detect.hunt.judge import Judge
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.contract import Entry

SETS = ("otrf", "evtx-to-mitre", "sigma-regression", "invictus-aws", "stratus", "panther")
SEED = 7
FOREVER = 1 << 62


def measure() -> Result:
    """Replay every set."""
    if not SIGMA.is_dir():
        return skipped("replay", "the field data is not here")
    told: dict[str, object] = {}
    wrong = 0
    for name in SETS:
        with tempfile.TemporaryDirectory() as folder:
            hunted, watched = _both(FIELD / name, Path(folder))
        findings = sum((hunted[0] - watched[0]).values()) + sum((watched[0] - hunted[0]).values())
        records = sum(abs(one - two) for one, two in zip(hunted[1], watched[1], strict=True))
        wrong += findings + records
        told[name] = f"{hunted[1][0]:,} records, {hunted[0].total():,} findings; {findings} findings and {records} records differ"
    return Result(name="replay", figure=wrong, unit="differences", bar=0, higher=False, details=told)


def _both(folder: Path, work: Path) -> tuple[tuple[Counter[str], list[int]], tuple[Counter[str], list[int]]]:
    from bartizan import workbench
    from bartizan.detect.hunt.setup import judge_for

    rules = ["starter", *(str(SIGMA / name) for name in ACTIVE)]
    with workbench.hunt(folder, rules=rules, asked=workbench.Asked(exceptions=())) as found:
        uids = Counter(str(json.loads(line)["finding_info"]["uid"]) for line in found.spool.lines())
        sums = [sum(getattr(one, what) for one in found.outcome.balance) for what in ("read", "stored", "unparsed", "duplicate")]
        end = found.outcome.last
    request = workbench.watch_request(rules, work / "watch", workbench.Asked(exceptions=()))
    return (uids, sums), _watched(folder, work / "watch", judge_for(request), request, end)


def _watched(folder: Path, root: Path, judge: Judge, request: Request, end: int) -> tuple[Counter[str], list[int]]:
    from bartizan.detect.watch.ledger import Ledger
    from bartizan.detect.watch.watcher import Watcher

    ledger = Ledger(root / "watch.sqlite")
    watcher = Watcher(judge, request, ledger, lateness=FOREVER)
    uids: Counter[str] = Counter()
    sums = [0, 0, 0, 0]
    with ledger.piece():
        pieces = [watcher.take([entry]) for entry in _entries(folder, judge)]
        for piece in [*pieces, watcher.finish(end)]:
            uids.update(alert.uid for alert in piece.alerts)
            for one in piece.balance.values():
                sums = [have + more for have, more in zip(sums, (one.read, one.stored, one.unparsed, one.duplicate), strict=True)]
    ledger.close()
    return uids, sums


def _entries(folder: Path, judge: Judge) -> Iterator[Entry]:
    """Yield the records of every file in batches of random sizes, in their order."""
    from bartizan.collect.units import read, units
    from bartizan.detect.watch.contract import Entry

    chance = random.Random(SEED)
    for unit in units([str(folder)], sources=judge.catalogue):
        for chunk in read(unit, sources=judge.catalogue):
            at = 0
            while chunk.framing is not None and at < len(chunk.records):
                size = int(10 ** chance.uniform(0, 4))
                yield Entry(
                    stream=chunk.origin,
                    received=int(chunk.modified * 1_000_000_000),
                    framing=chunk.framing.value,
                    records=list(chunk.records[at : at + size]),
                    head=list(chunk.head),
                    unreadable={row - at: why for row, why in chunk.unreadable.items() if at <= row < at + size},
                )
                at += size
