from __future__ import annotations

import pytest
from tests.deciding import ALIASES, case

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Principal, Statement, Uid
from bartizan.review.cloud.permission.asking import Surveyor, what_can, who_can
from bartizan.review.cloud.permission.authorizers import authorizer, providers
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.reaching import Reaching

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


@pytest.mark.parametrize("provider", providers())
def test_of_every_cloud_it_can_be_asked_what_somebody_can(provider: str) -> None:
    assert isinstance(authorizer(provider, Facts()), Surveyor | Reaching)


SUBSCRIPTION = "/subscriptions/0a0a0a0a-0000-0000-0000-000000000001"
VAULT = f"{SUBSCRIPTION}/resourcegroups/prod/providers/microsoft.keyvault/vaults/v"
NODES = "//cloudresourcemanager.googleapis.com/"


def test_what_can_of_azure_tells_each_operation_where_it_is_given_and_what_patterns_may_mean_beside() -> None:
    role, denied = Uid("/providers/microsoft.authorization/roledefinitions/own"), Uid(f"{VAULT}/denied")
    facts = Facts(
        statements=[
            Statement(policy=role, number=0, sid="actions", actions=("Microsoft.KeyVault/vaults/*", "Contoso.Rockets/launch/action")),
            Statement(policy=denied, number=0, sid="actions", effect="Deny", actions=("Microsoft.KeyVault/vaults/delete",)),
        ],
        attachments=[
            Attachment(role, Uid("ann"), "identity", VAULT),
            Attachment(Uid("/providers/microsoft.authorization/roledefinitions/gone"), Uid("ann"), "identity", SUBSCRIPTION),
            Attachment(denied, Uid("ann"), "identity", SUBSCRIPTION),
        ],
    )
    found = what_can(facts, Uid("ann"), provider="azure")
    told = {one.action.lower(): (one.resource, one.decision.answer) for one in found.rows if one.resource == VAULT}
    assert told["microsoft.keyvault/vaults/write"] == (VAULT, Answer.ALLOWED)
    assert told["contoso.rockets/launch/action"] == (VAULT, Answer.UNKNOWN)
    assert "microsoft.keyvault/vaults/delete" not in told
    assert {one.decision.answer for one in found.rows if one.resource == SUBSCRIPTION} <= {Answer.UNKNOWN}
    assert found.beyond == ("Microsoft.KeyVault/vaults/*",)
    assert found.unread == (f"what /providers/microsoft.authorization/roledefinitions/gone, given at {SUBSCRIPTION}, allows was not read",)


def test_what_can_of_google_cloud_tells_each_permission_where_it_is_given_and_what_was_not_read() -> None:
    top, shop = Uid(f"{NODES}organizations/9"), Uid(f"{NODES}projects/shop")
    who, own = Uid("user:ann@example.com"), Uid("projects/shop/roles/own")
    facts = Facts(
        principals=[Principal(uid=who, provider="gcp", kind="user")],
        edges=[Edge(top, shop, "contains")],
        statements=[Statement(policy=own, number=0, sid="permissions", actions=("run.services.get", "run.services.delete"))],
        attachments=[
            Attachment(own, who, "identity", shop),
            Attachment(Uid("roles/iam.serviceAccountUser"), Uid("domain:example.com"), "identity", top),
            Attachment(Uid("roles/nobody.knows"), who, "identity", shop),
        ],
    )
    found = what_can(facts, who, provider="gcp")
    assert ("run.services.delete", shop, Answer.ALLOWED) in [(one.action, one.resource, one.decision.answer) for one in found.rows]
    assert ("iam.serviceAccounts.actAs", top, Answer.ALLOWED) in [(one.action, one.resource, one.decision.answer) for one in found.rows]
    assert found.unread == (f"what roles/nobody.knows, given to {who} at {shop}, allows was not read",)
    assert what_can(Facts(), who, provider="gcp").unread == ("no IAM policy was read at all",)
