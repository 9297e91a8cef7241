"""Say which window of a group came nearest to what a correlation asks."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from bartizan.detect.correlate.measures import exact, plainly
from bartizan.detect.correlate.meters import meter_of
from bartizan.detect.correlate.words import limit_words, measure_words, span_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.correlate.contract import Sighting
    from bartizan.rules.plan import Correlation, Limit

__all__ = ["Near", "nearest"]


@dataclass(frozen=True, slots=True)
class Near:
    """A window: from its first sighting to the time it was judged, how far from what is asked (0 is there), and in words."""

    first: int
    time: int
    distance: float
    words: str


def nearest(plan: Correlation, sightings: Sequence[Sighting]) -> Near:
    """Return the nearest window of one group, the first of several; ``sightings`` are at least one."""
    ordered = sorted(sightings, key=lambda one: one[:3])
    ways = {"temporal": _rules, "temporal_ordered": _rules, "bartizan_absence": _answers, "bartizan_new_value": _values}
    nothing = Near(ordered[0].time, ordered[-1].time, float("inf"), "nothing that could come near")
    return min(ways.get(plan.kind, _measured)(plan, ordered), key=lambda near: (near.distance, near.time), default=nothing)


def _moments(sightings: Sequence[Sighting]) -> Iterator[tuple[int, list[Sighting]]]:
    for time, moment in groupby(sightings, attrgetter("time")):
        yield time, list(moment)


def _measured(plan: Correlation, sightings: Sequence[Sighting]) -> Iterator[Near]:
    meter = meter_of(msgspec.structs.replace(plan, limits=()))
    window: deque[Sighting] = deque()
    for time, moment in _moments(sightings):
        while window and window[0].time < time - plan.timespan:
            meter.remove(window.popleft())
        meter.add(moment)
        window.extend(moment)
        measure = meter.measure(time - plan.timespan)
        if measure is None:
            yield Near(window[0].time, time, float("inf"), f"no event of {plan.rules[1][0]} to be set against")
        else:
            words = f"{measure_words(plan)}: {plainly(Fraction(measure)):.10g}, asked is {limit_words(plan.limits)}"
            yield Near(window[0].time, time, float(_distance(plan.limits, Fraction(measure))), words)


def _distance(limits: Sequence[Limit], measure: Fraction) -> Fraction:
    return max((_short_of(limit.how, exact(limit.value), measure) for limit in limits), default=Fraction())


def _short_of(how: str, value: Fraction, measure: Fraction) -> Fraction:
    """Return how far a measure is from a limit; what is just at an open limit is a little away."""
    little = Fraction(1, 1_000_000) if how in {"gt", "lt", "neq"} and measure == value else Fraction()
    wrong = {"gt": measure < value, "gte": measure < value, "lt": measure > value, "lte": measure > value, "eq": measure != value}
    return abs(measure - value) if wrong.get(how, False) else little


def _rules(plan: Correlation, sightings: Sequence[Sighting]) -> Iterator[Near]:
    window: deque[Sighting] = deque()
    seen: Counter[int] = Counter()
    for time, moment in _moments(sightings):
        window.extend(moment)
        seen.update(one.rule for one in moment)
        while window[0].time < time - plan.timespan:
            one = window.popleft()
            seen[one.rule] -= 1
        there = [name for rule, (name, _) in enumerate(plan.rules) if seen[rule]]
        missing = [name for rule, (name, _) in enumerate(plan.rules) if not seen[rule]]
        ordered = _prefix(window, len(plan.rules)) if plan.kind == "temporal_ordered" else len(there)
        words = f"seen: {', '.join(there)}" + (f"; not seen: {', '.join(missing)}" if missing else "; not as it is asked")
        yield Near(window[0].time, time, len(plan.rules) - ordered, words)


def _prefix(window: Sequence[Sighting] | deque[Sighting], rules: int) -> int:
    """Return how many rules are there in their order."""
    since = window[0].time
    for rule in range(rules):
        later = [one.time for one in window if one.rule == rule and one.time >= since]
        if not later:
            return rule
        since = min(later)
    return rules


def _answers(plan: Correlation, sightings: Sequence[Sighting]) -> Iterator[Near]:
    """Yield the answer to each sighting of the first rule; the later it came the nearer it was to missing."""
    second, first = plan.rules[1][0], plan.rules[0][0]
    answer: int | None = None
    for time, moment in reversed(list(_moments(sightings))):
        answer = time if any(one.rule == 1 for one in moment) else answer
        if answer is not None and any(one.rule == 0 for one in moment):
            words = (
                f"{first} was followed by {second} after {(answer - time) / 1e9:.10g}s, asked is none within {span_words(plan.timespan)}"
            )
            yield Near(time, answer, max(0, time + plan.timespan - answer), words)


def _values(plan: Correlation, sightings: Sequence[Sighting]) -> Iterator[Near]:
    window: deque[Sighting] = deque()
    for time, moment in _moments(sightings):
        while window and window[0].time < time - plan.timespan:
            window.popleft()
        known = {one.value for one in window}
        new = sorted({", ".join(map(str, one.value)) for one in moment if isinstance(one.value, tuple) and one.value not in known})
        since = window[0].time if window else time
        if new:
            words = f"new: {new[0]}, earlier events: {len(window)}, asked is {limit_words(plan.limits)}"
            yield Near(since, time, float(_distance(plan.limits, Fraction(len(window)))), words)
        window.extend(moment)
