"""An estate of Google Cloud, told by the Cloud Asset Inventory and by lists of the command line, becomes the same facts."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.inventory.exports.spoiling import JUNK, spoil

from bartizan.collect.inventory.contract import Condition, Facts, Origin, Uid
from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import FORMAT, GcpReading
from bartizan.collect.inventory.exports.reading import read_exports

if TYPE_CHECKING:
    from pathlib import Path

NODES = "//cloudresourcemanager.googleapis.com/"
PROJECT = f"{NODES}projects/shop"
ANCESTORS = ["projects/123", "folders/77", "organizations/9"]
APP = "//iam.googleapis.com/projects/-/serviceAccounts/app@shop.iam.gserviceaccount.com"
VM = "//compute.googleapis.com/projects/shop/zones/z/instances/web"
NETWORK = "https://www.googleapis.com/compute/v1/projects/shop/global/networks/default"


def asset(name: str, kind: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what an asset has
    return {"name": name, "assetType": kind, "resource": {"version": "v1", "data": data}, "ancestors": ANCESTORS, **more}


def policy(name: str, kind: str, *bindings: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what a policy has
    return {"name": name, "asset_type": kind, "iam_policy": {"bindings": list(bindings), **more}, "ancestors": ANCESTORS}


ASSETS: list[dict[str, Any]] = [
    asset(
        f"{NODES}projects/123",
        "cloudresourcemanager.googleapis.com/Project",
        {"projectId": "shop", "projectNumber": "123", "name": "Shop", "lifecycleState": "ACTIVE"},
    ),
    policy(
        f"{NODES}projects/123",
        "cloudresourcemanager.googleapis.com/Project",
        {"role": "roles/editor", "members": ["serviceAccount:app@shop.iam.gserviceaccount.com", "user:Ann@example.com"]},
        {
            "role": "roles/viewer",
            "members": ["allUsers"],
            "condition": {"title": "till", "expression": "request.time < timestamp('2027-01-01T00:00:00Z')"},
        },
        auditConfigs=[
            {
                "service": "allServices",
                "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": ["user:eve@example.com"]}, {"logType": "DATA_WRITE"}],
            }
        ],
    ),
    asset(
        VM,
        "compute.googleapis.com/Instance",
        {
            "name": "web",
            "status": "RUNNING",
            "tags": {"items": ["front"]},
            "labels": {"team": "shop"},
            "networkInterfaces": [{"network": NETWORK, "accessConfigs": [{"natIP": "203.0.113.5"}]}],
            "serviceAccounts": [
                {"email": "app@shop.iam.gserviceaccount.com", "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}
            ],
            "metadata": {
                "items": [{"key": "block-project-ssh-keys", "value": "TRUE"}, {"key": "startup-script", "value": "export TOKEN=hush"}]
            },
        },
    ),
    asset(
        "//compute.googleapis.com/projects/shop/global/firewalls/web",
        "compute.googleapis.com/Firewall",
        {
            "name": "web",
            "network": NETWORK,
            "direction": "INGRESS",
            "sourceRanges": ["0.0.0.0/0"],
            "targetTags": ["front"],
            "allowed": [{"IPProtocol": "tcp", "ports": ["443", "8000-8100"]}, {"IPProtocol": "icmp"}],
        },
    ),
    asset(
        "//compute.googleapis.com/projects/shop/global/firewalls/off",
        "compute.googleapis.com/Firewall",
        {"name": "off", "network": NETWORK, "disabled": True, "sourceRanges": ["0.0.0.0/0"], "allowed": [{"IPProtocol": "all"}]},
    ),
    asset(
        "//compute.googleapis.com/projects/shop/global/firewalls/back",
        "compute.googleapis.com/Firewall",
        {
            "name": "back",
            "network": NETWORK,
            "sourceTags": ["front"],
            "targetTags": ["back"],
            "denied": [{"IPProtocol": "all"}],
            "priority": 5,
        },
    ),
    asset(
        "//iam.googleapis.com/projects/shop/serviceAccounts/1155",
        "iam.googleapis.com/ServiceAccount",
        {
            "email": "app@shop.iam.gserviceaccount.com",
            "uniqueId": "1155",
            "projectId": "shop",
            "name": "projects/shop/serviceAccounts/app@shop.iam.gserviceaccount.com",
            "oauth2ClientId": "1155",
        },
    ),
    policy(
        "//iam.googleapis.com/projects/shop/serviceAccounts/1155",
        "iam.googleapis.com/ServiceAccount",
        {"role": "roles/iam.serviceAccountUser", "members": ["group:ops@example.com"]},
    ),
    asset(
        "//iam.googleapis.com/projects/shop/serviceAccounts/1155/keys/k1",
        "iam.googleapis.com/ServiceAccountKey",
        {
            "name": "projects/shop/serviceAccounts/app@shop.iam.gserviceaccount.com/keys/k1",
            "keyType": "USER_MANAGED",
            "validAfterTime": "2025-01-01T00:00:00Z",
        },
    ),
    asset(
        "//iam.googleapis.com/projects/shop/roles/starter",
        "iam.googleapis.com/Role",
        {"name": "projects/shop/roles/starter", "title": "Starter", "includedPermissions": ["compute.instances.start"], "stage": "GA"},
    ),
    asset(
        "//storage.googleapis.com/pub",
        "storage.googleapis.com/Bucket",
        {"name": "pub", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "inherited"}},
    ),
    policy(
        "//storage.googleapis.com/pub", "storage.googleapis.com/Bucket", {"role": "roles/storage.objectViewer", "members": ["allUsers"]}
    ),
    asset(
        "//run.googleapis.com/projects/shop/locations/z/services/api",
        "run.googleapis.com/Service",
        {
            "metadata": {"name": "api", "annotations": {"run.googleapis.com/ingress": "all"}},
            "spec": {
                "template": {
                    "spec": {
                        "serviceAccountName": "app@shop.iam.gserviceaccount.com",
                        "containers": [{"env": [{"name": "API_KEY", "value": "0123456789abcdef"}, {"name": "MODE", "value": "prod"}]}],
                    }
                }
            },
        },
    ),
    asset(
        "//serviceusage.googleapis.com/projects/123/services/compute.googleapis.com",
        "serviceusage.googleapis.com/Service",
        {"name": "projects/123/services/compute.googleapis.com", "state": "ENABLED"},
    ),
    {
        "name": f"{NODES}organizations/9",
        "asset_type": "cloudresourcemanager.googleapis.com/Organization",
        "ancestors": ["organizations/9"],
        "org_policy": [
            {"constraint": "constraints/iam.disableServiceAccountKeyCreation", "boolean_policy": {"enforced": True}},
            {"constraint": "constraints/gcp.resourceLocations", "list_policy": {"allowed_values": ["in:eu-locations"]}},
        ],
    },
    asset("//new.googleapis.com/projects/shop/things/x", "new.googleapis.com/Thing", {}),
]
DENY: dict[str, Any] = {
    "name": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F123/denypolicies/no-keys",
    "kind": "DenyPolicy",
    "displayName": "no keys",
    "rules": [
        {
            "denyRule": {
                "deniedPrincipals": ["principalSet://goog/public:all"],
                "exceptionPrincipals": ["principal://goog/subject/ann@example.com"],
                "deniedPermissions": [
                    "iam.googleapis.com/serviceAccountKeys.create",
                    "cloudresourcemanager.googleapis.com/projects.delete",
                ],
            }
        }
    ],
}
LISTED: list[dict[str, Any]] = [
    {"projectId": "shop", "projectNumber": "123", "name": "Shop", "lifecycleState": "ACTIVE", "parent": {"type": "folder", "id": "77"}},
    {
        "kind": "compute#instance",
        "name": "web",
        "status": "RUNNING",
        "selfLink": "https://www.googleapis.com/compute/v1/projects/shop/zones/z/instances/web",
        "networkInterfaces": [],
    },
    {
        "kind": "sql#instance",
        "name": "db",
        "project": "shop",
        "databaseVersion": "POSTGRES_16",
        "settings": {"ipConfiguration": {"ipv4Enabled": True, "authorizedNetworks": [{"value": "0.0.0.0/0"}]}},
    },
    {
        "storage_url": "gs://logs/",
        "name": "logs",
        "uniform_bucket_level_access": True,
        "public_access_prevention": "enforced",
        "versioning_enabled": True,
    },
    {"kind": "storage#bucket", "name": "raw", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": False}}},
    {
        "kind": "bigquery#dataset",
        "datasetReference": {"projectId": "shop", "datasetId": "sales"},
        "access": [{"specialGroup": "allAuthenticatedUsers"}],
    },
    {"kind": "dns#managedZone", "name": "zone", "visibility": "public", "dnssecConfig": {"state": "off"}},
    {
        "selfLink": "https://container.googleapis.com/v1/projects/shop/locations/z/clusters/c",
        "name": "c",
        "currentMasterVersion": "1.30",
        "legacyAbac": {"enabled": True},
    },
    {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": "api",
            "namespace": "123",
            "labels": {"cloud.googleapis.com/location": "z"},
            "annotations": {"run.googleapis.com/ingress": "all"},
        },
        "spec": {},
    },
    {"name": "projects/shop/locations/l/keyRings/r/cryptoKeys/k", "purpose": "ENCRYPT_DECRYPT", "rotationPeriod": "7776000s"},
    {"name": "projects/shop/roles/short", "title": "Short"},
    {"name": "projects/shop/topics/t"},
    {
        "resource": "//pubsub.googleapis.com/projects/shop/topics/t",
        "project": "projects/123",
        "policy": {"bindings": [{"role": "roles/pubsub.publisher", "members": ["allUsers"]}]},
    },
]


def read(*records: dict[str, Any]) -> Facts:
    reading = GcpReading()
    for one in records:
        reading.take(one, Origin("export", "assets.ndjson"))
    return reading.facts()


def test_assets_become_resources_with_what_policies_and_parts_say() -> None:
    facts = read(*ASSETS)
    assert [(gap.call, gap.uid) for gap in facts.gaps] == [("members of ops@example.com", "group:ops@example.com")]
    held = {one.uid: one for one in facts.resources}
    project = held[Uid(PROJECT)]
    assert (project.account, project.name) == ("shop", "Shop")
    assert {name: project.properties[name] for name in ("audit.read", "audit.write", "audit.exempted", "policy.public", "services")} == {
        "audit.read": True,
        "audit.write": True,
        "audit.exempted": ["user:eve@example.com"],
        "policy.public": ["roles/viewer"],
        "services": ["compute.googleapis.com"],
    }
    account = held[Uid(APP)]
    assert (account.properties["keys"], account.properties["oldest_key"], account.properties["project_roles"]) == (
        1,
        "2025-01-01T00:00:00Z",
        ["roles/editor"],
    )
    assert held[Uid("//storage.googleapis.com/pub")].properties["policy.public"] == ["roles/storage.objectViewer"]
    service = held[Uid("//run.googleapis.com/projects/shop/locations/z/services/api")]
    assert (service.properties["environment.secrets"], service.properties["ingress"]) == (["API_KEY"], "all")
    assert "hush" not in str(facts), "no value of metadata or environment is kept"
    assert [one.kind for one in facts.resources].count("") == 1
    constraint = held[Uid("//orgpolicy.googleapis.com/organizations/9/policies/gcp.resourceLocations")]
    assert constraint.properties["allowed"] == ["in:eu-locations"]


def test_machines_are_joined_to_the_rules_that_hold_for_them_and_to_whom_they_act_as() -> None:
    facts = read(*ASSETS)
    mine = {(edge.kind, edge.dst) for edge in facts.edges if edge.src == VM}
    assert mine == {
        ("runs-as", APP),
        ("in-network", "//compute.googleapis.com/projects/shop/global/networks/default"),
        ("protected-by", "//compute.googleapis.com/projects/shop/global/firewalls/web"),
    }
    rules = [
        (one.resource.rpartition("/")[2], one.peer, one.protocol, one.first_port, one.last_port, one.action, one.priority)
        for one in facts.network_rules
    ]
    assert rules == [
        ("web", "0.0.0.0/0", "tcp", 443, 443, "allow", 1000),
        ("web", "0.0.0.0/0", "tcp", 8000, 8100, "allow", 1000),
        ("web", "0.0.0.0/0", "icmp", -1, -1, "allow", 1000),
        ("back", "tag:front", "-1", -1, -1, "deny", 5),
    ]
    machine = next(one for one in facts.resources if one.uid == VM)
    assert (machine.properties["public_ips"], machine.properties["block_project_keys"], machine.properties["startup_script"]) == (
        ["203.0.113.5"],
        True,
        True,
    )


def test_bindings_are_attachments_at_their_node_and_the_tree_is_there() -> None:
    facts = read(*ASSETS)
    assert [(one.policy, one.target, one.scope, one.conditions) for one in facts.attachments] == [
        ("roles/editor", APP, PROJECT, ()),
        ("roles/editor", "user:ann@example.com", PROJECT, ()),
        ("roles/viewer", "allUsers", PROJECT, (Condition("CEL", "till", ("request.time < timestamp('2027-01-01T00:00:00Z')",)),)),
        ("roles/iam.serviceAccountUser", "group:ops@example.com", APP, ()),
        ("roles/storage.objectViewer", "allUsers", "//storage.googleapis.com/pub", ()),
    ]
    tree = {(edge.src, edge.dst) for edge in facts.edges if edge.kind == "contains"}
    assert {
        (f"{NODES}organizations/9", f"{NODES}folders/77"),
        (f"{NODES}folders/77", PROJECT),
        (PROJECT, "//storage.googleapis.com/pub"),
    } <= tree
    assert [(one.actions, one.policy) for one in facts.statements] == [(("compute.instances.start",), "projects/shop/roles/starter")]


def test_a_deny_policy_is_a_policy_of_its_node() -> None:
    facts = read(ASSETS[0], DENY)
    (statement,) = facts.statements
    assert (statement.effect, statement.actions, statement.principals, statement.not_principals) == (
        "Deny",
        ("iam.serviceAccountKeys.create", "resourcemanager.projects.delete"),
        (("Id", "allUsers"),),
        (("Id", "user:ann@example.com"),),
    )
    assert [(one.kind, one.scope) for one in facts.attachments] == [("resource", PROJECT)]
    broken = (
        read({**DENY, "name": "policies/x"} | {"name": "policies//denypolicies/x"})
        if FORMAT.claims({"name": "policies//denypolicies/x"})
        else Facts()
    )
    assert broken.resources == []


def test_lists_of_the_command_line_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "lists.json"
    file.write_text(json.dumps(LISTED))
    facts = read_exports([str(file)])
    assert facts.gaps == []
    held = {one.uid: one for one in facts.resources}
    assert held[Uid(VM)].kind == "compute_instance"
    assert held[Uid("//cloudsql.googleapis.com/projects/shop/instances/db")].properties["open_to_internet"] is True
    assert held[Uid("//storage.googleapis.com/logs")].properties["uniform_access"] is True
    assert held[Uid("//storage.googleapis.com/raw")].properties["uniform_access"] is False
    assert held[Uid("//bigquery.googleapis.com/projects/shop/datasets/sales")].properties["public"] is True
    assert held[Uid("//dns.googleapis.com/managedZones/zone")].properties["dnssec"] == "off"
    assert held[Uid("//container.googleapis.com/projects/shop/locations/z/clusters/c")].properties["legacy_abac"] is True
    assert held[Uid("//run.googleapis.com/projects/123/services/api")].kind == "cloud_run_service"
    assert (
        held[Uid("//cloudkms.googleapis.com/projects/shop/locations/l/keyRings/r/cryptoKeys/k")].properties["rotation_seconds"] == 7776000
    )
    assert "*" in held[Uid("//iam.googleapis.com/projects/shop/roles/short")].unknown
    assert held[Uid("//pubsub.googleapis.com/projects/shop/topics/t")].properties["policy.public"] == ["roles/pubsub.publisher"]
    assert (Uid(f"{NODES}folders/77"), Uid(PROJECT)) in {(edge.src, edge.dst) for edge in facts.edges}


def test_without_policies_nobody_can_say_who_is_let_in() -> None:
    (bucket,) = [one for one in read(ASSETS[0], ASSETS[10]).resources if one.kind == "storage_bucket"]
    assert bucket.unknown["policy.public"] == "no IAM policy was read"


def test_a_search_result_leaves_everything_unknown() -> None:
    (one,) = read(
        {"name": "//storage.googleapis.com/x", "assetType": "storage.googleapis.com/Bucket", "project": "projects/123", "displayName": "x"}
    ).resources
    assert (one.properties, one.unknown["*"][:8]) == ({}, "the list")


def test_a_policy_that_is_none_is_told() -> None:
    facts = read(
        {
            "name": "//storage.googleapis.com/x",
            "asset_type": "storage.googleapis.com/Bucket",
            "iam_policy": ["surprise"],
            "ancestors": ANCESTORS,
        }
    )
    assert [(gap.uid, gap.detail) for gap in facts.gaps] == [("//storage.googleapis.com/x", "this is no IAM policy")]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(at=st.integers(0, len(ASSETS) - 1), path=st.lists(st.integers(0, 5), max_size=5), junk=JUNK)
def test_hostile_assets_raise_nothing_and_lose_no_other_asset(at: int, path: list[int], junk: Any) -> None:  # noqa: ANN401 - anything
    assets = deepcopy(ASSETS)
    spoil(assets[at], path, junk)
    if FORMAT.claims(assets[at]):
        facts = read(*assets)
        assert len(facts.resources) >= len(read(*[one for number, one in enumerate(ASSETS) if number != at]).resources) - 2
