"""Choke points: which statements to take away, and that the paths are gone then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bartizan.collect.inventory.contract import Attachment, Statement, Uid
from bartizan.review.cloud.paths.answers import Paths
from bartizan.review.cloud.paths.choking import choke_points, diff_of, without
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.contract import administration
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = path_rules(Path(__file__).resolve().parents[4] / "content" / "paths")
ADMIN = administration("aws", "111111111111")
# Five users come through one role that may make a key for the administrator; one has a way of its own.
HUB: dict[str, Any] = {
    "users": {
        **{f"dev{number}": {"allow": ["sts:AssumeRole on role/hub"]} for number in range(5)},
        "lone": {"allow": ["s3:ListAllMyBuckets", "iam:PutUserPolicy on user/lone"]},
        "boss": {"allow": ["*"]},
    },
    "roles": {"hub": {"trust": ["111111111111"], "allow": ["iam:CreateAccessKey on user/boss"]}},
}


def compiled(facts: Any) -> Paths:  # noqa: ANN401 - facts
    return Paths(compile_paths(facts, RULES.values(), {"aws": authorizer("aws", facts)}))


def test_the_statement_through_which_most_pass_comes_first_and_then_the_next() -> None:
    facts = estate("aws", HUB)
    found = choke_points(compiled(facts), ADMIN)
    assert found.starts == 7
    assert [(point.statement.policy, point.statement.number, point.vanish, point.left) for point in found.points] == [
        (f"{named('aws', 'role/hub')}#inline/own", 0, 6, 1),
        (f"{named('aws', 'user/lone')}#inline/own", 1, 1, 0),
    ]
    assert [(hop.src, hop.rule) for hop in found.fewest] == [
        (named("aws", "user/lone"), "aws-iam-put-own-user-policy"),
        (named("aws", "role/hub"), "aws-iam-access-key-of-another"),
    ]


def test_without_the_statements_no_path_is_left_in_the_estate() -> None:
    facts = estate("aws", HUB)
    points = choke_points(compiled(facts), ADMIN).points
    assert compiled(without(facts, [point.statement for point in points])).paths_to(ADMIN) == []


def test_the_change_is_told_as_a_diff_of_policies() -> None:
    facts = estate("aws", HUB)
    points = choke_points(compiled(facts), ADMIN).points
    assert diff_of(facts, [points[1].statement]).splitlines() == [
        "--- a/case\tarn:aws:iam::111111111111:user/lone#inline/own",
        "+++ b/case\tarn:aws:iam::111111111111:user/lone#inline/own",
        "@@ -5,11 +5,6 @@",
        '       "Effect": "Allow",',
        '       "Action": "s3:ListAllMyBuckets",',
        '       "Resource": "*"',
        "-    },",
        "-    {",
        '-      "Effect": "Allow",',
        '-      "Action": "iam:PutUserPolicy",',
        '-      "Resource": "arn:aws:iam::111111111111:user/lone"',
        "     }",
        "   ]",
        " }",
    ]


def test_a_goal_that_nobody_reaches_has_no_choke_points() -> None:
    found = choke_points(compiled(estate("aws", {"users": {"dev": {}}})), ADMIN)
    assert (found.starts, found.points, found.fewest) == (0, (), ())


def test_what_no_statement_allows_cannot_be_parted_by_hops() -> None:
    told: dict[str, Any] = {
        "users": {"dev": {"groups": ["admins"]}, "boss": {"allow": ["*"]}},
        "groups": {"admins": {"allow": ["iam:CreateAccessKey on user/boss"]}},
        "roles": {"lent": {"trust": {"to": "999999999999", "if": {"StringEquals": {"sts:ExternalId": "x"}}}, "allow": ["*"]}},
    }
    facts = estate("aws", told)
    found = choke_points(compiled(facts), ADMIN, starts=[named("aws", "user/boss")])
    assert (found.starts, found.points, found.fewest) == (1, (), ())


def test_a_trust_policy_is_told_with_its_principals_and_conditions() -> None:
    told: dict[str, Any] = {
        "users": {"dev": {}},
        "roles": {"admin": {"trust": {"to": "user/dev", "if": {"StringEquals": {"sts:ExternalId": "x"}}}, "allow": ["*"]}},
    }
    facts = estate("aws", told)
    (statement,) = [one for one in facts.statements if one.policy.endswith("#trust")]
    assert [line for line in diff_of(facts, [statement]).splitlines() if line.startswith("-")][2:] == [
        "-    {",
        '-      "Effect": "Allow",',
        '-      "Action": "sts:AssumeRole",',
        '-      "Principal": {',
        '-        "AWS": [',
        '-          "arn:aws:iam::111111111111:user/dev"',
        "-        ]",
        "-      },",
        '-      "Condition": {',
        '-        "StringEquals": {',
        '-          "sts:ExternalId": [',
        '-            "x"',
        "-          ]",
        "-        }",
        "-      }",
        "-    }",
        "-  ]",
    ]


def test_a_policy_of_aws_is_not_changed_but_taken_off() -> None:
    arn = Uid("arn:aws:iam::aws:policy/Everything")
    facts = estate("aws", {"users": {"dev": {}}})
    facts.statements.append(Statement(policy=arn, number=0, actions=("*",), resources=("*",)))
    facts.attachments.append(Attachment(arn, named("aws", "user/dev"), "identity"))
    first, *rest = diff_of(facts, facts.statements).splitlines()
    assert first == f"# {arn} is AWS's own: attach a copy without the statement instead, to arn:aws:iam::111111111111:user/dev"
    assert rest[:2] == [f"--- a/{arn}\t{arn}", f"+++ b/{arn}\t{arn}"]
