"""From 2.7 M alerts to cases: how long it takes, and how much memory.

The 1.24 M alerts of AIT-ADS as often as it takes to have 2.66 M (the whole set, of which four of eight scenarios are here), each copy
ninety days after the one before and with hosts of its own, in one ledger: signals, surprise, links, cases and their rings. Reading the
file is not counted, making cases of what was read is: CPU seconds, as the machine is shared. Memory is the peak of the process,
the data included.
"""

from __future__ import annotations

import resource
import time
import zipfile
from typing import Final

import numpy as np

from bartizan.detect.alerts.contract import DAY, Subject
from bartizan.detect.alerts.ledger import Ledger, Portion
from bartizan.investigate.casing import cases_of
from bartizan.investigate.signals import signals_of
from bartizan.schema.entities import Entity
from benchmarks._ait import ARCHIVE, portion_of, read
from benchmarks.result import Result, skipped

WANTED: Final = 2_660_000
BAR_SECONDS: Final = 6.0
BAR_MEGABYTES: Final = 2_000


def measure() -> Result:
    """Copy the alerts, then make cases of them."""
    if not ARCHIVE.is_file():
        return skipped("cases_speed", "the field data is not here")
    portions = _portions()
    began, wall = time.process_time(), time.monotonic()
    ledger = Ledger()
    for portion in portions:
        ledger.add(portion)
    counted = time.process_time() - began
    signals = signals_of(ledger, least_bits=0.0)
    cases = cases_of(signals)
    cpu = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    details: dict[str, object] = {
        "alerts": f"{ledger.findings:,}, of which {ledger.duplicates:,} were met twice",
        "signals": f"{len(signals):,} in {counted:.2f} s of counting",
        "cases": f"{len(cases):,} with {sum(len(case.links) for case in cases):,} links",
        "wall seconds": f"{time.monotonic() - wall:.2f}",
        "peak memory": f"{memory:,.0f} MB, data included (bar: at most {BAR_MEGABYTES:,})",
        "alerts per CPU second": f"{ledger.findings / cpu:,.0f}",
    }
    enough = ledger.findings >= WANTED and memory <= BAR_MEGABYTES
    figure = cpu if enough else float("inf")
    return Result(name="cases_speed", figure=figure, unit="CPU seconds", bar=BAR_SECONDS, higher=False, details=details)


def _portions() -> list[Portion]:
    with zipfile.ZipFile(ARCHIVE) as archive:
        read_once = [portion_of(read(archive.read(name))) for name in sorted(archive.namelist())]
    portions: list[Portion] = []
    while sum(len(portion.times) for portion in portions) < WANTED:
        copy = len(portions) // len(read_once)
        portions.append(_copied(read_once[len(portions) % len(read_once)], copy, len(portions)))
    return portions


def _copied(portion: Portion, copy: int, number: int) -> Portion:
    """Return alerts of other hosts, at another time, with other ids."""
    subjects = [_renamed(subject, number) for subject in portion.subjects]
    uids = portion.uids ^ np.uint64(number * 0x9E3779B97F4A7C15 % 2**64)
    return Portion(portion.times + copy * 90 * DAY, portion.codes, uids, subjects, portion.rules)


def _renamed(subject: Subject, number: int) -> Subject:
    entities = tuple(Entity(one.kind, f"{one.value}.{number}") for one in subject.entities)
    return Subject(subject.rule, tuple((one.kind.value, one.value) for one in entities), entities)
