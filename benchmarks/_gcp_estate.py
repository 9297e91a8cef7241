"""An estate of Google Cloud, written as its services answer: an organization, a folder, two projects and one thing of most kinds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NODES: Final = "//cloudresourcemanager.googleapis.com/"
COMPUTE: Final = "compute.googleapis.com/compute/v1/projects/shop"
LINK: Final = "https://www.googleapis.com/compute/v1/projects/shop"
APP: Final = "app@shop.iam.gserviceaccount.com"
HUSH: Final = ("hush-startup-1", "hush-ssh-2", "hush-variable-3", "hush-password-4", "hush-key-5", "hush-node-6")
"""Values that nobody may keep."""


@dataclass(frozen=True)
class Thing:
    """One resource: as its service lists it, and what the inventory calls it."""

    type: str
    name: str
    address: str
    """Where it is listed, without the scheme."""
    member: str
    """Where it stands on a page; with a stroke: the scope of an aggregated list, and the member in it."""
    item: Mapping[str, Any]
    project: str = "123"
    policy: Mapping[str, Any] | None = None
    asked: str = ""
    """Where its IAM policy is asked for."""
    shown: Mapping[str, Any] = field(default_factory=dict)
    """What the inventory shows otherwise than the service."""


ABOVE: Final = {
    "projects/123": ("folders/77", "organizations/9"),
    "projects/456": ("organizations/9",),
    "folders/77": ("organizations/9",),
    "organizations/9": (),
}
IDS: Final = {"123": "shop", "456": "labs"}
BOUND: Final[Mapping[str, list[dict[str, Any]]]] = {
    "organizations/9": [{"role": "roles/resourcemanager.organizationAdmin", "members": ["user:root@example.com"]}],
    "folders/77": [{"role": "roles/owner", "members": ["user:bob@example.com"]}],
    "projects/123": [
        {"role": "roles/editor", "members": [f"serviceAccount:{APP}"]},
        {
            "role": "roles/storage.objectViewer",
            "members": ["user:ann@example.com"],
            "condition": {"title": "raw", "expression": "resource.name.startsWith('projects/_/buckets/raw')"},
        },
        {"role": "organizations/9/roles/starter", "members": ["user:eve@example.com"]},
    ],
    "projects/456": [{"role": "roles/viewer", "members": ["user:ann@example.com"]}],
}
DENIED: Final = {
    "folders/77": ["iam.googleapis.com/serviceAccountKeys.create"],
    "projects/123": ["cloudresourcemanager.googleapis.com/projects.delete"],
}
"""By node, what a deny policy of it denies everybody but ann."""
CONSTRAINTS: Final = {"organizations/9": "iam.disableServiceAccountKeyCreation", "projects/123": "compute.requireOsLogin"}
ROLE: Final = {
    "name": "organizations/9/roles/starter",
    "title": "Starter",
    "includedPermissions": ["compute.instances.start"],
    "stage": "GA",
}
BOUNDARY: Final = {
    "name": "organizations/9/locations/global/principalAccessBoundaryPolicies/inside",
    "details": {"rules": [{"resources": [f"{NODES}organizations/9"], "effect": "ALLOW"}]},
}
BINDING: Final = {
    "name": "organizations/9/locations/global/policyBindings/all",
    "target": {"principalSet": f"{NODES}organizations/9"},
    "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
    "policy": BOUNDARY["name"],
}


def everyone(role: str) -> dict[str, Any]:
    """Return a policy that gives everyone a role."""
    return {"version": 1, "etag": "BwY=", "bindings": [{"role": role, "members": ["allUsers"]}]}


_METADATA: Final = [
    {"key": "block-project-ssh-keys", "value": "TRUE"},
    {"key": "startup-script", "value": f"#!/bin/sh\nexport DB_PASSWORD={HUSH[0]}"},
]
_SWITCHES: Final = [{"key": "enable-oslogin", "value": "FALSE"}, {"key": "serial-port-enable", "value": "1"}]
_KEY: Final = "projects/shop/locations/europe/keyRings/ring"

THINGS: Final = (
    Thing(
        "compute.googleapis.com/Instance",
        "//compute.googleapis.com/projects/shop/zones/z/instances/web",
        f"{COMPUTE}/aggregated/instances",
        "zones/z/instances",
        {
            "kind": "compute#instance",
            "name": "web",
            "status": "RUNNING",
            "selfLink": f"{LINK}/zones/z/instances/web",
            "machineType": f"{LINK}/zones/z/machineTypes/e2-medium",
            "labels": {"team": "shop"},
            "tags": {"items": ["front"]},
            "networkInterfaces": [{"network": f"{LINK}/global/networks/default", "accessConfigs": [{"natIP": "203.0.113.5"}]}],
            "serviceAccounts": [{"email": APP, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}],
            "disks": [{"source": f"{LINK}/zones/z/disks/web"}],
            "metadata": {"items": _METADATA},
        },
        shown={"metadata": {"items": _METADATA[:1]}},
    ),
    Thing(
        "compute.googleapis.com/Firewall",
        "//compute.googleapis.com/projects/shop/global/firewalls/ssh",
        f"{COMPUTE}/global/firewalls",
        "items",
        {
            "name": "ssh",
            "selfLink": f"{LINK}/global/firewalls/ssh",
            "network": f"{LINK}/global/networks/default",
            "direction": "INGRESS",
            "sourceRanges": ["0.0.0.0/0"],
            "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}],
        },
    ),
    Thing(
        "compute.googleapis.com/Network",
        "//compute.googleapis.com/projects/shop/global/networks/default",
        f"{COMPUTE}/global/networks",
        "items",
        {"name": "default", "selfLink": f"{LINK}/global/networks/default", "autoCreateSubnetworks": True},
    ),
    Thing(
        "compute.googleapis.com/Subnetwork",
        "//compute.googleapis.com/projects/shop/regions/r/subnetworks/default",
        f"{COMPUTE}/aggregated/subnetworks",
        "regions/r/subnetworks",
        {"name": "default", "selfLink": f"{LINK}/regions/r/subnetworks/default", "ipCidrRange": "10.0.0.0/20"},
    ),
    Thing(
        "compute.googleapis.com/Project",
        "//compute.googleapis.com/projects/shop",
        COMPUTE,
        "",
        {
            "name": "shop",
            "selfLink": LINK,
            "defaultServiceAccount": "123-compute@developer.gserviceaccount.com",
            "commonInstanceMetadata": {"items": [*_SWITCHES, {"key": "ssh-keys", "value": f"bob:ssh-rsa {HUSH[1]}"}]},
        },
        shown={"commonInstanceMetadata": {"items": _SWITCHES}},
    ),
    *(
        Thing(
            "storage.googleapis.com/Bucket",
            f"//storage.googleapis.com/{name}",
            "storage.googleapis.com/storage/v1/b?project=shop",
            "items",
            {
                "kind": "storage#bucket",
                "name": name,
                "location": "EU",
                "storageClass": "STANDARD",
                "projectNumber": "123",
                "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": uniform}, "publicAccessPrevention": "inherited"},
                **(
                    {}
                    if uniform
                    else {"acl": [{"entity": "project-owners-123", "role": "OWNER"}, {"entity": "allUsers", "role": "READER"}]}
                ),
            },
            policy=everyone("roles/storage.objectViewer") if uniform else {"version": 1, "etag": "CAE=", "bindings": []},
            asked=f"storage.googleapis.com/storage/v1/b/{name}/iam",
            shown={"acl": [], "website": {}, "encryption": {}, "logging": {}, "lifecycle": {"rule": []}, "versioning": {}},
        )
        for name, uniform in (("public", True), ("raw", False))
    ),
    Thing(
        "iam.googleapis.com/ServiceAccount",
        "//iam.googleapis.com/projects/shop/serviceAccounts/1155",
        "iam.googleapis.com/v1/projects/shop/serviceAccounts",
        "accounts",
        {"name": f"projects/shop/serviceAccounts/{APP}", "email": APP, "uniqueId": "1155", "projectId": "shop", "displayName": "app"},
        policy={"version": 1, "bindings": [{"role": "roles/iam.serviceAccountTokenCreator", "members": ["user:ann@example.com"]}]},
        asked=f"iam.googleapis.com/v1/projects/shop/serviceAccounts/{APP}:getIamPolicy",
    ),
    Thing(
        "iam.googleapis.com/ServiceAccountKey",
        "//iam.googleapis.com/projects/shop/serviceAccounts/1155/keys/k1",
        f"iam.googleapis.com/v1/projects/shop/serviceAccounts/{APP}/keys",
        "keys",
        {
            "name": f"projects/shop/serviceAccounts/{APP}/keys/k1",
            "keyType": "USER_MANAGED",
            "keyOrigin": "GOOGLE_PROVIDED",
            "validAfterTime": "2024-01-01T00:00:00Z",
            "validBeforeTime": "9999-12-31T23:59:59Z",
            "privateKeyData": HUSH[4],
        },
    ),
    *(
        Thing(
            "serviceusage.googleapis.com/Service",
            f"//serviceusage.googleapis.com/projects/123/services/{name}.googleapis.com",
            "serviceusage.googleapis.com/v1/projects/shop/services",
            "services",
            {"name": f"projects/123/services/{name}.googleapis.com", "state": "ENABLED"},
        )
        for name in ("compute", "run", "storage")
    ),
    Thing(
        "run.googleapis.com/Service",
        "//run.googleapis.com/projects/shop/locations/europe/services/api",
        "run.googleapis.com/v2/projects/shop/locations/-/services",
        "services",
        {
            "name": "projects/shop/locations/europe/services/api",
            "ingress": "INGRESS_TRAFFIC_ALL",
            "uri": "https://api.example.com",
            "template": {
                "serviceAccount": APP,
                "containers": [{"image": "api", "env": [{"name": "API_KEY", "value": HUSH[2]}, {"name": "MODE", "value": "prod"}]}],
            },
        },
        policy=everyone("roles/run.invoker"),
        asked="run.googleapis.com/v2/projects/shop/locations/europe/services/api:getIamPolicy",
        shown={
            "template": None,
            "ingress": None,
            "uri": None,
            "apiVersion": "serving.knative.dev/v1",
            "metadata": {"name": "api", "annotations": {"run.googleapis.com/ingress": "all"}},
            "spec": {
                "template": {
                    "spec": {
                        "serviceAccountName": APP,
                        "containers": [{"env": [{"name": "API_KEY", "value": HUSH[2]}, {"name": "MODE", "value": "prod"}]}],
                    }
                }
            },
            "status": {"url": "https://api.example.com"},
        },
    ),
    Thing(
        "cloudfunctions.googleapis.com/Function",
        "//cloudfunctions.googleapis.com/projects/shop/locations/europe/functions/hook",
        "cloudfunctions.googleapis.com/v2/projects/shop/locations/-/functions",
        "functions",
        {
            "name": "projects/shop/locations/europe/functions/hook",
            "state": "ACTIVE",
            "buildConfig": {"runtime": "python312"},
            "serviceConfig": {
                "serviceAccountEmail": APP,
                "ingressSettings": "ALLOW_ALL",
                "environmentVariables": {"DB_PASSWORD": HUSH[2], "LEVEL": "info"},
            },
        },
        policy={"version": 1, "bindings": []},
        asked="cloudfunctions.googleapis.com/v2/projects/shop/locations/europe/functions/hook:getIamPolicy",
    ),
    Thing(
        "sqladmin.googleapis.com/Instance",
        "//cloudsql.googleapis.com/projects/shop/instances/db",
        "sqladmin.googleapis.com/v1/projects/shop/instances",
        "items",
        {
            "kind": "sql#instance",
            "name": "db",
            "project": "shop",
            "databaseVersion": "POSTGRES_16",
            "state": "RUNNABLE",
            "rootPassword": HUSH[3],
            "settings": {"ipConfiguration": {"ipv4Enabled": True, "authorizedNetworks": [{"value": "0.0.0.0/0"}]}},
        },
    ),
    Thing(
        "cloudkms.googleapis.com/KeyRing",
        f"//cloudkms.googleapis.com/{_KEY}",
        "cloudkms.googleapis.com/v1/projects/shop/locations/europe/keyRings",
        "keyRings",
        {"name": _KEY, "createTime": "2024-01-01T00:00:00Z"},
        policy={"version": 1, "bindings": []},
        asked=f"cloudkms.googleapis.com/v1/{_KEY}:getIamPolicy",
    ),
    Thing(
        "cloudkms.googleapis.com/CryptoKey",
        f"//cloudkms.googleapis.com/{_KEY}/cryptoKeys/k",
        f"cloudkms.googleapis.com/v1/{_KEY}/cryptoKeys",
        "cryptoKeys",
        {"name": f"{_KEY}/cryptoKeys/k", "purpose": "ENCRYPT_DECRYPT", "rotationPeriod": "31536000s", "primary": {"state": "ENABLED"}},
        policy=everyone("roles/cloudkms.cryptoKeyDecrypter"),
        asked=f"cloudkms.googleapis.com/v1/{_KEY}/cryptoKeys/k:getIamPolicy",
    ),
    Thing(
        "container.googleapis.com/Cluster",
        "//container.googleapis.com/projects/shop/zones/z/clusters/c",
        "container.googleapis.com/v1/projects/shop/locations/-/clusters",
        "clusters",
        {
            "name": "c",
            "selfLink": "https://container.googleapis.com/v1/projects/shop/zones/z/clusters/c",
            "currentMasterVersion": "1.30",
            "legacyAbac": {"enabled": True},
            "masterAuth": {"username": "admin", "password": HUSH[3], "clientKey": HUSH[4]},
            "nodePools": [{"name": "p", "config": {"machineType": "e2", "serviceAccount": "default", "metadata": {"token": HUSH[5]}}}],
        },
    ),
    Thing(
        "logging.googleapis.com/LogSink",
        "//logging.googleapis.com/projects/shop/sinks/_Default",
        "logging.googleapis.com/v2/projects/shop/sinks",
        "sinks",
        {"name": "_Default", "destination": "logging.googleapis.com/projects/shop/locations/global/buckets/_Default"},
    ),
    Thing(
        "secretmanager.googleapis.com/Secret",
        "//secretmanager.googleapis.com/projects/123/secrets/token",
        "secretmanager.googleapis.com/v1/projects/shop/secrets",
        "secrets",
        {"name": "projects/123/secrets/token", "replication": {"automatic": {}}},
        policy=everyone("roles/secretmanager.secretAccessor"),
        asked="secretmanager.googleapis.com/v1/projects/123/secrets/token:getIamPolicy",
    ),
    Thing(
        "pubsub.googleapis.com/Topic",
        "//pubsub.googleapis.com/projects/shop/topics/orders",
        "pubsub.googleapis.com/v1/projects/shop/topics",
        "topics",
        {"name": "projects/shop/topics/orders"},
        policy=everyone("roles/pubsub.publisher"),
        asked="pubsub.googleapis.com/v1/projects/shop/topics/orders:getIamPolicy",
    ),
    Thing(
        "bigquery.googleapis.com/Dataset",
        "//bigquery.googleapis.com/projects/shop/datasets/sales",
        "bigquery.googleapis.com/bigquery/v2/projects/shop/datasets",
        "datasets",
        {
            "kind": "bigquery#dataset",
            "datasetReference": {"projectId": "shop", "datasetId": "sales"},
            "access": [{"role": "READER", "specialGroup": "allAuthenticatedUsers"}],
        },
    ),
    Thing(
        "dns.googleapis.com/ManagedZone",
        "//dns.googleapis.com/projects/shop/managedZones/zone",
        "dns.googleapis.com/dns/v1/projects/shop/managedZones",
        "managedZones",
        {"kind": "dns#managedZone", "name": "zone", "visibility": "public", "dnssecConfig": {"state": "off"}},
    ),
    Thing(
        "apikeys.googleapis.com/Key",
        "//apikeys.googleapis.com/projects/123/locations/global/keys/k",
        "apikeys.googleapis.com/v2/projects/shop/locations/global/keys",
        "keys",
        {"name": "projects/123/locations/global/keys/k", "uid": "k", "createTime": "2024-01-01T00:00:00Z"},
    ),
    Thing(
        "storage.googleapis.com/Bucket",
        "//storage.googleapis.com/notes",
        "storage.googleapis.com/storage/v1/b?project=labs",
        "items",
        {"kind": "storage#bucket", "name": "notes", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}},
        "456",
        {"version": 1, "bindings": []},
        "storage.googleapis.com/storage/v1/b/notes/iam",
        {"acl": []},
    ),
)
