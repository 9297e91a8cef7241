"""Correlations of correlations as they come: the answer is that of the definition over everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.detect.correlate.drawing import META, SECOND, cases, correlations

from bartizan.detect.correlate.batch import batch
from bartizan.detect.correlate.chain import chained
from bartizan.detect.correlate.naive import naive
from bartizan.detect.correlate.streams import Streams
from bartizan.errors import BartizanError
from bartizan.rules.contract import Correlating
from bartizan.rules.plan import Correlation

if TYPE_CHECKING:
    from bartizan.detect.correlate.contract import Match, Sighting

OUTER = ("event_count", "value_count", "temporal", "temporal_ordered", "bartizan_absence", "bartizan_ratio", "bartizan_new_value")
IDS = ("base", "inner", "outer", "outermost")


def correlating(number: int, plan: Correlation, feeds: int, *, first: bool = False) -> Correlating:
    """Let a correlation name the one that feeds it, ``first`` or last, and base rules beside it."""
    others = [0] * (len(plan.rules) - 1)
    rules = (feeds, *others) if first else (*others, feeds)
    values = (("host",),) if plan.kind in {"value_count", "bartizan_new_value"} and feeds else ((),)
    return Correlating(number, plan, rules, (("host",),) * len(rules), values * len(rules))


def by_number(found: list[tuple[int, Match]]) -> dict[int, list[Match]]:
    made: dict[int, list[Match]] = {}
    for number, match in found:
        made.setdefault(number, []).append(match)
    return {number: sorted(matches, key=lambda match: (match.time, match.group)) for number, matches in made.items()}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases(), correlations(OUTER), correlations(OUTER), st.data())
def test_chains_come_out_the_same_in_batch_in_pieces_and_by_definition(
    case: tuple[Correlation, list[Sighting], int], outer: Correlation, outermost: Correlation, data: st.DataObject
) -> None:
    plan, sightings, end = case
    first = data.draw(st.booleans())
    chain = [correlating(1, plan, 0), correlating(2, outer, 1, first=first), correlating(3, outermost, 2, first=not first)]
    expected = {
        number: matches for number, matches in chained(chain, {1: sightings}, IDS, lambda one, of: naive(one, of, end)).items() if matches
    }
    in_batch = chained(chain, {1: sightings}, IDS, lambda one, of: batch(one, of, end))
    assert {number: matches for number, matches in in_batch.items() if matches} == expected
    shuffled = data.draw(st.permutations(sightings))
    size, stored = data.draw(st.integers(1, 20)), data.draw(st.booleans())
    streams = Streams(chain, IDS, lateness=20 * SECOND)
    found = []
    for at in range(0, len(shuffled), size):
        found += streams.feed((1, one) for one in shuffled[at : at + size])
        if stored:
            state = streams.dump()
            streams = Streams(chain, IDS, lateness=20 * SECOND)
            streams.restore(state)
    assert by_number(found + streams.finish(end)) == expected
    assert {(stream.counts.late, stream.counts.forgotten) for stream in streams.streams.values()} == {(0, 0)}


def test_a_state_of_other_correlations_is_refused() -> None:
    plan = Correlation(0, 1, META, "temporal", (("a", 1),), SECOND)
    streams = Streams([correlating(1, plan, 0)], IDS)
    with pytest.raises(BartizanError, match="this is no state of correlations"):
        streams.restore(b"\xc1")
    with pytest.raises(BartizanError, match="this state is of other correlations; begin a new one"):
        Streams([correlating(2, plan, 0)], IDS).restore(streams.dump())
