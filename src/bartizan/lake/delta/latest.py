"""Return the newest records of a table: first where they are, from the newest files on, then only those rows in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.lake.contract import Answer
from bartizan.lake.delta.places import Place, rows_at
from bartizan.lake.delta.snapshots import table_files
from bartizan.lake.delta.tiering import bring_back
from bartizan.lake.relations import scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["latest"]


def latest(stores: Stores, table: str, count: int, columns: Sequence[str] = ()) -> Answer:
    """Return the last ``count`` records by time, newest first; ``columns`` are dotted names, () every column of the table."""
    log = stores.table(table)
    version, files = stores.files_of(table)
    names = tuple(columns) or tuple(log.columns())
    chosen = list(_newest(files, count))
    if not chosen:
        return Answer(columns=names, rows=[])
    bring_back(stores, chosen)
    source = scan(table_files(stores, table, version, chosen))
    asked = (
        f"SELECT filename, file_row_number, time FROM {source} ORDER BY time DESC NULLS LAST, filename, file_row_number LIMIT {int(count)}"  # noqa: S608 - paths are quoted
    )
    with stores.engine() as engine:
        places = [Place(*row) for row in engine.execute(asked).fetchall()]
        return Answer(columns=names, rows=rows_at(stores, engine, table, places, names))


def _newest(files: Sequence[DataFile], count: int) -> Iterator[DataFile]:
    """Yield files, newest first, until no other can have one of the newest records."""
    rows, oldest = 0, None
    for file in sorted(files, key=lambda one: -one.last):
        if rows >= count and oldest is not None and file.last < oldest:
            return
        # All records of the files so far are at least this old; other files matter only where they reach beyond it.
        oldest = file.first if oldest is None else min(oldest, file.first)
        rows += file.rows
        yield file
