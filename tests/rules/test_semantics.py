"""Load the rules of the conformance suite all at once: what is built for many rules together must not change what one says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bartizan.rules import load
from bartizan.rules.reference import reference_bound, reference_rule
from bartizan.schema.logsource import Logsource, View
from bartizan.testing.conformance import Case, read_cases
from bartizan.testing.conformance.ours import batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.rules.contract import Bound

CASES = [case for case in read_cases() if len(case.documents) == 1 and case.events]


def named(case: Case) -> str:
    return case.id


def product(case: Case) -> str:
    """A log source of its own, so that one loaded set can be bound case by case."""
    return f"case-{CASES.index(case)}"


def document(case: Case) -> dict[str, Any]:
    return {**case.documents[0], "logsource": {"product": product(case)}, "title": case.id}


def fired(case: Case, bound: Bound, rule: int) -> tuple[int, ...]:
    hits = ((numbers, hit) for numbers, records in batches(case.events) for hit in bound.match(records) if hit.rule == rule)
    return tuple(sorted(numbers[row] for numbers, hit in hits for row in hit.rows))


@pytest.fixture(scope="module", params=["fast", "naive"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], tuple[Bound, int]]:
    """Load all cases with the same placeholder lists at once, and bind each by one engine."""
    sets: dict[str, Any] = {}
    for key in {lists_of(case) for case in CASES}:
        folder = tmp_path_factory.mktemp("rules")
        for case in CASES:
            if lists_of(case) == key:
                (folder / f"{product(case)}.yml").write_text(yaml.safe_dump(document(case)), encoding="utf-8")
        sets[key] = load([folder], cache=tmp_path_factory.mktemp("cache"), placeholders=yaml.safe_load(key))

    def bound(case: Case) -> tuple[Bound, int]:
        loaded = sets[lists_of(case)]
        number = [rule.title for rule in loaded.rules].index(case.id)
        return loaded.bind((View(Logsource(product(case))),), naive=request.param == "naive"), number

    return bound


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_rule_loaded_with_many_others_fires_on_the_events_of_its_case(case: Case, engine: Callable[[Case], tuple[Bound, int]]) -> None:
    assert fired(case, *engine(case)) == case.expect


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_reference_fires_on_the_events_of_a_case_tuple_by_tuple(case: Case) -> None:
    rule = reference_rule(document(case), placeholders=case.placeholders)
    assert fired(case, reference_bound({0: rule}, (View(Logsource(product(case))),), plain=False), 0) == case.expect


def lists_of(case: Case) -> str:
    return yaml.safe_dump(dict(case.placeholders))
