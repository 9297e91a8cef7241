"""A small table, batches for it, a lake to write them to, and a way to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from bartizan.lake.declared import declare
from bartizan.lake.layout import table_folder
from bartizan.lake.parquet import ParquetLake
from bartizan.schema.columns import Cell, Frame
from bartizan.schema.expressions import Table, field
from bartizan.schema.record import Details, Provenance, complete

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HERE = Provenance(now=1_700_000_000_000_000_000, modified=1_600_000_000.0, product={"name": "Sysmon", "vendor_name": "Microsoft"})
START = 1_694_000_000_000_000_000
PROCESS: Table = {
    "class_uid": 1007,
    "activity_id": 1,
    "severity_id": 1,
    "time": field("time"),
    "device.hostname": field("device.hostname"),
    "process.pid": field("process.pid"),
    "process.name": field("process.name"),
    "process.file.path": field("process.file.path"),
    "process.file.hashes": field("process.file.hashes"),
    "process.made_up": field("process.made_up"),
}


def batch(*rows: Mapping[str, Cell], details: Details | None = None) -> Frame:
    constant: dict[str, Cell] = {"class_uid": 1007, "activity_id": 1, "severity_id": 1, "time": START}
    return complete(Frame.of([{**constant, **row} for row in rows]), HERE, details)


def opened(root: Path, *tables: Table, part: str = "0", buffer_bytes: int = 1 << 20) -> ParquetLake:
    return ParquetLake(root, declare(tables or (PROCESS,)), part=part, buffer_bytes=buffer_bytes)


def read(root: Path, table: str, columns: str) -> list[tuple[object, ...]]:
    files = f"{table_folder(root, table)}/**/*.parquet"
    return duckdb.sql(f"SELECT {columns} FROM read_parquet('{files}', hive_partitioning=true) ORDER BY time").fetchall()
