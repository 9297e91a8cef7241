"""Correlate all sightings of an input at once: sorted by group and time, measured in columns."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bartizan.detect.correlate.contract import FIRST, Match, Sighting
from bartizan.detect.correlate.events import Events, Ordered, Rows
from bartizan.detect.correlate.windows import Judged, judged, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.rules.plan import Correlation

__all__ = ["Found", "batch", "correlated"]


@dataclass(frozen=True, slots=True)
class Found:
    """A match, the rows of ``Events`` that made it, in order, and those of them that it shows."""

    match: Match
    rows: Rows
    shown: tuple[int, ...]


def batch(plan: Correlation, sightings: Iterable[Sighting], end: int = 0) -> list[Match]:
    """Return what ``naive`` returns."""
    return [found.match for found in correlated(plan, Events(sightings), end)]


def correlated(plan: Correlation, events: Events, end: int = 0) -> list[Found]:
    """Return the matches by time and group; ``end`` is the event time up to which all was seen, if later than any sighting."""
    if not len(events):
        return []
    ordered = Ordered(plan, events)
    if plan.kind == "bartizan_absence":
        found = list(_absences(plan, events, ordered, max(end, *events.times)))
    elif plan.kind == "bartizan_new_value":
        found = list(_novelties(plan, events, ordered))
    else:
        found = list(_windows(plan, events, ordered))
    return sorted(found, key=lambda one: (one.match.time, one.match.group))


def _windows(plan: Correlation, events: Events, ordered: Ordered) -> Iterator[Found]:
    verdict = judged(plan, events, ordered)
    firing = np.flatnonzero(verdict.fires)
    if not len(firing):
        return
    ends = ordered.ends[firing]
    times = ordered.times[ends].tolist()
    for first, behind in _groups(ordered.groups[ends]):
        at = first
        while at < behind:
            over = bisect_right(times, times[at] + plan.timespan, at, behind)
            yield _found(events, ordered, (int(ordered.starts[firing[at]]), int(ends[over - 1])), (times[at], verdict, int(firing[at])))
            at = over


def _groups(codes: Rows) -> Iterator[tuple[int, int]]:
    """Yield where each run of equal numbers begins, and the place behind it."""
    changes = (np.flatnonzero(np.diff(codes)) + 1).tolist()
    yield from zip([0, *changes], [*changes, len(codes)], strict=True)


def _found(events: Events, ordered: Ordered, span: tuple[int, int], fired: tuple[int, Judged, int]) -> Found:
    time, verdict, window = fired
    rows = ordered.rows[span[0] : span[1] + 1]
    return _match(events, rows, time, verdict.value(window))


def _match(events: Events, rows: Rows, time: int, value: float | None, *, undecided: bool = False) -> Found:
    first, last = int(rows[0]), int(rows[-1])
    shown = _shown(events, rows)
    match = Match(
        group=events.keys[events.groups[first]],
        time=time,
        first=events.times[first],
        last=events.times[last],
        count=len(rows),
        value=value,
        shown=tuple(events.shown(row) for row in shown),
        undecided=undecided,
    )
    return Found(match, rows, shown)


def _shown(events: Events, rows: Rows) -> tuple[int, ...]:
    """Choose what ``chosen`` chooses, without looking at the sightings one by one."""
    if len(rows) <= FIRST + 1:
        return tuple(rows.tolist())
    rules = np.frombuffer(events.rules, np.int16)[rows]
    firsts = np.unique(rules, return_index=True)[1]
    places = sorted({*range(min(len(rows), FIRST)), *firsts.tolist(), len(rows) - 1})
    return tuple(int(rows[place]) for place in places)


def _novelties(plan: Correlation, events: Events, ordered: Ordered) -> Iterator[Found]:
    places = np.arange(len(ordered))
    order = np.lexsort((places, ordered.values, ordered.groups))
    runs = ordered.run_first[order]
    same = (np.diff(ordered.values[order]) == 0) & (np.diff(ordered.groups[order]) == 0)
    before = np.full(len(ordered), -1, dtype=np.int64)
    before[order[1:][same]] = order[:-1][same]
    # Of simultaneous sightings with one value each looks past the others: at what the first of them has before it.
    leads = np.concatenate(([True], ~same | (runs[1:] != runs[:-1])))
    lead = np.maximum.accumulate(np.where(leads, np.arange(len(order)), 0))
    before[order] = before[order[lead]]
    earlier = ordered.run_first - ordered.first_in_window
    fires = (before < ordered.first_in_window) & within(plan.limits, earlier, 1)
    firing = np.flatnonzero(fires)
    for first, behind in _groups(ordered.run_first[firing]) if len(firing) else ():
        members = firing[first:behind]
        yield _match(events, ordered.rows[members], int(ordered.times[members[0]]), int(earlier[members[0]]))


def _absences(plan: Correlation, events: Events, ordered: Ordered, end: int) -> Iterator[Found]:
    places = np.arange(len(ordered))
    behind = len(ordered)
    answers = np.minimum.accumulate(np.where(ordered.rules == 1, places, behind)[::-1])[::-1][ordered.run_first]
    known = np.minimum(answers, behind - 1)
    answered = (answers < behind) & (ordered.groups[known] == ordered.groups) & (ordered.times[known] <= ordered.times + plan.timespan)
    open_ = np.flatnonzero((ordered.rules == 0) & ~answered)
    if not len(open_):
        return
    times = ordered.times[open_].tolist()
    for first, beyond in _groups(ordered.groups[open_]):
        at = first
        while at < beyond:
            over = bisect_right(times, times[at] + plan.timespan, at, beyond)
            due = times[at] + plan.timespan
            yield _match(events, ordered.rows[open_[at:over]], due, None, undecided=due > end)
            at = over
