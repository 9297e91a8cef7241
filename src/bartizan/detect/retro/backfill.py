"""Judge what a lake holds by the rules of a watch, and keep with the watch's findings those that are not there yet."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.detect.hunt.run import Means
from bartizan.detect.hunt.setup import judge_for, rules_for
from bartizan.detect.hunt.spool import Spool
from bartizan.detect.watch.contract import Alert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.ledger import Ledger

__all__ = ["Backfilled", "backfill"]

_MOST: Final = 1_000
_MILLI: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What became of it: records read of those that there are, findings, and how many of them are new."""

    read: int
    records: int
    findings: int
    new: int

    def __str__(self) -> str:
        """Say it in a sentence."""
        return f"{self.findings:,} findings in history, {self.new:,} of them new; {self.read:,} of {self.records:,} records were read"


class _Uid(msgspec.Struct):
    uid: str


class _Info(msgspec.Struct):
    analytic: _Uid


class _Told(msgspec.Struct):
    metadata: _Uid
    finding_info: _Info
    time: int = 0


_decode = msgspec.json.Decoder(_Told).decode


def backfill(root: Path, request: Request, ledger: Ledger, *, workers: int = 1) -> Backfilled:
    """Look back through the lake in ``root`` from ``request.since`` on; what is found and not known yet is told like any finding.

    A finding has the id that it would have had when its records came, so that one that is there is not added again, and this
    can be done, and be killed, as often as one likes. MissingExtra where what a lake needs is not installed.
    """
    from bartizan.lake.opening import open_lake  # noqa: PLC0415 - the extra is looked for where it is needed

    began = time.time_ns()
    asked = replace(request, now=began, records=False)
    rules = rules_for(asked)
    with open_lake(root) as lake, closing(Spool()) as spool:
        from bartizan.detect.retro.run import Back, look_back  # noqa: PLC0415 - needs the extra
        from bartizan.lake.engines.opening import open_engine  # noqa: PLC0415 - as above

        means = Means(judge=judge_for(asked, rules), rules=rules, spool=spool)
        with open_engine("local", workers=workers) as engine:
            outcome, looked = look_back(Back(lake, lake.listed(start=asked.since), engine), asked, rules, means)
        alerts = _alerts(spool, {rule.id: rule.level for rule in rules.rules})
        new = 0
        while some := list(islice(alerts, _MOST)):
            new += ledger.record(some, began)
    return Backfilled(looked.records, looked.of_records, outcome.findings, new)


def _alerts(spool: Spool, levels: Mapping[str, str]) -> Iterator[Alert]:
    for line in spool.lines():
        told = _decode(line)
        rule = told.finding_info.analytic.uid
        yield Alert(told.metadata.uid, rule, levels.get(rule, ""), told.time * _MILLI, line.rstrip(b"\n"))
