"""The inventory tells of everything below a node at once; what it does not show is asked of its service, and what is above of the tree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from benchmarks._gcp import Told, exported, refused
from tests.collect.inventory.live.gcp.asking import given, missed, read, said, told

from bartizan.collect.inventory.contract import Facts, Uid
from bartizan.collect.inventory.exports.reading import read_exports

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._gcp import Google

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
NODES = "//cloudresourcemanager.googleapis.com/"
NOT_SHOWN = {"acl.public", "metadata.names", "metadata.ssh_keys", "ssh_keys", "startup_script"}
PARTS = {"dns_logging", "metric_filters", "services", "sinks"}
"""What a list that was read to its end tells, and a file of what is there does not."""


def test_an_organization_is_read_with_few_requests_and_says_what_its_export_says(cloud: Google, tmp_path: Path) -> None:
    collected = read(cloud, "organizations/9")
    file = tmp_path / "assets.ndjson"
    file.write_text(exported(cloud.things, "organizations/9"))
    export = read_exports([str(file)])
    assert collected.facts.gaps == export.gaps == []
    assert (given(collected.facts), said(collected.facts)) == (given(export), said(export))
    live, kept = told(collected.facts), told(export)
    assert live.keys() == kept.keys()
    differ = [(name, kept[uid].get(name)) for uid in live for name in live[uid] if name != "?" and live[uid][name] != kept[uid].get(name)]
    assert {name for name, _kept in differ} == NOT_SHOWN | PARTS
    assert [name for name, kept_value in differ if kept_value is not None] == [], "what the export says is the same"
    lists = {call: count for call, count in collected.made.items() if not call.startswith("cloudasset.")}
    assert lists == {"compute.instances.list": 1, "compute.projects.get": 1, "storage.buckets.list": 2}
    assert {edge.dst for edge in collected.facts.edges if edge.src == f"{NODES}folders/77"} == {f"{NODES}projects/shop"}
    assert {one.origin.how for one in collected.facts.resources} == {"live"}


def test_of_a_project_what_holds_above_it_is_asked_of_the_resource_manager(cloud: Google) -> None:
    collected = read(cloud)
    scopes = {one.scope for one in collected.facts.attachments if one.scope.startswith(NODES)}
    assert scopes == {f"{NODES}projects/shop", f"{NODES}folders/77", f"{NODES}organizations/9"}
    assert [one.policy for one in collected.facts.statements if one.effect == "Deny" and "folders" in one.policy] != []
    assert "organizations/9/roles/starter" in {one.policy for one in collected.facts.statements}
    assert [one.target for one in collected.facts.attachments if one.kind == "boundary"] == [f"principalSet:{NODES}organizations/9"]
    assert {one.uid for one in collected.facts.resources if one.kind == "org_policy"} == {
        "//orgpolicy.googleapis.com/organizations/9/policies/iam.disableServiceAccountKeyCreation",
        "//orgpolicy.googleapis.com/projects/123/policies/compute.requireOsLogin",
    }
    assert collected.facts.gaps == []


def test_two_targets_are_one_estate_and_what_is_above_both_is_there_once(cloud: Google) -> None:
    both, whole = read(cloud, "projects/shop", "projects/456").facts, read(cloud, "organizations/9").facts
    assert (told(both), given(both), said(both)) == (told(whole), given(whole), said(whole))


def test_an_inventory_that_does_not_know_a_type_is_asked_for_all(cloud: Google) -> None:
    cloud.refuse(r"assetTypes=", refused(400, "INVALID_ARGUMENT", "no asset type matches"))
    collected = read(cloud)
    assert collected.made["iam.denypolicies.list"] == 3, "it may be the type of deny policies that the inventory lacks"
    cloud.otherwise.clear()
    whole = read(cloud).facts
    assert {one.uid for one in collected.facts.resources} == {one.uid for one in whole.resources}
    (gap,) = collected.facts.gaps
    assert (gap.reason, gap.account, gap.detail) == ("not-in-origin", "shop", "INVALID_ARGUMENT: no asset type matches")
    seen = {one.kind for one in whole.resources}
    assert set(gap.kinds) & seen == {"project_iam_custom_role"}, "there is one above, and none that the inventory told of"
    assert "redis_instance" in gap.kinds, "nobody can tell whether the inventory has the type of what did not come"


def test_a_deny_policy_whose_rules_the_inventory_hides_is_asked_for(cloud: Google) -> None:
    name = "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F123/denypolicies/no"
    asset = {"name": f"//iam.googleapis.com/{name}", "assetType": "iam.googleapis.com/PolicyV2", "ancestors": ["projects/123"]}
    hidden = {"assets": [{**asset, "resource": {"data": {"name": name, "displayName": "no"}}}]}
    cloud.refuse(r"contentType=RESOURCE", Told(hidden))
    collected = read(cloud)
    (denial,) = [one for one in collected.facts.statements if one.policy == name]
    assert denial.actions == ("resourcemanager.projects.delete",)
    assert collected.made["iam.denypolicies.get"] == 2, "that of the folder above too"


def test_nothing_below_a_node_is_nothing_and_no_gap(cloud: Google) -> None:
    cloud.things = ()
    facts = read(cloud, "organizations/9").facts
    assert facts.gaps == []
    assert {one.kind for one in facts.resources if one.kind} == {
        "folder",
        "iam_deny_policy",
        "org_policy",
        "organization",
        "project",
        "project_iam_custom_role",
    }
    project = next(one for one in facts.resources if one.uid == f"{NODES}projects/shop")
    assert (project.properties["services"], project.properties["sinks"], project.properties["metric_filters"]) == ([], False, [])


def test_what_a_service_tells_goes_before_what_the_inventory_shows(cloud: Google) -> None:
    held = told(read(cloud).facts)
    web = held["//compute.googleapis.com/projects/shop/zones/z/instances/web"]
    assert (web["startup_script"], web["metadata.names"], web["?"]) == (True, ["block-project-ssh-keys", "startup-script"], {})
    assert held["//storage.googleapis.com/raw"]["acl.public"] is True
    assert held[f"{NODES}projects/shop"]["metadata.ssh_keys"] is True


def test_where_the_service_refuses_what_the_inventory_shows_stays_and_the_rest_is_not_known(cloud: Google) -> None:
    for pattern in (r"aggregated/instances", r"storage/v1/b\?", r"compute/v1/projects/shop$"):
        cloud.refuse(pattern, refused(403, "PERMISSION_DENIED", "no"))
    facts = read(cloud).facts
    held = told(facts)
    assert held["//compute.googleapis.com/projects/shop/zones/z/instances/web"]["?"].keys() == {
        "metadata.names",
        "ssh_keys",
        "startup_script",
    }
    assert held["//storage.googleapis.com/raw"]["?"].keys() == {"acl.public"}
    assert held[f"{NODES}projects/shop"]["?"].keys() == {"metadata.ssh_keys"}
    assert held[f"{NODES}projects/shop"]["metadata.serial_port"] is True
    assert missed(facts) == [
        ("compute.instances.list", "denied", "shop"),
        ("compute.projects.get", "denied", "shop"),
        ("storage.buckets.list", "denied", "shop"),
    ]
    assert [gap.properties for gap in facts.gaps if gap.call == "storage.buckets.list"] == [("acl.public",)]


def test_a_file_of_the_inventory_alone_leaves_open_what_it_does_not_show(cloud: Google, tmp_path: Path) -> None:
    file = tmp_path / "assets.ndjson"
    file.write_text(exported(cloud.things, "projects/123"))
    held = {one.uid: one for one in read_exports([str(file)]).resources}
    web = held[Uid("//compute.googleapis.com/projects/shop/zones/z/instances/web")]
    assert {name: web.unknown.get(name) for name in ("metadata.names", "ssh_keys", "startup_script")} == dict.fromkeys(
        ("metadata.names", "ssh_keys", "startup_script"), "the inventory shows no metadata but four switches"
    )
    assert "metadata.ssh_keys" in held[Uid(f"{NODES}projects/shop")].unknown
    listed = {**next(one.item for one in cloud.things if one.name.endswith("/web"))}
    (tmp_path / "list.json").write_text(json.dumps([listed]))
    both: Facts = read_exports([str(tmp_path)])
    assert next(one for one in both.resources if one.kind == "compute_instance").properties["startup_script"] is True
