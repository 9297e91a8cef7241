"""Compiling: what is asked once for many gives the very hops that asking everybody at every place gives, evidence and all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.contract import Facts, Gap, Uid
from bartizan.errors import InputError
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.contract import PathsFound, administration
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.paths.reading import path_rules, read_rule
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = path_rules(Path(__file__).resolve().parents[4] / "content" / "paths")
WHOLE = (
    b"{title: x, provider: aws, match: {kind: self}, gives: administration, about: x, fix: x, silent: x, "
    b"cases: [{hop: [a, b]}, {no_hop: [a, b]}]}"
)
OTHER = "222222222222"
ACTIONS = (
    "sts:AssumeRole",
    "iam:PassRole",
    "lambda:*",
    "lambda:UpdateFunctionCode",
    "ec2:*",
    "ssm:StartSession",
    "s3:GetObject",
    "kms:Decrypt",
    "s3:PutBucketPolicy",
    "secretsmanager:GetSecretValue",
    "iam:PutRolePolicy",
    "iam:CreateAccessKey",
    "iam:AttachUserPolicy",
    "*",
)
RESOURCES = (
    "*",
    "lambda_function/f1",
    "arn:aws:lambda:us-east-1:111111111111:function:f*",
    "role/r1",
    "arn:aws:iam::*:role/r?",
    "user/u1",
    "arn:aws:s3:::b1/*",
    "arn:aws:s3:::b1/public/*",
    "kms_key/k1",
    "arn:aws:iam::111111111111:user/${aws:username}",
)
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"if": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
    {"if": {"StringEquals": {"aws:ResourceTag/team": "web"}}},
    {"if": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}},
    {"if": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}},
)
STATEMENT = st.builds(
    lambda action, to, condition: {"action": action, "to": to, **condition},
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.sampled_from(CONDITIONS),
)
RIGHTS = st.fixed_dictionaries(
    {"allow": st.lists(STATEMENT, max_size=3)},
    optional={"deny": st.lists(STATEMENT, max_size=1), "policies": st.just(["base"]), "boundary": st.just(["s3:*", "lambda:*"])},
)
TRUST = st.lists(
    st.sampled_from(["lambda.amazonaws.com", "ec2.amazonaws.com", "user/u1", "111111111111", OTHER, "*", "999999999999"]),
    min_size=1,
    max_size=2,
)


@st.composite
def estates(draw: st.DrawFn) -> dict[str, Any]:
    users = {f"u{number}": {**draw(RIGHTS), "groups": draw(st.sampled_from([[], ["g1"], ["g1", "g2"]]))} for number in range(3)}
    users |= {f"m{number}": {"groups": ["g1"]} for number in range(3)}
    roles = {
        f"r{number}": {**draw(RIGHTS), "trust": draw(TRUST), "account": draw(st.sampled_from(["111111111111", OTHER]))}
        for number in range(4)
    }
    function = {"kind": "lambda_function", "runs_as": "role/r1"}
    shared = {"policy": {"allow": ["lambda:UpdateFunctionCode"], "to": ["user/m1"]}} if draw(st.booleans()) else {}
    return {
        "policies": {"base": draw(RIGHTS)},
        "groups": {"g1": draw(RIGHTS), "g2": draw(RIGHTS)},
        "users": users,
        "roles": roles,
        "resources": [
            *({**function, "name": f"f{number}"} for number in range(3)),
            {**function, "name": "f10", **shared},
            *({"kind": "s3_bucket", "name": f"b{number}"} for number in range(3)),
            *({"kind": "s3_bucket", "name": f"c{number}", "properties": {"encryption.key": f"kms_key/k{number}"}} for number in range(2)),
            *({"kind": "kms_key", "name": f"k{number}", "policy": {"allow": ["kms:*"], "to": ["111111111111"]}} for number in range(2)),
            *({"kind": "instance", "name": f"i-{number}", "runs_as": "role/r2"} for number in range(3)),
            *({"kind": "secretsmanager_secret", "name": f"s{number}"} for number in range(2)),
        ],
    }


def compiled(facts: Facts, *, naive: bool = False) -> PathsFound:
    return compile_paths(facts, RULES.values(), {"aws": authorizer("aws", facts)}, naive=naive)


def agree(told: dict[str, Any]) -> None:
    facts = estate("aws", told)
    found, plain = compiled(facts), compiled(facts, naive=True)
    assert set(map(repr, found.hops)) ^ set(map(repr, plain.hops)) == set()
    assert set(map(repr, found.undecided)) ^ set(map(repr, plain.undecided)) == set()
    assert (len(found.hops), len(found.undecided)) == (len(plain.hops), len(plain.undecided))
    assert found.admins == plain.admins


@pytest.mark.slow
@settings(derandomize=True, max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=estates())
def test_asking_once_for_what_is_alike_is_asking_everybody_everywhere(told: dict[str, Any]) -> None:
    agree(told)


@pytest.mark.slow
@settings(derandomize=True, max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=estates())
def test_asking_once_for_what_is_alike_is_asking_everybody_everywhere_at_length(told: dict[str, Any]) -> None:
    agree(told)


def test_nobody_who_has_everything_is_asked_what_else_could_be_done() -> None:
    facts = estate("aws", {"users": {"boss": {"allow": ["*"]}, "dev": {}}, "roles": {"r": {"trust": "ec2.amazonaws.com"}}})
    assert [(hop.src, hop.rule) for hop in compiled(facts).hops if hop.src == named("aws", "user/boss")] == [
        (named("aws", "user/boss"), "aws-administrator")
    ]


def test_who_has_everything_still_gets_into_other_accounts() -> None:
    facts = estate("aws", {"users": {"boss": {"allow": ["*"]}}, "roles": {"r": {"account": OTHER, "trust": "111111111111"}}})
    assert [(hop.src, hop.dst) for hop in compiled(facts).hops if hop.rule == "aws-sts-assume-role"] == [
        (named("aws", "user/boss"), named("aws", f"role/{OTHER}/r"))
    ]


def test_a_hop_on_conditions_says_on_which() -> None:
    needs_factor = {"action": "iam:PutUserPolicy", "to": "user/dev", "if": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    facts = estate("aws", {"users": {"dev": {"allow": [needs_factor]}}})
    found = compiled(facts)
    assert [(hop.src, hop.dst, hop.depends) for hop in found.hops if hop.rule == "aws-iam-put-own-user-policy"] == [
        (named("aws", "user/dev"), administration("aws", "111111111111"), ("aws:MultiFactorAuthPresent",))
    ]
    assert found.admins == ()


def test_what_cannot_be_decided_is_no_hop_and_is_told() -> None:
    facts = estate("aws", {"users": {"dev": {"allow": ["iam:PutUserPolicy on user/dev"]}}})
    user = named("aws", "user/dev")
    facts.gaps.append(Gap(provider="aws", call="iam:GetUserPolicy", reason="denied", account="111111111111", kinds=("iam_user",), uid=user))
    found = compiled(facts)
    assert [hop for hop in found.hops if hop.rule == "aws-iam-put-own-user-policy"] == []
    assert [(one.src, one.rule) for one in found.undecided if one.rule == "aws-iam-put-own-user-policy"] == [
        (user, "aws-iam-put-own-user-policy")
    ]
    assert all(one.why for one in found.undecided)


def test_a_property_that_was_not_read_makes_the_hop_hang_on_it() -> None:
    told: dict[str, Any] = {
        "resources": [
            {"kind": "lambda_function", "name": "f"},
            {
                "kind": "lambda_function_url",
                "name": "f",
                "properties": {"function": "lambda_function/f"},
                "unknown": {"auth": "GetFunctionUrlConfig: denied"},
            },
        ]
    }
    (hop,) = compiled(estate("aws", told)).hops
    assert (hop.src, hop.dst, hop.depends) == (Uid("internet"), named("aws", "lambda_function/f"), ("unread:auth", "workload-flaw"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"title: [x\n", "this is no YAML"),
        (b"[]", "a rule is no mapping"),
        (b"title: x\nwhat: y\n", "a rule has no key 'what'"),
        (b"title: x\n", "a rule needs provider, match, gives, about, fix, cases"),
        (b"title: x\n---\ntitle: y\n", "a file holds one rule"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place_and_reason(content: bytes, why: str) -> None:
    with pytest.raises(InputError) as refused:
        read_rule(content, "x", "content/paths/aws/x.yml")
    assert why in str(refused.value)


def test_a_rule_without_a_case_that_has_no_hop_is_refused() -> None:
    told = b"{title: x, provider: aws, match: {kind: self}, gives: administration, about: x, fix: x, cases: [{hop: [a, b]}]}"
    with pytest.raises(InputError, match="cases need one in which the hop is there"):
        read_rule(told, "x", "x.yml")


def test_a_need_says_either_what_is_done_or_which_ways_there_are() -> None:
    told = WHOLE.replace(b"fix: x", b"fix: x, needs: [{to: y}]")
    with pytest.raises(InputError, match="a need says one of action and either"):
        read_rule(told, "x", "x.yml")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (b"attack: []", "a rule says one of emits (the log records that it leaves) and silent (why there are none)"),
        (b"silent: y, emits: [{source: a, event: b}]", "a rule says one of emits"),
        (b"emits: []", "emits names at least one event; silent says why there is none"),
        (b"emits: [{source: a}]", "an event needs event"),
        (b"emits: [{either: [{source: a, event: b}], data: true}]", "what is either has no key 'data'"),
        (b"emits: [{source: a, event: b, record: x}]", "a record is no mapping"),
    ],
)
def test_a_rule_says_which_records_it_leaves_or_why_none(told: bytes, why: str) -> None:
    with pytest.raises(InputError) as refused:
        read_rule(WHOLE.replace(b"silent: x", told), "x", "x.yml")
    assert why in str(refused.value)


def test_events_of_which_a_hop_leaves_one_are_of_one_step() -> None:
    emits = b"emits: [{source: a, event: b}, {either: [{source: a, event: c}, {source: a, event: d, data: true}]}]"
    read = read_rule(WHOLE.replace(b"silent: x", emits), "x", "x.yml")
    assert [(one.name, one.data, one.step) for one in read.emits] == [("b", False, None), ("c", False, 1), ("d", True, 1)]


def test_a_match_kind_that_is_not_there_is_named_with_those_that_are() -> None:
    told = WHOLE.replace(b"self", b"selfish")
    facts = estate("aws", {})
    with pytest.raises(InputError, match=r"there is no match kind 'selfish'; there are .*self"):
        compile_paths(facts, [read_rule(told, "x", "x.yml")], {"aws": authorizer("aws", facts)})


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    told = WHOLE
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "x.yml").write_bytes(told)
    with pytest.raises(InputError, match="there is a rule x already"):
        path_rules(tmp_path)
