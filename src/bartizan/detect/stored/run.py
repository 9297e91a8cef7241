"""Hunt through a lake: an engine judges its files, the driver correlates what they told."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from bartizan.detect.hunt.run import Progress
from bartizan.detect.stored.contract import COLUMNS, TOLD, Told
from bartizan.detect.stored.gathering import Gathering
from bartizan.detect.stored.judging import StoredJudge, judge_for_stored, told_of, told_schema
from bartizan.detect.stored.neighbours import neighbours
from bartizan.lake.engines.contract import Job

if TYPE_CHECKING:
    from bartizan.detect.contract import Outcome
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Means
    from bartizan.lake.contract import Snapshot
    from bartizan.lake.engines.contract import Engine

__all__ = ["job_for", "run_stored"]

_told = msgspec.msgpack.Decoder(Told).decode


def job_for(over: Snapshot, judge: StoredJudge) -> Job:
    """Return the work of judging every file of a snapshot that holds raw records."""
    tables = [table for table in over.tables if table.files and {"raw_data", "metadata"} <= set(table.schema)]
    return Job(tables=tables, columns=COLUMNS, function=judge, out=told_schema())


def run_stored(over: Snapshot, engine: Engine, request: Request, means: Means) -> Outcome:
    """Judge the records of a snapshot; Ctrl-C ends it early with what was found until then, marked partial."""
    judge = StoredJudge.of(means.rules, request)
    with closing(Gathering(request, means)) as gathering:
        partial = ""
        try:
            for batch in engine.run(job_for(over, judge)):
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
