"""What kinds say of lists can be asked; the role that the collector needs reads and does nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bartizan.collect.inventory.exports.sections import sections as exported
from bartizan.collect.inventory.kinds import Kind, Property, kinds
from bartizan.collect.inventory.live import sections as reading
from bartizan.collect.inventory.live.gcp.addresses import Addresses
from bartizan.collect.inventory.live.gcp.permissions import custom_role, permissions
from bartizan.collect.inventory.live.gcp.sections import sections, types
from bartizan.collect.inventory.roles import roles
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

CALLS = {step.call for section in sections() for one in section.lists for step in (*one.steps, *((one.policy,) if one.policy else ()))}


def test_every_kind_is_read_live_by_a_type_that_its_export_knows() -> None:
    assert {section.kind.name for section in sections()} == {name for provider, name in kinds() if provider == "gcp"}
    rights = {"iam.googleapis.com/policybinding", "iam.googleapis.com/policyv2", "iam.googleapis.com/principalaccessboundarypolicy"}
    known = {*exported("gcp"), *rights}
    assert [one for one in types() if one.lower() not in known] == []


def test_every_permission_is_one_of_google_cloud() -> None:
    assert [one for one in permissions() if one not in roles("gcp").known] == []


def test_nothing_that_is_needed_does_anything_but_read_how_things_are_set_up() -> None:
    verbs = {one.rpartition(".")[2] for one in permissions()}
    assert verbs == {"get", "getIamPolicy", "list", "listIamPolicy", "listOrgPolicy", "listResource"}
    what_is_in_it = ("objects", "versions.access", "tabledata", "rows", "messages", "logEntries", "serviceAccounts.getAccessToken")
    assert [one for one in permissions() for part in what_is_in_it if part in one] == []


def test_every_call_that_is_made_is_allowed() -> None:
    assert set(permissions()) >= CALLS


@pytest.mark.parametrize("project", [False, True])
def test_the_role_is_a_file_for_gcloud(*, project: bool) -> None:
    told = yaml.safe_load(custom_role(project=project))
    assert list(told) == ["title", "description", "stage", "includedPermissions"]
    assert told["includedPermissions"] == list(permissions(project=project))
    assert ("resourcemanager.organizations.get" in told["includedPermissions"]) is not project


def test_a_kind_alone_needs_less() -> None:
    assert set(permissions(["storage_bucket"])) - set(permissions([])) == {"storage.buckets.getIamPolicy", "storage.buckets.list"}


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"types": ["a/B"], "list": []}, "it knows no list: only lists, types"),
        ({"lists": []}, "'types'"),
        ({"types": ["a/B"], "lists": ["x"]}, "'x' is no mapping"),
        ({"types": ["a/B"], "lists": [{"call": "c", "get": "g", "name": "n", "type": "a/C"}]}, "'a/C' is none of its types"),
        ({"types": ["a/B"], "lists": [{"call": "c", "name": "n"}]}, "c: it needs either get or post"),
        ({"types": ["a/B"], "lists": [{"call": "c", "get": "g", "name": "n", "beside": ["x"]}]}, "the kind has no property x"),
    ],
)
def test_a_section_that_is_wrong_is_told_with_its_file(told: Mapping[str, Any], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = Kind("gcp", "thing", "a thing", {"p": Property("p", "string", "x")}, {"live": told})
    monkeypatch.setattr(reading, "kinds", lambda: {("gcp", "thing"): kind})
    with pytest.raises(InputError) as caught:
        sections.__wrapped__()
    assert str(caught.value) == f"kinds/gcp/thing.yml: live: {why}"


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("iam.googleapis.com/v1/projects/p/roles", "iam.googleapis.com"),
        ("iam.googleapis.com/v2/policies/x/denypolicies", "iam.googleapis.com/v2"),
        ("iam.googleapis.com/v3/organizations/9/locations/global/policyBindings", "iam.googleapis.com/v3"),
        ("storage.googleapis.com/v2/b", "storage.googleapis.com"),
    ],
)
def test_versions_of_iam_with_a_quota_of_their_own_have_a_pace_of_their_own(address: str, service: str) -> None:
    assert Addresses().call("c", address).service == service
