"""How many events a hunt judges per CPU-second, start, loading and binding of rules apart."""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks._field import WINDOWS_RULES, sigma_packs
from benchmarks._process import BARTIZAN, Cost, run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Rate", "rate_of"]


@dataclass(frozen=True, slots=True)
class Rate:
    """What a hunt through all events cost, through the first of each kind, and through none."""

    events: int
    kinds: int
    whole: Cost
    bound: Cost
    start: Cost

    @property
    def per_second(self) -> float:
        """Return the events per CPU-second, without what does not grow with them."""
        return (self.events - self.kinds) / (self.whole.cpu - self.bound.cpu)

    @property
    def details(self) -> dict[str, object]:
        """Return what the rate is made of."""
        return {
            "CPU seconds": f"{self.whole.cpu:.2f}, of which start and loading {self.start.cpu:.2f}, "
            f"binding to {self.kinds} kinds of events {self.bound.cpu - self.start.cpu:.2f}",
            "with start, loading and binding": f"{self.events / self.whole.cpu:,.0f} events per CPU-second",
            "peak memory": f"{self.whole.rss / 1e6:,.0f} MB",
        }


def rate_of(files: list[Path], folder: Path, *, runs: int, mapped: bool = True) -> Rate:
    """Hunt by all SigmaHQ Windows rules in one process, several times; each cost is that of the run in the middle.

    ``mapped``: every record is mapped to OCSF in full, which a hunt that keeps no records does only with those that it shows.
    """
    command = [sys.executable, "-m", "benchmarks._mapping"] if mapped else [BARTIZAN]
    first, empty = folder / "first.ndjson", folder / "empty.ndjson"
    _first_of_each_kind(files, first)
    empty.touch()
    _, start = _hunted(command, [empty], folder, runs)
    kinds, bound = _hunted(command, [first], folder, runs)
    events, whole = _hunted(command, files, folder, runs)
    return Rate(events, kinds, whole, bound, start)


def _hunted(program: list[str], files: list[Path], folder: Path, runs: int) -> tuple[int, Cost]:
    balance = folder / "balance"
    command = [*program, "hunt", *map(str, files), *sigma_packs(WINDOWS_RULES), "--workers", "1", "--ndjson", "--balance", str(balance)]
    run(command, out=folder / "findings")
    costs = [run(command, out=folder / "findings") for _ in range(runs)]
    middle = statistics.median(cost.cpu for cost in costs)
    return json.loads(balance.read_text())["total"]["read"], min(costs, key=lambda cost: abs(cost.cpu - middle))


def _first_of_each_kind(files: list[Path], first: Path) -> None:
    seen: set[tuple[object, object]] = set()
    with first.open("wb") as out:
        for file in files:
            for line in file.read_bytes().splitlines(keepends=True):
                event = json.loads(line) if line.startswith(b"{") else {}
                kind = event.get("Channel"), event.get("EventID")
                if kind not in seen:
                    seen.add(kind)
                    out.write(line)
