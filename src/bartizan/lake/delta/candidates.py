"""Find the records that may be what is needed without reading them: first which files, by the index, then which rows, by single columns.

The index knows the values of every file; a file without any value that would do is not opened. Of the others only the columns
that are asked about are read, which are small where their values repeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.lake.delta.snapshots import table_files
from bartizan.lake.delta.tiering import bring_back, said_by
from bartizan.lake.needs import ALWAYS, NEVER, All, Has, Need, OneOf, Some, holds, matching, where
from bartizan.lake.relations import scan
from bartizan.schema.names import NULL_LIKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.lake.contract import DataFile, Snapshot, TableFiles
    from bartizan.lake.delta.stores import Stores
    from bartizan.lake.mapping import Rows
    from bartizan.lake.needs import Said

__all__ = ["Candidates", "candidates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Rows of a file that may be what is needed; None for all of them."""

    table: str
    file: DataFile
    rows: Rows | None


def candidates(stores: Stores, over: Snapshot, needs: Mapping[str, Need]) -> Iterator[Candidates]:
    """Yield, in the order of the snapshot, files with rows that may be what is needed; ``needs`` by table, none for one without."""
    for table in over.tables:
        need = needs.get(table.table, NEVER)
        if need == NEVER or not table.files:
            continue
        if need == ALWAYS:
            bring_back(stores, table.files)
            yield from (Candidates(table=table.table, file=file, rows=None) for file in table.files)
            continue
        said = {file.path: said_by(stores, file) for file in table.files}
        left = _not_ruled_out(stores, table, need, said)
        bring_back(stores, left)
        rows = _rows(stores, table, left, need, said)
        for file in left:
            found = rows.get(file.path, ())
            if found:
                yield Candidates(table=table.table, file=file, rows=tuple(found))


def _not_ruled_out(stores: Stores, table: TableFiles, need: Need, said: Mapping[str, Said]) -> list[DataFile]:
    """Return the files in which the index knows a value that would do, or of which it does not know enough."""
    asked = [one for one in dict.fromkeys(_leaves(need)) if _asks_index(one) and any(_known(file, one) for file in said.values())]
    index = [file.path for file in stores.index.files()[1]]
    if not asked or not index:
        return list(table.files)
    marks = ", ".join(f"bool_or({matching('value', one, lowered=True)})" for one in asked)
    query = f'SELECT path, {marks} FROM read_parquet($files) WHERE "table" = $table GROUP BY path'  # noqa: S608 - every part is quoted
    with stores.engine() as engine:
        rows = engine.execute(query, {"files": index, "table": table.table}).fetchall()
    seen = {path: frozenset(one for one, there in zip(asked, marks, strict=True) if there) for path, *marks in rows}
    left = []
    for file in table.files:
        values = seen.get(stores.relative(file.path), frozenset())
        absent = {one for one in asked if one not in values and _known(said[file.path], one)}
        if _possible(need, absent):
            left.append(file)
    return left


def _asks_index(one: Has) -> bool:
    """Say whether a value that would do is an observable: what names nothing is none."""
    return not any(holds(one, value) for value in NULL_LIKE)


def _known(said: Said, one: Has) -> bool:
    """Say whether a file's values of a column are all in the index."""
    return one.column in said.observed and said.tells(one.column)


def _leaves(need: Need) -> Iterator[Has]:
    if isinstance(need, Has):
        yield need
    elif isinstance(need, All | Some):
        for part in need.parts:
            yield from _leaves(part)


def _possible(need: Need, absent: set[Has]) -> bool:
    """Say whether a need may be met where some of it surely is not."""
    if isinstance(need, All):
        return all(_possible(part, absent) for part in need.parts)
    if isinstance(need, Some):
        return any(_possible(part, absent) for part in need.parts)
    return isinstance(need, OneOf) or need not in absent


def _rows(
    stores: Stores, table: TableFiles, files: Sequence[DataFile], need: Need, said: Mapping[str, Said]
) -> Mapping[str, Sequence[tuple[int, int | None]]]:
    """Return the rows of each file that may be what is needed, with their times."""
    alike: dict[str, list[DataFile]] = {}
    for file in files:
        alike.setdefault(where(need, said[file.path]), []).append(file)
    found: dict[str, list[tuple[int, int | None]]] = {}
    for condition, some in alike.items():
        source = scan(table_files(stores, table.table, table.version, some))
        asked = f"SELECT filename, file_row_number, time FROM {source} WHERE {condition} ORDER BY ALL"  # noqa: S608 - every part is quoted
        with stores.engine() as engine:
            for path, row, time in engine.execute(asked).fetchall():
                found.setdefault(path, []).append((row, time))
    return found
