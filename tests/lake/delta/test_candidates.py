"""Which files and rows may be what is needed is told by the index and by single columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from tests.lake.delta.kept import DAY, MORE, Clock, kept, records

from bartizan.lake.facts import said_of
from bartizan.lake.needs import ALWAYS, Has, each
from bartizan.lake.policy import Policy

if TYPE_CHECKING:
    from bartizan.lake.delta.lake import DeltaLake
    from bartizan.lake.needs import Need
    from bartizan.schema.columns import Cell

HOST = Has("device.hostname", "start", "ws1")
TOOL = Has("process.file.path", "end", "\\mimikatz.exe")


def chosen(lake: DeltaLake, need: Need) -> list[tuple[str, tuple[int, ...] | None]]:
    return [
        (Path(one.file.path).parent.name, one.rows and tuple(row for row, _ in one.rows))
        for one in lake.candidates({"process_activity": need}, lake.snapshot())
    ]


def put(lake: DeltaLake, day: int, *rows: dict[str, Cell]) -> None:
    lake.append([records(*({"time": day * DAY + number, **row} for number, row in enumerate(rows)))], source="edr", batch_id=str(day))


def test_a_file_without_a_value_that_would_do_is_not_opened(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        put(lake, 0, {"device.hostname": "WS1.example.com"}, {"device.hostname": "db"})
        put(lake, 1, {"device.hostname": "db"}, {"device.hostname": None})
        for file in (tmp_path / "lake").rglob("eventDay=19700102/*.parquet"):
            said = said_of(file)
            broken = bytearray(file.read_bytes())
            broken[4:400] = bytes(396)
            file.write_bytes(broken)
            assert (said.vague, "device.hostname" in said.observed) == (frozenset(), True)
        assert chosen(lake, HOST) == [("eventDay=19700101", (0,))]


def test_a_value_that_did_not_fit_its_column_keeps_its_record(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        put(
            lake, 0, {"process.file.path": ("C:\\mimikatz.exe", "C:\\b.exe")}, {"process.file.path": "C:\\a.exe"}, {"device.hostname": "db"}
        )
        put(lake, 1, {"process.file.path": "C:\\a.exe"}, {"device.hostname": "db"})
        assert chosen(lake, TOOL) == [("eventDay=19700101", (0, 2))]


def test_what_is_not_known_of_a_file_lets_its_records_through(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        put(lake, 0, {"process.file.path": "C:\\a.exe"}, {"device.hostname": "db"})
        [file] = (tmp_path / "lake").rglob("eventDay=*/*.parquet")
        pl.read_parquet(file, hive_partitioning=False).write_parquet(file)
        assert chosen(lake, TOOL) == [("eventDay=19700101", (1,))]


def test_files_made_into_one_say_what_each_of_them_said(tmp_path: Path) -> None:
    with kept(tmp_path, clock=Clock()) as lake:
        for number in range(3):
            rows = records({"process.file.path": f"C:\\{number}.exe", "time": number * 10**6})
            lake.append([rows], source="edr", batch_id=f"a{number}")
    with kept(tmp_path, MORE, clock=Clock()) as lake:
        lake.append([records({"process.cmd_line": "whoami", "time": 9 * 10**6})], source="edr", batch_id="b")
        assert chosen(lake, Has("process.cmd_line", "in", "mimikatz")) == [("eventDay=19700101", (0,))] * 3
        assert lake.maintain(Policy()).made == 1
        assert chosen(lake, Has("process.cmd_line", "in", "mimikatz")) == [("eventDay=19700101", (0, 1, 2))]
        assert chosen(lake, Has("process.cmd_line", "in", "who")) == [("eventDay=19700101", (0, 1, 2, 3))]
        assert chosen(lake, TOOL) == []


def test_everything_is_every_row_and_a_table_that_nobody_needs_is_left_alone(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        put(lake, 0, {"device.hostname": "ws1"})
        assert chosen(lake, ALWAYS) == [("eventDay=19700101", None)]
        assert chosen(lake, each([HOST, TOOL])) == []
        assert list(lake.candidates({}, lake.snapshot())) == []
