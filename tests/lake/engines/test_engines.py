"""One suite for all engines: each gives every row to the function once, under the names and of the types that were asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from tests.lake.delta.kept import DAY, MORE, kept, records
from tests.lake.engines.functions import PID, ROWS, Dying, broken, rows

from bartizan.errors import BartizanError, UsageError
from bartizan.lake.engines.contract import Job
from bartizan.lake.engines.kinds.local import LocalEngine, parts_of
from bartizan.lake.engines.kinds.spark import sliced
from bartizan.lake.engines.narrowing import has, narrowed
from bartizan.lake.engines.opening import open_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bartizan.lake.contract import Snapshot
    from bartizan.lake.engines.contract import Engine

COLUMNS = ("process.pid", "process.name", "process.cmd_line")
ODD = ["", "a", "ü€𝄞", "x" * 70_000, "quote ' \" ` \\", "line\nbreak"]


def lake_of_days(folder: Path, days: int = 3) -> Snapshot:
    """Two days without command lines, written before the table had them, and the others with."""
    with kept(folder) as lake:
        for day in range(2):
            lake.append([records(*_day(day))], source="edr", batch_id=str(day))
    with kept(folder, MORE) as lake:
        for day in range(2, days):
            lake.append(
                [records(*({**row, "process.cmd_line": f"run {row['process.pid']}"} for row in _day(day)))], source="edr", batch_id=str(day)
            )
        return lake.snapshot()


def _day(day: int) -> list[dict[str, Any]]:
    return [{"time": day * DAY, "process.pid": 10 * day + number, "process.name": name} for number, name in enumerate(ODD)]


def job(
    over: Snapshot, function: Callable[[pa.RecordBatch], pa.RecordBatch] = rows, out: pa.Schema = ROWS, columns: tuple[str, ...] = COLUMNS
) -> Job:
    return Job(tables=[table for table in over.tables if table.files], columns=columns, function=function, out=out)


def found(engine: Engine, asked: Job) -> list[dict[str, Any]]:
    return sorted((row for batch in engine.run(asked) for row in batch.to_pylist()), key=lambda row: row["pid"])


def test_every_row_comes_once_with_nulls_where_a_file_lacks_the_column(engine: Engine, tmp_path: Path) -> None:
    told = found(engine, job(lake_of_days(tmp_path)))
    expected = [(10 * day + at, name, None if day < 2 else f"run {10 * day + at}") for day in range(3) for at, name in enumerate(ODD)]
    assert [(row["pid"], row["name"], row["line"]) for row in told] == expected


def test_an_engine_runs_one_job_after_the_other(engine: Engine, tmp_path: Path) -> None:
    over = lake_of_days(tmp_path)
    first = [{**row, "rows": 0} for row in found(engine, job(over))]
    assert [{**row, "rows": 0} for row in found(engine, job(over))] == first


def test_no_files_give_nothing(engine: Engine, tmp_path: Path) -> None:
    assert found(engine, replace(job(lake_of_days(tmp_path)), tables=[])) == []


def test_what_is_not_as_it_was_promised_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BartizanError, match="promised"):
        found(engine, job(lake_of_days(tmp_path), broken))


def test_a_column_that_no_table_has_is_null(engine: Engine, tmp_path: Path) -> None:
    told = found(engine, job(lake_of_days(tmp_path), columns=("process.pid", "process.name", "nothing.of.it")))
    assert {row["line"] for row in told} == {None}


@pytest.mark.slow
def test_what_a_process_had_that_died_is_done_again(tmp_path: Path) -> None:
    over = lake_of_days(tmp_path, 6)
    tables = [replace(table, files=(file,)) for table in over.tables for file in table.files]
    asked = replace(job(over, Dying(tmp_path, 2), PID, ("process.pid",)), tables=tables)
    assert [row["pid"] for row in found(LocalEngine(2), asked)] == [10 * day + at for day in range(6) for at in range(len(ODD))]


@pytest.mark.slow
def test_a_job_that_kills_every_process_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(BartizanError, match="died 3 times"):
        found(LocalEngine(2), job(lake_of_days(tmp_path), Dying(tmp_path, 99), PID, ("process.pid",)))


def test_files_are_put_together_up_to_so_many_rows(tmp_path: Path) -> None:
    over = lake_of_days(tmp_path, 5)
    table = over.tables[0]
    assert [[file.rows for file in part.files] for part in parts_of(table, 12)] == [[6, 6], [6, 6], [6]]
    assert [len(part.files) for part in parts_of(table, 1)] == [1] * 5
    assert list(parts_of(replace(table, files=()))) == []


def test_jobs_are_cut_by_bytes_and_hold_every_file_once(tmp_path: Path) -> None:
    tables = [replace(lake_of_days(tmp_path, 5).tables[0], table=name) for name in ("one", "two")]
    tables = [replace(table, files=tuple(replace(file, bytes=10) for file in table.files)) for table in tables]

    def shape(most: int) -> list[list[tuple[str, int]]]:
        return [[(table.table, len(table.files)) for table in group] for group in sliced(tables, most)]

    assert shape(1000) == [[("one", 5), ("two", 5)]]
    assert shape(40) == [[("one", 4)], [("one", 1), ("two", 3)], [("two", 2)]]
    assert shape(1) == [[("one", 1)]] * 5 + [[("two", 1)]] * 5
    assert list(sliced([])) == []


def test_only_what_is_named_is_said_to_spark() -> None:
    inner = pa.struct([("uid", pa.string()), ("odd `name`", pa.int32()), ("tags", pa.large_list(pa.large_string()))])
    schema = pa.schema([("time", pa.int64()), ("metadata", inner), ("score", pa.float64()), ("raw", pa.binary()), ("on", pa.bool_())])
    assert narrowed(schema, ["metadata.uid", "time"]) == "`time` bigint, `metadata` struct<`uid`: string>"
    whole = "`metadata` struct<`uid`: string, `odd ``name```: int, `tags`: array<string>>, `score` double, `raw` binary, `on` boolean"
    assert narrowed(schema, ["metadata", "metadata.uid", "score", "raw", "on"]) == whole
    assert [has(schema, name) for name in ("time", "metadata.uid", "metadata.other", "time.uid", "other")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(UsageError, match="columns of type date32"):
        narrowed(pa.schema([("day", pa.date32())]), ["day"])


def test_an_address_that_no_engine_has_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError) as caught, open_engine("ray://here"):
        pass
    assert str(caught.value) == "--engine ray://here: there is no such engine; there are local, sail, sc, spark"
