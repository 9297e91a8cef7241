from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.sample import START, group, host, rule

from bartizan.explain.html.axis import Axis, Stretch, lay_out
from bartizan.explain.html.timeline import draw
from bartizan.explain.risk import rank

SECOND = 1_000_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


def test_an_even_span_is_one_stretch_to_scale() -> None:
    axis = lay_out([(0, HOUR), (HOUR // 2, 2 * HOUR)], 100, 300)
    assert axis == Axis((Stretch(0, 2 * HOUR, 100, 300),))
    assert [axis.at(time) for time in (-5, 0, HOUR, 2 * HOUR, 9 * HOUR)] == [100, 100, 200, 300, 300]


def test_a_long_silence_is_cut_out() -> None:
    axis = lay_out([(0, HOUR), (300 * DAY, 300 * DAY + HOUR)], 0, 1_026)
    assert axis == Axis((Stretch(0, HOUR, 0, 500), Stretch(300 * DAY, 300 * DAY + HOUR, 526, 1_026)))
    assert axis.at(100 * DAY) == 500


def test_one_absurd_clock_does_not_hide_the_rest() -> None:
    axis = lay_out([(START, START + DAY), (-10_000_000_000 * SECOND, -10_000_000_000 * SECOND)], 0, 1_000)
    assert [round(stretch.right - stretch.left) for stretch in axis.stretches] == [54, 920]


def test_short_silences_stay() -> None:
    assert len(lay_out([(number * HOUR, number * HOUR) for number in range(24)], 0, 1_000).stretches) == 1


def test_no_time_at_all_is_an_empty_line() -> None:
    assert lay_out([], 0, 100).at(5) == 100


def test_labels_stand_at_round_times_and_say_the_date_once() -> None:
    ticks = lay_out([(START, START + 6 * HOUR)], 0, 400).ticks()
    assert [(round(tick.at), tick.time, tick.date) for tick in ticks] == [
        (119, "00:00", "2023-11-15"),
        (252, "02:00", ""),
        (385, "04:00", ""),
    ]


def test_a_stretch_without_a_round_time_is_labelled_at_its_start() -> None:
    ticks = lay_out([(START + 1, START + 2)], 0, 60).ticks()
    assert [(tick.time, tick.date) for tick in ticks] == [("22:13", "2023-11-14")]


def test_a_year_that_has_no_date_is_labelled_by_what_it_is() -> None:
    (tick,) = lay_out([(10**21, 10**21)], 0, 60).ticks()
    assert tick.time == f"{10**21} ns"


@given(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.integers(0, 2**60)), max_size=40))
def test_every_time_lies_on_the_line_and_order_is_kept(spans: list[tuple[int, int]]) -> None:
    spans = [(first, first + length) for first, length in spans]
    axis = lay_out(spans, 10, 1_000)
    places = [axis.at(time) for time in sorted(time for span in spans for time in span)]
    assert places == sorted(places)
    assert all(9.99 <= place <= 1_000.01 for place in places)
    assert len(axis.ticks()) < 60


def test_a_group_is_spread_over_its_time_and_marked_at_its_start() -> None:
    long = group(rule(1, level="low"), host("a"), count=100, lasting=3_600)
    grave = group(rule(2, level="critical", title="Grave"), host("a"), at=1)
    groups = [long, grave]
    drawn = draw(groups, rank(groups))
    assert sum(bar.level == "critical" for bar in drawn.bars) == 1
    assert len(drawn.bars) == 120
    (lane,) = drawn.lanes
    assert (lane.label, lane.title) == ("host:a", "host:a: 101 findings")
    (mark,) = lane.marks
    assert (mark.level, mark.title) == ("critical", "2023-11-14 22:13:20: Grave and 1 more line, 101 findings")


def test_the_length_of_a_cut_is_told() -> None:
    groups = [group(rule(1), host("a")), group(rule(1), host("a"), at=86_400 * 40, lasting=60)]
    assert [cut.length for cut in draw(groups, rank(groups)).cuts] == ["40 days"]


@pytest.mark.parametrize("level", ["critical", "informational"])
def test_the_smallest_part_of_a_column_is_still_seen(level: str) -> None:
    groups = [group(rule(1, level="medium"), host("a"), count=100_000), group(rule(2, level=level), host("a"))]
    drawn = draw(groups, rank(groups))
    assert min(bar.height for bar in drawn.bars) == 2.5
    assert min(bar.y for bar in drawn.bars) >= 0
