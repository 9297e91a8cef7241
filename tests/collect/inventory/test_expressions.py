"""Expressions get values out of whatever an origin gives, and nothing out of what they are not for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bartizan.collect.inventory.expressions import evaluate, placed
from bartizan.collect.inventory.rows import rows_where
from bartizan.errors import InputError

REPORT = "dXNlcixtZmFfYWN0aXZlCmFsaWNlLHRydWUK"  # user,mfa_active / alice,true


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("count(a)", {"a": [1, 2]}, 2),
        ("count(a)", {}, 0),
        ("has(a, 'x')", {"a": ["x"]}, True),
        ("has(a, 'x')", {"a": None}, False),
        ("parsed(a).b", {"a": '{"b": 1}'}, 1),
        ("parsed(a)", {"a": "{"}, None),
        ("names(a)", {"a": {"X": "1"}}, ["X"]),
        ("names(a)", {"a": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]}, ["X", "Y"]),
        ("credentials(a)", {"a": {"X": "(redacted) named", "Y": "(redacted)"}}, ["X"]),
        ("credentials(a)", {"a": [{"ParameterKey": "P", "ParameterValue": "(redacted) named"}]}, ["P"]),
        ("forms(a)", {"a": {"b": ["(redacted) password", "(redacted)"]}}, ["password"]),
        ("forms(a)", {}, []),
        ("least(a)", {"a": [3, 1, "x"]}, 1),
        ("least(a)", {"a": []}, None),
        ("last_part(a, ':')", {"a": "x:y:z"}, "z"),
        ("part(a, '/', `1`)", {"a": "x/y"}, "y"),
        ("part(a, '/', `9`)", {"a": "x/y"}, None),
        ("where(report(a), 'user', 'alice')[0].mfa_active", {"a": REPORT}, "true"),
        ("report(a)", {"a": "é"}, []),
        ("without(a, 'b', `1`)", {"a": [{"b": 1}, {"b": 2}]}, [{"b": 2}]),
        ("unfold(a, 'm')", {"a": [{"id": 1, "m": {"GET": {"x": 2}}}]}, [{"x": 2, "_row": {"id": 1, "m": {"GET": {"x": 2}}}}]),
        ("unescaped(a)", {"a": '{\\"a\\":1}'}, '{"a":1}'),
        ("minutes(a, 'hours')", {"a": 2}, 120),
        ("minutes(a, 'weeks')", {"a": 2}, None),
        ("distinct(a)", {"a": [1, 1, 2]}, [1, 2]),
        ("lower(a)", {"a": "X"}, "x"),
        ("keys(a)", {"a": 1}, None),
        (
            "crossing(r, p)[].DestinationCidrBlock",
            {
                "r": [{"DestinationCidrBlock": "10.1.0.0/16", "VpcPeeringConnectionId": "p"}, {"DestinationCidrBlock": "0.0.0.0/0"}],
                "p": [{"VpcPeeringConnectionId": "p", "AccepterVpcInfo": {"CidrBlock": "10.1.0.0/16"}}],
            },
            ["10.1.0.0/16"],
        ),
    ],
)
def test_functions(text: str, value: Any, result: Any) -> None:  # noqa: ANN401 - JSON
    assert evaluate(text, value) == result


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(InputError, match=r"'a\[' is no JMESPath"):
        evaluate("a[", {})


def test_braces_are_filled_and_keep_types_where_they_stand_alone() -> None:
    scope = {"a": [1], "b": "x", "n": None}
    assert placed({"whole": "{a}", "text": "<{b}>", "list": ["{b}"], "plain": 3, "none": "{n}{b}"}, scope) == {
        "whole": [1],
        "text": "<x>",
        "list": ["x"],
        "plain": 3,
        "none": None,
    }


@given(
    some.lists(
        some.fixed_dictionaries({"k": some.one_of(some.integers(0, 3), some.lists(some.sampled_from("abc"), max_size=3))}), max_size=40
    )
)
def test_an_index_finds_the_rows_that_looking_at_each_finds(rows: list[dict[str, Any]]) -> None:
    for value in (0, 1, 2, 3, "a", "b", "c"):
        plain = [row for row in rows if row["k"] == value or (isinstance(row["k"], list) and value in row["k"])]
        assert rows_where(rows, "k", value, evaluate) == plain
