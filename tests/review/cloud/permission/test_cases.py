from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest
from tests.deciding import Case, cases, outcome

from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.aws.naive.steps import decide
from bartizan.review.cloud.permission.contract import Answer

CASES = list(cases())
BY_FILE = {name: list(rows) for name, rows in groupby(CASES, key=lambda case: case.place.partition("-")[0])}


@pytest.mark.parametrize("name", BY_FILE)
def test_the_cases_come_out_as_the_documentation_says(name: str) -> None:
    wrong = [(case.place, case.says, case.see, got, want) for case in BY_FILE[name] for got, want in [outcome(case)] if got != want]
    assert wrong == []


@pytest.mark.parametrize("name", BY_FILE)
def test_the_naive_evaluation_agrees_in_every_case(name: str) -> None:
    def both(case: Case) -> tuple[object, object]:
        authorizer = AwsAuthorizer(case.facts)
        decision = authorizer.decide(case.principal, case.action, case.resource, case.context)
        told = decide(authorizer.estate, case.principal, case.action, case.resource, case.context)
        return (decision.answer, decision.depends), (told.answer, told.depends)

    assert [(case.place, case.says, fast, naive) for case in BY_FILE[name] for fast, naive in [both(case)] if fast != naive] == []


@pytest.mark.parametrize("name", BY_FILE)
def test_what_is_allowed_is_never_left_out_of_what_may_be(name: str) -> None:
    def left_out(case: Case) -> bool:
        may = AwsAuthorizer(case.facts).may(case.principal, [case.action])[case.action]
        return not may and case.answer in (Answer.ALLOWED.value, Answer.CONDITIONAL.value)

    assert [(case.place, case.says) for case in BY_FILE[name] if left_out(case)] == []


def test_there_are_enough_cases_and_each_says_something_else() -> None:
    assert len(CASES) >= 720
    assert [says for says, number in Counter((case.see, case.says) for case in CASES).items() if number > 1] == []
