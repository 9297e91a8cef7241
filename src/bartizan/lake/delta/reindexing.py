"""Make anew what the index lacks: parts of it that cannot be read, files that it knows nothing of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bartizan.lake.delta.index import add_entries, entries_of
from bartizan.lake.delta.log import Adding
from bartizan.lake.delta.tiering import bring_back
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from bartizan.lake.delta.stores import Stores

__all__ = ["reindex", "unreadable"]


def unreadable(stores: Stores) -> frozenset[str]:
    """Return the files of the index that cannot be read."""
    found = set()
    for file in stores.index.files()[1]:
        try:
            pl.read_parquet(file.path, hive_partitioning=False)
        except (OSError, pl.exceptions.PolarsError):
            found.add(file.path)
    return frozenset(found)


def reindex(stores: Stores) -> int:
    """Take out of the index what cannot be read, and put in what it does not know of files; return how many files those are."""
    broken = unreadable(stores)
    files = stores.index.files()[1]
    whole = [file.path for file in files if file.path not in broken]
    known = frozenset(pl.scan_parquet(whole).select(pl.col("path").unique()).collect()["path"]) if whole else frozenset()
    made = 0
    for name, (table, file) in stores.files().items():
        if name in known:
            continue
        bring_back(stores, [file])
        with trouble(Path(file.path)):
            rows = pl.read_parquet(file.path, columns=["time", "observables"], hive_partitioning=False)
        entries = entries_of(rows, table, name)
        add_entries(stores.index, [entries])
        made += entries.height > 0
    if broken:
        gone = [Adding(path=Path(file.path).name, bytes=file.bytes, rows=file.rows) for file in files if file.path in broken]
        stores.index.commit([], gone)
    return made
