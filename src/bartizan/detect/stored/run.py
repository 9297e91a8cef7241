"""Hunt through a lake: an engine judges its files, the driver correlates what they told."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from bartizan.detect.hunt.run import Progress
from bartizan.detect.stored.contract import COLUMNS, TOLD, Told
from bartizan.detect.stored.gathering import Gathering
from bartizan.detect.stored.judging import StoredJudge, judge_for_stored, told_of, told_schema
from bartizan.detect.stored.neighbours import neighbours
from bartizan.lake.engines.contract import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.detect.contract import Outcome
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Means
    from bartizan.lake.contract import Snapshot
    from bartizan.lake.engines.contract import Engine
    from bartizan.lake.mapping import Rows

__all__ = ["Chosen", "job_for", "run_stored"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files of a snapshot and rows of them. ``grouped``: sources whose records are judged together, and so all of them."""

    over: Snapshot
    rows: Mapping[str, Rows]
    grouped: frozenset[str] = frozenset()


_told = msgspec.msgpack.Decoder(Told).decode


def job_for(over: Snapshot, judge: StoredJudge, rows: Mapping[str, Rows] | None = None) -> Job:
    """Return the work of judging every file of a snapshot that holds raw records; of files in ``rows`` these are enough."""
    tables = [table for table in over.tables if table.files and {"raw_data", "metadata"} <= set(table.schema)]
    return Job(tables=tables, columns=COLUMNS, function=judge, out=told_schema(), rows=rows or {})


def run_stored(over: Snapshot, engine: Engine, request: Request, means: Means, chosen: Chosen | None = None) -> Outcome:
    """Judge the records of a snapshot, or what is chosen of them; Ctrl-C ends it early with what was found until then, marked partial."""
    judge = StoredJudge.of(means.rules, request)
    with closing(Gathering(request, means)) as gathering:
        partial = ""
        try:
            job = job_for(over, judge) if chosen is None else job_for(chosen.over, judge, chosen.rows)
            gathering.left.update(dict.fromkeys(() if chosen is None else chosen.grouped, 0))
            for batch in engine.run(job):
                for told in batch.column(TOLD).to_pylist():
                    gathering.take(_told(told))
                means.progress(Progress(0, gathering.records, gathering.findings))
            if gathering.left:
                _judge_left(over, judge, gathering)
        except KeyboardInterrupt:
            partial = f"interrupted after {gathering.records:,} records: what comes later was not read"
        return gathering.outcome(partial)


def _judge_left(over: Snapshot, judge: StoredJudge, gathering: Gathering) -> None:
    """Judge here what has to be judged together with its neighbours."""
    one, sorter = judge_for_stored(judge.kit)
    for chunk in neighbours(over, sorted(gathering.left), sorter):
        told = Told()
        told_of(told, one.judge(chunk), chunk)
        gathering.take(told)
