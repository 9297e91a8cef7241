"""Measure all windows of ordered sightings at once, exactly, with numpy."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import lcm
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bartizan.detect.correlate.measures import exact, median, percentile, plainly
from bartizan.rules.plan import Correlation, Every, Limit, Never, Presence, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.detect.correlate.events import Events, Ordered, Rows

__all__ = ["Judged", "judged", "within"]

Truths: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[Any]
"""Whole numbers: int64 where nothing can overflow, else Python's own."""
_SAFE: Final = 1 << 62


class Judged:
    """Which windows a correlation's condition holds of, and what is measured of one."""

    def __init__(self, fires: Truths, value: Callable[[int], int | float | None]) -> None:
        """Hold the truth by window (place in ``Ordered.ends``), and the function that measures one."""
        self.fires, self.value = fires, value


def judged(plan: Correlation, events: Events, ordered: Ordered) -> Judged:
    """Judge every window."""
    if plan.kind in {"temporal", "temporal_ordered"}:
        return _temporal(plan, ordered)
    if plan.kind in {"value_sum", "value_avg", "value_percentile", "value_median"}:
        return _numeric(plan, events, ordered)
    if plan.kind == "bartizan_ratio":
        return _ratio(plan, ordered)
    counts = _distinct(ordered) if plan.kind == "value_count" else ordered.ends + 1 - ordered.starts
    return Judged(within(plan.limits, counts, 1), lambda window: int(counts[window]))


def within(limits: Sequence[Limit], numbers: Numbers, of: Numbers | int) -> Truths:
    """Say where ``numbers / of`` is within every limit; ``of`` is positive."""
    truths = np.ones(len(numbers), dtype=np.bool_)
    for limit in limits:
        value = exact(limit.value)
        left, right = _times(numbers, value.denominator), _times(of, value.numerator)
        truths &= _compared(limit.how, left, right)
    return truths


def _times(numbers: Numbers | int, factor: int) -> Numbers | int:
    if isinstance(numbers, int):
        return numbers * factor
    if numbers.dtype != object and len(numbers) and max(int(np.abs(numbers).max()), 1) * abs(factor) >= _SAFE:
        numbers = numbers.astype(object)
    return numbers * factor


def _compared(how: str, left: Numbers | int, right: Numbers | int) -> Truths:
    match how:
        case "lt":
            found = left < right
        case "lte":
            found = left <= right
        case "gt":
            found = left > right
        case "gte":
            found = left >= right
        case "eq":
            found = left == right
        case _:
            found = left != right
    return np.asarray(found, dtype=np.bool_)


def _distinct(ordered: Ordered) -> Rows:
    """Count the distinct values of each window.

    A sighting counts in those windows that hold it but not the one with the same value before it. Windows begin and end
    later and later, so those are neighbours: one is added where they begin and taken away behind them.
    """
    count = len(ordered)
    order = np.lexsort((np.arange(count), ordered.values, ordered.groups))
    same = (np.diff(ordered.values[order]) == 0) & (np.diff(ordered.groups[order]) == 0)
    before = np.full(count, -1, dtype=np.int64)
    before[order[1:][same]] = order[:-1][same]
    places = np.arange(count)
    since = np.maximum(np.searchsorted(ordered.ends, places, "left"), np.searchsorted(ordered.starts, before, "right"))
    until = np.searchsorted(ordered.starts, places, "right")
    counted = since < until
    windows = len(ordered.ends) + 1
    steps = np.bincount(since[counted], minlength=windows) - np.bincount(until[counted], minlength=windows)
    return np.cumsum(steps)[: windows - 1].astype(np.int64)


def _temporal(plan: Correlation, ordered: Ordered) -> Judged:
    places = np.arange(len(ordered))
    here = [ordered.rules == rule for rule in range(len(plan.rules))]
    seen = [np.maximum.accumulate(np.where(one, places, -1))[ordered.ends] >= ordered.starts for one in here]
    rules: Rows = np.asarray(np.sum(seen, axis=0, dtype=np.int64))
    fires = within(plan.limits, rules, 1) if plan.presence is None else _present(plan.presence, seen)
    if plan.kind == "temporal_ordered":
        begun = np.where(here[0], places, -1)
        for one in here[1:]:
            begun = np.where(one, np.maximum.accumulate(begun)[ordered.run_last], -1)
        fires = fires & (np.maximum.accumulate(begun)[ordered.ends] >= ordered.starts)
    return Judged(fires, lambda window: int(rules[window]))


def _present(presence: Presence, seen: Sequence[Truths]) -> Truths:
    if isinstance(presence, Seen):
        return seen[presence.rule]
    if isinstance(presence, Never):
        return ~_present(presence.part, seen)
    parts = [_present(part, seen) for part in presence.parts]
    return reduce(np.logical_and if isinstance(presence, Every) else np.logical_or, parts)


def _ratio(plan: Correlation, ordered: Ordered) -> Judged:
    second = _counts(ordered, ordered.rules == 1)
    first: Rows = np.subtract(ordered.ends + 1 - ordered.starts, second)
    fires = (second > 0) & within(plan.limits, first, second)
    return Judged(fires, lambda window: plainly(Fraction(int(first[window]), int(second[window]))))


def _counts(ordered: Ordered, marked: Truths) -> Rows:
    """Count the marked sightings of each window."""
    sums = np.concatenate(([0], np.cumsum(marked)))
    return np.asarray(sums[ordered.ends + 1] - sums[ordered.starts], dtype=np.int64)


def _numeric(plan: Correlation, events: Events, ordered: Ordered) -> Judged:
    numbers = [exact(value) if isinstance(value, int | float) else Fraction() for value in events.measured]
    scale = lcm(*(number.denominator for number in numbers), *(exact(limit.value).denominator for limit in plan.limits))
    scaled = [int(number * scale) for number in numbers]
    values = _whole(scaled, max(map(abs, scaled), default=0) * max(len(ordered), 1))[ordered.values]
    counts = ordered.ends + 1 - ordered.starts

    def value(window: int) -> int | float | None:
        held = sorted(numbers[code] for code in ordered.values[ordered.starts[window] : ordered.ends[window] + 1])
        return plainly(_MEASURES[plan.kind](held, plan))

    if plan.kind in {"value_sum", "value_avg"}:
        sums = np.concatenate((np.zeros(1, dtype=values.dtype), np.cumsum(values)))
        numerators = sums[ordered.ends + 1] - sums[ordered.starts]
        return Judged(within(plan.limits, numerators, _times(counts, scale) if plan.kind == "value_avg" else scale), value)
    fires = np.ones(len(counts), dtype=np.bool_)
    for limit in plan.limits:
        fires &= _ranked(plan, limit, ordered, (values, int(exact(limit.value) * scale)))
    return Judged(fires, value)


_MEASURES: Final[dict[str, Callable[[Sequence[Fraction], Correlation], Fraction | int]]] = {
    "value_sum": lambda held, _: sum(held, start=Fraction()),
    "value_avg": lambda held, _: sum(held, start=Fraction()) / len(held),
    "value_percentile": lambda held, plan: percentile(held, plan.percentile),
    "value_median": lambda held, _: median(held),
}


def _whole(numbers: Sequence[int], most: int) -> Numbers:
    return np.array(numbers, dtype=np.int64 if most < _SAFE else object)


def _ranked(plan: Correlation, limit: Limit, ordered: Ordered, asked: tuple[Numbers, int]) -> Truths:
    """Say where a percentile or the median is within a limit, by counting the values on either side of it.

    The value of a rank is below a bound just where at least as many values are. Nothing needs to be sorted.
    """
    values, bound = asked
    counts = ordered.ends + 1 - ordered.starts
    below = _counts(ordered, np.asarray(values < bound, dtype=np.bool_))
    upto = _counts(ordered, np.asarray(values <= bound, dtype=np.bool_))
    if plan.kind == "value_median":
        less, more = _median_sides(ordered, values, bound, (below, upto))
    else:
        share = exact(plan.percentile)
        rank = -(-counts * share.numerator // (100 * share.denominator))
        less, more = below >= rank, upto < rank
    return {"lt": less, "gte": ~less, "gt": more, "lte": ~more, "eq": ~less & ~more, "neq": less | more}[limit.how]


def _median_sides(ordered: Ordered, values: Numbers, bound: int, sides: tuple[Rows, Rows]) -> tuple[Truths, Truths]:
    """Say where the median is less, and where it is more, than a bound.

    Only where just half the values are on one side the two middle ones have to be looked up: the largest on this side and
    the least on the other.
    """
    below, upto = sides
    counts = ordered.ends + 1 - ordered.starts
    less, more = 2 * below > counts, 2 * upto < counts
    torn = np.flatnonzero((2 * below == counts) | (2 * upto == counts))
    if len(torn):
        starts, ends = ordered.starts[torn], ordered.ends[torn]
        middle = np.zeros(len(torn), dtype=object)
        for half, chosen in ((below, values < bound), (upto, values <= bound)):
            split = np.flatnonzero(2 * half[torn] == counts[torn])
            low = _largest(np.where(chosen, values, _lowest(values)), starts[split], ends[split])
            high = -_largest(np.where(chosen, _lowest(values), -values), starts[split], ends[split])
            middle[split] = low.astype(object) + high.astype(object)
        less[torn], more[torn] = middle < 2 * bound, middle > 2 * bound
    return less, more


def _lowest(values: Numbers) -> int:
    """Return a number below every value and every value's negative."""
    return -int(np.abs(values).max()) - 1


def _largest(values: Numbers, starts: Rows, ends: Rows) -> Numbers:
    """Return the largest value of each range, both ends included, by doubling: ranges of two powers of two cover each."""
    found = values[starts].copy()
    powers = np.floor(np.log2(ends - starts + 1)).astype(np.int64)
    level, size = values, 1
    for power in range(int(powers.max(initial=0)) + 1):
        here = np.flatnonzero(powers == power)
        found[here] = np.maximum(level[starts[here]], level[ends[here] + 1 - size])
        if len(level) > size:
            level = np.maximum(level[:-size], level[size:])
            size *= 2
    return found
