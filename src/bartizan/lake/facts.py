"""Let a file of records say of itself what its columns cannot: where null does not mean absent, and what its observables cover.

It stands in the file, as metadata of Parquet, so that it goes wherever the file goes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.lake.needs import Said
from bartizan.lake.trouble import trouble
from bartizan.schema.names import NULL_LIKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import polars as pl
    import pyarrow.parquet as pq

__all__ = ["facts_of", "said_in", "said_of", "text_columns"]

_KEY: Final = "bartizan"


def facts_of(rows: pl.DataFrame, vague: frozenset[str] | None) -> Mapping[str, str]:
    """Return what a file of these records shall say; ``vague``: columns in which null does not mean absent, None if nobody knows."""
    told: dict[str, list[str]] = {"observed": sorted(_observed(rows))}
    if vague is not None:
        told["vague"] = sorted(vague)
    return {_KEY: json.dumps(told)}


def said_of(path: Path) -> Said:
    """Return what a file says of its columns. OutputError where it cannot be read."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - needs the extra 'lake'

    with trouble(path):
        return said_in(pq.read_metadata(path))


def said_in(metadata: pq.FileMetaData) -> Said:
    """Return what the metadata of a file say of its columns."""
    columns = (metadata.schema.column(place) for place in range(len(metadata.schema)))
    there = frozenset(one.path for one in columns if one.physical_type == "BYTE_ARRAY" and one.max_repetition_level == 0)
    found = (metadata.metadata or {}).get(_KEY.encode())
    told = {} if found is None else json.loads(found)
    vague = told.get("vague")
    return Said(there, None if vague is None else frozenset(vague), frozenset(told.get("observed", ())))


def text_columns(schema: pl.Schema) -> Iterator[str]:
    """Yield the dotted names of columns of text that are in no list."""
    import polars as pl  # noqa: PLC0415 - 60 ms that only writing should cost

    def walk(path: str, dtype: object) -> Iterator[str]:
        if isinstance(dtype, pl.Struct):
            for field in dtype.fields:
                yield from walk(f"{path}.{field.name}", field.dtype)
        elif dtype == pl.String():
            yield path

    for name, dtype in schema.items():
        yield from walk(name, dtype)


def _observed(rows: pl.DataFrame) -> Iterator[str]:
    """Yield the columns of text of which every value is an observable of its record, those apart that name nothing."""
    import polars as pl  # noqa: PLC0415 - as above

    if "observables" not in rows.columns or not isinstance(rows.schema["observables"], pl.List):
        return
    listed = rows.select(pl.col("observables").explode().struct.field("name")).drop_nulls()
    counts = dict(listed.group_by("name").len().iter_rows())
    for name in text_columns(rows.schema):
        if name in counts and rows.select(_column(name).alias("it")).select(_names_something().sum()).item() == counts[name]:
            yield name


def _column(name: str) -> pl.Expr:
    import polars as pl  # noqa: PLC0415 - as above

    first, *rest = name.split(".")
    found = pl.col(first)
    for part in rest:
        found = found.struct.field(part)
    return found


def _names_something() -> pl.Expr:
    import polars as pl  # noqa: PLC0415 - as above

    return pl.col("it").is_not_null() & ~pl.col("it").str.to_lowercase().is_in(sorted(NULL_LIKE))
