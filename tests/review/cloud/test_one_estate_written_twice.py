"""One estate, written in Terraform and as a template of CloudFormation: the same findings."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.house.checkout import ROOT

from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.templates.reading import read_template
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.review.cloud.checks.judging import review
from bartizan.review.cloud.checks.loading import load
from bartizan.review.cloud.contract import Verdict

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.checks.contract import Checks

pytestmark = pytest.mark.slow
ESTATE = Path(__file__).parent / "estate"
WHERE = Account("111122223333", "eu-west-1")


def verdicts(facts: Facts, checks: Checks, verdict: Verdict) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in review(facts, checks).judgements(verdict):
        found[one.resource.kind].add(one.check)
    return found


def test_what_is_wrong_is_wrong_however_it_is_written() -> None:
    checks = load([str(ROOT / "content" / "checks" / "aws")])
    terraform, template = read_terraform(ESTATE / "terraform", where=WHERE), read_template(ESTATE / "stack.yml", where=WHERE)
    assert (terraform.gaps, template.gaps) == ([], [])
    assert sorted(one.kind for one in terraform.resources) == sorted(one.kind for one in template.resources)
    wrong = verdicts(terraform, checks, Verdict.FAIL)
    assert wrong == verdicts(template, checks, Verdict.FAIL)
    assert wrong["s3_bucket"] >= {"s3-bucket-public", "s3-bucket-public-access-unblocked", "s3-bucket-without-versions"}
    assert wrong["lambda_function"] >= {"lambda-function-open", "lambda-function-with-every-right", "lambda-function-environment-secret"}
    assert wrong["security_group"] >= {"security-group-all-open", "security-group-ssh-open"}
    assert wrong["instance"] >= {"instance-user-data-secret", "instance-with-public-address", "instance-with-every-right"}
    assert sum(map(len, wrong.values())) >= 80
    assert "hunter2" not in repr((terraform, template))
    assert "abcdefghij12345" not in repr((terraform, template))
