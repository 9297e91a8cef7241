"""Measure a window that slides: what comes is added, what leaves is taken away."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Protocol

from bartizan.detect.correlate.measures import exact, gate, median, percentile
from bartizan.rules.plan import Every, Never, Presence, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.detect.correlate.contract import Sighting, Value
    from bartizan.rules.plan import Correlation

__all__ = ["Meter", "meter_of"]

_LONG_AGO: Final = -(1 << 63)


class Meter(Protocol):
    """Knows the window of one group; ``since`` is where the window begins."""

    def add(self, moment: Sequence[Sighting]) -> None:
        """Take in simultaneous sightings, later than any before."""

    def remove(self, one: Sighting) -> None:
        """Let go of a sighting."""

    def measure(self, since: int) -> Fraction | int | None:
        """Return what is measured of the window if the condition holds of it, else None."""


class _Counting:
    """Counts sightings."""

    def __init__(self, plan: Correlation) -> None:
        self._gate, self._count = gate(plan.limits), 0

    def add(self, moment: Sequence[Sighting]) -> None:
        self._count += len(moment)

    def remove(self, _one: Sighting) -> None:
        self._count -= 1

    def measure(self, _since: int) -> Fraction | int | None:
        return self._count if self._gate(self._count) else None


class _Distinct:
    """Counts distinct values."""

    def __init__(self, plan: Correlation) -> None:
        self._gate = gate(plan.limits)
        self._values: Counter[Value] = Counter()

    def add(self, moment: Sequence[Sighting]) -> None:
        self._values.update(one.value for one in moment)

    def remove(self, one: Sighting) -> None:
        self._values[one.value] -= 1
        if not self._values[one.value]:
            del self._values[one.value]

    def measure(self, _since: int) -> Fraction | int | None:
        return len(self._values) if self._gate(len(self._values)) else None


class _Summing:
    """Sums up numbers, for a sum or a mean."""

    def __init__(self, plan: Correlation) -> None:
        self._gate, self._mean = gate(plan.limits), plan.kind == "value_avg"
        self._sum: Fraction | int = 0
        self._count = 0

    def add(self, moment: Sequence[Sighting]) -> None:
        for one in moment:
            self._sum += _number(one.value)
        self._count += len(moment)

    def remove(self, one: Sighting) -> None:
        self._sum -= _number(one.value)
        self._count -= 1

    def measure(self, _since: int) -> Fraction | int | None:
        measure = Fraction(self._sum, self._count) if self._mean else self._sum
        return measure if self._gate(measure) else None


class _Ranking:
    """Keeps numbers in order, for a percentile or the median."""

    def __init__(self, plan: Correlation) -> None:
        self._gate, self._share = gate(plan.limits), plan.percentile if plan.kind == "value_percentile" else 0
        self._ordered: list[Fraction | int] = []

    def add(self, moment: Sequence[Sighting]) -> None:
        for one in moment:
            insort(self._ordered, _number(one.value))

    def remove(self, one: Sighting) -> None:
        del self._ordered[bisect_left(self._ordered, _number(one.value))]

    def measure(self, _since: int) -> Fraction | int | None:
        measure = percentile(self._ordered, self._share) if self._share else median(self._ordered)
        return measure if self._gate(measure) else None


class _Present:
    """Knows which rules are in the window and, where it matters, since when they are in order."""

    def __init__(self, plan: Correlation) -> None:
        self._gate, self._presence = gate(plan.limits), plan.presence
        self._rules: Counter[int] = Counter()
        self._begun = [_LONG_AGO] * len(plan.rules) if plan.kind == "temporal_ordered" else []
        """For each rule, when the latest run of sightings in order began that leads up to it."""

    def add(self, moment: Sequence[Sighting]) -> None:
        rules = {one.rule for one in moment}
        self._rules.update(one.rule for one in moment)
        for rule in range(len(self._begun)):
            if rule in rules:
                self._begun[rule] = max(self._begun[rule], self._begun[rule - 1] if rule else moment[0].time)

    def remove(self, one: Sighting) -> None:
        self._rules[one.rule] -= 1
        if not self._rules[one.rule]:
            del self._rules[one.rule]

    def measure(self, since: int) -> Fraction | int | None:
        if self._begun and self._begun[-1] < since:
            return None
        seen = len(self._rules)
        true = self._gate(seen) if self._presence is None else _present(self._presence, self._rules)
        return seen if true else None


class _Ratio:
    """Counts the sightings of two rules."""

    def __init__(self, plan: Correlation) -> None:
        self._gate, self._counts = gate(plan.limits), [0, 0]

    def add(self, moment: Sequence[Sighting]) -> None:
        for one in moment:
            self._counts[one.rule] += 1

    def remove(self, one: Sighting) -> None:
        self._counts[one.rule] -= 1

    def measure(self, _since: int) -> Fraction | int | None:
        first, second = self._counts
        measure = Fraction(first, second) if second else None
        return measure if measure is not None and self._gate(measure) else None


def meter_of(plan: Correlation) -> Meter:
    """Return a meter for a window of a correlation."""
    return _METERS[plan.kind](plan)


def _present(presence: Presence, seen: Counter[int]) -> bool:
    if isinstance(presence, Seen):
        return presence.rule in seen
    if isinstance(presence, Never):
        return not _present(presence.part, seen)
    parts = (_present(part, seen) for part in presence.parts)
    return all(parts) if isinstance(presence, Every) else any(parts)


def _number(value: Value) -> Fraction | int:
    return value if isinstance(value, int) else exact(value) if isinstance(value, float) else 0


_METERS: Final[Mapping[str, type[_Counting | _Distinct | _Summing | _Ranking | _Present | _Ratio]]] = {
    "event_count": _Counting,
    "value_count": _Distinct,
    "value_sum": _Summing,
    "value_avg": _Summing,
    "value_percentile": _Ranking,
    "value_median": _Ranking,
    "temporal": _Present,
    "temporal_ordered": _Present,
    "bartizan_ratio": _Ratio,
}
