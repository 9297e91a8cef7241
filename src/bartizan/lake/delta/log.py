"""Add files to a table and take files away, in transactions of Delta Lake.

The files are written elsewhere; here is only which of them belong to the table. A checkpoint every few commits keeps the
cost of a commit flat, and so does bringing the table up to date after each: Delta looks through every commit made since.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from bartizan.errors import OutputError
from bartizan.lake.contract import DataFile
from bartizan.lake.delta.types import duckdb_types, mark_of, paths_of
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Adding", "DeltaLog"]

_DAY: Final = "eventDay"
_SETTINGS: Final = {
    "delta.checkpointInterval": "20",  # a checkpoint of 1,000 files costs 10 ms, a commit without one 0.2 ms more for each before it
    "delta.logRetentionDuration": "interval 30 days",
    "delta.setTransactionRetentionDuration": "interval 30 days",
}
_RETRIES: Final = 100
"""Writers that add files do not disturb each other, they only have to take turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """A file to add: its ``path`` below the table's folder; ``first`` and ``last`` of its ``time`` column where it has one."""

    path: str
    bytes: int
    rows: int
    first: int | None = None
    last: int | None = None
    partition: Mapping[str, str] = field(default_factory=dict)


class DeltaLog:
    """Which files belong to a table, at every version. Any number of processes may commit; each call sees what others did before."""

    def __init__(self, folder: Path, *, partitions: Sequence[str] = ()) -> None:
        """Look at the table in ``folder``, which may not exist yet."""
        self.folder = folder
        self._partitions = list(partitions)
        self._table: DeltaTable | None = None
        self._seen: tuple[int, tuple[DataFile, ...]] = (-1, ())
        self._lock = threading.RLock()

    def exists(self) -> bool:
        """Say whether anything was ever written into the table."""
        return self._current() is not None

    def widen(self, schema: pa.Schema) -> bool:
        """Make the table, or give it the columns that it does not have; say whether it got some.

        A column of another type raises OutputError.
        """
        with self._lock, trouble(self.folder):
            table = self._current()
            if table is None:
                self._table = DeltaTable.create(
                    str(self.folder), schema, mode="ignore", partition_by=self._partitions, configuration=_SETTINGS
                )
                return True
            if not paths_of(schema) - _paths(table):
                return False
            try:
                write_deltalake(table, schema.empty_table(), mode="append", schema_mode="merge", partition_by=self._partitions)
            except DeltaError as error:
                if "merge" not in str(error).lower():
                    raise
                message = f"{self.folder}: holds another type of column than this version writes ({error}): export it and import it anew"
                raise OutputError(message) from error
            table.update_incremental()
            return True

    def commit(self, added: Sequence[Adding], removed: Sequence[Adding] = (), *, transaction: str = "") -> bool:
        """Add files and take files away, all or nothing. False where the transaction was made before, within 30 days.

        The time of it is the system's, by which Delta itself tells versions and forgets transactions.
        """
        moment = time.time_ns() // 1_000_000
        actions: list[AddAction | RemoveAction] = [_add(one, moment) for one in added]
        actions += [RemoveAction(one.path, True, moment, one.bytes, dict(one.partition)) for one in removed]  # noqa: FBT003 - a class of Rust that takes its arguments by place
        with self._lock, trouble(self.folder):
            table = self._current()
            if table is None:
                message = f"{self.folder}: there is no table; it was deleted while it was written to"
                raise OutputError(message)
            if transaction and table.transaction_version(transaction) is not None:
                return False
            try:
                table.create_write_transaction(
                    actions,
                    "append",
                    table.schema(),
                    self._partitions,
                    commit_properties=CommitProperties(
                        max_commit_retries=_RETRIES, app_transactions=[Transaction(transaction, 1, moment)] if transaction else None
                    ),
                    post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
                )
            except CommitFailedError:
                table.update_incremental()
                if not transaction or table.transaction_version(transaction) is None:
                    raise
                return False
            table.update_incremental()
            return True

    def made(self, transaction: str) -> bool:
        """Say whether a transaction was made."""
        table = self._current()
        return table is not None and table.transaction_version(transaction) is not None

    def files(self, as_of: int | None = None) -> tuple[int, tuple[DataFile, ...]]:
        """Return the version of the table and its files, oldest first; ``as_of`` in nanoseconds. Version -1 is no table."""
        with self._lock, trouble(self.folder):
            table = self._current() if as_of is None else self._at(as_of)
            if table is None:
                return -1, ()
            if as_of is not None:
                return table.version(), tuple(_files(table, self.folder))
            if self._seen[0] != table.version():
                self._seen = table.version(), tuple(_files(table, self.folder))
            return self._seen

    def columns(self) -> Mapping[str, str]:
        """Return the columns that are in the files, and their types in DuckDB's words."""
        table = self._current()
        fields = [] if table is None else json.loads(table.schema().to_json())["fields"]
        return duckdb_types([one for one in fields if one["name"] not in self._partitions])

    def mark(self) -> str:
        """Return the mark of the table's columns, those that are in the folders' names left out."""
        table = self._current()
        return "" if table is None else mark_of(_paths(table) - {*self._partitions})

    def arrow_schema(self) -> object:
        """Return the table's columns as an Arrow schema, those that are in the folders' names left out."""
        table = self._current()
        if table is None:
            return pa.schema([])
        return pa.schema([field for field in pa.schema(table.schema().to_arrow()) if field.name not in self._partitions])

    def whole_schema(self) -> pa.Schema:
        """Return the table's columns as an Arrow schema, those too that are in the folders' names."""
        table = self._current()
        return pa.schema([]) if table is None else pa.schema(table.schema().to_arrow())

    def checkpoint(self) -> None:
        """Put the state of the table into one file, and forget the steps to it that are older than time travel goes."""
        table = self._current()
        if table is not None:
            with trouble(self.folder):
                table.create_checkpoint()
                table.cleanup_metadata()

    def _current(self) -> DeltaTable | None:
        with self._lock, trouble(self.folder):
            if self._table is None:
                if not (self.folder / "_delta_log").is_dir():
                    return None
                try:
                    self._table = DeltaTable(str(self.folder))
                except TableNotFoundError:
                    return None
            self._table.update_incremental()
            return self._table

    def _at(self, as_of: int) -> DeltaTable | None:
        if self._current() is None:
            return None
        table = DeltaTable(str(self.folder))
        begun = table.history()[-1]["timestamp"]
        if as_of // 1_000_000 < begun:
            return None
        table.load_as_version(datetime.fromtimestamp(as_of / 1e9, UTC))
        return table


def _paths(table: DeltaTable) -> frozenset[str]:
    return paths_of(json.loads(table.schema().to_json())["fields"])


def _add(one: Adding, moment: int) -> AddAction:
    told: dict[str, Any] = {"numRecords": one.rows}
    if one.first is not None:
        told |= {"minValues": {"time": one.first}, "maxValues": {"time": one.last}, "nullCount": {}}
    return AddAction(one.path, one.bytes, dict(one.partition), moment, True, json.dumps(told))  # noqa: FBT003 - as above


def _files(table: DeltaTable, folder: Path) -> Iterator[DataFile]:
    import polars as pl  # noqa: PLC0415 - 60 ms that only reading should cost

    found = pl.DataFrame(table.get_add_actions(flatten=True))
    found = found.select(
        "path",
        pl.col("num_records").alias("rows"),
        pl.col("size_bytes").alias("bytes"),
        (pl.col("min.time") if "min.time" in found.columns else pl.lit(0)).cast(pl.Int64).fill_null(0).alias("first"),
        (pl.col("max.time") if "max.time" in found.columns else pl.lit(0)).cast(pl.Int64).fill_null(0).alias("last"),
        (pl.col(f"partition.{_DAY}") if f"partition.{_DAY}" in found.columns else pl.lit("")).alias("day"),
    ).sort("first", "path")
    for path, rows, size, first, last, day in found.iter_rows():
        yield DataFile(path=str(folder / path), rows=rows, bytes=size, first=first, last=last, day=day)
