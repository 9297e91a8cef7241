"""Maintenance changes files and never what is in a lake; what is to go goes, what is held stays."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from deltalake import DeltaTable
from tests.lake.delta.kept import DAY, MORE, Clock, kept, records

from bartizan.errors import OutputError, UsageError
from bartizan.lake.contract import Batch, Report
from bartizan.lake.delta.holding import Hold
from bartizan.lake.delta.upkeep import alone
from bartizan.lake.policy import Policy
from bartizan.schema.record import Details

if TYPE_CHECKING:
    from bartizan.lake.delta.lake import DeltaLake

AT_ONCE = Policy(grace=0)
ALL = "SELECT time, process.pid, device.hostname, raw_data FROM process_activity ORDER BY time, process.pid"


def filled(lake: DeltaLake, batches: int = 5) -> None:
    for number in range(batches):
        rows = [{"time": DAY + (7 * row + number) * 10**9, "process.pid": number, "device.hostname": f"ws{row}"} for row in range(3)]
        ids = [bytes([number, row]) * 8 for row in range(3)]
        lake.append([records(*rows, details=Details(ids=ids))], source="edr", batch_id=str(number))


def test_many_small_files_are_made_into_one_with_the_same_records(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake)
        before, seen = lake.sql(ALL).rows, [(one.value, one.count) for one in lake.pivot(["WS1"])]
        assert lake.maintain(AT_ONCE) == Report(compacted=5, made=1, unlinked=11)
        assert lake.sql(ALL).rows == before
        assert seen == [("ws1", 1)] * 5
        assert [(one.value, one.count) for one in lake.pivot(["WS1"])] == [("ws1", 5)]
        [path] = lake.snapshot().paths
        assert pl.read_parquet(path, hive_partitioning=False)["time"].is_sorted()
        [found] = lake.get(["0402" * 8])
        assert (found.proof.path, found.proof.intact) == (path, True)
        assert lake.verify() == []
        assert lake.maintain(AT_ONCE).compacted == 0


def test_files_stay_readable_for_the_time_of_grace(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake)
        before = lake.snapshot()
        assert lake.maintain(Policy(grace=3600)).unlinked == 0
        assert lake.sql("SELECT count(*) FROM process_activity", over=before).rows == [(15,)]
        assert lake.sql("SELECT count(*) FROM process_activity").rows == [(15,)]


def test_the_past_is_there_as_long_as_its_files_are(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake)
        then = time.time_ns()
        lake.maintain(Policy(grace=3600))
        assert len(lake.snapshot(as_of=then).paths) == 5
        lake.maintain(AT_ONCE)
        with pytest.raises(UsageError) as caught:
            lake.snapshot(as_of=then)
    assert str(caught.value) == "5 of 5 files that the lake had then were deleted since by its maintenance: ask for a later time"


def test_files_of_different_columns_are_compacted_by_name(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        lake.append([records({"process.pid": 1})], source="edr", batch_id="a")
    with kept(tmp_path, MORE) as lake:
        lake.append([records({"process.pid": 2, "process.cmd_line": "whoami", "process.file.name": "w"})], source="edr", batch_id="b")
        lake.maintain(Policy(grace=0, compact_files=2))
        asked = "SELECT process.pid, process.cmd_line, process.file.name FROM process_activity ORDER BY 1"
        assert lake.sql(asked).rows == [(1, None, None), (2, "whoami", "w")]
        assert [table.uniform for table in lake.snapshot().tables] == [True]
        assert lake.verify() == []


def test_records_past_their_time_go_and_those_under_a_hold_stay(tmp_path: Path) -> None:
    clock = Clock()
    today = clock() // DAY
    with kept(tmp_path, clock=clock) as lake:
        for age in (0, 29, 31, 60):
            lake.append([records({"time": (today - age) * DAY, "process.pid": age})], source="edr", batch_id=str(age))
        held = Hold(name="case-7", reason="a court asks", by="legal@example.com", first="20230901", last="20230930")
        lake.hold(held)
        assert lake.holds() == [held]
        with pytest.raises(UsageError, match="case-7: a hold of this name is in force"):
            lake.hold(held)
        policy = Policy(days=30, grace=0)
        assert lake.maintain(policy) == Report(expired=1, held=1, unlinked=1)
        ages = "SELECT process.pid FROM process_activity ORDER BY 1"
        assert lake.sql(ages).rows == [(0,), (29,), (60,)]
        lake.release("case-7", reason="over", by="legal@example.com")
        assert lake.maintain(policy).expired == 1
        assert lake.sql(ages).rows == [(0,), (29,)]
        assert lake.maintain(Policy(days=1, tables={"process_activity": None})).expired == 0
        with pytest.raises(UsageError) as caught:
            lake.release("case-7", reason="", by="")
        assert str(caught.value) == "case-7: no hold of this name is in force; there are none"
        assert lake.verify() == []


def test_what_a_lake_holds_of_a_person_is_gone_after_an_erasure(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake, 4)
        lake.maintain(Policy(grace=3600))
        frame = records({"time": DAY, "process.pid": 99}).frame
        lake.append([Batch("process_activity", frame, [b'{"u": "CORP\\\\Alice"}'])], source="edr", batch_id="raw")
        told = lake.erase(["corp\\alice", "WS1"], reason="asked for", by="privacy@example.com")
        assert (told.records, told.files) == (5, 2)
        assert told.values == tuple(sha256(value).hexdigest() for value in (b"corp\\alice", b"ws1"))
        hosts = lake.sql("SELECT DISTINCT device.hostname FROM process_activity ORDER BY 1").rows
        assert hosts == [("ws0",), ("ws2",)]
        assert lake.pivot(["ws1"]) == []
        assert lake.verify() == []
        files = [path.read_bytes().lower() for path in (tmp_path / "lake").rglob("*") if path.is_file()]
        assert not any(b"alice" in data for data in files)
        active = {*lake.snapshot().paths, *(file.path for file in lake.stores.index.files()[1])}
        for path in (tmp_path / "lake").rglob("*.parquet"):
            if str(path) in active or path.is_relative_to(tmp_path / "lake/ext"):
                assert "ws1" not in str(pl.read_parquet(path, hive_partitioning=False).to_dicts()).lower().replace("ws1.example", "")
        items = lake.stores.ledger.rows().filter(pl.col("kind") == "erasure")
        assert [json.loads(text)["by"] for text in items["detail"]] == ["privacy@example.com"]
        with pytest.raises(UsageError, match="nothing to erase"):
            lake.erase([" "], reason="", by="")


def test_nothing_is_erased_where_a_hold_keeps_some_of_it(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake, 2)
        lake.hold(Hold(name="case-7", reason="a court asks", by="legal@example.com", tables=("process_activity",)))
        with pytest.raises(UsageError, match="holds 1 such records and is under the legal hold 'case-7': release it first"):
            lake.erase(["ws1"], reason="asked for", by="privacy@example.com")
        assert lake.sql("SELECT count(*) FROM process_activity").rows == [(6,)]
        assert lake.maintain(Policy(compact_files=2)).compacted == 0


def test_one_process_maintains_at_a_time(tmp_path: Path) -> None:
    with kept(tmp_path) as lake, alone(lake.stores), pytest.raises(OutputError) as caught:
        lake.maintain(AT_ONCE)
    assert str(caught.value) == f"{tmp_path}/lake: another process maintains this lake: wait until it is done"


def test_a_file_that_was_changed_or_lost_is_said(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake, 2)
        first, second = map(Path, lake.snapshot().paths)
        data = bytearray(first.read_bytes())
        data[100] ^= 1
        first.write_bytes(data)
        second.unlink()
        assert [(fault.path, fault.what) for fault in lake.verify()] == sorted(
            [
                (str(first), "is not as it was written: bring it back from a backup"),
                (str(second), "is missing: bring it back from a backup"),
            ]
        )


def test_a_ledger_that_was_changed_is_said(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake, 2)
    with kept(tmp_path) as lake:
        filled(lake, 3)
        assert lake.verify() == []
        path = Path(lake.stores.ledger.log.files()[1][0].path)
        rows = pl.read_parquet(path)
        rows.with_columns(pl.lit("somebody else").alias("source")).write_parquet(path)
    with kept(tmp_path) as lake:
        what = [fault.what for fault in lake.verify()]
        assert len(what) == rows.height
        assert all(text.endswith("was changed after it was written") for text in what)


def test_an_entry_that_was_taken_out_of_the_ledger_is_said(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake, 3)
        table = DeltaTable(str(tmp_path / "lake/_lake/ledger"))
        table.delete("batch_id = '1'")
    with kept(tmp_path) as lake:
        what = [fault.what for fault in lake.verify()]
        assert sum("the entry before it is missing" in text for text in what) == 1
        assert sum("the ledger does not have it" in text for text in what) == 1


def test_a_file_that_no_index_knows_is_said(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        filled(lake, 1)
        DeltaTable(str(tmp_path / "lake/_lake/observables")).delete()
        assert [fault.what.partition(":")[0] for fault in lake.verify()] == ["the index knows nothing of it"]


def test_the_ledger_is_merged_and_stays_whole(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        for number in range(17):
            lake.append([records({})], source="edr", batch_id=str(number))
        before = lake.stores.ledger.rows()
        lake.maintain(Policy(grace=0))
        assert len(lake.stores.ledger.log.files()[1]) == 1
        assert lake.stores.ledger.rows().head(before.height).equals(before)
        assert lake.append([records({})], source="edr", batch_id="3").new is False
        assert lake.verify() == []
