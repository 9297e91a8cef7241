"""Yield stored records that have to be judged together with their neighbours: the lines of one audit event.

They stand in several tables, and in whichever batches an engine makes; so the driver reads them itself, in the order of their
logs and times, and cuts only between moments: the lines of an event have its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.detect.stored.chunks import chunks_of, rows_of
from bartizan.detect.stored.contract import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.collect.chunk import Chunk
    from bartizan.detect.stored.chunks import Row, Sorter
    from bartizan.lake.contract import Snapshot

__all__ = ["neighbours"]

_ROWS: Final = 20_000


def neighbours(over: Snapshot, providers: Sequence[str], sorter: Sorter) -> Iterator[Chunk]:
    """Yield chunks of the records of some sources, log by log, in the order of time."""
    held: list[Row] = []
    for some in _batches(over, providers):
        held += some
        last = (held[-1].origin, held[-1].time)
        at = next((at for at in range(len(held) - 1, -1, -1) if (held[at].origin, held[at].time) != last), -1) + 1
        yield from _chunks(held[:at], sorter)
        held = held[at:]
    yield from _chunks(held, sorter)


def _chunks(rows: Sequence[Row], sorter: Sorter) -> Iterator[Chunk]:
    """Yield chunks of one log each; records of all tables are in one, or lines of one event could not know of each other.

    So in the balance they stand under the name of their source.
    """
    logs: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        logs.setdefault((row.provider, row.origin), []).append(row)
    for (provider, _), some in logs.items():
        yield from chunks_of((row._replace(table=provider) for row in some), sorter)


def _batches(over: Snapshot, providers: Sequence[str]) -> Iterator[list[Row]]:
    import duckdb  # noqa: PLC0415 - belongs to the extra

    from bartizan.lake.mapping import QUIET  # noqa: PLC0415 - as above
    from bartizan.lake.relations import column, quoted, scan  # noqa: PLC0415 - as above

    wanted = ", ".join(f"{column(name)} AS {quoted(name)}" for name in COLUMNS)
    tables = [table for table in over.tables if table.files and {"raw_data", "metadata"} <= set(table.schema)]
    parts = [f"SELECT {wanted} FROM {scan(table)} WHERE metadata.log_provider IN (SELECT unnest($names))" for table in tables]  # noqa: S608 - every part is quoted
    if not parts:
        return
    asked = f'{" UNION ALL ".join(parts)} ORDER BY "metadata.log_provider", "metadata.log_source", time, time_dt, raw_data'
    with duckdb.connect() as engine:
        engine.execute(QUIET)
        for batch in engine.sql(asked, params={"names": list(providers)}).to_arrow_reader(_ROWS):
            yield list(rows_of(batch))
