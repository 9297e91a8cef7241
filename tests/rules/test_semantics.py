"""Hold both engines to the conformance cases of ``semantics/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from sigma.exceptions import SigmaError
from tests.rules.semantics_cases import Case, read_cases

from bartizan.rules import load
from bartizan.rules.reference import reference_bound, reference_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.rules.contract import Bound, RuleSet

CASES = read_cases()
RUNNING = [case for case in CASES if not case.refused]
REFUSED = [case for case in CASES if case.refused]


def named(case: Case) -> str:
    return f"{case.file}: {case.title}"


def test_the_cases_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 150
    assert len({named(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("plain", [True, False], ids=["row by row", "tuple by tuple"])
@pytest.mark.parametrize("case", RUNNING, ids=named)
def test_the_reference_fires_on_the_rows_of_a_case(case: Case, *, plain: bool) -> None:
    rule = reference_rule(case.document(), placeholders=case.placeholders)
    bound = reference_bound({0: rule}, case.views, plain=plain)
    assert fired(case, bound, 0) == list(case.fires)


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_the_reference_refuses_what_it_cannot_judge(case: Case) -> None:
    with pytest.raises(SigmaError):
        reference_rule(case.document(), placeholders=case.placeholders)


def fired(case: Case, bound: Bound, rule: int) -> list[int]:
    rows: list[int] = []
    for numbers, records in case.batches():
        rows += [numbers[row] for hit in bound.match(records) if hit.rule == rule for row in hit.rows]
    return sorted(rows)


@pytest.fixture(scope="module", params=["fast", "naive"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], tuple[RuleSet, Bound]]:
    """Load all cases with the same placeholder lists at once, and give each case its rule set, bound by one engine."""
    sets: dict[str, RuleSet] = {}
    for key in {lists_of(case) for case in CASES}:
        folder = tmp_path_factory.mktemp("rules")
        for case in CASES:
            if lists_of(case) == key:
                (folder / f"{case.product}.yml").write_text(yaml.safe_dump(case.document()), encoding="utf-8")
        sets[key] = load([folder], cache=tmp_path_factory.mktemp("cache"), placeholders=yaml.safe_load(key))

    def bound(case: Case) -> tuple[RuleSet, Bound]:
        loaded = sets[lists_of(case)]
        return loaded, loaded.bind(case.views, naive=request.param == "naive")

    return bound


@pytest.mark.parametrize("case", RUNNING, ids=named)
def test_a_loaded_rule_fires_on_the_rows_of_a_case(case: Case, engine: Callable[[Case], tuple[RuleSet, Bound]]) -> None:
    loaded, bound = engine(case)
    assert [refusal.why for refusal in loaded.refused if refusal.id == case.id] == []
    assert fired(case, bound, [rule.id for rule in loaded.rules].index(case.id)) == list(case.fires)


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_a_rule_that_nobody_can_judge_is_refused_with_a_reason(case: Case, engine: Callable[[Case], tuple[RuleSet, Bound]]) -> None:
    loaded, _ = engine(case)
    assert case.id not in [rule.id for rule in loaded.rules]
    assert [bool(refusal.why) for refusal in loaded.refused if refusal.id == case.id] == [True]


def lists_of(case: Case) -> str:
    return yaml.safe_dump(dict(case.placeholders))
