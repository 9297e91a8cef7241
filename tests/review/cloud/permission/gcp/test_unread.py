"""What was not read of policies leaves open what it could decide, and nothing else."""

from __future__ import annotations

from typing import Any, Final

import pytest

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Gap, Origin, Principal, Uid
from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import GcpReading
from bartizan.review.cloud.permission.assuming import assume
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer

NODES: Final = "//cloudresourcemanager.googleapis.com/"
ANN: Final = Uid("user:ann@example.com")
ABOVE: Final = {"shop": ["projects/123", "folders/77", "organizations/9"], "labs": ["projects/456", "organizations/9"]}


def estate(*more: dict[str, Any]) -> Facts:
    reading = GcpReading()
    for name, ancestors in ABOVE.items():
        number = ancestors[0].partition("/")[2]
        record: dict[str, Any] = {
            "name": f"{NODES}projects/{number}",
            "assetType": "cloudresourcemanager.googleapis.com/Project",
            "ancestors": ancestors,
            "resource": {"data": {"projectId": name, "projectNumber": number}},
            "iamPolicy": {"bindings": [{"role": "roles/pubsub.publisher", "members": ["user:ann@example.com"]}]},
        }
        reading.take(record, Origin("export", "estate.json"))
    top = {"name": f"{NODES}organizations/9", "assetType": "cloudresourcemanager.googleapis.com/Organization"}
    for one in ({**top, "iamPolicy": {"bindings": [{"role": "roles/browser", "members": ["user:eve@example.com"]}]}}, *more):
        reading.take(one, Origin("export", "estate.json"))
    return reading.facts()


def answer(facts: Facts, project: str, action: str = "storage.objects.get") -> str:
    return GcpAuthorizer(facts).decide(ANN, action, f"{NODES}projects/{project}").answer.value


@pytest.mark.parametrize(
    ("about", "shop", "labs"),
    [
        ({"uid": Uid(f"{NODES}folders/77")}, "unknown", "denied"),
        ({"uid": Uid(f"{NODES}projects/123")}, "unknown", "denied"),
        ({"account": "labs"}, "denied", "unknown"),
        ({"uid": Uid(f"{NODES}organizations/9")}, "unknown", "unknown"),
        ({"uid": Uid("policies/x/denypolicies/y")}, "unknown", "unknown"),
        ({}, "unknown", "unknown"),
    ],
)
def test_a_policy_that_was_not_read_leaves_open_what_is_below_it(about: dict[str, Any], shop: str, labs: str) -> None:
    facts = estate()
    assert (answer(facts, "shop"), answer(facts, "labs")) == ("denied", "denied")
    facts.gaps.append(Gap(provider="gcp", call="getIamPolicy", reason="denied", properties=("policy",), **about))
    assert (answer(facts, "shop"), answer(facts, "labs")) == (shop, labs)


def test_a_deny_policy_whose_rules_were_not_told_leaves_open_what_it_could_deny() -> None:
    name = "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F123/denypolicies/some"
    assert answer(estate(), "shop", "pubsub.topics.publish") == "allowed"
    facts = estate({"name": name, "kind": "DenyPolicy", "displayName": "some"})
    assert (answer(facts, "shop", "pubsub.topics.publish"), answer(facts, "labs", "pubsub.topics.publish")) == ("unknown", "allowed")


@pytest.mark.parametrize(
    ("account", "shop", "labs"),
    [
        ("folders/77", "unknown", "allowed"),
        ("shop", "unknown", "allowed"),
        ("organizations/9", "unknown", "unknown"),
        ("folders/8", "allowed", "allowed"),
        ("", "unknown", "unknown"),
    ],
)
def test_deny_policies_that_could_not_be_listed_leave_open_what_they_could_deny(account: str, shop: str, labs: str) -> None:
    facts = estate()
    facts.gaps.append(Gap(provider="gcp", call="iam.denypolicies.list", reason="denied", kinds=("iam_deny_policy",), account=account))
    assert (answer(facts, "shop", "pubsub.topics.publish"), answer(facts, "labs", "pubsub.topics.publish")) == (shop, labs)
    assert answer(facts, "shop") == "denied", "what nothing allows is not denied twice"
    assumed = assume(facts, ["no-deny-policies"])
    told = GcpAuthorizer(assumed).decide(ANN, "pubsub.topics.publish", f"{NODES}projects/shop")
    node = f"{NODES}{account if '/' in account else f'projects/{account}' if account else 'organizations/9'}"
    said = [f"Deny policies that could not be listed are assumed to deny nothing at {node}."] if shop == "unknown" else []
    assert (told.answer.value, [why.text for why in told.why if why.through == "assumed"]) == ("allowed", said)


def test_a_group_of_which_some_members_were_read_and_others_not_leaves_open_who_is_in_it() -> None:
    facts, group = estate(), Uid("group:ops@example.com")
    facts.principals.append(Principal(uid=group, provider="gcp", kind="group"))
    facts.attachments.append(Attachment(Uid("roles/storage.admin"), group, "identity", f"{NODES}projects/shop"))
    facts.edges.append(Edge(Uid("user:eve@example.com"), group, "member-of"))
    assert answer(facts, "shop") == "denied"
    facts.gaps.append(Gap(provider="gcp", call="cloudidentity.memberships.list", reason="failed", kinds=("group",), uid=group))
    assert answer(facts, "shop") == "unknown"


def test_policies_of_a_kind_that_were_not_read_leave_open_who_may_what_with_it_and_with_what_nobody_read() -> None:
    names = {kind: f"//{kind}.googleapis.com/projects/shop/topics/t" for kind in ("pubsub", "other", "more")}
    topic = {"name": names["pubsub"], "assetType": "pubsub.googleapis.com/Topic", "ancestors": ABOVE["shop"], "resource": {"data": {}}}
    key = {**topic, "name": names["other"], "assetType": "cloudkms.googleapis.com/KeyRing"}
    facts = estate(topic, key)
    facts.gaps.append(Gap(provider="gcp", call="c", reason="denied", kinds=("pubsub_topic",), properties=("policy",), account="shop"))
    decide = GcpAuthorizer(facts).decide
    answers = {kind: decide(ANN, "pubsub.topics.delete", name).answer.value for kind, name in names.items()}
    assert answers == {"pubsub": "unknown", "other": "denied", "more": "unknown"}
    assert decide(ANN, "pubsub.topics.delete", f"{NODES}projects/shop").answer.value == "denied"
