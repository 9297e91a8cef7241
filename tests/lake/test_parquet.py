"""Records are kept as Parquet that any engine reads."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import duckdb
import polars as pl
from tests.lake.lakes import HERE, PROCESS, START, batch, opened, read

from bartizan.lake.contract import Misfit, Written
from bartizan.lake.declared import FINDINGS, UNPARSED
from bartizan.lake.findings import findings_frame
from bartizan.lake.layout import query
from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.expressions import Table, field
from bartizan.schema.record import Details, complete, unread

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DAY = 86_400_000_000_000
FINGERPRINT = {
    "algorithm": pl.String,
    "algorithm_id": pl.Int64,
    "encoding": pl.String,
    "encoding_id": pl.Int64,
    "serialization": pl.String,
    "serialization_id": pl.Int64,
    "value": pl.String,
}


def test_records_come_back_as_they_went_in(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    row = {
        "device.hostname": "ws1.example.com",
        "process.pid": 4711,
        "process.name": "tööl.exe",
        "process.file.path": "C:\\Tools\\tööl.exe",
        "process.file.hashes": ({"algorithm": "MD5", "algorithm_id": 1, "value": "AB"}, {"algorithm_id": 3, "value": "CD"}),
    }
    lake.add("process_activity", batch(row, {}, details=Details(ids=[bytes(16), b"\xff" * 16])), raw=[b'{"a": 1}', b"caf\xe9"])
    written = lake.close()
    path = tmp_path / "ext/process_activity/region=local/accountId=local/eventDay=20230906/part-0-00000.parquet"
    assert written == [Written(path, "process_activity", 2)]
    assert lake.misfits() == []
    columns = (
        "time, time_dt, class_name, type_uid, device.hostname, device.type_id, process.pid, process.name, process.file.path, "
        "process.file.hashes[2].value, metadata.uid, metadata.profiles, unmapped, raw_data, region, accountId, eventDay"
    )
    same = (1_694_000_000_000, "2023-09-06T11:33:20.000Z", "Process Activity", 100701)
    place = ("local", "local", 20230906)
    first = ("ws1.example.com", 0, 4711, "tööl.exe", "C:\\Tools\\tööl.exe", "CD", "00" * 16, ["datetime"], None, '{"a": 1}')
    second = (None, None, None, None, None, None, "ff" * 16, ["datetime"], None, "caf\\xe9")
    assert sorted(read(tmp_path, "process_activity", columns), key=lambda found: found[6] is None) == [
        (*same, *first, *place),
        (*same, *second, *place),
    ]


def test_the_line_to_paste_is_sql_that_runs(tmp_path: Path) -> None:
    root = tmp_path / "it's $HOME `here`"
    root.mkdir()
    lake = opened(root)
    lake.add("process_activity", batch({"process.name": "tool"}))
    lake.close()
    line = query(root, "process_activity", "time_dt, process.name")
    assert line.startswith("duckdb -c ")
    sql = subprocess.run(["sh", "-c", line.replace("duckdb -c", "printf %s")], capture_output=True, text=True, check=True).stdout
    assert duckdb.sql(sql).fetchall() == [("2023-09-06T11:33:20.000Z", "tool")]


def test_every_file_of_a_table_has_the_same_schema_whatever_it_holds(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    lake.add("process_activity", batch({"process.pid": 1}))
    lake.add("process_activity", batch({"time": START + DAY, "process.name": "tool"}))
    one, two = (pl.read_parquet_schema(written.path) for written in lake.close())
    assert one == two
    assert pl.Null not in [inner for dtype in one.values() for inner in leaves(dtype)]
    assert one["process"] == pl.Struct(
        {
            "file": pl.Struct(
                {
                    "hashes": pl.List(pl.Struct(FINGERPRINT)),
                    "path": pl.String,
                    "type_id": pl.Int64,
                }
            ),
            "name": pl.String,
            "pid": pl.Int64,
        }
    )


def leaves(dtype: pl.DataType) -> list[object]:
    if isinstance(dtype, pl.Struct):
        return [inner for column in dtype.fields for inner in leaves(as_type(column.dtype))]
    return leaves(as_type(dtype.inner)) if isinstance(dtype, pl.List) else [dtype.base_type()]


def as_type(dtype: object) -> pl.DataType:
    assert isinstance(dtype, pl.DataType)
    return dtype


def test_each_day_has_a_folder_of_its_own(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    lake.add("process_activity", batch(*({"time": START + DAY * day, "process.pid": day} for day in (0, 1, 0, -20_000))))
    written = [(item.path.parent.name, item.rows) for item in lake.close()]
    assert written == [("eventDay=19681203", 1), ("eventDay=20230906", 2), ("eventDay=20230907", 1)]
    found = read(tmp_path, "process_activity", "process.pid, eventDay")
    assert sorted(found) == [(-20_000, 19681203), (0, 20230906), (0, 20230906), (1, 20230907)]


def test_rows_stay_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    for start in (0, 3):
        lake.add("process_activity", batch(*({"process.pid": start + number} for number in range(3))))
    [written] = lake.close()
    assert pl.read_parquet(written.path, hive_partitioning=False)["process"].struct.field("pid").to_list() == [0, 1, 2, 3, 4, 5]


def test_a_full_buffer_is_written_before_the_end(tmp_path: Path) -> None:
    lake = opened(tmp_path, buffer_bytes=10_000)
    for number in range(4):
        lake.add("process_activity", batch({"process.pid": number}), raw=[b"x" * 6000])
    before = sorted(tmp_path.rglob("*.parquet"))
    written = lake.close()
    assert len(before) == 2
    assert [item.rows for item in written] == [2, 2]


def test_a_file_holds_no_more_than_a_batch_beyond_100_000_rows(tmp_path: Path) -> None:
    lake = opened(tmp_path, buffer_bytes=1 << 30)
    for _ in range(3):
        lake.add("process_activity", complete(Frame(60_000, {"time": Column.constant(START, 60_000)}), HERE))
    assert [item.rows for item in lake.close()] == [120_000, 60_000]


def test_the_largest_table_is_written_first_when_there_is_no_room(tmp_path: Path) -> None:
    base: Table = {**PROCESS, "class_uid": 0}
    lake = opened(tmp_path, PROCESS, base, buffer_bytes=10_000)
    lake.add("base_event", batch({"class_uid": 0}), raw=[b"x" * 100])
    lake.add("process_activity", batch({}), raw=[b"x" * 10_000])
    assert [path.relative_to(tmp_path).parts[1] for path in tmp_path.rglob("*.parquet")] == ["process_activity"]


def test_workers_write_files_of_different_names_side_by_side(tmp_path: Path) -> None:
    for part in ("0", "1"):
        lake = opened(tmp_path, part=part)
        lake.add("process_activity", batch({"process.pid": int(part)}))
        lake.close()
    assert read(tmp_path, "process_activity", "count(*) OVER ()") == [(2,), (2,)]


def test_an_empty_batch_and_an_empty_lake_write_nothing(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    lake.add("process_activity", Frame(0, {}))
    assert lake.close() == []
    assert list(tmp_path.iterdir()) == []


def test_an_attribute_that_ocsf_does_not_have_is_kept_in_unmapped(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    lake.add("process_activity", batch({"process.made_up": 5, "time": 0}, {"unmapped.theirs": "x"}))
    lake.close()
    found = [json.loads(str(text)) for (text,) in read(tmp_path, "process_activity", "unmapped")]
    assert found == [{"process.made_up": 5, "time_flag": "before-1990"}, {"theirs": "x"}]


def test_text_that_is_there_already_in_unmapped_is_added_to(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    native = Frame.of([{"Other": "1"}])
    lake.add("process_activity", batch({"process.made_up": 5}, details=Details(native=native)))
    lake.close()
    assert read(tmp_path, "process_activity", "unmapped") == [('{"Other":"1","process.made_up":5}',)]


def test_values_that_do_not_fit_are_null_and_counted(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    rows: list[Mapping[str, Cell]] = [
        {"process.pid": "4711"},
        {"process.pid": 1 << 70},
        {"process.pid": True},
        {"process.name": ("a", "b")},
        {"process.file.hashes": ({"surprise": 1},)},
        {"process.file.hashes": "AB"},
        {"process.name": 7},
    ]
    lake.add("process_activity", batch(*rows))
    lake.close()
    assert lake.misfits() == [
        Misfit("process_activity", "process.pid", 3, "'4711'"),
        Misfit("process_activity", "process.file.hashes", 2, "'AB'"),
        Misfit("process_activity", "process.name", 1, "('a', 'b')"),
    ]
    names = read(tmp_path, "process_activity", "process.name, process.pid, process.file.hashes")
    assert sorted(names, key=str) == [("7", None, None), *[(None, None, None)] * 5, (None, None, [None])]


def test_text_that_is_no_unicode_is_kept_as_its_escape(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    hashes = ({"algorithm_id": 1, "value": "\udfff"},)
    lake.add("process_activity", batch({"process.name": "\ud800\x00", "process.file.hashes": hashes}))
    lake.close()
    found = read(tmp_path, "process_activity", "process.name, process.file.hashes[1].value")
    assert found == [("\\ud800\x00", "\\udfff")]


def test_a_small_batch_cut_from_a_large_one_brings_only_its_own_values(tmp_path: Path) -> None:
    frame = batch(*({"process.pid": number} for number in range(1000)))
    lake = opened(tmp_path)
    for number in (7, 3):
        lake.add("process_activity", frame.take([number, number]))
    lake.close()
    assert read(tmp_path, "process_activity", "process.pid") == [(7,), (7,), (3,), (3,)]


def test_objects_in_lists_are_structs_and_objects_within_them_json(tmp_path: Path) -> None:
    table: Table = {"class_uid": 6003, "resources": field("resources"), "is_alert": field("is_alert"), "risk_score": 1}
    lake = opened(tmp_path, table)
    resources: Cell = ({"uid": "i-1", "labels": ("a", None), "owner": {"name": "operator"}, "name": ABSENT}, None)
    frame = complete(Frame.of([{"class_uid": 6003, "time": START, "resources": resources, "is_alert": True}, {"is_alert": "yes"}]), HERE)
    lake.add("api_activity", frame)
    lake.add("api_activity", complete(Frame.of([{"class_uid": 6003, "time": START + 1, "resources": ()}]), HERE))
    lake.close()
    columns = "resources[1].uid, resources[1].labels, resources[1].owner, len(resources), is_alert"
    assert read(tmp_path, "api_activity", columns) == [
        (None, None, None, None, None),
        ("i-1", ["a", None], '{"name":"operator"}', 2, True),
        (None, None, None, 0, None),
    ]


def test_fractions_are_kept_as_they_are(tmp_path: Path) -> None:
    lake = opened(tmp_path, {"class_uid": 5001, "device.location.lat": field("lat")})
    rows: list[Mapping[str, Cell]] = [{"class_uid": 5001, "device.location.lat": lat} for lat in (47.5, 47, "north", False)]
    lake.add("inventory_info", complete(Frame.of(rows), HERE))
    lake.close()
    assert sorted(read(tmp_path, "inventory_info", "device.location.lat"), key=str) == [(47.0,), (47.5,), (None,), (None,)]
    assert lake.misfits() == [Misfit("inventory_info", "device.location.lat", 2, "'north'")]


def test_findings_are_kept_with_their_evidence(tmp_path: Path) -> None:
    finding = {
        "class_uid": 2004,
        "activity_id": 1,
        "time": 1_694_000_000_000,
        "severity_id": 4,
        "metadata": {"version": "1.8.0", "product": {"name": "Bartizan"}, "profiles": ["datetime"]},
        "finding_info": {
            "uid": "f1",
            "title": "A rule",
            "analytic": {"uid": "r1", "name": "A rule", "type_id": 1},
            "attacks": [{"tactic": {"uid": "TA0002", "name": "Execution"}, "technique": {"uid": "T1059", "name": "Scripting"}}],
        },
        "evidences": [{"uid": "e1", "data": {"raw_data": "…", "matched": {"Image": "x"}}, "device": {"hostname": "ws1"}}],
        "something_new": {"of": "value"},
    }
    plain = {"class_uid": 2004, "time": 1_694_000_000_001, "is_alert": True}
    lake = opened(tmp_path)
    lines = [json.dumps(item, separators=(",", ":")).encode() for item in (finding, plain)]
    lake.add(FINDINGS, findings_frame(lines, lake.tables[FINDINGS]))
    lake.close()
    assert lake.misfits() == []
    columns = (
        "finding_info.analytic.uid, finding_info.attacks[1].tactic.uid, finding_info.attacks[1].technique.name, evidences[1].uid, "
        "json_extract_string(evidences[1].data, '$.matched.Image'), evidences[1].device, unmapped, is_alert"
    )
    assert read(tmp_path, FINDINGS, columns) == [
        ("r1", "TA0002", "Scripting", "e1", "x", '{"hostname":"ws1"}', '{"something_new.of":"value"}', None),
        (None, None, None, None, None, None, None, True),
    ]


def test_records_that_no_source_reads_have_a_table(tmp_path: Path) -> None:
    lake = opened(tmp_path)
    lake.add(UNPARSED, unread(["cut off", "no source reads this"], HERE, Details(numbers=[3, 9])), raw=[b"{", b"\x00"])
    lake.close()
    found = read(tmp_path, UNPARSED, "metadata.sequence, message, raw_data, unmapped, class_name")
    flag = '{"time_flag":"absent"}'
    assert sorted(found) == [(3, "cut off", "{", flag, "Base Event"), (9, "no source reads this", "\x00", flag, "Base Event")]
