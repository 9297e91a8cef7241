"""Choose the files of a lake that can meet an indicator, by the index of its observables: the others are not opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.detect.indicators.contract import Kind
from bartizan.detect.indicators.observed import kind_of, observed_in
from bartizan.lake.layout import name_of
from bartizan.lake.opening import open_lake

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.detect.indicators.watch import Watch

__all__ = ["lake_files"]

_BY_NAME: Final = (Kind.JA3, Kind.JA4, Kind.DOMAIN)
"""Kinds that an observable can be because of its attribute, which the index does not have."""
_NO_RECORDS: Final = frozenset({"detection_finding"})


def lake_files(root: Path, watch: Watch) -> list[Path]:
    """Return the files of a lake with a value that meets an indicator; files elsewhere are brought back. In the order of their paths.

    The index has values in lower case, and a URL is met in its own case: a file with any URL is among them if URLs are looked for.
    """
    with open_lake(root) as lake:
        over = lake.listed()
        met = _met(watch, lake.observables())
        wanted = {one.path for one in lake.pivot(sorted(met))} if met else set()
        tables = [table for table in over.tables if table.table not in _NO_RECORDS]
        held = [replace(table, files=tuple(file for file in table.files if name_of(root, file.path) in wanted)) for table in tables]
        chosen = replace(over, tables=tuple(held))
        lake.fetch(chosen)
    return sorted(map(Path, chosen.paths))


def _met(watch: Watch, values: Sequence[tuple[int, str]]) -> set[str]:
    observed: list[tuple[Kind, str]] = []
    places: list[int] = []
    for place, (type_id, value) in enumerate(values):
        for kind in _kinds(type_id):
            for one in observed_in(kind, value):
                observed.append(one)
                places.append(place)
    met = {values[places[at]][1] for at in watch.index.match(observed)}
    if any(one.kind is Kind.URL for one in watch.read.indicators):
        met.update(value for type_id, value in values if kind_of("", type_id) is Kind.URL)
    return met


def _kinds(type_id: int) -> Iterable[Kind]:
    known = kind_of("", type_id)
    return _BY_NAME if known is None else {known, *_BY_NAME}
