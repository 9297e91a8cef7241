"""Compute which kinds of record each host gave in each hour, so that silence is not taken for innocence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.investigate.tables import members, reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.investigate.naming import Names
    from bartizan.investigate.places import Place

__all__ = ["ASKED", "HOUR", "Blind", "Coverage", "coverage_of"]

HOUR: Final = 3_600_000
"""Milliseconds."""
_NANO: Final = 1_000_000
ASKED: Final[Mapping[str, str]] = {
    "process_activity": "which programs ran",
    "authentication": "who logged on",
    "network_activity": "what it connected to",
    "file_activity": "which files were written or read",
}
"""Tables of records that a question about a host needs, and the question."""


@dataclass(frozen=True, slots=True, order=True)
class Blind:
    """What cannot be told of a host: ``since`` to ``until`` (nanoseconds UTC) it gave no record of a kind."""

    host: str
    table: str
    since: int
    until: int
    why: str

    @property
    def question(self) -> str:
        """Return what cannot be told."""
        return ASKED[self.table]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The hours (numbers since 1970) in which a host gave records, by host and table."""

    hours: Mapping[tuple[str, str], frozenset[int]]

    def seen(self, host: str) -> tuple[int, int] | None:
        """Return the first and the last hour of which a host has any record, None where it has none."""
        hours = [hour for (name, _), held in self.hours.items() if name == host for hour in held]
        return (min(hours), max(hours)) if hours else None

    def blind(self, host: str, since: int, until: int) -> Iterator[Blind]:
        """Yield what cannot be told of a host in a stretch of time, by table: whole hours without a record."""
        wanted = range(since // _NANO // HOUR, until // _NANO // HOUR + 1)
        for table in ASKED:
            held = self.hours.get((host, table), frozenset())
            missing = [hour for hour in wanted if hour not in held]
            if len(missing) == len(wanted):
                why = "no such record of it at all" if not held else "no such record of it in this time"
                yield Blind(host, table, since, until, why)
                continue
            for first, last in _runs(missing):
                # An hour without a logon is no gap; half a day without a program that started is one.
                if last - first + 1 >= _LONG:
                    yield Blind(host, table, first * HOUR * _NANO, (last + 1) * HOUR * _NANO, "no such record of it in these hours")


_LONG: Final = 6
"""Hours without a record that are told as a gap: a quarter of a day."""


def _runs(hours: list[int]) -> Iterator[tuple[int, int]]:
    start = previous = None
    for hour in hours:
        if start is None or previous is None or hour != previous + 1:
            if start is not None and previous is not None:
                yield start, previous
            start = hour
        previous = hour
    if start is not None and previous is not None:
        yield start, previous


def coverage_of(place: Place, names: Names, tables: Sequence[str] = tuple(ASKED)) -> Coverage:
    """Return what a place holds of each host: that which a record names, else that after which its log's folder is called."""
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for table in tables:
        for path in place.tables.get(table, ()):
            for host, source, hour in _hours(path):
                name = names.host(host.lower()) if host else names.folder_host(source or "")
                if name:
                    found[name, table].add(hour)
    return Coverage({key: frozenset(hours) for key, hours in found.items()})


def _hours(path: Path) -> list[tuple[str, str, int]]:
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    with reading(path) as rows:
        schema = rows.collect_schema()
        host, source = (
            (pl.col(column).struct.field(name) if name in members(schema, column) else pl.lit(None, pl.String)).alias(name)
            for column, name in (("device", "hostname"), ("metadata", "log_source"))
        )
        hour = (pl.col("time") // HOUR).alias("hour")
        return rows.select(host, source, hour).unique().collect().rows()
