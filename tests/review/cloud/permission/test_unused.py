from __future__ import annotations

import pytest
from tests.deciding import ALIASES, case

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.permission.aws.events import action_of, is_visible
from bartizan.review.cloud.permission.aws.unused import Records, Use, unused

NOW = 1_795_430_000_000_000_000
DAY = 86_400 * 1_000_000_000
ROW = {"says": "", "see": "", "answer": "", "to": "queue", "does": "sqs:SendMessage"}


def test_a_policy_is_tightened_to_what_was_used_and_keeps_what_nobody_can_see() -> None:
    row = {
        **ROW,
        "identity": ["allow sqs:GetQueue*, sqs:PurgeQueue, sqs:SendMessage on queue", "allow sns:CreateTopic on *", "deny sqs:* on topic"],
    }
    facts = case("x", row).facts
    told = unused(facts, [Use(Uid(ALIASES["alice"]), "sqs:GetQueueUrl", NOW - DAY)], now=NOW)
    assert [(one.policy, one.holders, one.used, one.unused, one.untold) for one in told] == [
        (
            f"{ALIASES['alice']}#identity",
            (ALIASES["alice"],),
            ("sqs:GetQueueUrl",),
            ("sns:CreateTopic", "sqs:GetQueueAttributes", "sqs:PurgeQueue"),
            ("sqs:SendMessage",),
        ),
    ]
    assert [(one.effect, one.actions, one.resources) for one in told[0].statements] == [
        ("Allow", ("sqs:GetQueueUrl", "sqs:SendMessage"), (ALIASES["queue"],)),
        ("Deny", ("sqs:*",), (ALIASES["topic"],)),
    ]
    lines = [line for line in told[0].diff.splitlines() if line[:1] in "+-"]
    assert '-        "sqs:PurgeQueue",' in lines
    assert '-        "sqs:GetQueue*",' in lines
    assert '+        "sqs:GetQueueUrl",' in lines


def test_what_was_used_too_long_ago_was_not_used() -> None:
    facts = case("x", {**ROW, "identity": ["allow sqs:PurgeQueue on *"]}).facts
    told = unused(facts, [Use(Uid(ALIASES["alice"]), "sqs:PurgeQueue", NOW - 91 * DAY)], now=NOW)
    assert [(one.unused, one.statements) for one in told] == [(("sqs:PurgeQueue",), ())]
    assert unused(facts, [Use(Uid(ALIASES["alice"]), "sqs:PurgeQueue", NOW - 89 * DAY)], now=NOW) == []


def test_what_one_member_of_a_group_uses_is_used() -> None:
    facts = case("x", {**ROW, "group": ["allow sqs:PurgeQueue on *"]}).facts
    assert unused(facts, [Use(Uid(ALIASES["alice"]), "sqs:PurgeQueue", NOW)], now=NOW) == []


def test_the_sessions_of_a_role_use_what_the_role_has() -> None:
    facts = case("x", {**ROW, "who": "reader", "identity": ["allow sqs:PurgeQueue on *"]}).facts
    assert unused(facts, [Use(Uid(ALIASES["session"]), "sqs:PurgeQueue", NOW)], now=NOW) == []


def test_a_pattern_of_which_all_is_used_stays_as_it_is_written() -> None:
    facts = case("x", {**ROW, "identity": ["allow sqs:GetQueue*, sqs:PurgeQueue on *"]}).facts
    uses = [Use(Uid(ALIASES["alice"]), f"sqs:GetQueue{name}", NOW) for name in ("Url", "Attributes")]
    assert [one.statements[0].actions for one in unused(facts, uses, now=NOW)] == [("sqs:GetQueue*",)]


def test_all_but_some_actions_become_those_that_were_used() -> None:
    facts = case("x", {**ROW, "identity": ["allow not iam:* on *"]}).facts
    (told,) = unused(facts, [Use(Uid(ALIASES["alice"]), "sqs:PurgeQueue", NOW)], now=NOW, records=Records(data_events=True))
    assert (told.statements[0].not_actions, "sqs:PurgeQueue" in told.statements[0].actions) == ((), True)
    named = [name for name in told.statements[0].actions if not name.endswith(":*")]
    assert [name for name in named if name not in told.used + told.untold] == []


def test_what_an_event_may_have_used_is_kept_and_never_called_unused() -> None:
    facts = case("x", {**ROW, "identity": ["allow sqs:PurgeQueue, sns:CreateTopic on *"]}).facts
    uses = [Use(Uid(ALIASES["alice"]), "sqs:*", NOW, unclear=True)]
    assert [(one.unused, one.untold) for one in unused(facts, uses, now=NOW)] == [(("sns:CreateTopic",), ("sqs:PurgeQueue",))]


def test_of_an_account_without_records_nothing_is_unused() -> None:
    facts = case("x", {**ROW, "identity": ["allow sqs:PurgeQueue on *"]}).facts
    assert unused(facts, [], now=NOW, records=Records(since={"222222222222": 0})) == []


@pytest.mark.parametrize(("ago", "days"), [(3, 3), (90, 90), (400, 90)])
def test_the_days_are_those_of_which_there_are_records(ago: int, days: int) -> None:
    facts = case("x", {**ROW, "identity": ["allow sqs:PurgeQueue on *"]}).facts
    (told,) = unused(facts, [], now=NOW, records=Records(since={"111111111111": NOW - ago * DAY}))
    assert (told.unused, told.days) == (("sqs:PurgeQueue",), days)


def test_policies_of_service_linked_roles_are_left_alone() -> None:
    facts = case("x", {**ROW, "who": "linked", "identity": ["allow sqs:PurgeQueue on *"]}).facts
    assert unused(facts, [], now=NOW) == []


def test_all_of_a_service_that_stays_is_one_pattern() -> None:
    facts = case("x", {**ROW, "identity": ["allow * on *"]}).facts
    uses = [Use(Uid(ALIASES["alice"]), "sqs:*", NOW)]
    (told,) = unused(facts, uses, now=NOW)
    assert "sqs:*" in told.statements[0].actions
    assert [name for name in told.statements[0].actions if name.startswith("sqs:")] == ["sqs:*"]
    assert [name for name in told.statements[0].actions if name.startswith("sns:")] == ["sns:Publish"]


@pytest.mark.parametrize(
    ("source", "name", "action"),
    [
        ("s3.amazonaws.com", "ListBuckets", "s3:ListAllMyBuckets"),
        ("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("monitoring.amazonaws.com", "DescribeAlarms", "cloudwatch:DescribeAlarms"),
        ("iam.amazonaws.com", "CreateUser", "iam:CreateUser"),
        ("apigateway.amazonaws.com", "GetRestApis", "apigateway:GET"),
        ("apigateway.amazonaws.com", "CreateDeployment", "apigateway:POST"),
        ("tagging.amazonaws.com", "GetResources", "tag:GetResources"),
        ("signin.amazonaws.com", "ConsoleLogin", None),
        ("nowhere.amazonaws.com", "DoThis", None),
    ],
)
def test_an_event_used_an_action(source: str, name: str, action: str | None) -> None:
    assert action_of(source, name) == action


def test_what_cloudtrail_does_not_show_is_not_visible() -> None:
    told = {
        name: (is_visible(name, data_events=False), is_visible(name, data_events=True))
        for name in ("iam:PassRole", "s3:GetObject", "s3:ListBucket")
    }
    assert told == {"iam:PassRole": (False, False), "s3:GetObject": (False, True), "s3:ListBucket": (False, True)}
