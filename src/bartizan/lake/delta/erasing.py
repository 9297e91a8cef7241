"""Erase what a lake holds of a person, and keep a record that it was done which does not hold it again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl

from bartizan.errors import UsageError
from bartizan.lake.delta.holding import held_by, holds
from bartizan.lake.delta.ledger import Item
from bartizan.lake.delta.merging import merge_index
from bartizan.lake.delta.reading import read_files
from bartizan.lake.delta.snapshots import table_files
from bartizan.lake.delta.tiering import bring_back, forget_away, thaw
from bartizan.lake.delta.upkeep import alone, replace_files
from bartizan.lake.relations import scan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["Erased", "erase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure did. ``values`` are SHA-256 of what was asked for, in lower case: who knows a value can check it."""

    values: tuple[str, ...]
    reason: str
    by: str
    records: int
    files: int


def erase(stores: Stores, values: Sequence[str], *, reason: str, by: str) -> Erased:
    """Take every record out that holds one of these texts anywhere, in whichever case, and delete the files it was in.

    Files under a legal hold are not touched: where one of them holds such a record nothing is erased and UsageError says which.
    """
    wanted = sorted({value.lower() for value in values if value.strip()})
    if not wanted:
        message = "nothing to erase: name a value, such as an account or an address"
        raise UsageError(message)
    with alone(stores):
        found = [(table, file, rows) for table in stores.names() for file, rows in _holding(stores, table, wanted)]
        _refuse_held(stores, found)
        for table, one, rows in found:
            [file] = thaw(stores, table, [one])
            kept = read_files(stores, table, [file]).with_row_index("_row").filter(~pl.col("_row").is_in(rows)).drop("_row")
            replace_files(stores, table, [file], kept, "erased")
        _unlink_removed(stores)
        forget_away(stores)
        merge_index(stores, forget=frozenset(wanted))
        told = Erased(
            values=tuple(sha256(value.encode()).hexdigest() for value in wanted),
            reason=reason,
            by=by,
            records=sum(len(rows) for _table, _file, rows in found),
            files=len(found),
        )
        item = Item(kind="erasure", rows=told.records, detail=json.dumps(asdict(told)))
        stores.ledger.add([item], now=stores.now(), day=stores.today())
    return told


def _holding(stores: Stores, table: str, wanted: Sequence[str]) -> list[tuple[DataFile, list[int]]]:
    """Return the files that hold such records, and which of their rows those are."""
    version, files = stores.files_of(table)
    if not files:
        return []
    bring_back(stores, files)
    spelled = sorted({text for value in wanted for text in _spellings(value)})
    marks = " OR ".join(f"contains(lower(records::VARCHAR), $v{number})" for number in range(len(spelled)))
    source = scan(table_files(stores, table, version, files))
    asked = f"SELECT filename, file_row_number FROM (SELECT *, filename, file_row_number FROM {source}) AS records WHERE {marks}"  # noqa: S608 - every part is quoted
    with stores.engine() as connection:
        rows = connection.execute(asked, {f"v{number}": value for number, value in enumerate(spelled)}).fetchall()
    by_path: dict[str, list[int]] = {}
    for path, row in rows:
        by_path.setdefault(path, []).append(row)
    return [(file, by_path[file.path]) for file in files if file.path in by_path]


def _spellings(value: str) -> set[str]:
    """Return a value as it stands in text, in JSON, and in both as the engine shows them within an object."""
    found = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return found | {text.replace("\\", "\\\\").replace("'", "\\'") for text in found}


def _refuse_held(stores: Stores, found: Sequence[tuple[str, DataFile, list[int]]]) -> None:
    there = holds(stores)
    for table, file, rows in found:
        names = held_by(there, table, file)
        if names:
            message = (
                f"{stores.relative(file.path)}: holds {len(rows)} such records and is under the legal hold '{names[0]}': release it first"
            )
            raise UsageError(message)


def _unlink_removed(stores: Stores) -> None:
    """Delete every file that was in a table here and is in none any more, at once: what was compacted lately may hold the records too."""
    active = {stores.relative(file.path) for table in stores.names() for file in stores.table(table).files()[1]}
    for name in stores.ledger.rows().filter(pl.col("kind").is_in(["file", "removal"]))["path"].unique():
        if name not in active:
            (stores.root / name).unlink(missing_ok=True)
