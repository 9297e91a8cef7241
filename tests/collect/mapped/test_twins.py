"""What is computed once per distinct value, and told by bytes first, is what a look at each record gives."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.collect.mapped.mappings import DOOR, rows, source

from bartizan.collect.contract import Context, Route

VALUES = st.sampled_from(
    ["alice", "denied", "Denied: late", "expired", "opened", "left", "", "-", None, 5, True, 1.5, ["denied", 1], {"x": 1}]
)
RECORDS = st.dictionaries(st.sampled_from(["badge", "door", "result", "at", "user"]), VALUES, max_size=5)


def naive(record: dict[str, Any]) -> tuple[str, object, object]:
    """Return the route, the user and the activity of a record, as the mapping file says them."""
    if "badge" not in record or "door" not in record:
        return "", None, None
    result = record.get("result")
    texts = [json.dumps(one) if isinstance(one, bool) else str(one) for one in (result if isinstance(result, list) else [result])]
    scalars = [] if result is None or isinstance(result, dict) else [text.lower() for text in texts]
    if any(text.startswith("denied") or text == "expired" for text in scalars):
        return "refused", record["badge"], 1
    told = scalars[0] if scalars and not isinstance(result, list) else None
    return "opened", record["badge"], {"opened": 1, "left": 2}.get(told or "", 99)


@given(st.lists(RECORDS, max_size=6))
def test_routes_and_attributes_are_those_of_a_look_at_each_record(records: list[dict[str, Any]]) -> None:
    made = source(DOOR)
    found = rows(made, [json.dumps(record) for record in records])
    told = [(route, cells.get("user.name"), cells.get("activity_id")) for route, cells in found]
    expected = [naive(record) for record in records]
    assert [(route, activity) for route, _, activity in told] == [(route, activity) for route, _, activity in expected]
    plain = [(mine, theirs) for (_, mine, _), (_, theirs, _) in zip(told, expected, strict=True) if not isinstance(theirs, list | dict)]
    assert all(mine == theirs and type(mine) is type(theirs) for mine, theirs in plain)


@given(st.lists(RECORDS | st.text(max_size=5), max_size=6))
def test_as_many_are_recognised_as_are_read(records: list[Any]) -> None:
    made = source(DOOR)
    raw = [json.dumps(record).encode() for record in records]
    assert made.recognise(raw) == sum(len(part.rows) for part in made.parse(raw, Context()).parts)


@given(st.lists(RECORDS, max_size=5), st.sets(st.sampled_from(["badge", "result", "at", "@time", "user"])))
def test_cells_are_the_same_however_few_are_wanted(records: list[dict[str, Any]], wanted: set[str]) -> None:
    made = source(DOOR)
    raw = [json.dumps(record).encode() for record in records]

    def some(_route: Route) -> frozenset[str]:
        return frozenset(wanted)

    def cells(context: Context) -> dict[tuple[int, str], str]:
        parts = made.parse(raw, context).parts
        return {(row, name): repr(part.frame.column(name)[at]) for part in parts for at, row in enumerate(part.rows) for name in wanted}

    leaves = [record for record in records if not any(isinstance(value, dict) for value in record.values())]
    if leaves == records:
        assert cells(Context(wanted=some)) == cells(Context())
