"""A small lake that is kept, records for it, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.lake.lakes import PROCESS, batch

from bartizan.lake.contract import Batch
from bartizan.lake.declared import declare
from bartizan.lake.opening import make_lake
from bartizan.schema.expressions import Table, field
from bartizan.schema.record import Details

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.lake.delta.lake import DeltaLake
    from bartizan.schema.columns import Cell

DAY = 86_400_000_000_000
MORE: Table = {**PROCESS, "process.cmd_line": field("c"), "process.file.name": field("n")}


@dataclass
class Clock:
    """2023-11-14 22:13:20 UTC, and as many days later as a test says."""

    days: int = 0

    def __call__(self) -> int:
        return 1_700_000_000_000_000_000 + self.days * DAY


def processes() -> Table:
    return PROCESS


def kept(folder: Path, table: Table = PROCESS, *, clock: Clock | None = None) -> DeltaLake:
    return make_lake(folder / "lake", declare([table]), now=clock or Clock())


def records(*rows: Mapping[str, Cell], details: Details | None = None) -> Batch:
    frame = batch(*rows, details=replace(details or Details(), observables=True))
    return Batch("process_activity", frame, [b"{}"] * len(rows))
