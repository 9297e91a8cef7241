"""Run a pure function over the records of a snapshot, file by file: the unit of work of every engine.

The function takes a batch of columns with dotted names and gives back a batch of the schema promised. It imports nothing but
what it needs, holds no state and takes any number of rows, none too.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, TypeAlias

import duckdb

from bartizan.errors import UsageError
from bartizan.lake.relations import column, quoted, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from bartizan.lake.contract import Snapshot, TableFiles

__all__ = ["QUIET", "Rows", "Work", "batches", "results", "run", "work_of"]

QUIET: Final = "SET enable_progress_bar = false"
"""DuckDB draws what it does on the terminal of whoever asks."""
_BATCH = 100_000
"""Rows: a row group."""


Rows: TypeAlias = "tuple[tuple[int, int | None], ...]"
"""Rows of a file, from 0, ascending, each with its time (epoch milliseconds), by which the file is sorted."""
_FEW = 2_000
"""Rows up to which each is named: then most of a file is passed over."""


@dataclass(frozen=True, slots=True)
class Work:
    """Columns of some files; ``rows``: of a file (by path) only these."""

    files: TableFiles
    columns: tuple[str, ...]
    rows: Mapping[str, Rows] = field(default_factory=dict)


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
    whole = tuple(file for file in work.files.files if file.path not in work.rows)
    if work.rows:
        for file in work.files.files:
            if file.path in work.rows:
                yield from _read(Work(replace(work.files, files=(file,)), work.columns), work.rows[file.path])
    if whole or not work.rows:
        yield from _read(Work(replace(work.files, files=whole), work.columns), None)


def _read(work: Work, rows: Rows | None) -> Iterator[pa.RecordBatch]:
    with duckdb.connect() as engine:
        engine.execute(QUIET)
        there = {row[0] for row in engine.execute(f"DESCRIBE SELECT * FROM {scan(work.files)}").fetchall()}  # noqa: S608 - every part is quoted
        wanted = [
            f"{column(name)} AS {quoted(name)}" if name.partition(".")[0] in there else f"NULL::VARCHAR AS {quoted(name)}"
            for name in work.columns
        ]
        asked = f"SELECT {', '.join(wanted)} FROM {scan(work.files)}{'' if rows is None else f' WHERE {_near(rows)}'}"  # noqa: S608 - as above
        yield from engine.sql(asked).to_arrow_reader(_BATCH)


def _near(rows: Rows) -> str:
    """Say which rows they are, by time too: with it all but a few row groups are passed over."""
    told = ", ".join(str(row) for row, _time in rows)
    if len(rows) > _FEW:
        return f"file_row_number IN (SELECT unnest([{told}]))"
    times = {time for _row, time in rows}
    moments = ", ".join(str(time) for time in sorted(time for time in times if time is not None))
    return f"file_row_number IN ({told})" + ("" if None in times or not rows else f" AND time IN ({moments})")


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
