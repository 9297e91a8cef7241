from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bartizan.collect.inventory.contract import Condition, Facts, Gap, Origin, Statement, Uid, Value
from bartizan.collect.inventory.managed import managed_policies_date, managed_policy
from bartizan.collect.inventory.policies import read_policy

P = Uid("arn:aws:iam::111122223333:policy/p")
O = Origin("terraform", "main.tf", "line 3")  # noqa: E741 - an origin
FULL = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Both",
            "Effect": "Allow",
            "Action": ["s3:Get*", "s3:List*"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}, "NumericLessThan": {"s3:max-keys": [10, 20]}},
        },
        {"Effect": "Deny", "NotAction": "iam:*", "NotResource": ["arn:aws:s3:::a/${aws:username}"]},
        {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "NotPrincipal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "*", "Resource": "*"},
    ],
}
ROWS = [
    Statement(
        policy=P,
        number=0,
        sid="Both",
        actions=("s3:Get*", "s3:List*"),
        resources=("*",),
        conditions=(Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)), Condition("NumericLessThan", "s3:max-keys", ("10", "20"))),
        origin=O,
    ),
    Statement(policy=P, number=1, effect="Deny", not_actions=("iam:*",), not_resources=("arn:aws:s3:::a/${aws:username}",), origin=O),
    Statement(policy=P, number=2, actions=("sts:AssumeRole",), principals=(("*", "*"),), origin=O),
    Statement(
        policy=P,
        number=3,
        actions=("sts:AssumeRole",),
        principals=(("AWS", "111122223333"), ("AWS", "*"), ("Service", "ec2.amazonaws.com")),
        origin=O,
    ),
    Statement(
        policy=P,
        number=4,
        effect="Deny",
        actions=("*",),
        resources=("*",),
        not_principals=(("Federated", "cognito-identity.amazonaws.com"),),
        origin=O,
    ),
]


def gap(detail: str) -> Gap:
    return Gap(provider="aws", call="main.tf:line 3", reason="unresolved", detail=f"the policy {P}: {detail}", account="1", uid=P)


@pytest.mark.parametrize("document", [FULL, json.dumps(FULL), quote(json.dumps(FULL))], ids=["decoded", "text", "url-encoded"])
def test_every_legal_shape_becomes_rows(document: Value) -> None:
    assert read_policy(document, P, origin=O) == Facts(statements=ROWS)


def test_a_single_statement_is_a_list_of_one() -> None:
    told = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    assert read_policy(told, P, origin=O).statements == [Statement(policy=P, number=0, actions=("*",), resources=("*",), origin=O)]


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_document_is_no_gap(nothing: str | None) -> None:
    assert read_policy(nothing, P, origin=O) == Facts()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{", "it is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"Statement": [], "Statement": []}', "it is no JSON: Statement stands twice in one object"),
        ("[]", "it is no document but []"),
        (5, "it is no document but 5"),
        ({}, "it has no Statement"),
        ({"Statement": [], "Extra": 1}, "it has Extra, which no policy has"),
        ({"Statement": [[]]}, "statement 0: it is no object but []"),
        ({"Statement": {"Effect": "allow", "Action": "*"}}, 'statement 0: its Effect is "allow", not Allow or Deny'),
        ({"Statement": {"Effect": "Allow", "Actions": "*"}}, "statement 0: it has Actions, which no statement has"),
        ({"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*"}}, "statement 0: it has both Action and NotAction"),
        ({"Statement": {"Effect": "Allow", "Resource": "*"}}, "statement 0: it has no Action"),
        ({"Statement": {"Effect": "Allow", "Action": [None]}}, "statement 0: null is no text"),
        ({"Statement": {"Effect": "Allow", "Action": "*", "Principal": "me"}}, 'statement 0: its Principal is "me"'),
        ({"Statement": {"Effect": "Allow", "Action": "*", "Principal": {"Me": "*"}}}, "statement 0: its Principal has Me"),
        ({"Statement": {"Effect": "Allow", "Action": "*", "Condition": []}}, "statement 0: its Condition is []"),
        ({"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": 1}}}, "statement 0: its Condition has Bool with 1"),
        ({"Statement": [{}] * 5001}, "it has 5001 statements"),
        ({"Version": "2012-10-18", "Statement": []}, 'its Version is "2012-10-18", not 2012-10-17 or 2008-10-17'),
        ({"Version": None, "Statement": []}, "its Version is null, not 2012-10-17 or 2008-10-17"),
    ],
)
def test_what_is_no_policy_is_a_gap_of_that_policy(document: Value, why: str) -> None:
    assert read_policy(document, P, origin=O, account="1") == Facts(gaps=[gap(why)])


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}], ids=["no version", "the first version"])
def test_a_policy_of_the_first_version_has_no_variables(version: dict[str, str]) -> None:
    told = {
        **version,
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${*}"],
            "Condition": {"StringLike": {"s3:prefix": ["${aws:username}*", "x"]}},
        },
    }
    assert read_policy(told, P, origin=O).statements == [
        Statement(
            policy=P,
            number=0,
            actions=("s3:*",),
            resources=("arn:aws:s3:::b/${$}{aws:username}/*", "arn:aws:s3:::b/${$}{*}"),
            conditions=(Condition("StringLike", "s3:prefix", ("${$}{aws:username}*", "x")),),
            origin=O,
        )
    ]


def test_an_empty_list_names_nothing_instead_of_everything() -> None:
    told = {"Statement": {"Effect": "Allow", "Action": [], "Resource": []}}
    assert read_policy(told, P, origin=O).statements == [Statement(policy=P, number=0, actions=("",), resources=("",), origin=O)]


def test_statements_of_one_name_are_all_read() -> None:
    told = {"Statement": [{"Sid": "A", "Effect": effect, "Action": "*", "Resource": "*"} for effect in ("Allow", "Deny")]}
    assert [(one.number, one.sid, one.effect) for one in read_policy(told, P, origin=O).statements] == [(0, "A", "Allow"), (1, "A", "Deny")]


def test_one_wrong_statement_leaves_the_others() -> None:
    told = {"Statement": [{"Effect": "Maybe"}, {"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    read = read_policy(told, P, origin=O, account="1")
    assert read.statements == [Statement(policy=P, number=1, actions=("*",), resources=("*",), origin=O)]
    assert read.gaps == [gap('statement 0: its Effect is "Maybe", not Allow or Deny')]


def test_deep_nesting_is_a_gap() -> None:
    (told,) = read_policy('{"a":' + "[" * 200_000, P, origin=O).gaps
    assert told.detail.startswith(f"the policy {P}: it is no JSON: ")


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["Statement", "Effect", "Action", "Principal"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_whatever_it_is_it_is_rows_or_a_gap(document: Value) -> None:
    read = read_policy(document, P, origin=O)
    empty = isinstance(document, dict) and document.get("Statement") == []
    assert bool(read.statements or read.gaps) is not (document in (None, "") or empty)


def test_the_policies_that_aws_manages_are_known_by_arn() -> None:
    admin = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    assert managed_policy("arn:aws:iam::aws:policy/AdministratorAccess") == admin
    assert managed_policy("arn:aws-cn:iam::aws:policy/AdministratorAccess") == admin
    assert managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole") is not None
    assert managed_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole") is None
    assert managed_policy("arn:aws:iam::111122223333:policy/AdministratorAccess") is None
    assert managed_policies_date() > "2026"


def test_in_another_partition_only_what_names_no_arn_is_known() -> None:
    assert managed_policy("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly") is not None
    assert managed_policy("arn:aws-us-gov:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole") == managed_policy(
        "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole"
    )
    assert managed_policy("arn:aws-us-gov:iam::aws:policy/AWSAppRunnerFullAccess") is None
