"""Write the files of a lake that is kept: Parquet with filters that tell which files cannot hold an id or a hash."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bartizan.lake.durable import draft_of, sync
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bartizan.lake.parquet import Encode

__all__ = ["encode_records", "encode_sorted", "to_arrow", "write_empty"]

ROW_GROUP: Final = 100_000
"""Rows; DuckDB reads groups of about this size (122,880) fastest in parallel."""
_IDS: Final = frozenset({"uid", "correlation_uid", "raw_data_hash"})
_HASHES: Final = frozenset({"hashes", "fingerprints"})
_MISSES: Final = 0.01
"""Of a hundred filters one says wrongly that its rows may hold an id."""
_WIDE: Final = frozenset({"raw_data", "unmapped"})
"""Columns that hardly repeat: trying to encode them by dictionary only costs time."""


def write_empty(schema: pa.Schema, path: Path) -> None:
    """Write a file without rows."""
    draft = draft_of(path)
    with trouble(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(schema.empty_table(), draft)
        sync(draft)
        draft.replace(path)


def to_arrow(rows: pl.DataFrame) -> pa.Table:
    """Return rows as an Arrow table of types that every engine knows."""
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest())


def encode_records(rows: pl.DataFrame, path: Path, facts: Mapping[str, str]) -> None:
    """Write records, with a filter on every id and hash, and what the file says of itself."""
    columns = list(_leaves(rows.schema))
    filtered = [path for path, identity in columns if identity]
    _encode(to_arrow(rows).replace_schema_metadata(dict(facts)), path, filtered, [path for path, _identity in columns if path not in _WIDE])


def encode_sorted(column: str) -> Encode:
    """Return how rows that are sorted by a column are written, with a filter on it."""
    return partial(_filtered_on, column)


def _filtered_on(column: str, rows: pl.DataFrame, path: Path, _facts: Mapping[str, str]) -> None:
    _encode(to_arrow(rows), path, [column], list(rows.columns))


def _encode(rows: pa.Table, path: Path, filtered: list[str], repeating: list[str]) -> None:
    expected = {"ndv": max(1, min(rows.num_rows, ROW_GROUP)), "fpp": _MISSES}
    pq.write_table(
        rows,
        path,
        compression="zstd",
        compression_level=3,
        row_group_size=ROW_GROUP,
        use_dictionary=repeating,
        bloom_filter_options=dict.fromkeys(filtered, expected) or None,
    )


def _leaves(schema: pl.Schema) -> Iterator[tuple[str, bool]]:
    """Yield the paths of the leaves as Parquet has them, and whether each is an id or a hash."""
    for name, dtype in schema.items():
        yield from _walk(name, dtype, identity=name in _IDS, hashes=name in _HASHES)


def _walk(path: str, dtype: object, *, identity: bool, hashes: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            found = field.name in _IDS or (hashes and field.name == "value")
            yield from _walk(f"{path}.{field.name}", field.dtype, identity=found, hashes=field.name in _HASHES)
    elif isinstance(dtype, pl.List):
        yield from _walk(f"{path}.list.element", dtype.inner, identity=identity, hashes=hashes)
    else:
        yield path, identity and dtype == pl.String
