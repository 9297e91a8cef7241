"""Tell what is in a lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from bartizan.lake.contract import Account, Status, TableStatus
from bartizan.lake.delta.holding import holds

if TYPE_CHECKING:
    from bartizan.lake.delta.stores import Stores

__all__ = ["status"]


def status(stores: Stores) -> Status:
    """Return tables, sizes, the balance by source and the holds in force."""
    index, rows = stores.index.files()[1], stores.ledger.rows()
    accounts = rows.filter(pl.col("kind") == "account")
    summed = accounts.group_by("source").agg(pl.col("read", "stored", "unparsed", "duplicate").sum()).sort("source")
    return Status(
        tables=tuple(_table(stores, name) for name in stores.names()),
        entries=sum(file.rows for file in index),
        index_bytes=sum(file.bytes for file in index),
        ledger=rows.height,
        balance=tuple(Account(**row) for row in summed.iter_rows(named=True)),
        holds=tuple((one.name, one.reason) for one in holds(stores)),
    )


def _table(stores: Stores, name: str) -> TableStatus:
    version, files = stores.files_of(name)
    days = sorted(file.day for file in files)
    return TableStatus(
        name=name,
        version=version,
        files=len(files),
        rows=sum(file.rows for file in files),
        bytes=sum(file.bytes for file in files),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        away=sum(map(stores.is_away, files)),
    )
