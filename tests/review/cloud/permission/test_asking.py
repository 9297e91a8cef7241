from __future__ import annotations

import pytest
from tests.deciding import ALIASES, case

from bartizan.collect.inventory.contract import Facts, Principal, Uid
from bartizan.errors import UsageError
from bartizan.review.cloud.permission.asking import what_can, who_can
from bartizan.review.cloud.permission.contract import Answer

BUCKET = {"says": "", "see": "", "answer": "", "to": "object", "does": "s3:GetObject"}


def test_who_can_are_those_in_the_facts_and_those_whom_the_policy_names() -> None:
    row = {
        **BUCKET,
        "identity": ["allow s3:Get* on *"],
        "resource": ["allow s3:GetObject on arn:aws:s3:::b/* to reader, 333333333333, github"],
    }
    found = who_can(case("x", row).facts, "s3:GetObject", "arn:aws:s3:::b/k")
    assert [(one.principal, one.decision.answer) for one in found.rows] == [
        (ALIASES["github"], Answer.ALLOWED),
        (ALIASES["reader"], Answer.ALLOWED),
        (ALIASES["alice"], Answer.ALLOWED),
        ("arn:aws:iam::333333333333:root", Answer.ALLOWED),
    ]
    assert found.asked == 9


def test_who_can_tells_of_anyone_at_all() -> None:
    facts = case("x", {**BUCKET, "resource": ["allow s3:GetObject on * to * if IpAddress aws:SourceIp = 10.0.0.0/8"]}).facts
    rows = who_can(facts, "s3:GetObject", "arn:aws:s3:::b/k").rows
    assert ("*", ("aws:SourceIp",)) in [(one.principal, one.decision.depends) for one in rows]


def test_what_can_tells_each_action_on_everything_or_on_what_there_is() -> None:
    row = {**BUCKET, "identity": ["allow s3:GetObject on arn:aws:s3:::b/*", "allow sqs:SendMessage on *", "allow iam:PassRole on reader"]}
    found = what_can(case("x", row).facts, Uid(ALIASES["alice"]))
    assert [(one.action, one.resource, one.decision.answer) for one in found.rows] == [
        ("iam:PassRole", ALIASES["reader"], Answer.ALLOWED),
        ("s3:GetObject", "arn:aws:s3:::b/*", Answer.ALLOWED),
        ("sqs:SendMessage", "*", Answer.ALLOWED),
        ("sts:GetCallerIdentity", "*", Answer.ALLOWED),
        ("sts:GetSessionToken", "*", Answer.ALLOWED),
    ]


def test_what_can_wants_a_provider_whose_actions_are_known() -> None:
    facts = Facts(principals=[Principal(uid=Uid("azure:user/a"), provider="azure", kind="user")])
    with pytest.raises(UsageError, match="'azure': which actions there are is not known here"):
        what_can(facts, Uid("azure:user/a"), provider="azure")
