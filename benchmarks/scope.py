"""From 1.24 M real IDS alerts to cases: does the first case hold the attack, and how much else.

Four scenarios of AIT-ADS, read as in ``alerts``; labels are looked at after cases are made. Of the first case of each scenario:
**steps** found of those in the labels; **precision of signals**, the share that holds a finding of the attack; **hosts**, its
precision and recall against hosts with a finding of the attack. The peer is risk per entity (Splunk's way): the host and day
with the most distinct rules. The method and its constants name no host and no rule, but the constants were
chosen in an earlier trial that looked at these scenarios: the figures are not those of unseen data (ADR 36).
"""

from __future__ import annotations

import time
import zipfile
from statistics import fmean
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.ledger import Ledger
from bartizan.investigate.linking import cases_of
from bartizan.investigate.signals import signals_of
from benchmarks._ait import ARCHIVE, Line, portion_of, read, risk_per_entity, steps_of
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Collection

LEAST_BITS: Final = 7.0
NAMES: Final = ("steps", "signal precision", "host precision", "host recall")
BARS: Final = (0.85, 0.65, 0.75, 0.95)


def measure() -> Result:
    """Make the cases of each scenario and score the first, and the peer."""
    if not ARCHIVE.is_file():
        return skipped("scope", "the field data is not here")
    details: dict[str, object] = {}
    ours: list[tuple[float, ...]] = []
    theirs: list[tuple[float, ...]] = []
    cpu = 0.0
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            frame = read(archive.read(name))
            began = time.process_time()
            ledger = Ledger()
            ledger.add(portion_of(frame))
            cases = cases_of(signals_of(ledger, least_bits=LEAST_BITS))
            cpu += time.process_time() - began
            steps = steps_of(frame)
            ours.append(_scored([(one.rule, one.entities[0].value, one.span) for one in cases[0].signals], steps))
            theirs.append(_scored(risk_per_entity(frame).groups[0], steps))
            details[name.removesuffix("_alerts.txt")] = (
                f"{_told(ours[-1])}; {len(cases)} cases, the first of {len(cases[0].signals)} signals; risk per entity: {_told(theirs[-1])}"
            )
    means = tuple(fmean(column) for column in zip(*ours, strict=True))
    details["mean"] = _told(means)
    details["mean, risk per entity"] = _told(tuple(fmean(column) for column in zip(*theirs, strict=True)))
    details["bars"] = _told(BARS)
    details["CPU seconds"] = f"{cpu:.2f}"
    reached = sum(value >= bar for value, bar in zip(means, BARS, strict=True))
    return Result(name="scope", figure=reached, unit="of 4 bars reached", bar=4, details=details)


def _scored(lines: Collection[Line], steps: dict[Line, set[str]]) -> tuple[float, ...]:
    every = set().union(*steps.values())
    hosts, attacked = {line[1] for line in lines}, {line[1] for line in steps}
    found = {step for line in lines for step in steps.get(line, ())}
    return (
        len(found) / len(every),
        sum(line in steps for line in lines) / len(lines),
        len(hosts & attacked) / len(hosts),
        len(hosts & attacked) / len(attacked),
    )


def _told(values: tuple[float, ...]) -> str:
    return ", ".join(f"{name} {value:.0%}" for name, value in zip(NAMES, values, strict=True))
