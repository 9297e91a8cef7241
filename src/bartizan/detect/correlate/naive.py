"""Define what correlations mean, as plainly as can be: every window is looked at whole. Quadratic, and meant to be read.

A group's windows end with its sightings: the window of a time holds every sighting from ``timespan`` before it up to it, both
ends included, so that simultaneous sightings are always in it together. Where the condition holds, the correlation fires;
what fires within ``timespan`` after that belongs to the same match. docs/guide/correlations.md tells the same in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from bartizan.detect.correlate.contract import BY_RULE, Match, Sighting, chosen
from bartizan.detect.correlate.measures import exact, holds, median, percentile, plainly
from bartizan.rules.plan import Every, Never, Presence, Seen

if TYPE_CHECKING:
    from bartizan.rules.plan import Correlation

__all__ = ["naive"]

_Window: TypeAlias = Sequence[Sighting]


def naive(plan: Correlation, sightings: Iterable[Sighting], end: int = 0) -> list[Match]:
    """Return the matches by time and group; ``end`` is the event time up to which all was seen, if later than any sighting."""
    groups: dict[tuple[str, ...], list[Sighting]] = {}
    for one in sightings:
        groups.setdefault(one.group, []).append(one)
    end = max([end, *(one.time for members in groups.values() for one in members)])
    found = [match for members in groups.values() for match in _of_group(plan, _distinct(plan, members), end)]
    return sorted(found, key=lambda match: (match.time, match.group))


def _distinct(plan: Correlation, sightings: Sequence[Sighting]) -> list[Sighting]:
    """Return each sighting once, in order; to most types a record that several rules saw is one event, of the first of them."""
    found: dict[tuple[object, ...], Sighting] = {}
    for one in sorted(sightings, key=lambda one: one[:3]):
        found.setdefault(one[:3] if plan.kind in BY_RULE else one[:2], one)
    return list(found.values())


def _of_group(plan: Correlation, sightings: list[Sighting], end: int) -> list[Match]:
    if plan.kind == "bartizan_absence":
        return _absences(plan, sightings, end)
    if plan.kind == "bartizan_new_value":
        return _novelties(plan, sightings)
    firing = {}
    for time in sorted({one.time for one in sightings}):
        window = [one for one in sightings if time - plan.timespan <= one.time <= time]
        measure = _measure(plan, window)
        if measure is not None:
            firing[time] = measure
    return _folded(plan, sightings, firing)


def _folded(plan: Correlation, sightings: list[Sighting], firing: dict[int, Fraction | int]) -> list[Match]:
    """Make one match of all times within the timespan after one at which the condition held."""
    matches = []
    quiet = None
    for time, measure in firing.items():
        if quiet is not None and time <= quiet:
            continue
        quiet = time + plan.timespan
        last = max(one for one in firing if time <= one <= quiet)
        members = [one for one in sightings if time - plan.timespan <= one.time <= last]
        matches.append(_match(members, time, last, measure))
    return matches


def _novelties(plan: Correlation, sightings: list[Sighting]) -> list[Match]:
    """Find values that the window before their time does not hold, though it holds other sightings of the group."""
    matches = []
    for time in sorted({one.time for one in sightings}):
        earlier = [one for one in sightings if time - plan.timespan <= one.time < time]
        known = {one.value for one in earlier}
        new = [one for one in sightings if one.time == time and one.value not in known]
        if new and holds(plan.limits, Fraction(len(earlier))):
            matches.append(_match(new, time, time, Fraction(len(earlier))))
    return matches


def _absences(plan: Correlation, sightings: list[Sighting], end: int) -> list[Match]:
    """Find sightings of the first rule that none of the second follows in time; they fire when that time has passed."""
    answers = [one.time for one in sightings if one.rule == 1]
    open_ = [one for one in sightings if one.rule == 0 and not any(one.time <= time <= one.time + plan.timespan for time in answers)]
    matches = []
    quiet = None
    for one in open_:
        due = one.time + plan.timespan
        if quiet is None or due > quiet:
            quiet = due + plan.timespan
            members = [other for other in open_ if due <= other.time + plan.timespan <= quiet]
            matches.append(_match(members, due, members[-1].time, None, undecided=due > end))
    return matches


def _match(members: list[Sighting], time: int, last: int, measure: Fraction | int | None, *, undecided: bool = False) -> Match:
    return Match(
        group=members[0].group,
        time=time,
        first=members[0].time,
        last=last,
        count=len(members),
        value=None if measure is None else plainly(measure),
        shown=chosen([(one.time, one.id, one.rule) for one in members]),
        undecided=undecided,
    )


def _measure(plan: Correlation, window: _Window) -> Fraction | int | None:
    """Return what is measured of a window if the condition holds of it, else None."""
    if plan.presence is not None:
        seen = {one.rule for one in window}
        ordered = plan.kind != "temporal_ordered" or _in_order(window, len(plan.rules))
        return Fraction(len(seen)) if ordered and _present(plan.presence, seen) else None
    measure = _MEASURES[plan.kind](window, plan)
    return measure if measure is not None and holds(plan.limits, measure) else None


def _present(presence: Presence, seen: set[int]) -> bool:
    if isinstance(presence, Seen):
        return presence.rule in seen
    if isinstance(presence, Never):
        return not _present(presence.part, seen)
    parts = [_present(part, seen) for part in presence.parts]
    return all(parts) if isinstance(presence, Every) else any(parts)


def _in_order(window: _Window, rules: int) -> bool:
    """Say whether there is a sighting of each rule, none before that of the rule listed before it."""
    since = window[0].time
    for rule in range(rules):
        times = [one.time for one in window if one.rule == rule and one.time >= since]
        if not times:
            return False
        since = min(times)
    return True


def _numbers(window: _Window) -> list[Fraction]:
    return sorted(exact(one.value) for one in window if isinstance(one.value, int | float))


def _ratio(window: _Window, _plan: Correlation) -> Fraction | None:
    second = sum(one.rule == 1 for one in window)
    return Fraction(len(window) - second, second) if second else None


_MEASURES: dict[str, Callable[[_Window, Correlation], Fraction | int | None]] = {
    "event_count": lambda window, _: Fraction(len(window)),
    "value_count": lambda window, _: Fraction(len({one.value for one in window})),
    "value_sum": lambda window, _: sum(_numbers(window), start=Fraction()),
    "value_avg": lambda window, _: sum(_numbers(window), start=Fraction()) / len(window),
    "value_percentile": lambda window, plan: percentile(_numbers(window), plan.percentile),
    "value_median": lambda window, _: median(_numbers(window)),
    "temporal": lambda window, _: Fraction(len({one.rule for one in window})),
    "bartizan_ratio": _ratio,
}
