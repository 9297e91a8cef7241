from __future__ import annotations

from dataclasses import replace

import pytest

from bartizan.collect.inventory.contract import Attachment, Condition, Facts, Principal, Resource, Statement, Uid
from bartizan.errors import UsageError
from bartizan.review.cloud.permission.authorizers import authorizer, providers
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.aws.reference import reference
from bartizan.review.cloud.permission.contract import Answer, Decision, Why

ALICE = Uid("arn:aws:iam::111111111111:user/alice")
READER = Uid("arn:aws:iam::111111111111:role/reader")
READS = Statement(
    policy=Uid(f"{ALICE}#inline/reads"), number=0, sid="Own", actions=("s3:Get*",), resources=("arn:aws:s3:::b/${aws:username}/*",)
)
TRUST = Statement(
    policy=Uid(f"{READER}#trust"),
    number=0,
    actions=("sts:AssumeRole",),
    principals=(("AWS", ALICE),),
    conditions=(Condition("StringEquals", "sts:ExternalId", ("x",)),),
)


def facts() -> Facts:
    return Facts(
        principals=[
            Principal(uid=ALICE, provider="aws", kind="user", account="111111111111", name="alice"),
            Principal(uid=READER, provider="aws", kind="role", account="111111111111", name="reader"),
        ],
        resources=[Resource(uid=Uid("arn:aws:s3:::b"), provider="aws", kind="s3_bucket", account="111111111111")],
        statements=[READS, TRUST],
        attachments=[Attachment(READS.policy, ALICE, "identity"), Attachment(TRUST.policy, READER, "trust")],
    )


def test_the_deciding_statement_is_the_evidence() -> None:
    decision = authorizer("aws", facts()).decide(ALICE, "s3:GetObject", "arn:aws:s3:::b/alice/x")
    text = "Statement 'Own' of arn:aws:iam::111111111111:user/alice#inline/reads allows s3:GetObject on arn:aws:s3:::b/alice/x."
    assert decision == Decision(Answer.ALLOWED, (Why("identity", text, READS),), reference=reference().date)


def test_what_hangs_on_a_key_of_which_nothing_is_known_says_on_which() -> None:
    decision = authorizer("aws", facts()).decide(ALICE, "sts:AssumeRole", READER)
    assert (decision.answer, decision.depends, [why.statement for why in decision.why]) == (
        Answer.CONDITIONAL,
        ("sts:ExternalId",),
        [TRUST],
    )


def test_what_may_be_done_to_anything_is_told_by_action() -> None:
    told = authorizer("aws", facts()).may(ALICE, ["s3:GetObject", "s3:PutObject", "sts:AssumeRole", "s3:NoSuchThing"])
    assert told == {"s3:GetObject": True, "s3:PutObject": False, "sts:AssumeRole": True, "s3:NoSuchThing": True}


def test_a_provider_for_which_nothing_decides_is_told_with_those_that_there_are() -> None:
    assert "aws" in providers()
    with pytest.raises(UsageError, match=r"'awss': nothing decides who can do what there \(did you mean 'aws'\?\)"):
        authorizer("awss", Facts())


def test_a_service_that_the_reference_data_lost_makes_answers_unknown_and_none_denied() -> None:
    deciding = AwsAuthorizer(facts())
    kept = {name: action for name, action in reference().actions.items() if action.service != "s3"}
    services = {name: actions for name, actions in reference().services.items() if name != "s3"}
    deciding.reference = replace(reference(), actions=kept, services=services)
    decision = deciding.decide(ALICE, "s3:GetObject", "arn:aws:s3:::b/bob/x")
    text = f"s3:GetObject: the reference data of {reference().date} has no service 's3'"
    assert decision == Decision(Answer.UNKNOWN, (Why("default", text),), reference=reference().date)
    assert deciding.may(ALICE, ["s3:GetObject"]) == {"s3:GetObject": True}


def test_the_reference_data_say_what_an_action_is_asked_of_and_on_what_it_can_hang() -> None:
    action = reference().actions["iam:passrole"]
    told = (
        action.name,
        action.level,
        action.kinds,
        action.resources,
        action.keys.has("iam:passedtoservice"),
        action.keys.has("iam:policyarn"),
    )
    assert told == ("iam:PassRole", "Write", ("role!",), ("arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",), True, False)
    assert AwsAuthorizer(facts()).asked_of("iam:PassRoles") == ()
