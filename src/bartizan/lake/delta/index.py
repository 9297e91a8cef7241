"""Know where every observable was seen: value, type, table, file, how often, first, last.

Values are in lower case: addresses, names and hashes are written either way. A file may be in the index before it is in its
table (the index is told first, so that no file of a table is missing from it) and after it left its table: whoever reads
the index keeps what is about files that are in their tables.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.lake.contract import Sighting
from bartizan.lake.delta.encoding import encode_sorted
from bartizan.lake.delta.log import Adding
from bartizan.lake.parquet import write_whole
from bartizan.lake.relations import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import duckdb

    from bartizan.lake.delta.log import DeltaLog

__all__ = ["COLUMNS", "add_entries", "distinct", "entries_of", "look_up", "write_entries"]

COLUMNS: Final = pl.Schema(
    {
        "value": pl.String(),
        "type_id": pl.Int64(),
        "table": pl.String(),
        "path": pl.String(),
        "count": pl.Int64(),
        "first": pl.Int64(),
        "last": pl.Int64(),
    }
)


def entries_of(rows: pl.DataFrame, table: str, path: str) -> pl.DataFrame:
    """Return the entries of a file: ``rows`` are its records, ``path`` is relative to the lake."""
    if "observables" not in rows.columns:
        return pl.DataFrame(schema=COLUMNS)
    seen = (
        rows.select("time", "observables")
        .with_row_index("row")
        .drop_nulls("observables")
        .explode("observables", empty_as_null=False)
        .select("row", "time", pl.col("observables").struct.field("value", "type_id"))
        .with_columns(pl.col("value").str.to_lowercase())
        .drop_nulls("value")
    )
    return (
        seen.group_by("value", "type_id")
        .agg(
            pl.col("row").n_unique().cast(pl.Int64).alias("count"), pl.col("time").min().alias("first"), pl.col("time").max().alias("last")
        )
        .select("value", "type_id", pl.lit(table).alias("table"), pl.lit(path).alias("path"), "count", "first", "last")
    )


def write_entries(log: DeltaLog, entries: pl.DataFrame) -> Adding:
    """Write a file of entries, sorted by value; it is in the index when it was committed."""
    name = f"part-{uuid.uuid4().hex}.parquet"
    path = log.folder / name
    write_whole(entries.sort("value", "type_id", "path"), path, encode_sorted("value"))
    return Adding(path=name, bytes=path.stat().st_size, rows=entries.height)


def add_entries(log: DeltaLog, entries: Iterable[pl.DataFrame]) -> None:
    """Put the entries of files into the index."""
    found = [part for part in entries if part.height]
    if found:
        log.widen(pl.DataFrame(schema=COLUMNS).to_arrow(compat_level=pl.CompatLevel.oldest()).schema)
        log.commit([write_entries(log, pl.concat(found))])


def look_up(log: DeltaLog, connection: duckdb.DuckDBPyConnection, values: Sequence[str], active: Collection[str]) -> Iterator[Sighting]:
    """Yield where values were seen, in files that are ``active`` (paths relative to the lake)."""
    _version, files = log.files()
    wanted = sorted({value.lower() for value in values})
    if not files or not wanted:
        return
    columns = ", ".join(map(quoted, COLUMNS))
    asked = f"SELECT {columns} FROM read_parquet($files) WHERE value IN (SELECT unnest($values))"  # noqa: S608 - names of our own
    if len(wanted) <= _FEW:
        marks = ", ".join(f"$v{number}" for number in range(len(wanted)))
        asked = f"SELECT {columns} FROM read_parquet($files) WHERE value IN ({marks})"  # noqa: S608 - as above
    params: dict[str, object] = {"files": [file.path for file in files]}
    params |= {f"v{number}": value for number, value in enumerate(wanted)} if len(wanted) <= _FEW else {"values": wanted}
    for row in sorted(set(connection.execute(asked, params).fetchall())):
        found = Sighting(value=row[0], type_id=row[1], table=row[2], path=row[3], count=row[4], first=row[5], last=row[6])
        if found.path in active:
            yield found


def distinct(log: DeltaLog, connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """Return every type and value that was ever seen, in files that are gone too."""
    files = [file.path for file in log.files()[1]]
    if not files:
        return []
    return connection.execute("SELECT DISTINCT type_id, value FROM read_parquet($files)", {"files": files}).fetchall()


_FEW: Final = 2_000
"""Values up to which each is looked for by itself, with the filters of the files; beyond, all are joined at once."""
