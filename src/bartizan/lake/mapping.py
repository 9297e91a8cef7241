"""Run a pure function over the records of a snapshot, file by file: the unit of work of every engine.

The function takes a batch of columns with dotted names and gives back a batch of the schema promised. It imports nothing but
what it needs, holds no state and takes any number of rows, none too.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

import duckdb

from bartizan.errors import UsageError
from bartizan.lake.relations import column, quoted, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from bartizan.lake.contract import Snapshot, TableFiles

__all__ = ["Work", "batches", "results", "run", "work_of"]

_BATCH = 100_000
"""Rows: a row group."""


@dataclass(frozen=True, slots=True)
class Work:
    """Columns of one file."""

    files: TableFiles
    columns: tuple[str, ...]


def work_of(over: Snapshot, columns: Sequence[str]) -> list[Work]:
    """Cut a snapshot into files. A table that has none of the columns gives no work; a column that one lacks is null in it."""
    return [
        Work(replace(table, files=(file,)), tuple(columns))
        for table in over.tables
        if any(name.partition(".")[0] in table.schema for name in columns)
        for file in table.files
    ]


def run(
    function: Callable[[pa.RecordBatch], pa.RecordBatch], work: Sequence[Work], out: pa.Schema, *, workers: int = 1
) -> Iterator[pa.RecordBatch]:
    """Yield what the function makes of every batch, in the order of the work."""
    one = partial(results, function, out)
    if workers == 1:
        for item in work:
            yield from one(item)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for made in pool.map(one, work):
            yield from made


def batches(work: Work) -> Iterator[pa.RecordBatch]:
    """Yield the columns of a file in batches."""
    with duckdb.connect() as engine:
        there = {row[0] for row in engine.execute(f"DESCRIBE SELECT * FROM {scan(work.files)}").fetchall()}  # noqa: S608 - every part is quoted
        wanted = [
            f"{column(name)} AS {quoted(name)}" if name.partition(".")[0] in there else f"NULL::VARCHAR AS {quoted(name)}"
            for name in work.columns
        ]
        yield from engine.sql(f"SELECT {', '.join(wanted)} FROM {scan(work.files)}").to_arrow_reader(_BATCH)  # noqa: S608 - as above


def results(function: Callable[[pa.RecordBatch], pa.RecordBatch], out: pa.Schema, work: Work) -> list[pa.RecordBatch]:
    """Return what a function makes of the batches of a file. UsageError where that is not what it promised."""
    found = []
    for batch in batches(work):
        made = function(batch)
        if not made.schema.equals(out):
            message = f"the function promised {out.names} and gave {made.schema.names}: name and type every column as promised"
            raise UsageError(message)
        found.append(made)
    return found
