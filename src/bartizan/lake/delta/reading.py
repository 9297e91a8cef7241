"""Read whole files of a table into memory, each with every column that the table has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["read_files"]


def read_files(stores: Stores, table: str, files: Sequence[DataFile]) -> pl.DataFrame:
    """Return the rows of files, one file after the other; columns that a file does not have are null."""
    paths = [file.path for file in files]
    with trouble(stores.table(table).folder):
        if stores.uniform(table, files):
            return pl.read_parquet(paths, hive_partitioning=False)
        schema = pl.read_parquet_schema(stores.shape(table))
        cast = pl.ScanCastOptions(missing_struct_fields="insert", extra_struct_fields="ignore")
        return pl.scan_parquet(
            paths, schema=schema, missing_columns="insert", extra_columns="ignore", cast_options=cast, hive_partitioning=False
        ).collect()
