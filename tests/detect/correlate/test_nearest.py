"""Why a correlation does not fire: the window that came nearest, in words."""

from __future__ import annotations

import pytest
from tests.detect.correlate.drawing import META, SECOND

from bartizan.detect.correlate.contract import Sighting
from bartizan.detect.correlate.nearest import nearest
from bartizan.rules.plan import Correlation, Every, Limit, Seen

MINUTE = 60 * SECOND
BOTH = Every((Seen(0), Seen(1)))
Told = list[tuple[int, int, object]]
AT_LEAST_THREE = {"limits": (Limit("gte", 3),)}
CASES: list[tuple[str, dict[str, object], Told, tuple[int, int, str]]] = [
    (
        "event_count",
        {"limits": (Limit("gte", 5),)},
        [(0, 0, None), (100, 0, None), (130, 0, None)],
        (100, 130, "number of events: 2, asked is >= 5"),
    ),
    ("event_count", {"limits": (Limit("lt", 1),)}, [(0, 0, None), (1, 0, None)], (0, 0, "number of events: 1, asked is < 1")),
    (
        "value_count",
        {"limits": (Limit("eq", 3),)},
        [(0, 0, ("a",)), (1, 0, ("b",))],
        (0, 1, "number of distinct values of f: 2, asked is = 3"),
    ),
    ("value_avg", {"limits": (Limit("gt", 9),)}, [(0, 0, 1), (1, 0, 2.5)], (0, 1, "mean of f: 1.75, asked is > 9")),
    ("temporal", {"presence": BOTH}, [(0, 0, None), (90, 1, None)], (0, 0, "seen: a; not seen: b")),
    ("temporal_ordered", {"presence": BOTH}, [(0, 1, None), (9, 0, None)], (0, 9, "seen: a, b; not as it is asked")),
    ("bartizan_ratio", AT_LEAST_THREE, [(0, 0, None)], (0, 0, "no event of b to be set against")),
    ("bartizan_ratio", AT_LEAST_THREE, [(0, 0, None), (1, 1, None)], (0, 1, "events of a for each of b: 1, asked is >= 3")),
    (
        "bartizan_absence",
        {},
        [(0, 0, None), (5, 1, None), (10, 0, None), (50, 1, None)],
        (10, 50, "a was followed by b after 40s, asked is none within 1m"),
    ),
    ("bartizan_absence", {}, [(0, 1, None)], (0, 0, "nothing that could come near")),
    (
        "bartizan_new_value",
        {"limits": (Limit("gte", 9),)},
        [(0, 0, ("a",)), (1, 0, ("b",)), (99, 0, ("b",))],
        (0, 1, "new: b, earlier events: 1, asked is >= 9"),
    ),
]


@pytest.mark.parametrize(("kind", "more", "told", "expected"), CASES)
def test_the_nearest_window_says_what_was_found_and_what_is_asked(
    kind: str, more: dict[str, object], told: list[tuple[int, int, object]], expected: tuple[int, int, str]
) -> None:
    plan = Correlation(0, 1, META, kind, (("a", 1), ("b", 1)), MINUTE, ("host",), fields=("f",), **more)
    sightings = [
        Sighting(second * SECOND, number.to_bytes(16, "big"), rule, ("x",), value) for number, (second, rule, value) in enumerate(told)
    ]
    near = nearest(plan, sightings)
    assert (near.first // SECOND, near.time // SECOND, near.words) == expected
