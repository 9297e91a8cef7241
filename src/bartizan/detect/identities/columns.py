"""Find what the records of a batch tie together: each distinct cell read once, then gathered by code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from bartizan.detect.identities.contract import HOUR, Scope, Side, Tie
from bartizan.detect.identities.forms import reader
from bartizan.detect.identities.places import SCOPES, SOURCE, paths_at
from bartizan.detect.identities.table import TIES
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.stamps import ABSENT_CLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bartizan.schema.columns import Column, Frame

    _Ints = NDArray[np.int64]

__all__ = ["KEYS", "NEEDED", "Names", "seen_in"]

KEYS: Final = ("tie", "left", "right", "scope", "source", "hour")
"""What the rows of ``seen_in`` are distinct by; the others are ``first, last, closed, expires, count, record_id``."""
_NONE: Final = -(1 << 62)
"""No time; out of reach of any calendar."""
_LONGEST: Final = 1 << 32
"""Seconds; nothing is given for longer."""
_FLAG: Final = "unmapped.time_flag"
_STANDING: Final = ("class_uid", "activity_id", "time", "metadata.uid", SOURCE, _FLAG)
NEEDED: Final = frozenset(
    {
        *_STANDING,
        *(path for tie in TIES for side in (tie.left, tie.right) for place in tie.places for path in paths_at(side, place)),
        *(path for choices in SCOPES.values() for _, side in choices for path in side.paths),
        *(tie.lasts for tie in TIES if tie.lasts),
        *(path for tie in TIES for path, _ in tie.asks),
    }
)
"""The attributes that are read."""


class Names:
    """Numbers for texts, so that what is compared is numbers; 0 is no text."""

    def __init__(self) -> None:
        """Begin without a text."""
        self.texts = [""]
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        """Return the number of a text, a new one where it has none."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return found


class _Told(NamedTuple):
    """The identities that a side finds: ``ids[i]`` in row ``rows[i]``, rows ascending."""

    rows: _Ints
    ids: _Ints


def seen_in(frames: Sequence[Frame], names: Names) -> pl.DataFrame | None:
    """Return what completed records tie together, once for each pair and hour; None where they tie nothing."""
    batch = _Batch(frames, names)
    found = [rows.with_columns(tie=pl.lit(number, pl.UInt16)) for number, tie in enumerate(TIES) if (rows := batch.seen(tie)) is not None]
    if not found:
        return None
    rows = pl.concat(found)
    clocks = pl.col("first", "last", "closed", "expires").replace(_NONE, None)
    return rows.with_columns(clocks, record_id=batch.record_ids(rows["row"])).drop("row")


class _Batch:
    """The rows of some frames, one behind the other, in the order of their times; those without one come last."""

    def __init__(self, frames: Sequence[Frame], names: Names) -> None:
        self._frames = frames
        self._names = names
        self._sides: dict[tuple[Side, str], _Told] = {}
        self._scopes: dict[Scope, _Ints] = {}
        self._columns: dict[str, list[tuple[int, Column]]] = {}
        start = 0
        for frame in frames:
            for name, column in frame.columns.items():
                self._columns.setdefault(name, []).append((start, column))
            start += frame.height
        self._order: _Ints = np.arange(start)
        self._times = self._clock()
        self._order = np.argsort(np.where(self._times == _NONE, -_NONE, self._times), kind="stable")
        self._times = self._times[self._order]
        self._kinds = {path: self._numbers(path) for path in ("class_uid", "activity_id")}
        self._source = self._sources()

    def seen(self, tie: Tie) -> pl.DataFrame | None:
        """Return what a tie finds, once for each pair and hour, with the first row that says it; None where it finds nothing."""
        parts = [part for place in tie.places if (part := self._pairs(tie, place)) is not None]
        if not parts:
            return None
        rows, left, right = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        scope = self._scope(tie.scope)[rows]
        good = (left != right) & (scope != 0 if SCOPES[tie.scope] else True) & self._told_by(tie, rows)
        rows, left, right, scope = rows[good], left[good], right[good], scope[good]
        if not len(rows):
            return None
        times = self._times[rows]
        frame = pl.DataFrame(
            {
                "left": left,
                "right": right,
                "scope": scope,
                "source": self._source[rows],
                "hour": np.where(times == _NONE, -1, times // HOUR if tie.passes_on else 0),
                "row": rows,
                "time": times,
                "closed": self._closings(tie, rows),
                "expires": self._expiries(tie, rows),
            }
        )
        if len(parts) > 1:
            frame = frame.unique(("left", "right", "row"), keep="first").sort("row")
        return frame.group_by(KEYS[1:]).agg(
            row=pl.col("row").first(),
            first=pl.col("time").first(),
            last=pl.col("time").last(),
            closed=pl.col("closed").max(),
            expires=pl.col("expires").max(),
            count=pl.len().cast(pl.Int64),
        )

    def record_ids(self, rows: pl.Series) -> pl.Series:
        """Return the ids of some rows."""
        cells = [cell for frame in self._frames for cell in frame.column("metadata.uid").cells()]
        return pl.Series([str(cells[at]) for at in self._order[rows.to_numpy()].tolist()], dtype=pl.String)

    def _pairs(self, tie: Tie, place: str) -> tuple[_Ints, _Ints, _Ints] | None:
        """Return rows, left and right identities that a tie finds in a place, whatever their scope."""
        left = self._side(tie.left, place)
        if not len(left.rows):
            return None
        right = self._full(tie.right, place)[left.rows]
        there = right != 0
        return (left.rows[there], left.ids[there], right[there]) if there.any() else None

    def _told_by(self, tie: Tie, rows: _Ints) -> NDArray[np.bool_]:
        good = np.ones(len(rows), dtype=np.bool_)
        if tie.classes:
            good &= np.isin(self._kinds["class_uid"][rows], sorted(tie.classes))
        for path, numbers in tie.asks:
            found = self._numbers(path)[rows]
            good &= np.isin(found, sorted(numbers)) if numbers else found >= 0
        return good

    def _closings(self, tie: Tie, rows: _Ints) -> _Ints:
        """Return the times of records that end what they say, ``_NONE`` for all others."""
        closing = np.zeros(len(rows), dtype=np.bool_)
        for uid, activity in tie.closed_by:
            closing |= (self._kinds["class_uid"][rows] == uid) & (self._kinds["activity_id"][rows] == activity)
        return np.where(closing, self._times[rows], _NONE)

    def _expiries(self, tie: Tie, rows: _Ints) -> _Ints:
        if not tie.lasts:
            return np.full(len(rows), _NONE)
        lasts, times = self._numbers(tie.lasts)[rows], self._times[rows]
        return np.where((lasts > 0) & (lasts < _LONGEST) & (times != _NONE), times + lasts * 1000, _NONE)

    def _scope(self, scope: Scope) -> _Ints:
        found = self._scopes.get(scope)
        if found is None:
            found = np.zeros(len(self._order), dtype=np.int64)
            for word, side in SCOPES[scope]:
                if not found.all():
                    found = np.where(found == 0, self._full(side, "", prefix=f"{word}:"), found)
            self._scopes[scope] = found
        return found

    def _full(self, side: Side, place: str, *, prefix: str = "") -> _Ints:
        """Return the first identity that a side finds in each row, 0 where there is none."""
        told = self._side(side, place, prefix=prefix)
        found = np.zeros(len(self._order), dtype=np.int64)
        # Backwards: of several in one row the first is written last, and stays.
        found[told.rows[::-1]] = told.ids[::-1]
        return found

    def _side(self, side: Side, place: str, *, prefix: str = "") -> _Told:
        key = Side(side.kind, paths_at(side, place)), prefix
        found = self._sides.get(key)
        if found is None:
            found = self._sides[key] = self._read(*key)
        return found

    def _read(self, side: Side, prefix: str) -> _Told:
        if side.paths[0] not in self._columns:
            return _Told(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        codes, distinct = _combined([self._codes(path) for path in side.paths])
        read, number = reader(side.kind), self._names.number
        ids = [[number(prefix + text) for text in read(cells)] for cells in distinct]
        counts = np.array([len(some) for some in ids], dtype=np.int64)
        flat = np.array([number for some in ids for number in some], dtype=np.int64)
        lengths = counts[codes]
        rows = np.repeat(np.arange(len(codes)), lengths)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return _Told(rows, flat[(np.cumsum(counts) - counts)[codes[rows]] + within] if len(flat) else rows)

    def _codes(self, path: str) -> tuple[_Ints, list[Cell]]:
        """Return the distinct cells of an attribute, behind ABSENT, and which of them each row has."""
        values: list[Cell] = [ABSENT]
        codes = np.zeros(len(self._order), dtype=np.int64)
        for start, column in self._columns.get(path, ()):
            codes[start : start + len(column)] = _coded(column, values)
        return codes[self._order], values

    def _numbers(self, path: str) -> _Ints:
        """Return an attribute that is a number in each row, -1 where it is none."""
        codes, values = self._codes(path)
        return np.array([cell if type(cell) is int and 0 <= cell < -_NONE else -1 for cell in values], dtype=np.int64)[codes]

    def _sources(self) -> _Ints:
        """Return the name of the source of each row."""
        codes, values = self._codes(SOURCE)
        return np.array([self._names.number("" if cell is ABSENT else str(cell)) for cell in values], dtype=np.int64)[codes]

    def _clock(self) -> _Ints:
        """Return the time of each row, ``_NONE`` where the record tells none."""
        codes, values = self._codes("time")
        times = np.array([cell if type(cell) is int and -_NONE > cell > _NONE else _NONE for cell in values], dtype=np.int64)[codes]
        codes, flags = self._codes(_FLAG)
        absent = np.array([ABSENT_CLOCK in str(flag).split(", ") for flag in flags], dtype=np.bool_)[codes]
        return np.where(absent, _NONE, times)


def _coded(column: Column, values: list[Cell]) -> _Ints:
    """Return the codes of a column into ``values``, to which its own values are added."""
    codes, start = np.frombuffer(column.codes, dtype=np.int32).astype(np.int64), len(values)
    if len(column.values) <= len(column):
        values.extend(column.values)
        return codes + start
    used, places = np.unique(codes, return_inverse=True)
    values.extend([column.values[code] for code in used.tolist()])
    return places + start


def _combined(columns: Sequence[tuple[_Ints, list[Cell]]]) -> tuple[_Ints, list[tuple[Cell, ...]]]:
    """Return the distinct combinations of cells, and which of them each row has."""
    if len(columns) == 1:
        codes, values = columns[0]
        return codes, [(value,) for value in values]
    combined = np.zeros(len(columns[0][0]), dtype=np.int64)
    for codes, values in columns:
        combined = combined * len(values) + codes
    _, first, places = np.unique(combined, return_index=True, return_inverse=True)
    return places, [tuple(values[codes[row]] for codes, values in columns) for row in first.tolist()]
