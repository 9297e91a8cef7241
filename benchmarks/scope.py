"""From 1.24 M real IDS alerts to cases: does the first case hold the attack, how much of it, and how much else.

Four scenarios of AIT-ADS, read as in ``alerts``; labels are looked at after cases are made. Of the first case of each scenario:
**steps** found of those in the labels; **precision of signals**, the share that holds a finding of the attack; **hosts**, its
precision and recall against hosts with a finding of the attack; **core**, the precision of the signals of its core ring. The
bars are for the means; and in every scenario the first case has to hold more of the attack than any other. The peer is risk
per entity (Splunk's way): the host and day with the most distinct rules.

The method names no host and no rule. Its thresholds come from elsewhere (what is routine, the floor of a grave rule, the window
of a group) where there is an elsewhere, and lie on a plateau: ADR 52 says which others give what. One step of each scenario
(``dnsteal``) was going on when the recording began and ends hours or days from the rest; it is found in none.
"""

from __future__ import annotations

import time
import zipfile
from statistics import fmean
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.ledger import Ledger
from bartizan.investigate.casing import cases_of
from bartizan.investigate.signals import signals_of
from benchmarks._ait import ARCHIVE, Line, portion_of, read, risk_per_entity, steps_of
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bartizan.investigate.contract import Case, Signal

NAMES: Final = ("steps", "signal precision", "host precision", "host recall", "core signal precision")
BARS: Final = (0.85, 0.65, 0.75, 0.95, 0.85)


def measure() -> Result:
    """Make the cases of each scenario and score the first, and the peer."""
    if not ARCHIVE.is_file():
        return skipped("scope", "the field data is not here")
    details: dict[str, object] = {}
    ours: list[tuple[float, ...]] = []
    theirs: list[tuple[float, ...]] = []
    cpu, first = 0.0, 0
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            frame = read(archive.read(name))
            began = time.process_time()
            ledger = Ledger()
            ledger.add(portion_of(frame))
            cases = cases_of(signals_of(ledger, least_bits=0.0))
            cpu += time.process_time() - began
            steps = steps_of(frame)
            first += _held(cases[0], steps) > max((_held(case, steps) for case in cases[1:]), default=0)
            core = [signal for signal in cases[0].signals if signal.id in cases[0].core]
            ours.append((*_scored(_lines(cases[0].signals), steps), _scored(_lines(core), steps)[1]))
            theirs.append(_scored(risk_per_entity(frame).groups[0], steps))
            size = f"{len(cases)} cases, the first of {len(cases[0].signals)} signals, {len(core)} core"
            details[name.removesuffix("_alerts.txt")] = f"{_told(ours[-1])}; {size}; risk per entity: {_told(theirs[-1])}"
    means = tuple(fmean(column) for column in zip(*ours, strict=True))
    details["mean"] = _told(means)
    details["mean, risk per entity"] = _told(tuple(fmean(column) for column in zip(*theirs, strict=True)))
    details["bars"] = _told(BARS)
    details["the first case holds the attack"] = f"{first} of {len(ours)}"
    details["CPU seconds"] = f"{cpu:.2f}"
    reached = sum(value >= bar for value, bar in zip(means, BARS, strict=True)) + (first == len(ours))
    return Result(name="scope", figure=reached, unit="of 6 bars reached", bar=6, details=details)


def _lines(signals: Sequence[Signal]) -> list[Line]:
    return [(one.rule, one.entities[0].value, one.span) for one in signals]


def _held(case: Case, steps: dict[Line, set[str]]) -> int:
    return sum(line in steps for line in _lines(case.signals))


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
    return ", ".join(f"{name} {value:.0%}" for name, value in zip(NAMES, values, strict=False))
