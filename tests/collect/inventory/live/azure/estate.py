"""A small Azure on loopback: Resource Manager, Resource Graph and Microsoft Graph over one estate, as Microsoft documents their answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.collect.inventory.exports.test_azure_estate import ROWS, SUBSCRIPTION
from tests.collect.inventory.live.rest.places import Asked, Told, served

from bartizan.collect.inventory.live.azure.clouds import Cloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TENANT = "11111111-1111-1111-1111-111111111111"
ONE, TWO = "aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ANN, BEN, OPS, NIGHT, DEPLOYER = (f"00000000-0000-0000-0000-00000000000{number}" for number in range(1, 6))
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
GROUP = f"/subscriptions/{ONE}/resourceGroups/shop"
STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/shopstore"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/shopvault"
SERVER = f"{GROUP}/providers/Microsoft.Sql/servers/shopsql"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/shopweb"
CONNECTION = "DefaultEndpointsProtocol=https;AccountName=shopstore;" + "AccountKey=" + "c2VjcmV0" * 8 + "=="
EMPTY: dict[str, Any] = {"value": []}


def row(uid: str, type_: str, properties: dict[str, Any], /, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    parts = uid.split("/")
    told = {"id": uid, "name": parts[-1], "type": type_.lower(), "tenantId": TENANT, "kind": "", "location": "westeurope"}
    return {**told, "resourceGroup": "shop", "subscriptionId": parts[2], "tags": None, "properties": properties, **more}


def part(uid: str, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"id": uid, "name": uid.rpartition("/")[2], "type": kind, "properties": properties}


def assignment(number: int, scope: str, who: str, role: str, kind: str = "User") -> dict[str, Any]:
    uid = f"{scope}/providers/Microsoft.Authorization/roleAssignments/bbbbbbbb-0000-0000-0000-00000000000{number}"
    told = {"principalId": who, "principalType": kind, "scope": scope, "condition": None}
    role = f"/subscriptions/{ONE}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return part(uid, "Microsoft.Authorization/roleAssignments", {**told, "roleDefinitionId": role})


@dataclass
class Azure:
    """An estate, by what is asked: tables of the Resource Graph, paths of the Resource Manager, paths of Microsoft Graph."""

    tables: dict[str, list[dict[str, Any]]]
    paths: dict[str, Any]
    directory: dict[str, Any]
    page: int = 2
    wrong: dict[str, list[Told]] = field(default_factory=dict)
    """Answers that come first for what a pattern finds in method and path, one after the other."""
    asked: Counter[str] = field(default_factory=Counter)
    token: str = "a-token"
    place: str = ""
    _lock: Lock = field(default_factory=Lock)

    def answer(self, asked: Asked) -> Told:
        path = unquote(urlsplit(asked.target).path)
        if path in ("/metadata/endpoints", "/token"):
            return Told(self._for_everybody(path))
        with self._lock:
            self.asked[f"{asked.method} {path}"] += 1
            for pattern, told in self.wrong.items():
                if told and re.search(pattern, f"{asked.method} {path}{json.dumps(asked.body) if asked.body else ''}"):
                    return told.pop(0)
        if asked.token != self.token:
            return Told({"error": {"code": "InvalidAuthenticationToken", "message": "The access token is invalid."}}, 401)
        if path == "/providers/Microsoft.ResourceGraph/resources":
            return self._graph(asked.body)
        return self._directory(path, asked.body) if path.startswith("/graph/") else self._manager(path, asked.target)

    def _for_everybody(self, path: str) -> dict[str, Any]:
        if path == "/token":
            return {"access_token": self.token, "expires_on": "4102444800", "resource": "r", "token_type": "Bearer"}
        login = {"loginEndpoint": "https://login.example/", "audiences": ["https://management.example/"]}
        return {"authentication": login, "microsoftGraphResourceId": f"{self.place}/graph/"}

    def _manager(self, path: str, target: str) -> Told:
        if "api-version=" not in target:
            return Told({"error": {"code": "MissingApiVersionParameter", "message": "The api-version query parameter is required."}}, 400)
        found = self.paths.get(path.lower())
        if found is None:
            return Told({"error": {"code": "ResourceNotFound", "message": f"The Resource '{path}' was not found."}}, 404)
        return self._paged(found, target)

    def _paged(self, found: Any, target: str) -> Told:  # noqa: ANN401 - JSON
        if not isinstance(found.get("value"), list):
            return Told(found)
        mark = parse_qs(urlsplit(target).query).get("$skiptoken", ["0"])[0]
        first = int(mark)
        some = {"value": found["value"][first : first + self.page]}
        more = {"nextLink": f"{self.place}{target.partition('&$skiptoken')[0]}&$skiptoken={first + self.page}"}
        return Told({**some, **(more if first + self.page < len(found["value"]) else {})})

    def _graph(self, body: dict[str, Any]) -> Told:
        table = body["query"].partition(" ")[0]
        wanted = set(body["subscriptions"])
        rows = [one for one in self.tables.get(table, ()) if one.get("subscriptionId", ONE) in wanted]
        first = int(body["options"].get("$skipToken", 0))
        some = rows[first : first + self.page]
        more = {"$skipToken": str(first + self.page)} if first + self.page < len(rows) else {}
        counts = {"totalRecords": len(rows), "count": len(some), "resultTruncated": "false"}
        return Told({**counts, "facets": [], "data": some, **more})

    def _directory(self, path: str, body: Any) -> Told:  # noqa: ANN401 - JSON
        path = path.removeprefix("/graph/")
        if path == "v1.0/directoryObjects/getByIds":
            held = self.directory["objects"]
            return Told({"value": [held[one] for one in body["ids"] if one in held]})
        return Told(self.directory.get(path, EMPTY))


def shop() -> Azure:
    """Return an estate with a store, a vault, a server, a site, and two people and two groups who may do something."""
    assignments = [
        assignment(1, f"/subscriptions/{ONE}", ANN, OWNER),
        assignment(2, GROUP, OPS, OWNER, "Group"),
        assignment(3, GROUP, DEPLOYER, OWNER, "ServicePrincipal"),
    ]
    identity = {"type": "SystemAssigned", "principalId": "99999999-0000-0000-0000-000000000009"}
    store = {"allowBlobPublicAccess": False, "minimumTlsVersion": "TLS1_2", "supportsHttpsTrafficOnly": True}
    tables = {
        "resourcecontainers": [
            row(f"/subscriptions/{ONE}", "microsoft.resources/subscriptions", {"state": "Enabled"}, name="Shop"),
            row(GROUP, "microsoft.resources/subscriptions/resourcegroups", {"provisioningState": "Succeeded"}),
            row(f"/subscriptions/{TWO}", "microsoft.resources/subscriptions", {"state": "Enabled"}, name="Empty"),
        ],
        "resources": [
            row(STORE, "microsoft.storage/storageaccounts", store, kind="StorageV2", sku={"name": "Standard_LRS"}),
            row(VAULT, "microsoft.keyvault/vaults", {"enableRbacAuthorization": True, "accessPolicies": []}),
            row(SERVER, "microsoft.sql/servers", {"publicNetworkAccess": "Enabled", "minimalTlsVersion": "1.2"}),
            row(f"{SERVER}/databases/orders", "microsoft.sql/servers/databases", {"zoneRedundant": False}),
            row(f"{SERVER}/databases/master", "microsoft.sql/servers/databases", {}),
            row(SITE, "microsoft.web/sites", {"httpsOnly": True, "siteConfig": {"minTlsVersion": None}}, kind="app", identity=identity),
        ],
        "authorizationresources": [],
        "policyresources": [],
    }
    diagnostic = "providers/Microsoft.Insights/diagnosticSettings"
    told: dict[str, Any] = {
        "/subscriptions": {"value": [subscription(ONE, "Shop"), subscription(TWO, "Empty"), subscription("other", "Third")]},
        f"{STORE}/blobServices/default": part(
            f"{STORE}/blobServices/default",
            "Microsoft.Storage/storageAccounts/blobServices",
            {"deleteRetentionPolicy": {"enabled": True, "days": 14}, "isVersioningEnabled": True},
        ),
        f"{STORE}/blobServices/default/containers": {
            "value": [
                part(
                    f"{STORE}/blobServices/default/containers/{name}",
                    "Microsoft.Storage/storageAccounts/blobServices/containers",
                    {"publicAccess": access},
                )
                for name, access in (("photos", "Blob"), ("bills", "None"), ("logs", "None"))
            ]
        },
        f"{VAULT}/keys": {"value": [part(f"{VAULT}/keys/signing", "Microsoft.KeyVault/vaults/keys", {"attributes": {"enabled": True}})]},
        f"{VAULT}/keys/signing": part(
            f"{VAULT}/keys/signing",
            "Microsoft.KeyVault/vaults/keys",
            {"attributes": {"enabled": True, "exp": 1893456000}, "kty": "RSA", "keySize": 2048},
        ),
        f"{VAULT}/secrets": {
            "value": [part(f"{VAULT}/secrets/db", "Microsoft.KeyVault/vaults/secrets", {"attributes": {"enabled": True}})]
        },
        f"{VAULT}/{diagnostic}": EMPTY,
        f"{SERVER}/auditingSettings/default": part(
            f"{SERVER}/auditingSettings/Default", "Microsoft.Sql/servers/auditingSettings", {"state": "Enabled", "retentionDays": 90}
        ),
        f"{SERVER}/securityAlertPolicies/default": part(
            f"{SERVER}/securityAlertPolicies/Default", "Microsoft.Sql/servers/securityAlertPolicies", {"state": "Disabled"}
        ),
        f"{SERVER}/encryptionProtector/current": part(
            f"{SERVER}/encryptionProtector/current", "Microsoft.Sql/servers/encryptionProtector", {"serverKeyType": "ServiceManaged"}
        ),
        f"{SERVER}/vulnerabilityAssessments/default": part(
            f"{SERVER}/vulnerabilityAssessments/Default",
            "Microsoft.Sql/servers/vulnerabilityAssessments",
            {"recurringScans": {"isEnabled": False}},
        ),
        f"{SERVER}/sqlVulnerabilityAssessments/default": part(
            f"{SERVER}/sqlVulnerabilityAssessments/Default", "Microsoft.Sql/servers/sqlVulnerabilityAssessments", {"state": "Enabled"}
        ),
        f"{SERVER}/administrators": EMPTY,
        f"{SERVER}/firewallRules": {
            "value": [
                part(
                    f"{SERVER}/firewallRules/{name}", "Microsoft.Sql/servers/firewallRules", {"startIpAddress": first, "endIpAddress": last}
                )
                for name, first, last in (("azure", "0.0.0.0", "0.0.0.0"), ("office", "203.0.113.1", "203.0.113.9"))
            ]
        },
        f"{SERVER}/databases/orders/transparentDataEncryption/current": part(
            f"{SERVER}/databases/orders/transparentDataEncryption/Current",
            "Microsoft.Sql/servers/databases/transparentDataEncryption",
            {"state": "Enabled"},
        ),
        f"{SERVER}/databases/orders/backupLongTermRetentionPolicies/default": part(
            f"{SERVER}/databases/orders/backupLongTermRetentionPolicies/default",
            "Microsoft.Sql/servers/databases/backupLongTermRetentionPolicies",
            {"weeklyRetention": "PT0S", "monthlyRetention": "PT0S", "yearlyRetention": "PT0S"},
        ),
        f"{SITE}/config/web": {
            **part(SITE, "Microsoft.Web/sites/config", {"minTlsVersion": "1.2", "ftpsState": "Disabled"}),
            "name": "shopweb",
        },
        f"{SITE}/config/authsettingsV2": part(
            f"{SITE}/config/authsettingsV2", "Microsoft.Web/sites/config", {"platform": {"enabled": False}}
        ),
        f"{SITE}/config/appsettings/list": part(
            f"{SITE}/config/appsettings",
            "Microsoft.Web/sites/config",
            {"STORE": CONNECTION, "DB_PASSWORD": "correct horse", "COLOUR": "blue"},
        ),
        f"{SITE}/basicPublishingCredentialsPolicies": {
            "value": [
                part(
                    f"{SITE}/basicPublishingCredentialsPolicies/{name}",
                    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
                    {"allow": name == "ftp"},
                )
                for name in ("ftp", "scm")
            ]
        },
        f"{SITE}/{diagnostic}": EMPTY,
    }
    for one in (ONE, TWO):
        base = f"/subscriptions/{one}/providers"
        told |= {
            f"{base}/Microsoft.Authorization/roleAssignments": {"value": assignments if one == ONE else []},
            f"{base}/Microsoft.Authorization/roleEligibilityScheduleInstances": EMPTY,
            f"{base}/Microsoft.Authorization/denyAssignments": EMPTY,
            f"{base}/Microsoft.Authorization/locks": EMPTY,
            f"{base}/Microsoft.Authorization/permissions": {"value": [{"actions": ["*/read"], "notActions": []}]},
            f"{base}/Microsoft.Insights/diagnosticSettings": EMPTY,
            f"{base}/Microsoft.Security/securityContacts": EMPTY,
            f"{base}/Microsoft.Security/pricings": {
                "value": [part(f"{base}/Microsoft.Security/pricings/KeyVaults", "Microsoft.Security/pricings", {"pricingTier": "Free"})]
            },
        }
    person = "#microsoft.graph.user"
    objects = {
        ANN: {"@odata.type": person, "id": ANN, "userPrincipalName": "ann@example.com", "displayName": "Ann"},
        OPS: {"@odata.type": "#microsoft.graph.group", "id": OPS, "displayName": "Ops", "securityEnabled": True},
        DEPLOYER: {
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "id": DEPLOYER,
            "displayName": "Deployer",
            "appId": "dddddddd-0000-0000-0000-000000000001",
            "servicePrincipalType": "Application",
        },
    }
    ben = {"@odata.type": person, "id": BEN, "userPrincipalName": "ben@example.com", "displayName": "Ben"}
    night = {"@odata.type": "#microsoft.graph.group", "id": NIGHT, "displayName": "Night shift", "securityEnabled": True}
    directory = {
        "objects": objects,
        f"v1.0/directoryRoles(roleTemplateId='{GLOBAL}')/members": {"value": [ben]},
        f"v1.0/groups/{OPS}/members": {"value": [ben, night]},
        "v1.0/applications": {
            "value": [
                {
                    "id": "app-object",
                    "appId": "dddddddd-0000-0000-0000-000000000001",
                    "displayName": "Deployer",
                    "requiredResourceAccess": [],
                }
            ]
        },
        "v1.0/applications/app-object/owners": {"value": [ben]},
    }
    return Azure(tables, {path.lower(): value for path, value in told.items()}, directory)


def subscription(uid: str, name: str) -> dict[str, Any]:
    return {"id": f"/subscriptions/{uid}", "subscriptionId": uid, "tenantId": TENANT, "displayName": name, "state": "Enabled"}


@contextmanager
def emulated(azure: Azure) -> Iterator[Cloud]:
    """Serve an estate, and say where its parts are."""
    answer: Callable[[Asked], Told] = azure.answer
    with served(answer) as place:
        azure.place = place
        yield Cloud(place, f"{place}/graph", "https://login.example", "https://management.example", f"{place}/graph")


def exported(azure: Azure) -> list[dict[str, Any]]:
    """Return all that an estate answers, as somebody would export it row by row and object by object."""
    rows = [each for table in azure.tables.values() for each in table]
    for path, told in azure.paths.items():
        several = told["value"] if "value" in told else [{**told, "id": path.removesuffix("/list"), "name": name_in(path)}]
        rows += [each for each in several if "properties" in each and isinstance(each.get("id"), str)]
    objects = {**azure.directory["objects"]}
    for path, told in azure.directory.items():
        if path != "objects":
            objects |= {each["id"]: each for each in told["value"] if "@odata.type" in each or "appId" in each}
    for path, told in azure.directory.items():
        parts = path.split("/")
        if "(" in path:
            objects["role"] = {"id": "role", "roleTemplateId": GLOBAL, "displayName": "Global Administrator", "members": told["value"]}
        elif parts[-1] in ("members", "owners"):
            objects[parts[-2]] = {**objects[parts[-2]], parts[-1]: [{"id": each["id"]} for each in told["value"]]}
    return list({each["id"].lower(): each for each in [*rows, *objects.values()]}.values())


def name_in(path: str) -> str:
    return path.removesuffix("/list").rpartition("/")[2].replace("authsettingsv2", "authsettingsV2")


def wide() -> Azure:
    """Return the shop with a machine in a network, as an export shows them."""
    azure = shop()
    told = json.loads(json.dumps(ROWS).replace(SUBSCRIPTION.rpartition("/")[2], ONE))
    azure.tables["resources"] += [{**each, "subscriptionId": ONE} for each in told if each["type"].startswith(_PLAIN)]
    azure.paths[f"{SUBSCRIPTION.replace(SUBSCRIPTION.rpartition('/')[2], ONE)}{_IDENTITY}".lower()] = EMPTY
    return azure


_PLAIN = ("microsoft.network/", "microsoft.compute/", "microsoft.managedidentity/")
_IDENTITY = "/resourceGroups/Prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app/federatedIdentityCredentials"
