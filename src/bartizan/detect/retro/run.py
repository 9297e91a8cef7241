"""Judge what a lake holds by rules that came later: the engine of the hunt, shown only records on which one of them could fire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan.detect.hunt.correlating import PAIRED
from bartizan.detect.hunt.feeding import needed
from bartizan.detect.retro.needs import needs_of
from bartizan.detect.stored.run import Chosen, run_stored
from bartizan.lake.declared import FINDINGS, UNPARSED

if TYPE_CHECKING:
    from bartizan.detect.contract import Outcome
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Means
    from bartizan.lake.contract import Snapshot
    from bartizan.lake.delta.lake import DeltaLake
    from bartizan.lake.engines.contract import Engine
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["Back", "Looked", "look_back"]


@dataclass(frozen=True, slots=True)
class Back:
    """Where to look back; files of ``over`` that are elsewhere are brought back if they have to be read.

    ``whole``: at every record, for it may mean something else now than when it was stored.
    """

    lake: DeltaLake
    over: Snapshot
    engine: Engine
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What was read of a lake, files and records, and of how many."""

    files: int
    records: int
    of_files: int
    of_records: int


def look_back(back: Back, request: Request, rules: LoadedRules, means: Means) -> tuple[Outcome, Looked]:
    """Judge stored records by rules, and say how many of them had to be read."""
    tables = tuple(table for table in back.over.tables if table.table != FINDINGS)
    over = replace(back.over, tables=tables)
    correlations = needed(rules, request)
    if back.whole or any(one.plan.kind in PAIRED for one in correlations):
        back.lake.fetch(over)
        outcome = run_stored(over, back.engine, request, means)
        return outcome, Looked(len(over.paths), over.rows, len(over.paths), over.rows)
    wanted = {number for number, rule in enumerate(rules.rules) if number not in rules.silent and request.wants(rule)}
    wanted.update(number for one in correlations for number in one.rules)
    chosen = _chosen(back, over, rules, means, wanted)
    outcome = run_stored(over, back.engine, request, means, chosen)
    read = sum(file.read for file in outcome.balance)
    return outcome, Looked(len(chosen.over.paths), read, len(over.paths), over.rows)


def _chosen(back: Back, over: Snapshot, rules: LoadedRules, means: Means, wanted: set[int]) -> Chosen:
    names = [table.table for table in over.tables if table.table != UNPARSED]
    needs, grouped = needs_of(rules, means.judge.catalogue, names, wanted)
    if grouped:
        back.lake.fetch(over)
    found = {one.file.path: one.rows for one in back.lake.candidates(needs, over)}
    tables = (replace(table, files=tuple(file for file in table.files if file.path in found)) for table in over.tables)
    rows = {path: some for path, some in found.items() if some is not None}
    return Chosen(replace(over, tables=tuple(tables)), rows, grouped)
