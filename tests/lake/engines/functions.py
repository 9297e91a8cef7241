"""Functions that engines run: they are sent to workers by their names."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pa.schema([("pid", pa.int64()), ("name", pa.string()), ("line", pa.string()), ("rows", pa.int64())])
PID = pa.schema([("pid", pa.int64())])


def rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give back what was given, and how many rows the batch had."""
    count = pa.array([batch.num_rows] * batch.num_rows, pa.int64())
    return pa.RecordBatch.from_arrays(
        [*(column.cast(kind) for column, kind in zip(batch.columns, ROWS.types, strict=False)), count], schema=ROWS
    )


def broken(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give back another schema than was promised."""
    return pa.RecordBatch.from_pydict({"other": [batch.num_rows]})


class Dying:
    """Kill the worker the first so many times that it is called."""

    def __init__(self, folder: Path, times: int) -> None:
        self.folder, self.times = folder, times

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        for number in range(self.times):
            try:
                (self.folder / f"died-{number}").touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return pa.RecordBatch.from_arrays([batch.column(0)], schema=PID)
