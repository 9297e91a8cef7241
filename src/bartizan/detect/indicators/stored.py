"""Look through stored records for indicators that came later: only their observables are read, each distinct one once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bartizan.detect.indicators.finding import RULES, IndicatorEncoder, by_finding, rule_place
from bartizan.detect.indicators.observed import kind_of, observed_in
from bartizan.detect.indicators.watch import Meeting, Quiet
from bartizan.errors import InputError
from bartizan.lake.opening import is_lake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from bartizan.detect.indicators.contract import Indicator
    from bartizan.detect.indicators.watch import Watch

__all__ = ["Looked", "Sighting", "look_through", "stored_files"]

_NO_RECORDS: Final = frozenset({"identities"})
"""Folders of what was made of records, not of records."""
_OURS: Final = "Bartizan"
_COLUMNS: Final = ("time", "metadata", "observables", "raw_data")
_MILLISECOND: Final = 1_000_000


class Sighting(NamedTuple):
    """A stored record that met indicators of one kind: ``time`` in nanoseconds UTC, ``row`` from 1 in ``path``, ``line`` its finding."""

    time: int
    record_id: str
    path: str
    row: int
    level: str
    meetings: tuple[Meeting, ...]
    line: bytes


class Looked(NamedTuple):
    """What one file gave: its records, the observables looked at, sightings, and what is held back."""

    path: str
    records: int
    observables: int
    sightings: tuple[Sighting, ...]
    quiet: tuple[Quiet, ...]


def stored_files(paths: Sequence[str], watch: Watch) -> list[Path]:
    """Return the Parquet files of records behind some paths: files, folders that ``hunt --out`` made, lakes.

    Of a lake it is the files in which its index knows a value that meets an indicator. InputError where a path holds none.
    """
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        if is_lake(path):
            from bartizan.detect.indicators.lakes import lake_files  # noqa: PLC0415 - needs the extra

            found.update(dict.fromkeys(lake_files(path, watch)))
            continue
        files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
        if not files:
            message = f"{path}: holds no Parquet files of records; name what `bartizan hunt --out` wrote"
            raise InputError(message)
        found.update(dict.fromkeys(file for file in files if file == path or _NO_RECORDS.isdisjoint(file.parts)))
    return list(found)


def look_through(watch: Watch, path: Path) -> Looked:
    """Look through one file. InputError where it is no Parquet file of records."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    try:
        scan = pl.scan_parquet(path)
        missing = [name for name in _COLUMNS[:3] if name not in scan.collect_schema()]
        if missing:
            message = f"{path}: holds no records: it has no column {', '.join(missing)}"
            raise InputError(message)
        frame = scan.select("time", "metadata", "observables").with_row_index("row").collect()
        others = frame.filter(_is_record(frame))
        seen = others.select("row", "observables").explode("observables").unnest("observables").drop_nulls("value")
        meetings = _meetings(watch, seen)
        rows = sorted({row for row, *_ in meetings})
        raw = scan.select("raw_data").with_row_index("row").filter(pl.col("row").is_in(rows)).collect() if rows else None
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"{path}: is no Parquet file of records: {' '.join(str(error).split())[:200]}"
        raise InputError(message) from error
    texts = {} if raw is None else dict(zip(raw["row"], raw["raw_data"], strict=True))
    told: list[Meeting] = []
    quiet: list[Quiet] = []
    times = {row: _nanoseconds(frame["time"][row]) for row in rows}
    for row, attribute, value, indicator in meetings:
        watch.judge(Meeting(row, attribute, value, indicator, 0.0), times[row], told, quiet)
    about = {row: frame["metadata"][row] for row in rows}
    sightings = tuple(_sightings(str(path), told, times, (about, texts)))
    return Looked(str(path), others.height, seen.height, sightings, tuple(sorted(quiet)))


def _is_record(frame: pl.DataFrame) -> pl.Expr:
    """Return what holds of rows that are records: findings of ours are made of records, and came from no log."""
    import polars as pl  # noqa: PLC0415 - as above

    metadata = pl.col("metadata").struct
    fields = {field.name for field in getattr(frame.schema["metadata"], "fields", ())}
    if not {"product", "log_provider"} <= fields:
        return pl.lit(value=True)
    ours = metadata.field("log_provider").is_null() & (metadata.field("product").struct.field("name") == _OURS)
    return ~ours.fill_null(value=False)


def _meetings(watch: Watch, seen: pl.DataFrame) -> list[tuple[int, str, str, Indicator]]:
    """Match distinct observables, and return every row that holds one that meets an indicator."""
    import polars as pl  # noqa: PLC0415 - as above

    distinct = seen.select("name", "type_id", "value").unique(maintain_order=True).with_row_index("at")
    observed = [
        (at, one)
        for at, name, type_id, value in distinct.iter_rows()
        if (kind := kind_of(name, type_id or 0)) is not None
        for one in observed_in(kind, value)
    ]
    met: dict[int, list[tuple[str, Indicator]]] = {}
    for place, indicators in watch.index.match([one for _, one in observed]).items():
        at, (_, value) = observed[place]
        met.setdefault(at, []).extend((value, one) for one in indicators)
    hit = distinct.filter(pl.col("at").is_in(list(met)))
    rows = seen.join(hit, on=["name", "type_id", "value"], how="inner", nulls_equal=True).select("row", "name", "at").sort("row", "at")
    return [(row, name, value, one) for row, name, at in rows.unique(maintain_order=True).iter_rows() for value, one in met[at]]


def _sightings(
    path: str, told: list[Meeting], times: dict[int, int], known: tuple[dict[int, dict[str, Any]], dict[int, str | None]]
) -> Iterator[Sighting]:
    about, texts = known
    for row, some in by_finding(told):
        rule = RULES[rule_place(some[0].indicator.kind, some[0].score)]
        metadata = about[row] or {}
        uid = str(metadata.get("uid") or "")
        record = {
            "record_id": uid,
            "time_ns": times[row],
            "path": str(metadata.get("log_source") or path),
            "record": row + 1,
            "offset": None,
            "raw": texts.get(row) or "",
        }
        encoder = IndicatorEncoder(rule, source=str(metadata.get("log_provider") or ""))
        yield Sighting(times[row], uid, path, row + 1, rule.level, tuple(some), encoder.encode(record, some, {}))


def _nanoseconds(time: object) -> int:
    """Return a stored time, which is in milliseconds, as a number or as a moment."""
    if isinstance(time, int):
        return time * _MILLISECOND
    stamp = getattr(time, "timestamp", None)
    return 0 if stamp is None else round(stamp() * 1000) * _MILLISECOND
