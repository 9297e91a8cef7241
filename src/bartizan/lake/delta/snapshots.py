"""Choose the files that hold the records asked for: by table, by time, by the observables in them, as they were at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.errors import UsageError
from bartizan.lake.contract import Snapshot, TableFiles
from bartizan.lake.delta.index import look_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["Wanted", "check_tables", "snapshot", "table_files"]

_MILLI = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a snapshot is to hold; times in nanoseconds, ``end`` not included."""

    tables: Sequence[str] = ()
    start: int | None = None
    end: int | None = None
    having: Sequence[str] = ()
    as_of: int | None = None


def snapshot(stores: Stores, wanted: Wanted) -> Snapshot:
    """Return the files that may hold what is wanted."""
    names = stores.names()
    check_tables(stores, wanted.tables)
    holding = _holding(stores, wanted.having) if wanted.having else None
    found = []
    for name in names:
        if wanted.tables and name not in wanted.tables:
            continue
        version, files = stores.files_of(name, wanted.as_of)
        kept = tuple(file for file in files if _within(file, wanted) and (holding is None or stores.relative(file.path) in holding))
        if wanted.as_of is not None:
            _refuse_gone([file for file in kept if not stores.is_away(file)])
        found.append(table_files(stores, name, version, kept))
    return Snapshot(root=str(stores.root), tables=tuple(found), start=wanted.start, end=wanted.end)


def table_files(stores: Stores, table: str, version: int, files: Sequence[DataFile]) -> TableFiles:
    """Return files of a table with all that is needed to read them."""
    schema = stores.table(table).columns()
    if stores.uniform(table, files):
        return TableFiles(table=table, version=version, schema=schema, files=tuple(files))
    shape = stores.shape(table)
    return TableFiles(
        table=table, version=version, schema=schema, files=tuple(files), uniform=False, shape=str(shape) if shape.exists() else ""
    )


def check_tables(stores: Stores, tables: Sequence[str]) -> None:
    """Refuse a table that neither is there nor could be."""
    known = {*stores.names(), *stores.declared}
    unknown = [name for name in tables if name not in known]
    if unknown:
        message = f"{unknown[0]}: the lake has no such table; there are {', '.join(stores.names()) or 'none yet'}"
        raise UsageError(message)


def _refuse_gone(files: Sequence[DataFile]) -> None:
    """Refuse to go back to where files are that maintenance has deleted since."""
    gone = sum(not Path(file.path).exists() for file in files)
    if gone:
        message = f"{gone} of {len(files)} files that the lake had then were deleted since by its maintenance: ask for a later time"
        raise UsageError(message)


def _holding(stores: Stores, values: Sequence[str]) -> frozenset[str]:
    with stores.engine() as connection:
        return frozenset(one.path for one in look_up(stores.index, connection, values, stores.files()))


def _within(file: DataFile, wanted: Wanted) -> bool:
    """Say whether a file may hold records of the time wanted."""
    late = wanted.end is not None and file.first * _MILLI >= wanted.end
    early = wanted.start is not None and file.last * _MILLI + _MILLI <= wanted.start
    return not late and not early
