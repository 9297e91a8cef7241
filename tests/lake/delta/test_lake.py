"""A lake keeps every batch once and answers from files that it names."""

from __future__ import annotations

import json
import pickle
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake.delta.kept import DAY, MORE, Clock, kept, processes, records

from bartizan.errors import InputError, OutputError, UsageError
from bartizan.lake.contract import Account, Batch, Sighting
from bartizan.lake.declared import UNPARSED, declare
from bartizan.lake.opening import is_lake, make_lake, open_lake
from bartizan.schema.record import Details, Provenance, unread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.columns import Cell

COUNT = "SELECT count(*) FROM process_activity"


def test_a_batch_is_taken_once_however_often_it_is_appended(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        first = lake.append([records({"process.pid": 1}, {"process.pid": 2})], source="edr", batch_id="a")
        again = lake.append([records({"process.pid": 1}, {"process.pid": 2})], source="edr", batch_id="a")
        other = lake.append([records({"process.pid": 3})], source="firewall", batch_id="a")
        assert [(one.new, one.rows) for one in (first, again, other)] == [(True, 2), (False, 0), (True, 1)]
        assert lake.sql("SELECT process.pid FROM process_activity ORDER BY 1").rows == [(1,), (2,), (3,)]


def test_a_lake_that_was_opened_again_has_what_was_appended(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        lake.append([records({})], source="edr", batch_id="a")
    with kept(tmp_path) as lake:
        assert lake.append([records({})], source="edr", batch_id="a").new is False
    with open_lake(tmp_path / "lake") as lake:
        assert lake.sql(COUNT).rows == [(1,)]


def test_a_folder_that_is_no_lake_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_lake(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: is no lake: `bartizan lake init {tmp_path}` makes one, `bartizan lake import` puts what a hunt kept into it"
    )
    (tmp_path / "lake.json").write_text('{"format": 99}')
    assert is_lake(tmp_path)
    with pytest.raises(InputError, match=r"lake\.json: format 99 is not one that this version reads \(1\)"):
        open_lake(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made a lake: Not a directory"):
        make_lake(tmp_path / "file" / "below", declare([processes()]))


def test_files_stand_where_security_lake_would_have_them(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        commit = lake.append([records({"time": 0}), records({"time": DAY})], source="edr", batch_id="a")
    places = [str(file.path.parent.relative_to(tmp_path / "lake")) for file in commit.files]
    assert places == [
        "ext/process_activity/region=local/accountId=local/eventDay=19700101",
        "ext/process_activity/region=local/accountId=local/eventDay=19700102",
    ]


def test_a_file_is_sorted_by_time_and_filters_its_ids(tmp_path: Path) -> None:
    rows = records(*({"time": DAY + second * 10**9} for second in (3, 1, 2)), details=Details(ids=[bytes([n]) * 16 for n in range(3)]))
    with kept(tmp_path) as lake:
        [written] = lake.append([rows], source="edr", batch_id="a").files
        assert pl.read_parquet(written.path, hive_partitioning=False)["time"].to_list() == [86_401_000, 86_402_000, 86_403_000]
        with lake.stores.engine() as engine:
            asked = "SELECT path_in_schema FROM parquet_metadata(?) WHERE bloom_filter_length > 0 ORDER BY 1"
            found = [name for (name,) in engine.execute(asked, [str(written.path)]).fetchall()]
        assert found == ["metadata, uid", "process, file, hashes, list, element, value"]


def test_a_snapshot_is_a_value_that_names_its_files(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        lake.append([records({"time": 0}), records({"time": DAY}, {"time": DAY + 5})], source="edr", batch_id="a")
        lake.append([records({"time": 2 * DAY})], source="edr", batch_id="b")
        whole = lake.snapshot()
        assert pickle.loads(pickle.dumps(whole)) == whole
        assert (whole.rows, len(whole.paths), all(Path(path).is_file() for path in whole.paths)) == (4, 3, True)
        days = [[file.day for file in table.files] for table in lake.snapshot(start=DAY, end=2 * DAY).tables]
        assert days == [["19700102"]]
        assert [len(table.files) for table in lake.snapshot(start=5 * DAY).tables] == [0]
        assert lake.sql(COUNT, over=lake.snapshot(start=5 * DAY)).rows == [(0,)]
        with pytest.raises(UsageError) as caught:
            lake.snapshot(["nonsense"])
    assert str(caught.value) == "nonsense: the lake has no such table; there are process_activity"


def test_a_snapshot_can_be_of_an_earlier_time(tmp_path: Path) -> None:
    clock = Clock()
    with kept(tmp_path, clock=clock) as lake:
        assert lake.snapshot().tables == ()
        lake.append([records({})], source="edr", batch_id="a")
        between = time.time_ns()
        time.sleep(0.05)
        lake.append([records({})], source="edr", batch_id="b")
        assert [lake.snapshot(as_of=moment).rows for moment in (1, between, None)] == [0, 1, 2]


def test_a_snapshot_has_the_files_that_hold_an_observable(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        for name in ("ws1", "ws2"):
            lake.append([records({"device.hostname": name})], source="edr", batch_id=name)
        assert [table.files[0].rows for table in lake.snapshot(having=["WS2"]).tables] == [1]
        assert lake.sql("SELECT device.hostname FROM process_activity", over=lake.snapshot(having=["WS2"])).rows == [("ws2",)]
        assert lake.snapshot(having=["ws3"]).rows == 0


def test_pivot_says_where_a_value_was_seen(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        rows = [{"time": DAY + second * 10**9, "device.hostname": "WS1", "process.file.path": "C:\\x.exe"} for second in (3, 1)]
        lake.append([records(*rows, {"time": DAY, "device.hostname": "ws2"})], source="edr", batch_id="a")
        lake.append([records({"time": 2 * DAY, "device.hostname": "ws1"})], source="edr", batch_id="b")
        first, second = (lake.stores.relative(path) for path in lake.snapshot().paths)
        seen = [
            Sighting(value="ws1", type_id=1, table="process_activity", path=first, count=2, first=86_401_000, last=86_403_000),
            Sighting(value="ws1", type_id=1, table="process_activity", path=second, count=1, first=172_800_000, last=172_800_000),
        ]
        assert lake.pivot(["Ws1"]) == seen
        assert lake.pivot(["ws1"], start=DAY + 10**10) == seen[1:]
        assert lake.pivot(["ws1"], end=DAY + 10**10) == seen[:1]
        assert lake.pivot(["nowhere", *(f"nowhere{number}" for number in range(2_100)), "ws1"]) == seen
        assert lake.pivot([]) == []


def test_a_record_comes_with_a_proof_of_where_it_stands(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        rows = records({"process.pid": 7}, {"process.pid": 8}, details=Details(ids=[b"\1" * 16, b"\2" * 16]))
        [written] = lake.append([rows], source="edr", batch_id="a").files
        [found] = lake.get(["02" * 16, "03" * 16])
        process = found.record["process"]
        assert (found.record_id, found.table, process) == ("02" * 16, "process_activity", {"pid": 8})
        assert (found.proof.path, found.proof.row, found.proof.batch_id, found.proof.intact) == (str(written.path), 1, "a", True)
        assert len(found.proof.sha256) == len(found.proof.chain) == 64
        written.path.write_bytes(written.path.read_bytes() + b" ")
        assert lake.get([]) == []


def test_the_balance_is_told_by_day_and_source(tmp_path: Path) -> None:
    clock = Clock()
    why = unread(["cut off"], Provenance(now=0), Details(ids=[bytes(16)]))
    with kept(tmp_path, clock=clock) as lake:
        told = [Account(source="web", read=4, stored=1, unparsed=1, duplicate=2, receipt="r1"), Account(source="dns", read=1, stored=1)]
        lake.append([records({}, {}), Batch(UNPARSED, why, [b"{"])], source="watch", batch_id="a", accounts=told)
        lake.append([records({}, {})], source="web", batch_id="b")
        clock.days += 1
        lake.append([records({}), Batch(UNPARSED, why, [b"{"])], source="web", batch_id="c")
        one, two = date(2023, 11, 14), date(2023, 11, 15)
        assert lake.balance() == [
            Account(source="dns", read=1, stored=1, day=one),
            Account(source="web", read=6, stored=3, unparsed=1, duplicate=2, day=one),
            Account(source="web", read=2, stored=1, unparsed=1, day=two),
        ]
        assert lake.balance(start=two) == lake.balance()[2:]
        assert lake.balance(end=two) == lake.balance()[:2]
        assert lake.known("web", ["r1", "r2"]) == {"r1"}
        assert lake.known("dns", ["r1"]) == frozenset()


def test_a_balance_that_does_not_close_is_refused_and_nothing_kept(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        for told, said in (
            (Account(source="web", read=2, stored=1), "web: 2 records read are not 1 + 0 + 0"),
            (Account(source="web", read=2, stored=2), "edr: 2 records stored and 0 unparsed were said, 1 and 0 are in the batch"),
        ):
            with pytest.raises(UsageError) as caught:
                lake.append([records({})], source="edr", batch_id="a", accounts=[told])
            assert str(caught.value) == said
        assert list((tmp_path / "lake").rglob("*.parquet")) == []


def test_a_table_gets_columns_that_a_later_version_declares(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        lake.append([records({"process.pid": 1})], source="edr", batch_id="a")
    with kept(tmp_path, MORE) as lake:
        lake.append([records({"process.pid": 2, "process.cmd_line": "whoami", "process.file.name": "w"})], source="edr", batch_id="b")
        found = lake.sql("SELECT process.pid, process.cmd_line, process.file.name FROM process_activity ORDER BY 1").rows
        assert found == [(1, None, None), (2, "whoami", "w")]
    with kept(tmp_path) as lake:
        lake.append([records({"process.pid": 3})], source="edr", batch_id="c")
        assert lake.sql("SELECT process.pid, process.cmd_line FROM process_activity ORDER BY 1").rows == [
            (1, None),
            (2, "whoami"),
            (3, None),
        ]


def test_nothing_in_a_batch_is_a_batch_too(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        assert lake.append([], source="edr", batch_id="a").new is True
        assert lake.append([], source="edr", batch_id="a").new is False
        assert lake.balance() == [Account(source="edr", read=0, stored=0, day=date(2023, 11, 14))]


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 200), max_size=4)), max_size=6))
@settings(deadline=None, max_examples=15)
def test_a_lake_is_a_set_of_batches_by_name(tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[int, list[int]]]) -> None:
    naive: dict[int, list[int]] = {}
    with kept(tmp_path_factory.mktemp("lake")) as lake:
        for name, hours in sent:
            rows: list[Mapping[str, Cell]] = [
                {"time": hour * DAY // 24, "device.hostname": f"h{hour % 3}", "process.pid": hour} for hour in hours
            ]
            lake.append([records(*rows)] if rows else [], source="edr", batch_id=str(name))
            naive.setdefault(name, hours)
        expected = sorted(hour for hours in naive.values() for hour in hours)
        assert sum(one.read for one in lake.balance()) == len(expected)
        if expected:
            over = lake.snapshot(start=2 * DAY, end=5 * DAY)
            assert [row[0] for row in lake.sql("SELECT process.pid FROM process_activity ORDER BY 1").rows] == expected
            held = [row[0] for row in lake.sql("SELECT process.pid FROM process_activity ORDER BY 1", over=over).rows]
            assert {hour for hour in expected if 48 <= hour < 120} <= set(held)
        assert sum(one.count for one in lake.pivot(["H1"])) == sum(hour % 3 == 1 for hour in expected)


def test_other_engines_read_the_tables(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        lake.append([records({"process.pid": 1})], source="edr", batch_id="a")
    folder = tmp_path / "lake/ext/process_activity"
    from deltalake import DeltaTable

    table = DeltaTable(str(folder))
    assert [Path(uri).is_file() for uri in table.file_uris()] == [True]
    assert table.to_pyarrow_table(columns=["process"]).to_pylist()[0]["process"]["pid"] == 1
    [line] = (folder / "_delta_log" / f"{1:020d}.json").read_text().splitlines()[-1:] or ["{}"]
    assert isinstance(json.loads(line), dict)
