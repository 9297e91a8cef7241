"""The same records give the same cases: in any order, with any number of workers, at once or little by little.

On the four scenarios of AIT-ADS: the alerts shuffled and in nine portions against all at once. On a simulated day of 60,000
events: a hunt with one worker against a hunt with two; its findings shuffled; and its findings in three instalments by time,
the cases written down after each, against all at once. Cases are the same where their ids, signals, links and rings are.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from bartizan.detect.alerts.ledger import Ledger
from bartizan.investigate.casing import cases_of
from bartizan.investigate.desk import desk_at
from bartizan.investigate.signals import signals_of
from bartizan.workbench import content_folder
from benchmarks._ait import ARCHIVE, portion_of, read
from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from bartizan.investigate.contract import Case

EVENTS: Final = 60_000
INSTALMENTS: Final = 3


def measure() -> Result:
    """Make cases in several ways and compare them."""
    if not ARCHIVE.is_file():
        return skipped("determinism", "the field data is not here")
    same: dict[str, bool] = {}
    chance = np.random.default_rng(7)
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            frame = read(archive.read(name))
            shuffled = frame[chance.permutation(frame.height).tolist()]
            parts = [shuffled[start::9] for start in range(9)]
            same[f"{name.removesuffix('_alerts.txt')}, shuffled, in nine portions"] = _cases([frame]) == _cases(parts)
    with tempfile.TemporaryDirectory() as folder:
        same |= _day(Path(folder), chance)
    details: dict[str, object] = {name: "the same" if good else "NOT THE SAME" for name, good in same.items()}
    return Result(name="determinism", figure=sum(same.values()), unit=f"of {len(same)} comparisons alike", bar=len(same), details=details)


def _cases(frames: Sequence[pl.DataFrame]) -> list[Case]:
    ledger = Ledger()
    for frame in frames:
        ledger.add(portion_of(frame))
    return cases_of(signals_of(ledger, least_bits=0.0))


def _day(folder: Path, chance: np.random.Generator) -> dict[str, bool]:
    logs, ways = folder / "logs", {"one": "1", "two": "2"}
    run([BARTIZAN, "simulate", "company-day", str(logs), "--events", str(EVENTS)])
    (logs / "truth.json").unlink()
    for name, workers in ways.items():
        run(
            [
                BARTIZAN,
                "hunt",
                str(logs),
                "--out",
                str(folder / name),
                "--workers",
                workers,
                "--quiet",
                "--rules",
                str(content_folder() / "detections"),
            ]
        )
    whole = desk_at(folder / "one").cases
    found = {"a day, one worker and two": desk_at(folder / "two").cases == whole}
    kept = folder / "one" / "findings.ndjson"
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(lines[one] for one in chance.permutation(len(lines))))
    found["a day, findings shuffled"] = desk_at(folder / "one").cases == whole
    by_time = sorted(lines, key=lambda line: int(line.partition(b'},"time":')[2].partition(b",")[0]))
    for part in range(1, INSTALMENTS + 1):
        kept.write_bytes(b"".join(by_time[: len(by_time) * part // INSTALMENTS]))
        desk = desk_at(folder / "one")
        desk.remember(now=part)
    found[f"a day, findings in {INSTALMENTS} instalments"] = desk.cases == whole
    return found
