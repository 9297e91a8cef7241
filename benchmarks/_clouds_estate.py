"""Estates of Azure and Google Cloud of any size, written as exports and read by the readers: the same seed gives the same estate."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.contract import Edge, Facts, Origin, Principal, Uid
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import GcpReading
from bartizan.collect.inventory.roles import role_named

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["azure", "gcp"]

ORIGIN = Origin("export", "estate.json")
AZURE_ROLES = (
    *("Reader", "Reader", "Contributor", "Virtual Machine Contributor", "Website Contributor", "Key Vault Secrets User"),
    *("Storage Blob Data Reader", "Automation Contributor", "User Access Administrator", "Logic App Contributor", "Network Contributor"),
)
GCP_ROLES = (
    *("roles/viewer", "roles/viewer", "roles/editor", "roles/compute.admin", "roles/iam.serviceAccountUser", "roles/storage.objectViewer"),
    *(
        "roles/run.developer",
        "roles/secretmanager.secretAccessor",
        "roles/iam.serviceAccountTokenCreator",
        "roles/cloudfunctions.developer",
    ),
)
AZURE_TYPES = (
    "microsoft.compute/virtualmachines",
    "microsoft.web/sites",
    "microsoft.keyvault/vaults",
    "microsoft.storage/storageaccounts",
    "microsoft.automation/automationaccounts",
    "microsoft.logic/workflows",
)
GRAPH = "microsoft.authorization"
NODES = "//cloudresourcemanager.googleapis.com/"


def azure(*, subscriptions: int, users: int, seed: int) -> Facts:
    """Return a tenant: two resource groups with twelve resources each in a subscription, and a group of people for every ten."""
    reading = AzureReading()
    for one in _rows(Random(seed), subscriptions, users):
        reading.take(one, ORIGIN)
    facts = reading.facts()
    facts.gaps = []
    return facts


def _rows(random: Random, subscriptions: int, users: int) -> Iterator[dict[str, Any]]:
    scopes = []
    corp = "/providers/microsoft.management/managementgroups/corp"
    yield _row(corp, "microsoft.management/managementgroups", {})
    for number in range(subscriptions):
        subscription = f"/subscriptions/{number:08x}-0000-0000-0000-000000000000"
        yield _row(subscription, "microsoft.resources/subscriptions", {"managementGroupAncestorsChain": [{"name": "corp"}]})
        scopes.append(subscription)
        for group in (f"{subscription}/resourcegroups/rg{at}" for at in range(2)):
            scopes.append(group)
            yield _row(group, "microsoft.resources/subscriptions/resourcegroups", {})
            for at in range(12):
                kind = AZURE_TYPES[at % len(AZURE_TYPES)]
                uid = f"{group}/providers/{kind}/x{at}"
                scopes.append(uid)
                told = {"enableRbacAuthorization": at % 4 == 0} if "vaults" in kind else {}
                yield {**_row(uid, kind, told), "identity": {"principalId": f"self-{number}-{group[-1]}-{at}"}}
    names = [f"user-{number}" for number in range(users)]
    teams = [f"team-{number}" for number in range(users // 10)]
    yield from ({"id": one, "userPrincipalName": f"{one}@example.com", "userType": "Member"} for one in names)
    for team in teams:
        yield {"id": team, "displayName": team, "securityEnabled": True, "members": [{"id": one} for one in random.sample(names, 12)]}
    identities = [f"self-{number}-{at % 2}-{at}" for number in range(subscriptions) for at in range(12)]
    given = [(random.choice(teams), random.choice(scopes)) for _ in range(len(teams) * 3)]
    given += [(random.choice(names), random.choice(scopes)) for _ in range(users // 8)]
    given += [(one, random.choice(scopes)) for one in identities]
    for number, (who, scope) in enumerate(given):
        role = role_named("azure", random.choice(AZURE_ROLES))
        kind = "Group" if who in teams else "ServicePrincipal" if who.startswith("self-") else "User"
        assigned = {"roleDefinitionId": role.uid if role else "", "principalId": who, "principalType": kind, "scope": scope}
        yield _row(f"/providers/{GRAPH}/roleassignments/{number}", f"{GRAPH}/roleassignments", assigned)


def _row(uid: str, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"id": uid, "name": uid.rpartition("/")[2], "type": kind, "properties": properties}


def gcp(*, projects: int, users: int, seed: int) -> Facts:
    """Return an organization: ten projects in a folder, twelve resources and five accounts in a project, a group for every ten people."""
    reading = GcpReading()
    random = Random(seed)
    for one in _assets(random, projects, users):
        reading.take(one, ORIGIN)
    facts = reading.facts()
    facts.gaps = []
    people = [f"user:u{number}@example.com" for number in range(users)]
    known = {one.uid for one in facts.principals}
    facts.principals += [Principal(uid=Uid(one), provider="gcp", kind="user", origin=ORIGIN) for one in people if one not in known]
    teams = [Uid(f"group:t{number}@example.com") for number in range(users // 10)]
    facts.edges += [Edge(Uid(one), team, "member-of", ORIGIN) for team in teams for one in random.sample(people, 12)]
    return facts


def _assets(random: Random, projects: int, users: int) -> Iterator[dict[str, Any]]:
    places: list[tuple[str, list[str]]] = []
    accounts = []
    for number in range(projects):
        name, above = f"p{number}", [f"projects/{number + 1000}", f"folders/{number // 10 + 1}", "organizations/9"]
        data = {"projectId": name, "projectNumber": str(number + 1000), "lifecycleState": "ACTIVE"}
        yield _asset(f"{NODES}{above[0]}", "cloudresourcemanager.googleapis.com/Project", above, data)
        places.append((f"{NODES}{above[0]}", above))
        for at in range(5):
            email = f"a{at}@{name}.iam.gserviceaccount.com"
            accounts.append(email)
            uid = f"//iam.googleapis.com/projects/{name}/serviceAccounts/{email}"
            yield _asset(uid, "iam.googleapis.com/ServiceAccount", above, {"email": email, "projectId": name, "uniqueId": f"{number}{at}"})
            places.append((uid, above))
        for at in range(4):
            email = f"a{at}@{name}.iam.gserviceaccount.com"
            for uid, kind, told in (
                (f"//compute.googleapis.com/projects/{name}/zones/z/instances/i{at}", "compute.googleapis.com/Instance", _runs(email)),
                (f"//run.googleapis.com/projects/{name}/locations/z/services/s{at}", "run.googleapis.com/Service", _service(email)),
                (f"//storage.googleapis.com/{name}-b{at}", "storage.googleapis.com/Bucket", {}),
            ):
                yield _asset(uid, kind, above, {"name": uid.rpartition("/")[2], **told})
                places.append((uid, above))
    places += [(f"{NODES}folders/{number + 1}", [f"folders/{number + 1}", "organizations/9"]) for number in range((projects + 9) // 10)]
    names = [f"user:u{number}@example.com" for number in range(users)]
    teams = [f"group:t{number}@example.com" for number in range(users // 10)]
    who = [*(random.choice(teams) for _ in range(len(teams) * 3)), *(random.choice(names) for _ in range(users // 8))]
    who += [f"serviceAccount:{one}" for one in accounts]
    yield _policy(f"{NODES}organizations/9", ["organizations/9"], "roles/browser", "domain:example.com")
    for member in who:
        place, above = random.choice(places)
        yield _policy(place, above, random.choice(GCP_ROLES), member)


def _asset(name: str, kind: str, above: list[str], data: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "asset_type": kind, "ancestors": above, "resource": {"data": data}}


def _policy(name: str, above: list[str], role: str, member: str) -> dict[str, Any]:
    bindings = [{"role": role, "members": [member]}]
    return {"name": name, "asset_type": "x.googleapis.com/X", "ancestors": above, "iam_policy": {"bindings": bindings}}


def _runs(email: str) -> dict[str, Any]:
    return {"serviceAccounts": [{"email": email}], "status": "RUNNING"}


def _service(email: str) -> dict[str, Any]:
    return {"template": {"serviceAccount": email}}
