from __future__ import annotations

import pytest
from tests.deciding import ALIASES, case

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.permission.aws.events import action_of, is_visible
from bartizan.review.cloud.permission.aws.unused import Use, unused

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
    (told,) = unused(facts, [Use(Uid(ALIASES["alice"]), "sqs:PurgeQueue", NOW)], now=NOW, data_events=True)
    assert (told.statements[0].not_actions, "sqs:PurgeQueue" in told.statements[0].actions) == ((), True)
    assert [name for name in told.statements[0].actions if name not in told.used + told.untold] == []


@pytest.mark.parametrize(
    ("source", "name", "action"),
    [
        ("s3.amazonaws.com", "ListBuckets", "s3:ListAllMyBuckets"),
        ("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("monitoring.amazonaws.com", "DescribeAlarms", "cloudwatch:DescribeAlarms"),
        ("iam.amazonaws.com", "CreateUser", "iam:CreateUser"),
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
    assert told == {"iam:PassRole": (False, False), "s3:GetObject": (False, True), "s3:ListBucket": (True, True)}
