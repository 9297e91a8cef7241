"""Bring every form in which Google Cloud tells of a resource into one: an asset of the Cloud Asset Inventory.

Lists of the command line have what the inventory keeps in ``resource.data``; what each is, is told by its ``kind``, its ``selfLink`` or
the form of its ``name``. Projects are named by id where that is known, service accounts by address, whatever their project.
Source: Cloud Asset Inventory, "Asset types" and "Asset names"; gcloud, output of ``... list --format=json``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Origin, Value

__all__ = ["NODES", "Asset", "account_uid", "as_asset", "is_asset", "items", "mapping", "text"]

NODES: Final = "//cloudresourcemanager.googleapis.com/"
"""What the names of organizations, folders and projects begin with."""
_ACCOUNTS: Final = "//iam.googleapis.com/projects/-/serviceAccounts/"
_LINK: Final = re.compile(r"https://(?:www|compute|[\w-]+)\.googleapis\.com/(?:compute/|sql/)?(?:v[\w.]+|beta)/(?=projects/)")
_NAMED: Final = (
    (r"(?:projects|organizations)/[^/]+/roles/[^/]+", "iam.googleapis.com/role"),
    (r"projects/[^/]+/serviceAccounts/[^/]+/keys/[^/]+", "iam.googleapis.com/serviceaccountkey"),
    (r"projects/[^/]+/serviceAccounts/[^/]+", "iam.googleapis.com/serviceaccount"),
    (r"policies/[^/]+/denypolicies/[^/]+", "iam.googleapis.com/denypolicy"),
    (r"organizations/[^/]+/locations/[^/]+/principalAccessBoundaryPolicies/[^/]+", "iam.googleapis.com/principalaccessboundarypolicy"),
    (r"(?:projects|folders|organizations)/[^/]+/locations/[^/]+/policyBindings/[^/]+", "iam.googleapis.com/policybinding"),
    (r"accessPolicies/[^/]+/servicePerimeters/[^/]+", "accesscontextmanager.googleapis.com/serviceperimeter"),
    (r"(?:projects|folders|organizations)/[^/]+/policies/[^/]+", "orgpolicy.googleapis.com/policy"),
    (r"projects/[^/]+/locations/[^/]+/workloadIdentityPools/[^/]+/providers/[^/]+", "iam.googleapis.com/workloadidentitypoolprovider"),
    (r"projects/[^/]+/locations/[^/]+/functions/[^/]+", "cloudfunctions.googleapis.com/function"),
    (r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+", "cloudkms.googleapis.com/cryptokey"),
    (r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+", "cloudkms.googleapis.com/keyring"),
    (r"projects/[^/]+/topics/[^/]+", "pubsub.googleapis.com/topic"),
    (r"projects/[^/]+/subscriptions/[^/]+", "pubsub.googleapis.com/subscription"),
    (r"projects/[^/]+/(?:locations/[^/]+/)?secrets/[^/]+", "secretmanager.googleapis.com/secret"),
    (r"projects/[^/]+/locations/[^/]+/repositories/[^/]+", "artifactregistry.googleapis.com/repository"),
    (r"projects/[^/]+/locations/[^/]+/gateways/[^/]+", "apigateway.googleapis.com/gateway"),
    (r"projects/[^/]+/locations/[^/]+/services/[^/]+", "run.googleapis.com/service"),
    (r"projects/[^/]+/services/[^/]+", "serviceusage.googleapis.com/service"),
    (r"projects/[^/]+/locations/[^/]+/buckets/[^/]+", "logging.googleapis.com/logbucket"),
    (r"projects/[^/]+/locations/[^/]+/keys/[^/]+", "apikeys.googleapis.com/key"),
    (r"projects/[^/]+/locations/[^/]+/instances/[^/]+", "redis.googleapis.com/instance"),
    (r"folders/[0-9]+", "cloudresourcemanager.googleapis.com/folder"),
    (r"organizations/[0-9]+", "cloudresourcemanager.googleapis.com/organization"),
)
"""Forms of names in lists, and the type of asset that each is."""
_PATTERNS: Final = tuple((re.compile(pattern), kind) for pattern, kind in _NAMED)
_KINDS: Final = {"compute", "storage", "sql", "bigquery", "dns"}
_POLICY: Final = "iam.googleapis.com/policyv2"
_DENY: Final = "iam.googleapis.com/denypolicy"
"""What a policy of IAM v2 is: the inventory calls all of them by one type, and what they are is in their names."""
_POLICIES: Final = (("iamPolicy", "iam_policy"), ("orgPolicy", "org_policy"))


@dataclass(frozen=True, slots=True)
class Asset:
    """One resource as told. ``policy`` is its IAM policy, ``constraints`` its old organization policies, where the record has them."""

    uid: Uid
    type: str
    name: str
    value: dict[str, Value]
    origin: Origin
    account: str = ""
    region: str = ""
    ancestors: tuple[str, ...] = ()
    bare: bool = False
    told: bool = True
    """Whether the record is of the resource itself and not only of a policy on it."""
    whole: bool = False
    """Whether an interface of its own told of it, and not the inventory, which leaves out some."""
    policy: Value = None
    constraints: Value = None

    @property
    def tags(self) -> dict[str, str]:
        """Return its labels."""
        return {name: value for name, value in mapping(self.value.get("labels")).items() if isinstance(value, str)}

    def above(self, of: str) -> tuple[Uid, ...]:
        """Return the uids of what it is a part of."""
        if of == "networks":
            links = [text(mapping(one).get("networkUrl")) for one in items(self.value.get("networks"))]
            return tuple(Uid(linked(link)) for link in links if link)
        return (Uid(f"{NODES}projects/{self.account}"),) if self.account else ()


def account_uid(email: str) -> Uid:
    """Return the uid of a service account, given its address."""
    return Uid(f"{_ACCOUNTS}{email.lower()}")


def linked(link: str) -> str:
    """Return the full name of a resource of Compute Engine, given its address, full or from ``projects/`` on."""
    bare = _LINK.sub("", link)
    return f"//compute.googleapis.com/{bare}" if bare.startswith("projects/") else link


def is_asset(record: Mapping[str, Value]) -> bool:
    """Say whether a record is an asset, a policy found by search, or an element of a list."""
    if text(record.get("assetType")) or text(record.get("asset_type")):
        return text(record.get("name")).startswith("//") or text(record.get("resource")).startswith("//")
    if text(record.get("resource")).startswith("//") and "bindings" in mapping(record.get("policy")):
        return True
    return _listed(record) != ("", "")


def as_asset(record: Mapping[str, Value], origin: Origin) -> Asset:
    """Return a record as an asset."""
    kind = (text(record.get("assetType")) or text(record.get("asset_type"))).lower()
    kind = _DENY if kind == _POLICY and "/denypolicies/" in text(record.get("name")) else kind
    found = text(record.get("resource"))
    if found.startswith("//"):
        return _asset(found, kind, {}, origin, record, told=False, policy=record.get("policy"))
    if not kind:
        name, kind = _listed(record)
        bare = kind == "iam.googleapis.com/role" and "includedPermissions" not in record
        return _asset(name, kind, dict(record), origin, record, bare=bare)
    resource = mapping(record.get("resource"))
    policies = [next((record[name] for name in names if name in record), None) for names in _POLICIES]
    data = resource.get("data")
    told = data is not None or policies == [None, None]
    values = dict(data) if isinstance(data, dict) else {}
    return _asset(
        text(record.get("name")),
        kind,
        values,
        origin,
        record,
        told=told,
        bare=data is None and told,
        policy=policies[0],
        constraints=policies[1],
    )


def _asset(  # noqa: PLR0913 - what the forms differ by
    name: str,
    kind: str,
    data: dict[str, Value],
    origin: Origin,
    record: Mapping[str, Value],
    *,
    told: bool = True,
    bare: bool = False,
    policy: Value = None,
    constraints: Value = None,
) -> Asset:
    ancestors = [text(one) for one in items(record.get("ancestors"))]
    named = re.search(r"/projects/([^/]+)", name)
    project = next((one.partition("/")[2] for one in ancestors if one.startswith("projects/")), "")
    project = project or text(record.get("project")).rpartition("/")[2] or text(data.get("projectId"))
    account = named[1] if named and named[1] not in ("-", "_") else project
    uid = name
    if kind == "iam.googleapis.com/serviceaccount" and text(data.get("email")):
        uid = account_uid(text(data["email"]))
    elif kind == "cloudresourcemanager.googleapis.com/project" and text(data.get("projectId")):
        account = text(data["projectId"])
        uid = f"{NODES}projects/{account}"
    elif kind == "iam.googleapis.com/serviceaccountkey" and "@" in text(data.get("name")):
        uid = f"//iam.googleapis.com/{text(data['name'])}"
    elif kind == "serviceusage.googleapis.com/service":
        data = {**data, "name": text(data.get("name")).rpartition("/")[2]}
    short = text(data.get("displayName")) if kind.startswith("cloudresourcemanager") else ""
    short = short or text(mapping(data.get("metadata")).get("name")) or text(data.get("name")).rpartition("/")[2] or name.rpartition("/")[2]
    return Asset(
        uid=Uid(uid),
        type=kind,
        name=short,
        value=data,
        origin=origin,
        account=account,
        region=_region(record, data, name),
        ancestors=tuple(ancestors),
        whole=record.get("whole") is True or not ({"assetType", "asset_type"} & record.keys()),
        bare=bare,
        told=told,
        policy=policy,
        constraints=constraints,
    )


def _region(record: Mapping[str, Value], data: Mapping[str, Value], name: str) -> str:
    told = text(mapping(record.get("resource")).get("location")) or text(data.get("location"))
    if told:
        return told.lower()
    found = re.search(r"/(?:zones|regions|locations)/([^/]+)", name)
    return found[1] if found else ""


def _listed(record: Mapping[str, Value]) -> tuple[str, str]:
    """Return the full name and the type of an element of a list; nothing for what is none."""
    kind, name = text(record.get("kind")), text(record.get("name"))
    service, sharp, what = kind.partition("#")
    if sharp and service in _KINDS:
        return _by_kind(service, what, record)
    if text(record.get("projectId")) and text(record.get("projectNumber")):
        return f"{NODES}projects/{text(record['projectId'])}", "cloudresourcemanager.googleapis.com/project"
    if text(record.get("storage_url")).startswith("gs://"):
        return f"//storage.googleapis.com/{name}", "storage.googleapis.com/bucket"
    found = [f"//{named.partition('/')[0]}/{name}" for pattern, named in _PATTERNS if pattern.fullmatch(name)]
    return (found[0], next(named for pattern, named in _PATTERNS if pattern.fullmatch(name))) if found else _served(record)


def _served(record: Mapping[str, Value]) -> tuple[str, str]:
    """Return the name and type of a cluster or of a service as Kubernetes would tell it."""
    link, meta = text(record.get("selfLink")), mapping(record.get("metadata"))
    if "container.googleapis.com" in link and "currentMasterVersion" in record:
        return f"//container.googleapis.com/{re.split('/v1[^/]*/', link, maxsplit=1)[-1]}", "container.googleapis.com/cluster"
    marks = [*mapping(meta.get("annotations")), *mapping(meta.get("labels"))]
    hosted = any("googleapis.com/" in mark for mark in marks)
    if hosted and text(record.get("apiVersion")).startswith("serving.knative.dev/") and text(record.get("kind")) == "Service":
        return (
            f"//run.googleapis.com/projects/{text(meta.get('namespace'))}/services/{text(meta.get('name'))}",
            "run.googleapis.com/service",
        )
    return "", ""


def _by_kind(service: str, what: str, record: Mapping[str, Value]) -> tuple[str, str]:
    name, link = text(record.get("name")), text(record.get("selfLink"))
    if service == "compute":
        return linked(link), f"compute.googleapis.com/{what.lower()}"
    if service == "storage":
        return f"//storage.googleapis.com/{name}", "storage.googleapis.com/bucket"
    if service == "sql":
        return f"//cloudsql.googleapis.com/projects/{text(record.get('project'))}/instances/{name}", "sqladmin.googleapis.com/instance"
    if service == "bigquery":
        told = mapping(record.get("datasetReference"))
        return (
            f"//bigquery.googleapis.com/projects/{text(told.get('projectId'))}/datasets/{text(told.get('datasetId'))}",
            "bigquery.googleapis.com/dataset",
        )
    return f"//dns.googleapis.com/managedZones/{name}", "dns.googleapis.com/managedzone"


def text(value: Value) -> str:
    """Return a text or a number as text, or nothing for what is neither."""
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def mapping(value: Value) -> Mapping[str, Value]:
    """Return a mapping, or an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def items(value: Value) -> list[Value]:
    """Return a list, or an empty one for what is none."""
    return value if isinstance(value, list) else []
