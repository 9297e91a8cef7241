"""One definition, three ways to its answer, whatever the order: the answer is the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.detect.correlate.drawing import SECOND, cases, streamed

from bartizan.detect.correlate.batch import batch
from bartizan.detect.correlate.contract import Sighting
from bartizan.detect.correlate.naive import naive
from bartizan.rules.compile.correlations import TYPES
from bartizan.rules.plan import Correlation

Case = tuple[Correlation, list[Sighting], int]
SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(data=st.data())
def test_the_batch_finds_what_the_definition_says_in_any_order(kind: str, data: st.DataObject) -> None:
    plan, sightings, end = data.draw(cases([kind]))
    expected = naive(plan, sightings, end)
    assert batch(plan, sightings, end) == expected
    assert batch(plan, data.draw(st.permutations(sightings)), end) == expected


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(data=st.data())
def test_the_stream_finds_it_from_pieces_that_come_late_and_put_away_between_them(kind: str, data: st.DataObject) -> None:
    plan, sightings, end = data.draw(cases([kind]))
    shuffled = data.draw(st.permutations(sightings))
    size = data.draw(st.integers(1, 20))
    stored = data.draw(st.booleans())
    pieces = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
    assert streamed(plan, pieces, end, lateness=20 * SECOND, stored=stored) == naive(plan, sightings, end)


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(cases(), st.integers(1, 5), st.booleans())
def test_in_order_the_stream_need_not_wait_for_anything(case: Case, size: int, stored: bool) -> None:  # noqa: FBT001 - drawn
    plan, sightings, end = case
    ordered = sorted(sightings)
    pieces = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    assert streamed(plan, pieces, end, lateness=0, stored=stored) == naive(plan, sightings, end)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(cases())
def test_the_same_sightings_again_change_nothing(case: Case) -> None:
    plan, sightings, end = case
    assert batch(plan, [*sightings, *sightings], end) == naive(plan, sightings, end)
