from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from benchmarks._wrongs import wrongs

from bartizan.collect.inventory.contract import Facts, Gap, Origin, Resource, Uid
from bartizan.collect.inventory.kinds import kinds
from bartizan.errors import InputError
from bartizan.review.cloud.checks import load, review
from bartizan.review.cloud.checks.compliance import Compliance, Status, compliance
from bartizan.review.cloud.checks.frameworks import Framework, frameworks
from bartizan.review.cloud.checks.oscal import control_id, oscal
from bartizan.review.cloud.checks.responsibility import models, responsibility
from bartizan.review.cloud.contract import Verdict

if TYPE_CHECKING:
    from bartizan.review.cloud.checks.contract import Checks

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTENT = Path(__file__).parents[4] / "content"
SCHEMA = jsonschema.Draft202012Validator(json.loads((Path(__file__).parent / "oscal_assessment_results.json").read_text()))
FRAMEWORK = Framework("test-1", "Test", "1", "here", "all", {"1": "mfa", "2": "keys", "3": "roles", "4": "buckets", "5": "lawns"})

CHECK = """\
title: {name}
logsource: {{product: aws, category: inventory, service: {kind}}}
detection: {{wrong: {{{asks}}}, condition: wrong}}
compliance: {{test-1: ["{requirement}"]}}
"""


@pytest.fixture
def checks(tmp_path: Path) -> Checks:
    for name, kind, asks, requirement in (
        ("without-mfa", "iam_user", "mfa: [false, null]", "1"),
        ("with-keys", "iam_user", "access_keys.active|gte: 1", "2"),
        ("linked", "iam_role", "service_linked: true", "3"),
        ("versions", "s3_bucket", "versioning: null", "4"),
    ):
        (tmp_path / f"{name}.yml").write_text(CHECK.format(name=name, kind=kind, asks=asks, requirement=requirement))
    return load([tmp_path], today=NOW.date())


def user(number: int, **properties: bool | int) -> Resource:
    told = {name.replace("__", "."): value for name, value in properties.items()}
    return Resource(
        uid=Uid(f"user/{number}"), provider="aws", kind="iam_user", name=f"user {number}", properties=told, origin=Origin("case")
    )


def standing(facts: Facts, checks: Checks) -> Compliance:
    return compliance(review(facts, checks, now=NOW), checks, FRAMEWORK)


def test_requirements_stand_as_their_checks_say_and_coverage_is_told_honestly(checks: Checks) -> None:
    facts = Facts(
        resources=[user(1, mfa=True, access_keys__active=0), user(2, mfa=False, access_keys__active=0)],
        gaps=[Gap(provider="aws", call="iam:ListRoles", reason="denied", kinds=("iam_role",))],
    )
    found = standing(facts, checks)
    assert [(one.requirement, one.status) for one in found.standings] == [
        ("1", Status.FAILED),
        ("2", Status.PASSED),
        ("3", Status.UNKNOWN),
        ("4", Status.NOTHING),
        ("5", Status.UNCHECKED),
    ]
    assert found.coverage == (
        "2 of 5 requirements can be judged from what was read; 1 could not be judged: something was not read; "
        "1 are about kinds of which nothing was read; 1 have no check"
    )
    assert [(one.check, one.resource.uid) for one in found.standings[0].evidence(Verdict.FAIL)] == [("without-mfa", "user/2")]
    assert [one.verdict for one in found.standings[0].evidence()] == [Verdict.PASS, Verdict.FAIL]


def test_what_is_excepted_is_accepted_and_not_passed(tmp_path: Path, checks: Checks) -> None:
    (tmp_path / "exceptions.yml").write_text(
        "title: robots\nlogsource: {product: aws, category: inventory, service: iam_user}\n"
        "filter: {rules: any, robot: {name|startswith: user}, condition: not robot}\n"
        "owner: alice@example.com\nreason: robots\nexpires: 2026-02-01\n"
    )
    again = load([tmp_path], today=NOW.date())
    found = standing(Facts(resources=[user(1, mfa=False, access_keys__active=0)]), again)
    assert (found.standings[0].status, found.standings[0].excepted) == (Status.ACCEPTED, 1)
    assert standing(Facts(resources=[user(1, mfa=False, access_keys__active=0)]), checks).standings[0].status is Status.FAILED


def test_assessment_results_of_every_framework_are_valid_oscal() -> None:
    checks = load([CONTENT / "checks" / "aws" / "iam", CONTENT / "checks" / "aws" / "s3"])
    facts = wrongs()
    facts.gaps.append(
        Gap(provider="aws", call="s3:Ask", reason="denied", detail="two\nlines", kinds=("s3_bucket",), properties=("versioning",))
    )
    reviewed = review(facts, checks, now=NOW)
    for one in frameworks(CONTENT / "frameworks").values():
        written = json.loads(json.dumps(oscal(compliance(reviewed, checks, one), checks, now=NOW)))
        assert [error.message for error in SCHEMA.iter_errors(written)] == [], one.name


def test_assessment_results_hold_together(checks: Checks) -> None:
    written = oscal(standing(Facts(resources=[user(1, mfa=False, access_keys__active=0)]), checks), checks, now=NOW)
    [result] = written["assessment-results"]["results"]
    observations = {one["uuid"] for one in result["observations"]}
    subjects = {one["uuid"] for one in result["local-definitions"]["inventory-items"]}
    assert {one["observation-uuid"] for each in result["findings"] for one in each["related-observations"]} <= observations
    assert {one["subject-uuid"] for each in result["observations"] for one in each.get("subjects", ())} == subjects
    states = [
        (one["target"]["target-id"], one["target"]["status"]["state"], one["target"]["status"]["reason"]) for one in result["findings"]
    ]
    assert states == [("test-1_1", "not-satisfied", "fail"), ("test-1_2", "satisfied", "pass")]
    assert written == oscal(standing(Facts(resources=[user(1, mfa=False, access_keys__active=0)]), checks), checks, now=NOW)


def test_the_schema_finds_damage(checks: Checks) -> None:
    written: Any = oscal(standing(Facts(resources=[user(1)]), checks), checks, now=NOW)
    written["assessment-results"]["results"][0]["findings"][0]["uuid"] = "x"
    assert not SCHEMA.is_valid(written)


def test_nothing_at_all_is_valid_oscal_too(checks: Checks) -> None:
    assert SCHEMA.is_valid(oscal(standing(Facts(), checks), checks, now=NOW))


@pytest.mark.parametrize(
    ("framework", "requirement", "control"),
    [
        ("nist-800-53-r5", "AC-6(10)", "ac-6.10"),
        ("nist-800-53-r5", "AC-2", "ac-2"),
        ("hipaa", "164.312(a)(1)", "hipaa_164.312-a-1"),
        ("cis-aws-3", "2.1.4", "cis-aws-3_2.1.4"),
    ],
)
def test_controls_have_the_ids_that_oscal_allows(framework: str, requirement: str, control: str) -> None:
    assert control_id(framework, requirement) == control


def test_who_answers_is_told_of_kinds_that_there_are_and_of_most_of_them() -> None:
    told = models(CONTENT / "responsibility")
    assert [key for key in told.kinds if key not in kinds()] == []
    assert len(told.kinds) > 0.9 * len(kinds())


def test_an_estate_is_told_by_owner_and_what_is_not_known_is_a_question() -> None:
    told = models(CONTENT / "responsibility")
    facts = Facts(resources=[user(1), user(2), Resource(uid=Uid("n"), provider="kubernetes", kind="etcd")])
    found = responsibility(facts, told)
    assert [(one.kind, one.resources, one.owner("identity"), one.owner("buildings"), one.owner("code")) for one in found.shares] == [
        ("iam_user", 2, "customer", "provider", ""),
        ("etcd", 1, "unknown", "unknown", "unknown"),
    ]
    assert found.questions == ("kubernetes etcd (1): who runs it, and who answers for its controls, is not told",)
    assert found.by_owner("customer")["identity"] == ("iam_user",)
    assert set(found.by_owner("unknown")) == set(told.controls)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("models.yml", "controls: {a: b}\n", "is no mapping of controls, models"),
        ("models.yml", "controls: {a: b}\nmodels: {m: {provider: [x]}}\n", "'x' is no control, or stands there twice"),
        ("aws.yml", "kinds: {n: [instance]}\n", "there is no model 'n'"),
        ("aws.yml", "kinds: {m: [instance, instance]}\n", "instance stands under m and under m"),
    ],
)
def test_a_file_of_responsibilities_that_is_none_says_why(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / "models.yml").write_text("controls: {a: b}\nmodels: {m: {about: x, provider: [a]}}\n")
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=why):
        models(tmp_path)


def test_a_framework_that_is_none_says_why(tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_text("name: g\n")
    with pytest.raises(InputError, match=r"is no framework: it needs name, requirements"):
        frameworks(tmp_path)
    (tmp_path / "f.yml").write_text("{")
    with pytest.raises(InputError, match=r"this is no YAML"):
        frameworks(tmp_path)
    with pytest.raises(InputError, match=r"models\.yml: cannot be read"):
        models(tmp_path)
