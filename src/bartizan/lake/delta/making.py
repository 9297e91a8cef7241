"""Make files of a lake, and all that the tables, the index and the ledger are to know of each."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.lake.contract import Written
from bartizan.lake.declared import FINDINGS
from bartizan.lake.delta.encoding import encode_records, to_arrow
from bartizan.lake.delta.index import entries_of
from bartizan.lake.delta.ledger import Item
from bartizan.lake.delta.log import Adding
from bartizan.lake.delta.types import mark_of, paths_of
from bartizan.lake.facts import facts_of
from bartizan.lake.layout import PARTITIONS, day_folder, partition_of
from bartizan.lake.parquet import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["Made", "Making", "adding_of", "digest_of", "file_item", "removal_item", "schema_of"]

_DAY: Final = 86_400_000


@dataclass(slots=True)
class Made:
    """A file that was written and its entries for the index. ``records``: its rows but findings of ours."""

    written: Written
    adding: Adding
    entries: pl.DataFrame
    sha256: str
    records: int


@dataclass(slots=True)
class Making:
    """The files of one batch. ``part`` names them, with something that no other attempt at the batch has."""

    stores: Stores
    part: str
    files: list[Made] = field(default_factory=list)
    schemas: dict[str, pa.Schema] = field(default_factory=dict)
    origins: dict[Path, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stores: Stores, key: str) -> Making:
        """Begin an attempt."""
        return cls(stores, f"{key}-{uuid.uuid4().hex[:8]}")

    def tell(self, rows: pl.DataFrame, written: Written) -> None:
        """Take note of a file that was just written."""
        if written.table not in self.schemas:
            self.schemas[written.table] = schema_of(rows)
        self.files.append(self._made(rows, written))

    def write(self, table: str, rows: pl.DataFrame, vague: frozenset[str] | None = None, origin: str = "") -> None:
        """Write rows that have the table's nested columns, sorted by time, one file for each day; ``vague`` as in ``facts_of``.

        ``origin`` is noted for each file that it becomes.
        """
        ordered = rows.sort("time", maintain_order=True, nulls_last=False)
        days = ordered["time"].fill_null(0) // _DAY
        mark = mark_of(paths_of(schema_of(rows)) - {*PARTITIONS})
        for day in days.unique().sort().to_list():
            part = ordered.filter(days == day)
            path = day_folder(self.stores.root, table, day) / f"part-{self.part}-s{mark}-{len(self.files):05d}.parquet"
            write_whole(part, path, encode_records, facts_of(part, vague))
            self.tell(part, Written(path, table, part.height))
            if origin:
                self.origins[path] = origin

    def discard(self, table: str | None = None) -> None:
        """Delete files that did not come into their table."""
        for made in self.files:
            if table in {None, made.written.table}:
                with suppress(OSError):
                    made.written.path.unlink(missing_ok=True)

    def there(self, table: str, path: Path) -> Made:
        """Describe a file that an earlier attempt wrote."""
        rows = pl.read_parquet(path, hive_partitioning=False)
        return self._made(rows, Written(path, table, rows.height))

    def _made(self, rows: pl.DataFrame, written: Written) -> Made:
        folder = self.stores.table(written.table).folder
        adding = Adding(
            path=str(written.path.relative_to(folder)),
            bytes=written.path.stat().st_size,
            rows=written.rows,
            first=_bound(rows["time"].min()),
            last=_bound(rows["time"].max()),
            partition=partition_of(written.path),
        )
        entries = entries_of(rows, written.table, self.stores.relative(written.path))
        return Made(written, adding, entries, digest_of(written.path), records_in(written.table, rows))


def records_in(table: str, rows: pl.DataFrame) -> int:
    """Return how many rows are records: all, but among findings only those of other products, which came from a log."""
    if table != FINDINGS:
        return rows.height
    metadata = rows.schema["metadata"]
    if not isinstance(metadata, pl.Struct) or "log_provider" not in {field.name for field in metadata.fields}:
        return 0
    return rows.height - rows["metadata"].struct.field("log_provider").null_count()


def schema_of(rows: pl.DataFrame) -> pa.Schema:
    """Return the columns of a table with those that the names of its folders spell."""
    empty = rows.clear()
    return to_arrow(empty.with_columns(*(pl.lit(None, dtype=pl.String).alias(name) for name in PARTITIONS))).schema


def adding_of(stores: Stores, table: str, file: DataFile) -> Adding:
    """Return a file of a table as what is taken out of it."""
    name = stores.relative(file.path)
    return Adding(path=name.removeprefix(f"ext/{table}/"), bytes=file.bytes, rows=file.rows, partition=partition_of(Path(name)))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def file_item(stores: Stores, made: Made, name: tuple[str, str], detail: str = "") -> Item:
    """Return what the ledger says of a file; ``name`` is the source and the batch id."""
    written = made.written
    return Item(
        kind="file",
        source=name[0],
        batch_id=name[1],
        table=written.table,
        path=stores.relative(written.path),
        sha256=made.sha256,
        bytes=made.adding.bytes,
        rows=written.rows,
        detail=detail,
    )


def removal_item(stores: Stores, table: str, file: DataFile, why: str) -> Item:
    """Return what the ledger says of a file that was taken out of its table."""
    return Item(kind="removal", table=table, path=stores.relative(file.path), bytes=file.bytes, rows=file.rows, detail=why)


def _bound(value: object) -> int:
    return value if isinstance(value, int) else 0
