from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from tests.deciding import case
from tests.questions import rows

from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.aws.naive.steps import decide
from bartizan.review.cloud.permission.contract import Answer


def agrees(row: dict[str, Any]) -> None:
    """Ask both, and hold the set of what may be done against what is decided."""
    asked = case("random", row)
    authorizer = AwsAuthorizer(asked.facts)
    decision = authorizer.decide(asked.principal, asked.action, asked.resource, asked.context)
    told = decide(authorizer.estate, asked.principal, asked.action, asked.resource, asked.context)
    assert (decision.answer, decision.depends) == (told.answer, told.depends)
    if decision.answer in (Answer.ALLOWED, Answer.CONDITIONAL):
        assert authorizer.may(asked.principal, [asked.action]) == {asked.action: True}


@given(rows())
@settings(max_examples=12, derandomize=True, database=None, deadline=None)
def test_the_authorizer_and_the_naive_evaluation_agree_on_anything(row: dict[str, Any]) -> None:
    agrees(row)


@pytest.mark.slow
@given(rows())
@settings(max_examples=1000, derandomize=True, database=None, deadline=None)
def test_they_agree_on_many_more(row: dict[str, Any]) -> None:
    agrees(row)
