"""Who is in the groups that policies name is asked of the directory, and what it does not tell leaves open who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks._gcp import Told, disabled, refused
from tests.collect.inventory.live.gcp.asking import missed, read, told

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.estates.recordings import read_recordings
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._gcp import Google

    from bartizan.collect.inventory.contract import Facts

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
PROJECT = "//cloudresourcemanager.googleapis.com/projects/shop"
APP = "app@shop.iam.gserviceaccount.com"
ACCOUNT = f"//iam.googleapis.com/projects/-/serviceAccounts/{APP}"


@pytest.fixture
def grouped(cloud: Google) -> Google:
    bindings = [{"role": "roles/pubsub.admin", "members": ["group:Ops@example.com", "group:lost@example.com"]}]
    asset = {"name": "//cloudresourcemanager.googleapis.com/projects/123", "assetType": "cloudresourcemanager.googleapis.com/Project"}
    cloud.refuse(
        "contentType=IAM_POLICY", Told({"assets": [{**asset, "ancestors": ["projects/123"], "iamPolicy": {"bindings": bindings}}]})
    )
    members = [("ann@example.com", "USER"), (APP, "SERVICE_ACCOUNT"), ("inner@example.com", "GROUP"), ("ops@example.com", "GROUP")]
    cloud.groups = {
        "ops@example.com": [*members, ("Eve@example.com", "USER")],
        "inner@example.com": [("bob@example.com", "USER")],
        "lost@example.com": [],
    }
    return cloud


def members(facts: Facts) -> set[tuple[str, str]]:
    return {(edge.src, edge.dst) for edge in facts.edges if edge.kind == "member-of"}


def answers(facts: Facts) -> dict[str, str]:
    decide = GcpAuthorizer(facts).decide
    who = {"ann": "user:ann@example.com", "bob": "user:bob@example.com", "app": ACCOUNT, "zoe": "user:zoe@example.com"}
    return {name: decide(Uid(uid), "pubsub.topics.delete", PROJECT).answer.value for name, uid in who.items()}


def test_groups_are_opened_and_the_groups_in_them(grouped: Google, tmp_path: Path) -> None:
    facts = read(grouped, keep=tmp_path).facts
    ops, inner = "group:ops@example.com", "group:inner@example.com"
    expected = {
        ("user:ann@example.com", ops),
        (ACCOUNT, ops),
        (inner, ops),
        (ops, ops),
        ("user:eve@example.com", ops),
        ("user:bob@example.com", inner),
    }
    assert members(facts) == expected
    said = answers(facts)
    assert {name: said[name] for name in ("ann", "bob", "app")} == dict.fromkeys(("ann", "bob", "app"), "allowed")
    kept = read_recordings(tmp_path)
    assert (members(kept), told(kept).keys()) == (expected, told(facts).keys())


def test_a_group_that_nobody_may_open_is_a_gap_of_its_own(grouped: Google) -> None:
    grouped.refuse("lookup.*lost", refused(403, "PERMISSION_DENIED", "Error(2028): Permission denied"))
    facts = read(grouped).facts
    assert missed(facts) == [("cloudidentity.groups.lookup", "denied", "group:lost@example.com")]
    assert answers(facts)["zoe"] == "unknown"
    grouped.refuse("/memberships", refused(403, "PERMISSION_DENIED", "no"))
    assert ("cloudidentity.memberships.list", "denied", "group:ops@example.com") in missed(read(grouped).facts)


def test_a_directory_that_is_off_is_asked_once(grouped: Google) -> None:
    grouped.refuse("cloudidentity", disabled("cloudidentity.googleapis.com", "projects/999"))
    collected = read(grouped)
    assert collected.made["cloudidentity.groups.lookup"] == 1
    assert [gap.kinds for gap in collected.facts.gaps if gap.reason == "not-implemented"] == [("group",)]
    assert answers(collected.facts)["zoe"] == "unknown"
