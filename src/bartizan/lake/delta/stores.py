"""Hold together what a lake is made of: one Delta table for each class, the ledger, the index."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import OutputError
from bartizan.lake.cold import cold_store
from bartizan.lake.delta.encoding import to_arrow, write_empty
from bartizan.lake.delta.ledger import Ledger
from bartizan.lake.delta.log import DeltaLog
from bartizan.lake.delta.types import mark_of, paths_of
from bartizan.lake.layout import COLD, PARTITIONS, name_of, table_folder
from bartizan.lake.table import Builder
from bartizan.lake.trouble import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import duckdb
    import pyarrow as pa

    from bartizan.lake.cold import ColdStore
    from bartizan.lake.contract import DataFile, Declared

__all__ = ["Stores"]

_OWN: Final = "_lake"
"""The folder of the ledger and the index, beside the folder of the records."""


class Stores:
    """The parts of one lake. ``now`` is asked for the time, nanoseconds UTC."""

    def __init__(self, root: Path, tables: Mapping[str, Declared], now: Callable[[], int]) -> None:
        """Look at a lake; tables are opened when they are first used."""
        self.root, self.declared, self.now = root, tables, now
        self.ledger = Ledger(DeltaLog(root / _OWN / "ledger"))
        self.index = DeltaLog(root / _OWN / "observables")
        self._tables: dict[str, DeltaLog] = {}
        self._cold: dict[str, DeltaLog] = {}
        self._marks: dict[str, str] = {}
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()

    def table(self, name: str) -> DeltaLog:
        """Return a table, which may not exist yet."""
        with self._lock:
            if name not in self._tables:
                self._tables[name] = DeltaLog(table_folder(self.root, name), partitions=PARTITIONS)
            return self._tables[name]

    def cold(self, name: str) -> DeltaLog:
        """Return which files of a table are kept elsewhere; their paths are where each is put when it is brought back."""
        with self._lock:
            if name not in self._cold:
                self._cold[name] = DeltaLog(table_folder(self.root / COLD, name), partitions=PARTITIONS)
            return self._cold[name]

    @cached_property
    def store(self) -> ColdStore | None:
        """Where files of old days are kept, if anywhere."""
        return cold_store(self.root)

    def files_of(self, name: str, as_of: int | None = None) -> tuple[int, tuple[DataFile, ...]]:
        """Return the version of a table and its files here and elsewhere, oldest first. One that is in both is here."""
        version, here = self.table(name).files(as_of)
        _version, cold = self.cold(name).files(as_of)
        if as_of is not None:
            here = self._moved_since(name, here)
        if not cold:
            return version, here
        known = {self.relative(file.path) for file in here}
        away = [file for file in cold if self.relative(file.path) not in known]
        return version, tuple(sorted((*here, *away), key=lambda file: (file.first, file.path)))

    def _moved_since(self, name: str, files: Sequence[DataFile]) -> tuple[DataFile, ...]:
        """Return files that a table had once where they are now."""
        cold = {self.relative(file.path): file for file in self.cold(name).files()[1]}
        return tuple(file if Path(file.path).exists() else cold.get(self.relative(file.path), file) for file in files)

    def is_away(self, file: DataFile) -> bool:
        """Say whether a file is kept elsewhere."""
        return file.path.startswith(f"{self.root}/{COLD}/")

    def mark(self, table: str) -> str:
        """Return what the names of a table's files say of the columns in them."""
        if table not in self._marks:
            empty = to_arrow(Builder(self.declared[table]).build([])).schema
            self._marks[table] = f"-s{mark_of(paths_of(empty))}"
        return self._marks[table]

    def widen(self, table: str, schema: pa.Schema) -> None:
        """Give a table every column of a schema, and keep an empty file that has all columns of the table."""
        log = self.table(table)
        if log.widen(schema) or not self.shape(table).exists():
            write_empty(log.arrow_schema(), self.shape(table))

    def shape(self, table: str) -> Path:
        """Return the path of an empty file that has all columns of a table."""
        return self.root / _OWN / "shapes" / f"{table}-s{self.table(table).mark()}.parquet"

    def uniform(self, table: str, files: Sequence[DataFile]) -> bool:
        """Say whether every one of a table's files has all its columns."""
        mark = f"-s{self.table(table).mark()}-"
        return all(mark in file.path for file in files)

    def names(self) -> list[str]:
        """Return the names of the tables that there are, in order."""
        folder = self.root / "ext"
        return sorted(path.name for path in folder.iterdir() if (path / "_delta_log").is_dir()) if folder.is_dir() else []

    def files(self) -> dict[str, tuple[str, DataFile]]:
        """Return every file of every table by its path relative to the lake, with the table's name."""
        found = ((name, file) for name in self.names() for file in self.files_of(name)[1])
        return {self.relative(file.path): (name, file) for name, file in found}

    def relative(self, path: str | Path) -> str:
        """Return a path as the ledger and the index have it, the same wherever the file is."""
        return name_of(self.root, path)

    def today(self) -> str:
        """Return the day (UTC), YYYYMMDD."""
        return datetime.fromtimestamp(self.now() / 1e9, UTC).strftime("%Y%m%d")

    @contextmanager
    def engine(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection for queries of our own, in this process."""
        import duckdb  # noqa: PLC0415 - 40 ms that only asking should cost

        with self._lock:
            if self._connection is None:
                self._connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
                # Files never change once written: what their ends say of them need not be read twice.
                self._connection.execute("SET GLOBAL parquet_metadata_cache = true")
            cursor = self._connection.cursor()
        try:
            yield cursor
        except duckdb.Error as error:
            message = f"{self.root}: cannot be read: {reason(error)}: `bartizan lake verify {self.root}` says what is damaged"
            raise OutputError(message) from error
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the engine."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
