"""When an event was recorded, where the exporter spreads that over several fields."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, Absent, Cell, Column, Frame
from bartizan.schema.time import clock, nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

__all__ = ["COLLECTED_PLACES", "EXACT", "collected"]

EXACT: Final = ("TimeCreated", "SystemTime", "UtcTime", "TimeGenerated")
"""Fields in UTC, the best first: when the record was created, else what it says of itself."""
COLLECTED_PLACES: Final = (*EXACT, "EventTime", "EventReceivedTime", "@timestamp")
_QUARTER: Final = 15 * 60 * 1_000_000_000
"""Zones differ from UTC by quarters of an hour."""
_ELSEWHERE: Final = timezone(timedelta(hours=1))
_HOUR: Final = len("2026-03-02 09")


def collected(columns: Mapping[str, Column], height: int, zone: tzinfo) -> Column:
    """Return the time each record was created, as text in UTC or as nanoseconds.

    NXLog writes ``EventTime`` by the collector's clock and tells no zone. It also writes when it passed the record on, by
    the same clock, and what takes it from there stamps it in UTC at about that moment: the two give the zone away.
    """
    for name in EXACT:
        column = columns.get(name)
        if column is not None and ABSENT not in column.values and None not in column.values:
            return column
    frame = Frame(height, columns)
    exact = [frame.column(name).cells() for name in EXACT]
    readings = [_reading(value, zone) for value in frame.column("EventTime").values]
    passed, stamped = frame.column("EventReceivedTime").cells(), frame.column("@timestamp").cells()
    offsets: dict[tuple[object, object], int | None] = {}
    cells: list[Cell] = []
    for row, code in enumerate(frame.column("EventTime").codes):
        cell = next((column[row] for column in exact if isinstance(column[row], str)), ABSENT)
        if cell is ABSENT:
            reading = readings[code]
            offset = None if reading.fixed else _offset(offsets, passed[row], stamped[row])
            cell = reading.here if offset is None else reading.utc + offset
        cells.append(stamped[row] if cell is ABSENT else cell)
    return _encoded(cells)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A clock read as if in UTC and in the zone given; ``fixed`` where it tells its own zone, or nothing."""

    utc: int
    here: int | Absent
    fixed: bool


def _reading(cell: Cell, zone: tzinfo) -> _Reading:
    utc, elsewhere, here = clock(cell, UTC), clock(cell, _ELSEWHERE), clock(cell, zone)
    return _Reading(utc if isinstance(utc, int) else 0, here, utc == elsewhere)


def _offset(known: dict[tuple[object, object], int | None], passed: Cell, stamped: Cell) -> int | None:
    """Return how far the collector's clock is behind UTC; the same for all records of an hour."""
    if not isinstance(passed, str) or not isinstance(stamped, str):
        return None
    key = (passed[:_HOUR], stamped[:_HOUR])
    if key not in known:
        here, there = nanoseconds(passed), nanoseconds(stamped)
        known[key] = round((there - here) / _QUARTER) * _QUARTER if isinstance(here, int) and isinstance(there, int) else None
    return known[key]


def _encoded(cells: list[Cell]) -> Column:
    """Encode texts, whole numbers and absences; none of them are lists or equal to one another."""
    seen: dict[Cell, int] = {}
    codes = array("i", [seen.setdefault(cell, len(seen)) for cell in cells])
    return Column(codes, list(seen))
