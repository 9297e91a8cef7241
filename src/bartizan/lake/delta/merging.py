"""Make few files of many in the index and the ledger, and drop what the index says of files that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.lake.delta.encoding import encode_sorted
from bartizan.lake.delta.index import write_entries
from bartizan.lake.delta.log import Adding
from bartizan.lake.parquet import write_whole
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.log import DeltaLog
    from bartizan.lake.delta.stores import Stores

__all__ = ["merge_index", "merge_ledger"]

LARGE: Final = 4_000_000
"""Entries of a file that is not merged any more: 100 to 300 MB."""
MANY: Final = 4


def merge_index(stores: Stores, *, forget: frozenset[str] = frozenset()) -> None:
    """Merge small files of the index; with ``forget`` (values in lower case) rewrite every file that names one of them.

    Entries of files that are neither in a table nor on disk are dropped; those on disk may be about to come into their table.
    """
    log, active = stores.index, stores.files()
    files = log.files()[1]
    small = [file for file in files if file.rows < LARGE // 2]
    chosen = _within(small, LARGE) if len(small) >= MANY else []
    if forget:
        chosen = [*chosen, *(file for file in files if file not in chosen and _names(file, forget))]
    for group in [[file] for file in chosen] if forget else [chosen] if len(chosen) > 1 else []:
        with trouble(log.folder):
            rows = pl.read_parquet([file.path for file in group], hive_partitioning=False)
        paths = [path for path in rows["path"].unique() if path in active or (stores.root / path).exists()]
        kept = rows.filter(pl.col("path").is_in(paths), ~pl.col("value").is_in(sorted(forget))).unique()
        log.commit([write_entries(log, kept)] if kept.height else [], [_adding(log, file) for file in group])


def _within(files: list[DataFile], most: int) -> list[DataFile]:
    held, total = [], 0
    for file in sorted(files, key=lambda one: one.rows):
        if total + file.rows > most:
            break
        held.append(file)
        total += file.rows
    return held


def _names(file: DataFile, values: frozenset[str]) -> bool:
    found = pl.scan_parquet(file.path).filter(pl.col("value").is_in(sorted(values))).head(1).collect()
    return found.height > 0


def _adding(log: DeltaLog, file: DataFile) -> Adding:
    return Adding(path=file.path.removeprefix(f"{log.folder}/"), bytes=file.bytes, rows=file.rows)


def merge_ledger(log: DeltaLog, name: str) -> None:
    """Merge the files of the ledger into one; its entries stay as they are."""
    files = log.files()[1]
    if len(files) < 4 * MANY:
        return
    rows = pl.concat([pl.read_parquet(file.path) for file in files])
    path = log.folder / f"part-{name}.parquet"
    write_whole(rows, path, encode_sorted("receipt"))
    log.commit([Adding(path=path.name, bytes=path.stat().st_size, rows=rows.height)], [_adding(log, file) for file in files])
