"""What is refused is asked of somebody else where there is one, and is a gap where there is none: nothing is silently less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from benchmarks._gcp import Told, disabled, refused
from tests.collect.inventory.live.gcp.asking import given, missed, read, said, told

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.permission.assuming import assume
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer

if TYPE_CHECKING:
    from benchmarks._gcp import Google

    from bartizan.collect.inventory.contract import Facts

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
NODES = "//cloudresourcemanager.googleapis.com/"
UNLISTED = ("bigquery_table", "cloudbuild_trigger", "composer_environment", "dataproc_cluster", "notebooks_instance")
DENIED = refused(403, "PERMISSION_DENIED", "The caller does not have permission")
OFF = disabled("cloudasset.googleapis.com", "projects/999")


def answer(facts: Facts, who: str, action: str, where: str) -> str:
    return GcpAuthorizer(facts).decide(Uid(who), action, where).answer.value


@pytest.mark.parametrize("told_", [OFF, DENIED], ids=["off", "denied"])
def test_without_the_inventory_services_say_the_same_of_what_they_list(cloud: Google, told_: Told) -> None:
    whole = read(cloud).facts
    cloud.refuse("cloudasset", told_)
    collected = read(cloud)
    facts = collected.facts
    assert (given(facts), said(facts)) == (given(whole), said(whole))
    bulk, lists = told(whole), told(facts)
    assert bulk.keys() == lists.keys()
    differ = {
        (uid.rpartition("/")[2], name) for uid in bulk for name in bulk[uid] if name != "?" and bulk[uid][name] != lists[uid].get(name)
    }
    assert differ == {("sales", "policy.public")}, "of a data set no list tells the policy"
    reason = "not-implemented" if told_ is OFF else "denied"
    assert missed(facts) == [
        ("cloudasset.assets.listResource", reason, "shop"),
        ("cloudasset.assets.listIamPolicy", reason, "shop"),
    ]
    assert [gap.kinds for gap in facts.gaps if gap.call.endswith("listResource")] == [UNLISTED]
    assert ("SERVICE_DISABLED in projects/999" in facts.gaps[0].detail) == (told_ is OFF)
    assert collected.made["cloudasset.assets.listResource"] == 1, "what is denied is not asked again"


def test_below_an_organization_projects_are_found_by_the_tree(cloud: Google) -> None:
    whole = read(cloud, "organizations/9").facts
    cloud.refuse("cloudasset", DENIED)
    facts = read(cloud, "organizations/9").facts
    assert told(whole).keys() == told(facts).keys()
    assert (given(facts), said(facts)) == (given(whole), said(whole))
    assert [gap.detail for gap in facts.gaps if gap.reason == "not-in-origin"] == [
        "SERVICE_DISABLED in projects/456: compute.googleapis.com has not been used in projects/456 before or it is disabled."
    ], "what is off in the project that is asked about is no fault"
    cloud.refuse(r"v3/projects\?parent", DENIED)
    blind = read(cloud, "organizations/9").facts
    assert [gap.kinds for gap in blind.gaps if gap.call == "resourcemanager.projects.list"] == [()], "of nothing below it can be told"


def test_policies_alone_can_be_refused(cloud: Google) -> None:
    whole = read(cloud).facts
    cloud.refuse("contentType=IAM_POLICY", DENIED)
    facts = read(cloud).facts
    assert given(facts) == given(whole)
    assert told(facts).keys() == told(whole).keys()
    (gap,) = facts.gaps
    assert (gap.call, gap.properties, "bigquery_dataset" in gap.kinds) == ("cloudasset.assets.listIamPolicy", ("policy",), True)
    cloud.refuse("projects/123:getIamPolicy", DENIED)
    blind = read(cloud).facts
    project = next(one for one in blind.resources if one.kind == "project")
    assert {name: project.unknown[name] for name in ("policy.public", "basic_roles", "audit.read")} == {
        "policy.public": "denied: resourcemanager.projects.getIamPolicy",
        "basic_roles": "no IAM policy was read",
        "audit.read": "no IAM policy was read",
    }
    assert answer(blind, "user:ann@example.com", "pubsub.topics.delete", f"{NODES}projects/shop") == "unknown"
    assert answer(whole, "user:ann@example.com", "pubsub.topics.delete", f"{NODES}projects/shop") == "denied"


def test_the_policy_of_one_thing_can_be_refused(cloud: Google) -> None:
    cloud.refuse("cloudasset", DENIED)
    cloud.refuse("b/raw/iam", DENIED)
    facts = read(cloud).facts
    held = told(facts)
    assert held["//storage.googleapis.com/raw"]["?"] == {"policy.public": "denied: storage.buckets.getIamPolicy"}
    assert held["//storage.googleapis.com/public"]["policy.public"] == ["roles/storage.objectViewer"]
    assert ("storage.buckets.getIamPolicy", "denied", "//storage.googleapis.com/raw") in missed(facts)
    cloud.refuse(r"storage/v1/b/\w+/iam", DENIED)
    assert ("storage.buckets.getIamPolicy", "denied", "shop") in missed(read(cloud).facts), "all of them are one gap"


@pytest.mark.parametrize("node", ["folders/77", "organizations/9"])
def test_what_is_inherited_from_where_nobody_may_look_is_not_known(cloud: Google, node: str) -> None:
    for pattern in (f"v3/{node}:getIamPolicy", f"{node.replace('/', '%2F')}/denypolicies", f"v2/{node}/policies"):
        cloud.refuse(pattern, DENIED)
    facts = read(cloud).facts
    assert answer(facts, "user:ann@example.com", "compute.instances.delete", f"{NODES}projects/shop") == "unknown"
    app = ("serviceAccount:app@shop.iam.gserviceaccount.com", "compute.instances.delete", f"{NODES}projects/shop")
    assert answer(facts, *app) == "unknown", "a deny policy there could deny it"
    assert answer(assume(facts, ["no-deny-policies"]), *app) == "allowed"
    kind = node.partition("/")[0]
    assert missed(facts) == [
        (f"resourcemanager.{kind}.getIamPolicy", "denied", f"{NODES}{node}"),
        ("iam.denypolicies.list", "denied", node),
        ("orgpolicy.policies.list", "denied", ""),
    ]


def test_a_tree_that_nobody_may_see_leaves_open_what_is_above(cloud: Google) -> None:
    cloud.refuse(r"^\w+ cloudresourcemanager", DENIED)
    facts = read(cloud).facts
    assert {uid for _call, _reason, uid in missed(facts) if uid} == {f"{NODES}folders/77", f"{NODES}organizations/9"}
    assert answer(facts, "user:ann@example.com", "compute.instances.delete", f"{NODES}projects/shop") == "unknown"


@pytest.mark.parametrize(("seen", "top"), [(r"projects/\w+$", "folders/77"), (None, "shop")])
def test_what_may_be_denied_from_where_nobody_may_see_is_not_known(cloud: Google, seen: str | None, top: str) -> None:
    cloud.refuse("cloudasset", DENIED)
    cloud.refuse(r"v3/(folders|organizations)" if seen else r"v3/(projects|folders|organizations)/?[\w-]*$", DENIED)
    gaps = [gap for gap in read(cloud).facts.gaps if gap.kinds == ("iam_deny_policy",)]
    assert [(gap.reason, gap.account) for gap in gaps] == [("denied", top)]


def test_a_target_of_which_nobody_tells_anything_is_gaps(cloud: Google) -> None:
    facts = read(cloud, "projects/elsewhere").facts
    assert facts.resources == []
    assert ("resourcemanager.projects.get", "denied", f"{NODES}projects/elsewhere") in missed(facts)


def test_places_that_did_not_answer_are_gaps(cloud: Google) -> None:
    cloud.refuse("cloudasset", DENIED)
    cloud.refuse("locations/-/services", Told({"services": [], "unreachable": ["projects/shop/locations/europe"]}))
    cloud.refuse("clusters", Told({"clusters": [], "missingZones": ["z"]}))
    warning = {"code": "UNREACHABLE", "message": "zones/z did not answer"}
    cloud.refuse("aggregated/instances", Told({"items": {"zones/z": {"warning": warning}}}))
    found = {gap.call: (gap.reason, gap.detail) for gap in read(cloud).facts.gaps}
    assert {call: found[call] for call in ("run.services.list", "container.clusters.list", "compute.instances.list")} == {
        "run.services.list": ("failed", "UNREACHABLE: no answer from projects/shop/locations/europe"),
        "container.clusters.list": ("failed", "UNREACHABLE: no answer from z"),
        "compute.instances.list": ("failed", "UNREACHABLE: zones/z did not answer"),
    }


def test_a_project_without_an_application_has_none(cloud: Google) -> None:
    cloud.refuse("cloudasset", DENIED)
    cloud.refuse("appengine", refused(404, "NOT_FOUND", "Could not find Application 'shop'."))
    assert [gap.call for gap in read(cloud).facts.gaps] == ["cloudasset.assets.listResource", "cloudasset.assets.listIamPolicy"]


def broken() -> dict[str, tuple[Told, str, str]]:
    """Return what comes, and reason and detail of the gap that it leaves."""
    quota = {"error": {"code": 403, "message": "Quota exceeded", "errors": [{"reason": "rateLimitExceeded"}]}}
    page: Any = b"<!DOCTYPE html><html><body>Sign in</body></html>"
    return {
        "exhausted": (refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), "throttled", "RESOURCE_EXHAUSTED: Quota exceeded"),
        "the old way": (Told(quota, 403), "throttled", "403: Quota exceeded"),
        "cut off": (Told({"services": []}, cut=10), "failed", "Unanswered: the answer broke off: 16 of 26 bytes came"),
        "a page": (Told(page), "failed", "NoAnswer: a page for people came"),
        "broken": (refused(503, "UNAVAILABLE", "later"), "failed", "UNAVAILABLE: later"),
    }


@pytest.mark.parametrize("what", broken())
def test_what_passes_is_asked_again_and_what_stays_is_a_gap(cloud: Google, what: str) -> None:
    told_, reason, detail = broken()[what]
    cloud.refuse("cloudasset", DENIED)
    cloud.refuse("locations/-/services", told_, times=2)
    assert [gap.call for gap in read(cloud).facts.gaps] == ["cloudasset.assets.listResource", "cloudasset.assets.listIamPolicy"]
    cloud.refuse("locations/-/services", told_)
    collected = read(cloud)
    assert [(gap.reason, gap.detail) for gap in collected.facts.gaps if gap.call == "run.services.list"] == [(reason, detail)]
    assert collected.made["run.services.list"] == 3
