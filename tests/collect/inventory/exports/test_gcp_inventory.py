"""What the Cloud Asset Inventory writes otherwise than the services themselves: types of its own, members that are empty."""

from __future__ import annotations

import pytest
from tests.collect.inventory.exports.test_gcp_estate import ASSETS, DENY, asset, read

from bartizan.collect.inventory.contract import Gap, Origin, Uid
from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import GcpReading


def test_the_inventory_calls_a_deny_policy_a_policy_of_the_second_kind() -> None:
    name = f"//iam.googleapis.com/{DENY['name']}"
    facts = read(ASSETS[0], asset(name, "iam.googleapis.com/PolicyV2", DENY))
    listed = read(ASSETS[0], DENY)
    assert (facts.statements, facts.attachments) == (listed.statements, listed.attachments)
    assert [one.kind for one in facts.resources] == ["project", "iam_deny_policy"]
    other = asset("//iam.googleapis.com/policies/x/accessboundarypolicies/y", "iam.googleapis.com/PolicyV2", {})
    assert [one.kind for one in read(other).resources] == [""]


def test_a_deny_policy_whose_rules_are_not_told_is_told() -> None:
    facts = read({name: told for name, told in DENY.items() if name != "rules"})
    assert [(gap.kinds, gap.uid.rpartition("/")[2], gap.detail) for gap in facts.gaps] == [
        (("iam_deny_policy",), "no-keys", "its rules are not told: whom it denies what is not known")
    ]
    assert [one.kind for one in facts.attachments] == ["resource"]


def test_what_the_inventory_shows_as_empty_is_not_there_or_not_told() -> None:
    empty = {"acl": [], "website": {}, "encryption": {}, "logging": {}, "retentionPolicy": {}, "lifecycle": {"rule": []}, "cors": []}
    access = [{"uniformBucketLevelAccess": {"enabled": on}} for on in (True, False)]
    lists: list[list[dict[str, str]]] = [[{"entity": "project-owners-123"}], [{"entity": "project-owners-123"}, {"entity": "allUsers"}]]
    told = [{**empty, "iamConfiguration": one} for one in access] + [{**empty, "acl": one} for one in lists]
    found = [read(asset("//storage.googleapis.com/b", "storage.googleapis.com/Bucket", one)).resources[0] for one in told]
    assert [one.properties["website"] for one in found] == [False] * 4
    assert [one.properties.get("acl.public") for one in found] == [False, None, False, True]
    assert [one.unknown.get("acl.public") for one in found] == [None, "the list of accesses of the bucket was not read", None, None]


@pytest.mark.parametrize("turned", [1, -1])
def test_a_policy_that_was_refused_is_not_there_in_whatever_order_gaps_of_its_thing_came(turned: int) -> None:
    name = "//storage.googleapis.com/raw"
    gaps = [Gap(provider="gcp", call=one, reason="denied", properties=(one,), uid=Uid(name)) for one in ("policy", "acl.public")]
    reading = GcpReading("live")
    reading.take({"name": name, "assetType": "storage.googleapis.com/Bucket", "resource": {"data": {}}, "iamPolicy": None}, Origin("live"))
    other = {"name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "iamPolicy": {"bindings": []}}
    reading.take(other, Origin("live"))
    for gap in gaps[::turned]:
        reading.missed(gap)
    (raw,) = [one for one in reading.facts().resources if one.uid == name]
    assert raw.unknown["policy.public"] == "denied: policy"
