"""A function that is run over records gives the same whatever runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.lake.delta.kept import DAY, MORE, kept, records

from bartizan.errors import UsageError
from bartizan.lake.mapping import Work, results

if TYPE_CHECKING:
    from pathlib import Path

OUT = pa.schema([("pid", pa.int64()), ("name", pa.string())])


def odd(batch: pa.RecordBatch) -> pa.RecordBatch:
    kept_rows = batch.filter(pc.equal(pc.bit_wise_and(batch.column("process.pid"), 1), 1))
    return pa.RecordBatch.from_arrays([kept_rows.column("process.pid"), kept_rows.column("process.name")], schema=OUT)


def wrong(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


@pytest.mark.parametrize("workers", [1, 2])
def test_a_function_is_run_over_every_file_in_order(tmp_path: Path, workers: int) -> None:
    with kept(tmp_path) as lake:
        for day in range(3):
            rows = [{"time": day * DAY, "process.pid": 10 * day + pid, "process.name": f"p{pid}"} for pid in range(4)]
            lake.append([records(*rows)], source="edr", batch_id=str(day))
        columns = ["process.pid", "process.name"]
        found = [row for part in lake.map(odd, lake.snapshot(), columns=columns, out=OUT, workers=workers) for row in part.to_pylist()]
    assert [row["pid"] for row in found] == [1, 3, 11, 13, 21, 23]
    assert found[0] == {"pid": 1, "name": "p1"}


def test_a_column_that_a_file_does_not_have_is_null(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        lake.append([records({"process.pid": 1})], source="edr", batch_id="a")
    with kept(tmp_path, MORE) as lake:
        lake.append([records({"process.pid": 2, "process.cmd_line": "whoami"})], source="edr", batch_id="b")
        out = pa.schema([("process.cmd_line", pa.string())])
        found = [part.to_pylist() for part in lake.map(wrong, lake.snapshot(), columns=["process.cmd_line"], out=out)]
        assert found == [[{"process.cmd_line": None}], [{"process.cmd_line": "whoami"}]]


def test_a_function_that_does_not_keep_its_promise_is_said(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        lake.append([records({"process.pid": 1})], source="edr", batch_id="a")
        with pytest.raises(UsageError) as caught:
            list(lake.map(wrong, lake.snapshot(), columns=["process.pid"], out=OUT))
        assert list(lake.map(wrong, lake.snapshot(), columns=["nowhere.at_all"], out=OUT)) == []
    assert str(caught.value) == ("the function promised ['pid', 'name'] and gave ['process.pid']: name and type every column as promised")


@pytest.mark.parametrize("most", [2_000, 1])
def test_of_a_file_only_the_rows_that_are_named_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr("bartizan.lake.mapping._FEW", most)
    with kept(tmp_path) as lake:
        for day in range(2):
            rows = [{"time": day * DAY + pid * 10**6, "process.pid": 10 * day + pid} for pid in range(4)]
            lake.append([records(*rows)], source="edr", batch_id=str(day))
        [table] = lake.snapshot().tables
        work = Work(table, ("process.pid",), {table.files[0].path: ((1, 1), (3, 3))})
        out = pa.schema([("process.pid", pa.int64())])
        found = [row["process.pid"] for batch in results(wrong, out, work) for row in batch.to_pylist()]
    assert found == [1, 3, 10, 11, 12, 13]
