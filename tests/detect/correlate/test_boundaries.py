"""What the guide promises of windows, on the definition itself: the twins do the same."""

from __future__ import annotations

import pytest
from tests.detect.correlate.drawing import META, SECOND

from bartizan.detect.correlate.contract import Sighting
from bartizan.detect.correlate.naive import naive
from bartizan.rules.plan import Correlation, Every, Limit, Never, Seen

MINUTE = 60 * SECOND


def plan(kind: str, rules: int = 1, **more: object) -> Correlation:
    names = tuple((name, 1) for name in "abc"[:rules])
    return Correlation(0, 1, META, kind, names, MINUTE, ("host",), **more)


def at(*told: float | tuple[float, int] | tuple[float, int, object]) -> list[Sighting]:
    """Return sightings: second, rule, value."""
    found = []
    for number, one in enumerate(told):
        second, rule, value = (*one, 0, None)[:3] if isinstance(one, tuple) else (one, 0, None)
        found.append(Sighting(int(second * SECOND), number.to_bytes(16, "big"), rule, ("x",), value))
    return found


def times(definition: Correlation, sightings: list[Sighting], end: float = 0) -> list[tuple[float, int]]:
    return [(match.time / SECOND, match.count) for match in naive(definition, sightings, int(end * SECOND))]


TWO = plan("event_count", limits=(Limit("gte", 2),))


def test_events_just_a_timespan_apart_are_in_one_window() -> None:
    assert times(TWO, at(0, 60)) == [(60, 2)]
    assert times(TWO, at(0, 60.000000001)) == []


def test_windows_slide_and_are_not_bound_to_the_clock() -> None:
    assert times(TWO, at(59, 61)) == [(61, 2)]


def test_what_comes_within_a_timespan_after_a_match_began_belongs_to_it() -> None:
    assert times(TWO, at(0, 1, 2, 61, 62, 122)) == [(1, 4), (62, 4)]


def test_simultaneous_events_are_in_the_window_together_and_count_as_in_order() -> None:
    assert times(plan("event_count", limits=(Limit("eq", 2),)), at(5, 5)) == [(5, 2)]
    ordered = plan("temporal_ordered", 2, presence=Every((Seen(0), Seen(1))))
    assert times(ordered, at((5, 1), (5, 0))) == [(5, 2)]
    assert times(ordered, at((5, 1), (6, 0))) == []


def test_not_looks_back_only() -> None:
    alone = plan("temporal", 2, presence=Every((Seen(0), Never(Seen(1)))))
    assert times(alone, at((0, 1), (30, 0))) == []
    assert times(alone, at((0, 0), (30, 1))) == [(0, 1)]


def test_an_answer_just_in_time_or_at_once_is_one() -> None:
    absent = plan("bartizan_absence", 2)
    assert times(absent, at((0, 0), (60, 1), (200, 1))) == []
    assert times(absent, at((0, 0), (0, 1))) == []
    assert times(absent, at((1, 0), (0, 1)), 100) == [(61, 1)]
    assert times(absent, at((0, 0), (60.5, 1))) == [(60, 1)]


def test_a_value_is_new_where_the_window_before_it_has_others_only() -> None:
    new = plan("bartizan_new_value", limits=(Limit("gte", 1),))
    assert times(new, at((0, 0, ("de",)), (10, 0, ("de",)), (20, 0, ("fr",)), (30, 0, ("fr",)))) == [(20, 1)]
    assert times(new, at((0, 0, ("de",)), (60, 0, ("fr",)), (121, 0, ("fr",)))) == [(60, 1)]


def test_a_ratio_to_nothing_is_none() -> None:
    ratio = plan("bartizan_ratio", 2, limits=(Limit("gte", 2),))
    assert times(ratio, at((0, 0), (1, 0))) == []
    assert times(ratio, at((0, 0), (1, 0), (2, 1))) == [(2, 3)]


@pytest.mark.parametrize(
    ("kind", "more", "measure"),
    [("value_sum", {}, 0.3), ("value_avg", {}, 0.15), ("value_median", {}, 0.15), ("value_percentile", {"percentile": 100}, 0.2)],
)
def test_numbers_count_as_they_are_written(kind: str, more: dict[str, object], measure: float) -> None:
    exactly = plan(kind, limits=(Limit("eq", measure),), **more)
    (match,) = naive(exactly, at((0, 0, 0.1), (1, 0, 0.2)))
    assert (match.time, match.value) == (SECOND, measure)


def test_a_record_that_several_rules_saw_is_one_event() -> None:
    both = [one._replace(rule=rule) for one in at(0, 1) for rule in (0, 1)]
    assert times(plan("event_count", 2, limits=(Limit("gte", 3),)), both) == []
    assert times(plan("temporal", 2, presence=Every((Seen(0), Seen(1)))), both[:2]) == [(0, 2)]
