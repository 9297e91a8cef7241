"""Take some rows of a frame: records of one file that go different routes."""

from __future__ import annotations

from array import array
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import Column, Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

__all__ = ["select"]

_SHORT: Final = 8
"""Rows in a run below which copying run by run is slower than picking rows one by one (measured: even at about 6)."""


def select(columns: Mapping[str, Column], rows: Sequence[int], wanted: Container[str] | None = None) -> Frame:
    """Return the frame of the named rows, in the order given, of the ``wanted`` columns (None: all).

    ``Frame.take`` for many columns: what is the same for every column, finding runs of neighbouring rows, is done once.
    """
    kept = {name: column for name, column in columns.items() if wanted is None or name in wanted}
    take = _taker(rows)
    taken: dict[int, array[int]] = {}
    frame: dict[str, Column] = {}
    for name, column in kept.items():
        codes = taken.get(id(column.codes))
        if codes is None:
            codes = taken[id(column.codes)] = take(column.codes)
        frame[name] = Column(codes, column.values)
    return Frame(len(rows), frame)


def _taker(rows: Sequence[int]) -> Callable[[array[int]], array[int]]:
    starts = [at for at, (row, before) in enumerate(zip(rows, (-2, *rows), strict=False)) if row != before + 1]
    runs = [(rows[start], rows[end - 1] + 1) for start, end in zip(starts, [*starts[1:], len(rows)], strict=False)]
    if len(runs) * _SHORT <= len(rows):
        return lambda codes: _slices(codes, runs)
    if len(rows) == 1:
        return lambda codes: array("i", [codes[rows[0]]])
    pick = itemgetter(*rows) if rows else lambda _codes: ()
    return lambda codes: array("i", pick(codes))


def _slices(codes: array[int], runs: Sequence[tuple[int, int]]) -> array[int]:
    found = array("i")
    for start, end in runs:
        found += codes[start:end]
    return found
