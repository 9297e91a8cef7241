"""What is asked of attack paths, over small estates."""

from __future__ import annotations

from pathlib import Path as File
from typing import Any

import pytest

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.paths.answers import Paths, Reached, what_if
from bartizan.review.cloud.paths.compiling import HAS_ALL, compile_paths
from bartizan.review.cloud.paths.contract import INTERNET, administration
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = path_rules(File(__file__).resolve().parents[4] / "content" / "paths")
ADMIN = administration("aws", "111111111111")

CHAIN: dict[str, Any] = {
    "users": {
        "dev": {"allow": ["lambda:UpdateFunctionCode on lambda_function/worker", "lambda:InvokeFunction"]},
        "boss": {"allow": ["*"]},
        "idle": {},
    },
    "roles": {
        "job": {"trust": "lambda.amazonaws.com", "allow": ["iam:CreateAccessKey on user/boss"]},
        "reader": {"trust": {"to": "user/idle", "if": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, "allow": ["s3:GetObject"]},
    },
    "resources": [
        {"kind": "lambda_function", "name": "worker", "runs_as": "role/job"},
        {"kind": "s3_bucket", "name": "files"},
        {"kind": "lambda_function_url", "name": "worker", "properties": {"function": "lambda_function/worker", "auth": "NONE"}},
    ],
}


def paths_of(told: dict[str, Any]) -> Paths:
    facts = estate("aws", told)
    return Paths(compile_paths(facts, RULES.values(), {"aws": authorizer("aws", facts)}))


@pytest.fixture(scope="module")
def paths() -> Paths:
    return paths_of(CHAIN)


def aws(name: str) -> Uid:
    return named("aws", name)


def test_each_path_to_a_goal_is_told_hop_by_hop_with_its_rules(paths: Paths) -> None:
    told = [(path.start, [(hop.rule, hop.dst) for hop in path.hops], path.depends) for path in paths.paths_to(ADMIN)]
    rest = [
        ("aws-workload-acts-as-role", aws("role/job")),
        ("aws-iam-access-key-of-another", aws("user/boss")),
        ("aws-administrator", ADMIN),
    ]
    assert told == [
        (aws("role/job"), rest[1:], ()),
        (aws("user/dev"), [("aws-lambda-change-code", aws("lambda_function/worker")), *rest], ()),
        (INTERNET, [("aws-open-function-url", aws("lambda_function/worker")), *rest], ("workload-flaw",)),
    ]


def test_certain_paths_alone_hang_on_nothing(paths: Paths) -> None:
    assert [path.start for path in paths.paths_to(ADMIN, certain=True)] == [aws("role/job"), aws("user/dev")]


def test_a_hop_has_the_statements_that_allow_it(paths: Paths) -> None:
    (path,) = paths.paths_to(ADMIN, starts=[aws("user/dev")])
    policies = [[decision.why[0].statement.policy for decision in hop.decisions if decision.why[0].statement] for hop in path.hops]
    assert policies[0] == [f"{aws('user/dev')}#inline/own"] * 2
    assert policies[2] == [f"{aws('role/job')}#inline/own"]


def test_the_radius_of_a_principal_says_how_far_it_comes_and_how_surely(paths: Paths) -> None:
    found = paths.blast_radius(aws("user/idle"))
    assert found == [Reached(aws("role/reader"), 1, certain=False), Reached(aws("s3_bucket/files"), 2, certain=False)]


def test_what_an_account_has_is_reached_by_way_of_its_administration(paths: Paths) -> None:
    (path,) = paths.paths_from(aws("role/job"), goals=[aws("s3_bucket/files")])
    assert [hop.rule for hop in path.hops] == ["aws-iam-access-key-of-another", "aws-administrator", HAS_ALL]


def test_every_short_path_between_two_is_found_once(paths: Paths) -> None:
    found, whole = paths.between(aws("user/dev"), ADMIN)
    assert whole
    assert len({tuple(hop.dst for hop in path.hops) for path in found}) == len(found) == 1
    assert paths.between(aws("user/idle"), ADMIN) == ([], True)
    assert paths.between(Uid("nobody"), ADMIN) == ([], True)


def test_who_has_everything_already_is_told_with_the_reason(paths: Paths) -> None:
    (admin,) = paths.found.admins
    assert (admin.principal, admin.account, admin.itself, admin.hop.rule) == (aws("user/boss"), "111111111111", False, "aws-administrator")


def test_a_change_says_which_paths_it_opens_and_shuts(paths: Paths) -> None:
    shut = {**CHAIN, "roles": {**CHAIN["roles"], "job": {"trust": "lambda.amazonaws.com"}}}
    opened = {**CHAIN, "users": {**CHAIN["users"], "idle": {"allow": ["iam:PutUserPolicy on user/idle"]}}}
    assert [(path.start, path.goal) for path in what_if(paths, paths_of(shut), [ADMIN]).removed] == [
        (aws("role/job"), ADMIN),
        (aws("user/dev"), ADMIN),
        (INTERNET, ADMIN),
    ]
    change = what_if(paths, paths_of(opened), [ADMIN])
    assert (change.removed, [(path.start, path.hops[0].rule) for path in change.added]) == (
        (),
        [(aws("user/idle"), "aws-iam-put-own-user-policy")],
    )
