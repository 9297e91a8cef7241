"""Two ways to the same answer must give the same answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sigma.exceptions import SigmaError
from tests.rules.random_rules import PLACEHOLDERS, Batch, batches, documents

from bartizan.rules import load
from bartizan.rules.explain import explain
from bartizan.rules.reference import ReferenceRule, differences, reference_bound, reference_rule
from bartizan.rules.reference.texts import texts_of
from bartizan.schema.columns import ABSENT
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = (View(Logsource("twin")),)
SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def read(document: dict[str, Any]) -> ReferenceRule | None:
    try:
        return reference_rule(document, placeholders=PLACEHOLDERS)
    except SigmaError:
        return None


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(st.lists(documents(), min_size=1, max_size=4), batches())
def test_rows_judged_in_groups_and_one_by_one_fire_alike(drawn: list[dict[str, Any]], batch: Batch) -> None:
    rules = {number: rule for number, rule in enumerate(map(read, drawn)) if rule is not None}
    assume(rules)
    grouped, plain = reference_bound(rules, VIEWS), reference_bound(rules, VIEWS, plain=True)
    assert grouped.match(batch.records) == plain.match(batch.records)
    assert differences(grouped, plain, batch.records) == []


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(documents(), batches())
def test_an_explanation_comes_to_the_same_verdict_and_gives_a_reason(document: dict[str, Any], batch: Batch) -> None:
    rule = read(document)
    assume(rule is not None)
    hits = reference_bound({0: rule}, VIEWS).match(batch.records)
    fired = set(hits[0].rows) if hits else set()
    for number, row in enumerate(batch.rows):
        texts = texts_of(batch.records.raw[number], structured=batch.records.structured)
        explanation = explain(rule, lambda name, row=row: row.get(name, ABSENT), lambda texts=texts: texts)
        assert (explanation.fires, bool(explanation.why)) == (number in fired, True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twins")


@settings(max_examples=200, deadline=None, suppress_health_check=[*SLOW_TO_DRAW, HealthCheck.function_scoped_fixture])
@given(st.lists(documents(), min_size=1, max_size=5), st.lists(batches(), min_size=1, max_size=2))
def test_the_fast_engine_and_the_reference_fire_alike(folder: Path, drawn: list[dict[str, Any]], parts: list[Batch]) -> None:
    path = folder / "rules.yml"
    path.write_text("\n---\n".join(json.dumps(document) for document in drawn), encoding="utf-8")
    loaded = load([path], cache=folder / "cache", placeholders=PLACEHOLDERS)
    fast, naive = loaded.bind(VIEWS), loaded.bind(VIEWS, naive=True)
    for batch in parts:
        told = [
            (loaded.rules[item.rule].path, loaded.origins[item.rule].document, item) for item in differences(fast, naive, batch.records)
        ]
        assert told == []
