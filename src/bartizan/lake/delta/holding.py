"""Hold what a court or an investigation needs: files that no policy and no erasure takes away until the hold is released."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from bartizan.errors import UsageError
from bartizan.lake.delta.ledger import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["Hold", "held_by", "hold", "holds", "release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold: tables (() all) and days of event time, YYYYMMDD, both included ("" without end)."""

    name: str
    reason: str
    by: str
    tables: tuple[str, ...] = ()
    first: str = ""
    last: str = ""


def hold(stores: Stores, held: Hold) -> None:
    """Begin a hold. Raises UsageError where one of that name is in force."""
    if held.name in {one.name for one in holds(stores)}:
        message = f"{held.name}: a hold of this name is in force: choose another name, or release it first"
        raise UsageError(message)
    _write(stores, Item(kind="hold", batch_id=held.name, detail=json.dumps(asdict(held))))


def release(stores: Stores, name: str, *, reason: str, by: str) -> None:
    """End a hold."""
    there = [one.name for one in holds(stores)]
    if name not in there:
        message = f"{name}: no hold of this name is in force; there are {', '.join(there) or 'none'}"
        raise UsageError(message)
    _write(stores, Item(kind="release", batch_id=name, detail=json.dumps({"name": name, "reason": reason, "by": by})))


def holds(stores: Stores) -> list[Hold]:
    """Return the holds that are in force, oldest first."""
    found: dict[str, Hold] = {}
    for row in stores.ledger.rows().filter(pl.col("kind").is_in(["hold", "release"])).iter_rows(named=True):
        if row["kind"] == "release":
            found.pop(row["batch_id"], None)
        else:
            told = json.loads(row["detail"])
            found[row["batch_id"]] = Hold(**(told | {"tables": tuple(told["tables"])}))
    return list(found.values())


def held_by(there: Sequence[Hold], table: str, file: DataFile) -> list[str]:
    """Return the names of those holds that a file is under."""
    return [
        one.name
        for one in there
        if (not one.tables or table in one.tables) and one.first <= file.day and (not one.last or file.day <= one.last)
    ]


def _write(stores: Stores, item: Item) -> None:
    stores.ledger.add([item], now=stores.now(), day=stores.today())
