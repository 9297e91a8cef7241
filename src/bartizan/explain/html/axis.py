"""Lay times out on a line whose long silences are cut out.

Evidence comes in bursts: an hour of activity, then weeks of nothing, or one clock that says 1601. On an even scale the bursts
would be a pixel wide each, so a silence that takes more than a sixth of the line is cut and marked, and what is left is to
scale within each stretch.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Axis", "Stretch", "Tick", "lay_out"]

_SECOND: Final = 1_000_000_000
_MOST_CUTS: Final = 6
_LONG: Final = 1 / 6
_GAP: Final = 26.0
"""Pixels that a cut takes."""
_NARROWEST: Final = 54.0
"""Pixels of the shortest stretch: enough for a time below it."""
_BETWEEN: Final = 96.0
"""Pixels between two labels, at least."""
_TIME: Final = 40.0
_DATE: Final = 74.0
"""Pixels that a time and a date take; what would run into the one before is left out."""
_CLOCK: Final = (1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200)
_DAYS: Final = (1, 2, 7, 14, 30, 91, 182, 365, 730, 3_650, 36_500)
_STEPS: Final = tuple(seconds * _SECOND for seconds in (*_CLOCK, *(86_400 * days for days in _DAYS)))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the line that is to scale: from one time at one pixel to another time at another pixel."""

    first: int
    last: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label below the line: a time, and a date where it is not that of the label before."""

    at: float
    time: str
    date: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Stretches from left to right."""

    stretches: tuple[Stretch, ...]

    def at(self, time: int) -> float:
        """Return the pixel of a time; a time in a cut or beyond the ends is at the nearest stretch."""
        number = max(0, bisect_right([one.first for one in self.stretches], time) - 1)
        stretch = self.stretches[number]
        if time >= stretch.last:
            return stretch.right
        share = (time - stretch.first) / max(1, stretch.last - stretch.first)
        return stretch.left + max(0.0, share) * (stretch.right - stretch.left)

    def ticks(self) -> tuple[Tick, ...]:
        """Return labels at round times, as many as there is room for, at least one per stretch."""
        found: list[Tick] = []
        before, dated_at = "", -_DATE
        for time in (time for stretch in self.stretches for time in _rounds(stretch)):
            date, _, clock = moment(time).partition(" ")
            at = self.at(time)
            if found and at - found[-1].at < _TIME:
                continue
            if ":" not in clock:
                found.append(Tick(at, moment(time), ""))
            elif date != before and at - dated_at >= _DATE:
                found.append(Tick(at, clock[:5], date))
                before, dated_at = date, at
            else:
                found.append(Tick(at, clock[:5], ""))
        return tuple(found)


def lay_out(spans: Iterable[tuple[int, int]], left: float, right: float) -> Axis:
    """Lay out spans of time, (first, last) in nanoseconds, between two pixels."""
    merged = _merged(sorted(spans)) or [(0, 0)]
    pieces = _cut(merged)
    room = right - left - _GAP * (len(pieces) - 1) - _NARROWEST * len(pieces)
    whole = sum(last - first for first, last in pieces)
    found: list[Stretch] = []
    at = left
    for first, last in pieces:
        share = (last - first) / whole if whole else 1 / len(pieces)
        width = _NARROWEST + max(0.0, room) * share
        found.append(Stretch(first, last, at, at + width))
        at += width + _GAP
    return Axis(tuple(found))


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in spans:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, max(first, last)))
    return found


def _cut(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans over their silences, but for the few longest that would take too much of the line."""
    gaps = sorted(((after[0] - before[1], number) for number, (before, after) in enumerate(itertools.pairwise(spans))), reverse=True)
    whole = spans[-1][1] - spans[0][0]
    cuts: set[int] = set()
    for length, number in gaps[:_MOST_CUTS]:
        if length > whole * _LONG:
            cuts.add(number)
            whole -= length
    pieces: list[tuple[int, int]] = []
    first = spans[0][0]
    for number, (_, last) in enumerate(spans):
        if number in cuts or number == len(spans) - 1:
            pieces.append((first, last))
            first = spans[number + 1][0] if number + 1 < len(spans) else first
    return pieces


def _rounds(stretch: Stretch) -> list[int]:
    """Return round times within a stretch; its start where there are none."""
    most = max(1, int((stretch.right - stretch.left) / _BETWEEN))
    step = next((one for one in _STEPS if (stretch.last - stretch.first) / one <= most), _STEPS[-1])
    first = -(-stretch.first // step) * step
    times = list(range(first, stretch.last + 1, step))[: most + 1]
    return times or [stretch.first]
