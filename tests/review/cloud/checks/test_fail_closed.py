from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks import failclosed
from benchmarks._wrongs import wrongs

from bartizan.review.cloud.checks import load, review
from bartizan.review.cloud.contract import Verdict
from bartizan.testing.fail_closed import Lapse, lapses, mutations

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHECKS = Path(__file__).parents[4] / "content" / "checks" / "aws"


@pytest.mark.slow
def test_policies_and_lists_that_cannot_be_read_make_nothing_pass() -> None:
    checks = load([CHECKS / "iam", CHECKS / "s3"])
    facts = wrongs()
    before = review(facts, checks, now=NOW)
    some = [
        one
        for one in mutations(facts)
        if one.what.endswith(("could not be listed", "#trust could not be read", "#policy could not be read"))
    ]
    assert len(some) > 40
    assert [(one.what, lapse) for one in some for lapse in lapses(before, review(one.facts, checks, now=NOW))] == []


def test_a_lapse_is_found() -> None:
    checks = load([CHECKS / "iam"])
    facts = wrongs()
    before = review(facts, checks, now=NOW)
    assert before.counts()[Verdict.FAIL] > 10
    facts.statements = [one for one in facts.statements if not one.policy.endswith("#trust")]
    found = lapses(before, review(facts, checks, now=NOW))
    assert Lapse("role-trusts-everybody", "arn:role", "pass") in found
    facts.resources = [one for one in facts.resources if one.kind != "iam_role"]
    assert Lapse("role-trusts-everybody", "arn:role", "gone") in lapses(before, review(facts, checks, now=NOW))


@pytest.mark.slow
def test_nothing_that_is_taken_away_makes_pass_what_failed() -> None:
    result = failclosed.measure()
    assert (result.figure, result.details["wrong"]) == (0, [])
