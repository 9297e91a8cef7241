"""Draw correlations and sightings: few groups, few values, many ties, so that everything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from bartizan.detect.correlate.contract import Match, Sighting
from bartizan.detect.correlate.stream import Stream
from bartizan.rules.compile.correlations import TYPES
from bartizan.rules.plan import Correlation, Every, Limit, Meta, Never, Presence, Seen, Some

if TYPE_CHECKING:
    from collections.abc import Sequence

META = Meta("", "t", ("", "", ""), "low", "", "", "", "", (), (), (), "")
SECOND = 1_000_000_000
NUMBERS = (0, 1, 2, 3, -1, 0.5, 1.5, 0.1, 2**62, -(2**60), 1e20, 2.5e-9)
BOUNDS = (0, 1, 2, 3, 1.5, 0.5, -1, 2.25, 0.1, 2**53)


def presences(rules: int) -> st.SearchStrategy[Presence]:
    leaf: st.SearchStrategy[Presence] = st.builds(Seen, st.integers(0, rules - 1))
    return st.recursive(
        leaf,
        lambda part: st.one_of(
            st.builds(Never, part),
            st.builds(Every, st.lists(part, min_size=2, max_size=3).map(tuple)),
            st.builds(Some, st.lists(part, min_size=2, max_size=3).map(tuple)),
        ),
        max_leaves=5,
    )


@st.composite
def correlations(draw: st.DrawFn, kinds: Sequence[str] = TYPES) -> Correlation:
    kind = draw(st.sampled_from(kinds))
    rules = 2 if kind in {"bartizan_absence", "bartizan_ratio"} else draw(st.integers(1, 3))
    limits = draw(st.lists(st.builds(Limit, st.sampled_from(["gt", "gte", "lt", "lte", "eq", "neq"]), st.sampled_from(BOUNDS)), max_size=2))
    condition: Presence | None = None
    if kind == "temporal_ordered":
        condition = Every(tuple(Seen(rule) for rule in range(rules)))
    elif kind == "temporal" and draw(st.booleans()):
        condition = draw(presences(rules))
    return Correlation(
        document=0,
        line=1,
        meta=META,
        kind=kind,
        rules=tuple((f"rule_{number}", 1) for number in range(rules)),
        timespan=draw(st.integers(1, 6)) * SECOND,
        group_by=("host",),
        limits=() if condition is not None or kind == "bartizan_absence" else tuple(limits),
        fields=("value",),
        percentile=draw(st.sampled_from([1, 33.3, 50, 90, 99.5, 100])),
        presence=condition,
    )


@st.composite
def cases(draw: st.DrawFn, kinds: Sequence[str] = TYPES) -> tuple[Correlation, list[Sighting], int]:
    """Draw a correlation, sightings for it, and where the input ends."""
    plan = draw(correlations(kinds))
    numeric = plan.kind in {"value_sum", "value_avg", "value_percentile", "value_median"}
    measured = st.sampled_from(NUMBERS) if numeric else st.tuples(st.sampled_from("abc"))
    record = st.tuples(st.integers(0, 14), st.integers(0, len(plan.rules) - 1), st.sampled_from("xy"), measured)
    drawn = draw(st.lists(record, max_size=16))
    found = [
        Sighting(time * SECOND, number.to_bytes(16, "big"), rule, (group,), value)
        for number, (time, rule, group, value) in enumerate(drawn)
    ]
    also = draw(st.lists(st.sampled_from(found), max_size=4)) if found else []
    others = [one._replace(rule=(one.rule + 1) % len(plan.rules)) for one in also]
    return plan, [*found, *also[:2], *others], draw(st.integers(0, 20)) * SECOND


def streamed(plan: Correlation, pieces: Sequence[Sequence[Sighting]], end: int, *, lateness: int, stored: bool) -> list[Match]:
    """Feed a stream piece by piece; ``stored``: between two pieces it is put away and taken up again."""
    stream = Stream(plan, lateness=lateness)
    found = []
    for piece in pieces:
        found += stream.feed(piece)
        if stored:
            stream.taken_openings()
            stream = Stream.restore(plan, stream.dump())
    found += stream.finish(end)
    assert (stream.counts.late, stream.counts.forgotten) == (0, 0)
    return sorted(found, key=lambda match: (match.time, match.group))
