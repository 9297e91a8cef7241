"""Read Parquet files of records, and say which file it is that cannot be read."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

__all__ = ["members", "reading"]

_SHOWN: Final = 200


@contextmanager
def reading(path: Path) -> Iterator[pl.LazyFrame]:
    """Give a file's rows, to be collected inside; InputError, which names the file, where it cannot be read."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    try:
        yield pl.scan_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        message = (
            f"{path}: cannot be read as Parquet: {' '.join(str(error).split())[:_SHOWN]}; `bartizan evidence verify` says what changed"
        )
        raise InputError(message) from error


def members(schema: pl.Schema, column: str) -> set[str]:
    """Return the names of the members of a struct column, none where there is no such column."""
    return {field.name for field in getattr(schema.get(column), "fields", ())}
