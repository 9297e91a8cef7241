"""Read single rows in full, once it is known where they are: nothing else of their files is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bartizan.lake.delta.snapshots import table_files
from bartizan.lake.relations import column, scan

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from bartizan.lake.delta.stores import Stores

__all__ = ["Place", "rows_at"]


class Place(NamedTuple):
    """A row of a file, counted from 0, and its time (epoch milliseconds), by which the file is sorted."""

    path: str
    row: int
    time: int | None


def rows_at(
    stores: Stores, engine: duckdb.DuckDBPyConnection, table: str, places: Sequence[Place], names: Sequence[str]
) -> list[tuple[object, ...]]:
    """Return the columns (dotted names) of some rows of a table, in the order of the places."""
    if not places:
        return []
    version, files = stores.files_of(table)
    paths = {place.path for place in places}
    source = scan(table_files(stores, table, version, [file for file in files if file.path in paths]))
    wanted = ", ".join(map(column, names))
    asked = f"SELECT filename, file_row_number, {wanted} FROM {source} WHERE {_near(places)}"  # noqa: S608 - names are quoted, the rest are numbers
    found = {(path, row): tuple(cells) for path, row, *cells in engine.execute(asked).fetchall()}
    return [found[place.path, place.row] for place in places]


def _near(places: Sequence[Place]) -> str:
    """Say where rows are, by time too: with it all but a few row groups are passed over."""
    numbers = ", ".join(str(row) for row in sorted({place.row for place in places}))
    times = {place.time for place in places}
    told = ", ".join(str(time) for time in sorted(time for time in times if time is not None))
    return f"file_row_number IN ({numbers})" + ("" if None in times else f" AND time IN ({told})")
