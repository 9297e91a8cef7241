"""Say what in a lake is not as it should be: damaged or missing files, a ledger that was changed, records that no index knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.lake.contract import Fault
from bartizan.lake.delta.index import entries_of
from bartizan.lake.delta.making import digest_of
from bartizan.lake.delta.reindexing import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["faults"]


_UNREADABLE: Final = "is a part of the index and cannot be read: pivots fail; `bartizan lake maintain --reindex` makes it anew"


def faults(stores: Stores) -> Iterator[Fault]:
    """Yield every fault; all files are read once. What depends on a ledger that cannot be read is not told."""
    damaged = list(stores.ledger.damaged())
    yield from damaged
    yield from (Fault(path=path, what=_UNREADABLE) for path in unreadable(stores))
    if damaged:
        return
    yield from stores.ledger.faults()
    rows = stores.ledger.rows()
    told = {row["path"]: row for row in rows.filter(pl.col("kind") == "file").iter_rows(named=True)}
    known = _indexed(stores)
    for name, (table, file) in sorted(stores.files().items()):
        wrong = _wrong_away(stores, name, told.get(name)) if stores.is_away(file) else _wrong(file, told.get(name))
        if wrong:
            yield Fault(path=file.path, what=wrong)
        elif name not in known and not stores.is_away(file) and _observed(file, table, name):
            yield Fault(path=file.path, what="the index knows nothing of it: pivots miss its records; `bartizan lake maintain --reindex`")
    yield from _unbalanced(rows)


def _wrong(file: DataFile, told: dict[str, object] | None) -> str:
    path = Path(file.path)
    if not path.exists():
        return "is missing: bring it back from a backup"
    if told is None:
        return "the ledger does not have it: its batch was cut off; append that again"
    if path.stat().st_size != told["bytes"] or digest_of(path) != told["sha256"]:
        return "is not as it was written: bring it back from a backup"
    return ""


def _wrong_away(stores: Stores, name: str, told: dict[str, object] | None) -> str:
    """Say what is wrong with a file that is kept elsewhere, where it is."""
    store = stores.store
    found = None if store is None else store.digest(name)
    if found is None:
        return "is not where old files are kept: bring it back from a backup"
    if told is None:
        return "the ledger does not have it: its batch was cut off; append that again"
    return (
        ""
        if found == (told["bytes"], told["sha256"])
        else f"is not as it was written in {store and store.place.url}: bring it back from a backup"
    )


def _indexed(stores: Stores) -> frozenset[str]:
    broken = unreadable(stores)
    files = [file.path for file in stores.index.files()[1] if file.path not in broken]
    return frozenset(pl.scan_parquet(files).select(pl.col("path").unique()).collect()["path"]) if files else frozenset()


def _observed(file: DataFile, table: str, name: str) -> bool:
    rows = pl.read_parquet(file.path, columns=["time", "observables"], hive_partitioning=False)
    return entries_of(rows, table, name).height > 0


def _unbalanced(rows: pl.DataFrame) -> Iterator[Fault]:
    accounts = rows.filter(pl.col("kind") == "account")
    wrong = accounts.filter(pl.col("read") != pl.col("stored") + pl.col("unparsed") + pl.col("duplicate"))
    for row in wrong.iter_rows(named=True):
        yield Fault(path=f"{row['source']} {row['batch_id']}", what=f"{row['read']} records read are not what became of them")
