"""Hold both engines to the conformance cases of ``semantics/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sigma.exceptions import SigmaError
from tests.rules.semantics_cases import Case, read_cases

from bartizan.rules.reference import reference_bound, reference_rule

if TYPE_CHECKING:
    from bartizan.rules.contract import Bound

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
