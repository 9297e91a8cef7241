"""What a stream does with what comes late, with too much, and with a state that is not its own."""

from __future__ import annotations

import msgspec
import pytest
from tests.detect.correlate.drawing import META, SECOND

from bartizan.detect.correlate.contract import Match, Sighting
from bartizan.detect.correlate.naive import naive
from bartizan.detect.correlate.stream import Stream
from bartizan.detect.correlate.tracks import Opening
from bartizan.errors import BartizanError
from bartizan.rules.plan import Correlation, Limit

COUNT = Correlation(0, 1, META, "event_count", (("a", 1),), 10 * SECOND, ("host",), limits=(Limit("gte", 3),))


def seen(second: float, host: str = "x", number: int = 0) -> Sighting:
    return Sighting(int(second * SECOND), (int(second * 1000) * 100 + number).to_bytes(16, "big"), 0, (host,))


def test_a_match_comes_out_when_the_watermark_has_passed_its_time() -> None:
    stream = Stream(COUNT, lateness=2 * SECOND)
    assert stream.feed([seen(1), seen(3), seen(2)]) == []
    assert stream.feed([seen(6)]) == []
    assert stream.taken_openings() == [Opening(3 * SECOND, ("x",))]
    assert stream.feed([seen(15)]) == []
    found = stream.feed([seen(17.5)])
    assert [(one.time, one.first, one.last, one.count, one.value) for one in found] == [(3 * SECOND, SECOND, 6 * SECOND, 4, 3)]
    assert stream.finish() == []


def test_what_comes_behind_the_watermark_is_counted_and_not_looked_at() -> None:
    stream = Stream(COUNT, lateness=SECOND)
    stream.feed([seen(1), seen(2), seen(11.5)])
    assert stream.feed([seen(8.9)]) == []
    assert (stream.counts.late, stream.finish()) == (1, [])


def test_where_too_much_is_held_the_group_that_was_quiet_for_longest_is_forgotten_and_counted() -> None:
    stream = Stream(COUNT, most=4)
    early = [seen(1, "x"), seen(1.1, "x"), seen(1.2, "x")]
    assert stream.feed(early) == []
    found = stream.feed([seen(2, "y"), seen(2.1, "y"), seen(2.2, "y")])
    assert [(match.group, match.count) for match in found] == [(("x",), 3)]
    assert stream.counts.forgotten == 3
    assert [(match.group, match.count) for match in stream.finish()] == [(("y",), 3)]


def test_where_nothing_has_been_looked_at_yet_the_first_are_no_longer_waited_for() -> None:
    stream = Stream(COUNT, lateness=100 * SECOND, most=3)
    assert stream.feed([seen(1), seen(2), seen(3), seen(4)]) == []
    stream.push([seen(0.5)])
    assert (stream.counts.late, stream.counts.forgotten) == (1, 1)


def test_a_group_that_nothing_happens_in_takes_no_room() -> None:
    stream = Stream(COUNT)
    for number in range(1000):
        stream.feed([seen(number * 5, f"host-{number}")])
    assert len(stream.dump()) < 2000


def test_a_state_of_something_else_is_refused() -> None:
    state = Stream(COUNT).dump()
    other = msgspec.structs.replace(COUNT, timespan=5 * SECOND)
    with pytest.raises(BartizanError, match="this state is of another version of 't'; begin a new one"):
        Stream.restore(other, state)
    for damaged in (b"", b"\xc1", state[:-5], msgspec.msgpack.encode("x")):
        with pytest.raises(BartizanError, match="this is no state of a correlation"):
            Stream.restore(COUNT, damaged)


def test_an_absence_at_the_end_is_undecided_unless_the_end_is_known_to_be_later() -> None:
    plan = Correlation(0, 1, META, "bartizan_absence", (("a", 1), ("b", 1)), 10 * SECOND, ("host",))
    expected = Match(group=("x",), time=11 * SECOND, first=SECOND, last=SECOND, count=1, value=None, shown=(seen(1)[:3],), undecided=True)
    for end, undecided in ((0, True), (10 * SECOND, True), (11 * SECOND, False)):
        stream = Stream(plan)
        stream.feed([seen(1)])
        (match,) = stream.finish(end)
        assert match == but(expected, undecided=undecided)
        assert naive(plan, [seen(1)], end) == [match]


def but(match: Match, *, undecided: bool) -> Match:
    return Match(**{name: getattr(match, name) for name in Match.__slots__ if name != "undecided"}, undecided=undecided)
