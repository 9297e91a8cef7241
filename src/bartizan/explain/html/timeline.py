"""Draw findings over time: how many of which level, and below that a lane for each of the riskiest entities."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Final

from bartizan.explain.html.axis import Axis, Tick, lay_out
from bartizan.explain.risk import LEVELS, EntityRisk, level_of
from bartizan.explain.text import amount, duration, moment, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.detect.contract import Group

__all__ = ["Bar", "Cut", "Lane", "Timeline", "draw"]

_LANES: Final = 12
_LEFT: Final = 232.0
_RIGHT: Final = 1180.0
_COLUMN: Final = 8.0
"""Pixels of a column: fine enough for bursts, coarse enough to point at."""
_TOP: Final = 16.0
_TALL: Final = 96.0
"""Pixels of the histogram."""
_LANE: Final = 26.0
_MARK: Final = 18.0
"""Pixels of the tallest mark in a lane."""
_LABEL: Final = 34
"""Characters that fit before a lane."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with the level that colours it and the sentence that says what it stands for."""

    x: float
    y: float
    width: float
    height: float
    level: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of the chart: whose it is, where, and its marks."""

    label: str
    title: str
    y: float
    marks: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A silence that is left out: where, and how long it was."""

    x: float
    length: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything to draw, in pixels of the drawing."""

    height: float
    floor: float
    """Where the histogram stands."""
    left: float
    right: float
    bars: tuple[Bar, ...]
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    cuts: tuple[Cut, ...]
    peak: str


_Column = dict[str, float]


def draw(groups: Sequence[Group], entities: Sequence[EntityRisk]) -> Timeline:
    """Draw groups and the lanes of the first entities. The findings of a group are spread evenly from its first to its last."""
    timed = [group for group in groups if group.first]
    axis = lay_out(((group.first, group.last) for group in timed), _LEFT, _RIGHT)
    columns = _columns(timed, axis)
    floor = _TOP + _TALL
    most = max((sum(column.values()) for column in columns.values()), default=0.0)
    lanes = tuple(_lane(entity, number, axis, floor) for number, entity in enumerate(entities[:_LANES]))
    stretches = axis.stretches
    return Timeline(
        height=floor + 24 + _LANE * len(lanes) + 40,
        floor=floor,
        left=_LEFT,
        right=_RIGHT,
        bars=tuple(bar for at, column in sorted(columns.items()) for bar in _stack(at, column, most, floor)),
        lanes=lanes,
        ticks=axis.ticks(),
        cuts=tuple(
            Cut((before.right + after.left) / 2, duration(after.first - before.last, units=1))
            for before, after in itertools.pairwise(stretches)
        ),
        peak=amount(max(1, round(most)), "finding"),
    )


def _columns(groups: Iterable[Group], axis: Axis) -> dict[int, _Column]:
    """Count findings per column and level."""
    found: defaultdict[int, _Column] = defaultdict(lambda: defaultdict(float))
    for group in groups:
        first, last = (int((axis.at(time) - _LEFT) // _COLUMN) for time in (group.first, group.last))
        share = group.count / (last - first + 1)
        for column in range(first, last + 1):
            found[column][level_of(group.rule)] += share
    return found


def _stack(at: int, column: _Column, most: float, floor: float) -> list[Bar]:
    """Stack a column's levels, the gravest at the bottom, where the eye compares them; at least what the eye can find for each."""
    bars: list[Bar] = []
    y = floor
    for level in LEVELS:
        if level in column:
            height = max(2.5, column[level] / most * _TALL)
            y -= height
            title = f"{amount(max(1, round(column[level])), level + ' finding')}"
            bars.append(Bar(_LEFT + at * _COLUMN, max(0.0, y), _COLUMN - 1, height, level, title))
    return bars


def _lane(entity: EntityRisk, number: int, axis: Axis, floor: float) -> Lane:
    middle = floor + 24 + _LANE * (number + 0.5)
    held: defaultdict[int, list[Group]] = defaultdict(list)
    for group in entity.groups:
        if group.first:
            held[int((axis.at(group.first) - _LEFT) // _COLUMN)].append(group)
    marks = [_mark(at, groups, middle) for at, groups in sorted(held.items())]
    name = str(entity.entity)
    return Lane(shorten(name, _LABEL), f"{name}: {amount(entity.findings, 'finding')}", middle, tuple(marks))


def _mark(at: int, groups: Sequence[Group], middle: float) -> Bar:
    """Mark the groups of a column by their gravest level; ten times the findings is a third of a lane taller."""
    count = sum(group.count for group in groups)
    gravest = min(groups, key=lambda group: LEVELS.index(level_of(group.rule)))
    height = min(_MARK, 7 + 5 * log10(count))
    more = f" and {amount(len(groups) - 1, 'more line')}" if len(groups) > 1 else ""
    title = f"{moment(groups[0].first)}: {gravest.rule.title}{more}, {amount(count, 'finding')}"
    return Bar(_LEFT + at * _COLUMN, middle - height / 2, _COLUMN - 1, height, level_of(gravest.rule), title)
