"""Judging with three values: the fast way and the plain one agree, and neither says more than is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.rules.random_rules import FIELDS, PLACEHOLDERS, documents, rows
from tests.rules.test_twins import SLOW_TO_DRAW, VIEWS, read

from bartizan.rules import load
from bartizan.rules.match import Partial, PartialBound, unjudgeable
from bartizan.rules.match.formula import FALSE, OPEN, TRUE
from bartizan.rules.plan import AllOf, AnyOf, Not, Text
from bartizan.rules.plan import Test as Asks
from bartizan.rules.reference import partial_truth
from bartizan.schema.columns import Column, Frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.rules.plan import Node
    from bartizan.schema.columns import Cell

SETTINGS = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[*SLOW_TO_DRAW, HealthCheck.function_scoped_fixture]
)
VALUES = {None: OPEN, True: TRUE, False: FALSE}

known_rows = st.lists(st.tuples(rows, st.frozensets(st.sampled_from(FIELDS))), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("partial")


def node_of(document: dict[str, Any], folder: Path) -> Node | None:
    path = folder / "rule.yml"
    path.write_text(json.dumps(document), encoding="utf-8")
    plans = load([path], cache=folder / "cache", placeholders=PLACEHOLDERS).plans(VIEWS)
    return plans[0][1] if plans and not unjudgeable(plans[0][1]) else None


def fast(nodes: Sequence[Node], drawn: Sequence[tuple[dict[str, Cell], frozenset[str]]]) -> list[list[int]]:
    frame = Frame.of([row for row, _ in drawn])
    masks = {name: np.array([name in unknown for _, unknown in drawn]) for name in FIELDS}
    judged = PartialBound(nodes).judge(Partial(len(drawn), lambda name: (frame.column(name), masks[name] if masks[name].any() else None)))
    return [judged.truths(place).tolist() for place in range(len(nodes))]


@pytest.mark.slow
@SETTINGS
@given(documents(), known_rows)
def test_the_fast_way_and_the_plain_one_agree(
    folder: Path, document: dict[str, Any], drawn: list[tuple[dict[str, Cell], frozenset[str]]]
) -> None:
    node, rule = node_of(document, folder), read(document)
    assume(node is not None and rule is not None)
    assert node is not None
    assert rule is not None
    assert fast([node], drawn) == [[VALUES[partial_truth(rule.tree, row, unknown)] for row, unknown in drawn]]


@pytest.mark.slow
@SETTINGS
@given(documents(), known_rows)
def test_what_is_said_of_a_row_holds_whatever_the_unknown_values_are(
    folder: Path, document: dict[str, Any], drawn: list[tuple[dict[str, Cell], frozenset[str]]]
) -> None:
    node = node_of(document, folder)
    assume(node is not None)
    assert node is not None
    [told], [whole] = fast([node], drawn), fast([node], [(row, frozenset()) for row, _ in drawn])
    assert OPEN not in whole
    assert [(said, so) for said, so in zip(told, whole, strict=True) if said not in (OPEN, so)] == []


def test_what_decides_is_enough() -> None:
    yes, no = Asks("a", (Text("is", "1"),)), Asks("b", (Text("is", "1"),))
    row: list[tuple[dict[str, Cell], frozenset[str]]] = [
        ({"a": "0"}, frozenset({"b"})),
        ({"a": "1"}, frozenset({"b"})),
        ({"b": "1"}, frozenset({"a"})),
    ]
    told = fast([AllOf((yes, no)), AnyOf((yes, no)), Not(AllOf((yes, Not(no))))], row)
    assert told == [[FALSE, OPEN, OPEN], [OPEN, TRUE, TRUE], [TRUE, OPEN, TRUE]]


def test_many_combinations_of_values_are_judged_as_few_are() -> None:
    fields = [chr(ord("a") + number) for number in range(9)]
    tests = tuple(
        Asks(name, tuple(Text("is", str(value)) for value in range(wide, 9)), every=False) for name in fields for wide in range(4)
    )
    height = 400
    columns = {name: Column.encode(str((row * (place + 3)) % 11) for row in range(height)) for place, name in enumerate(fields)}
    judged = PartialBound([AnyOf((AllOf(tests), Not(AllOf(tests[::3]))))]).judge(Partial(height, lambda name: (columns[name], None)))
    cells = [{name: columns[name][row] for name in fields} for row in range(height)]
    holds = [{test: any(str(cell[test.field]) == one.text for one in test.of if isinstance(one, Text)) for test in tests} for cell in cells]
    naive = [all(one[test] for test in tests) or not all(one[test] for test in tests[::3]) for one in holds]
    assert judged.truths(0).tolist() == [int(one) for one in naive]
