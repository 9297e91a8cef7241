"""An estate of Azure, told in every form in which it exports, becomes the same facts."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.inventory.exports.spoiling import JUNK, spoil

from bartizan.collect.inventory.contract import Condition, Edge, Facts, Origin, Principal, Uid
from bartizan.collect.inventory.exports.azure.resource_graph import FORMAT, AzureReading
from bartizan.collect.inventory.exports.reading import read_exports

if TYPE_CHECKING:
    from pathlib import Path

SUBSCRIPTION = "/subscriptions/0a0a0a0a-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/Prod"
LOW = GROUP.lower()
NET = f"{GROUP}/providers/Microsoft.Network"
WEB = f"{GROUP}/providers/Microsoft.Web/sites/shop"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/acme"


def row(uid: str, type_: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what a row has
    name = uid.rpartition("/")[2]
    return {"id": uid, "name": name, "type": type_, "location": "westeurope", "properties": properties, "tags": {"team": "shop"}, **more}


def rule(name: str, priority: int, **told: Any) -> dict[str, Any]:  # noqa: ANN401 - what a rule says
    properties = {"direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*", "priority": priority, **told}
    return {"name": name, "properties": properties}


ROWS: list[dict[str, Any]] = [
    row(
        SUBSCRIPTION,
        "microsoft.resources/subscriptions",
        {"state": "Enabled", "managementGroupAncestorsChain": [{"name": "corp"}, {"name": "tenant"}]},
    ),
    row(
        "/providers/Microsoft.Management/managementGroups/corp",
        "microsoft.management/managementgroups",
        {"details": {"parent": {"id": "/providers/Microsoft.Management/managementGroups/tenant"}}},
    ),
    row(GROUP, "microsoft.resources/subscriptions/resourcegroups", {}),
    row(
        ACCOUNT,
        "microsoft.storage/storageaccounts",
        {"allowBlobPublicAccess": False, "supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2"},
        kind="StorageV2",
        sku={"name": "Standard_GRS"},
    ),
    row(
        f"{ACCOUNT}/blobServices/default",
        "microsoft.storage/storageaccounts/blobservices",
        {"deleteRetentionPolicy": {"enabled": True, "days": 7}, "isVersioningEnabled": True},
    ),
    row(
        f"{NET}/networkSecurityGroups/web",
        "microsoft.network/networksecuritygroups",
        {
            "securityRules": [
                rule("ssh", 100, destinationPortRange="22"),
                rule("odd", 110, protocol="Udp", destinationPortRanges=["53", "80-90"], sourceAddressPrefix="Internet"),
                rule("never", 90, access="Deny", destinationPortRange="3389"),
                rule("rdp", 120, destinationPortRange="3389"),
                rule("out", 100, direction="Outbound", destinationPortRange="*", destinationAddressPrefix="*"),
            ],
            "defaultSecurityRules": [rule("DenyAllInBound", 65500, access="Deny", protocol="*", destinationPortRange="*")],
            "networkInterfaces": [{"id": f"{NET}/networkInterfaces/nic"}],
        },
    ),
    row(
        f"{NET}/networkInterfaces/nic",
        "microsoft.network/networkinterfaces",
        {
            "networkSecurityGroup": {"id": f"{NET}/networkSecurityGroups/web"},
            "ipConfigurations": [
                {
                    "properties": {
                        "privateIPAddress": "10.0.0.4",
                        "publicIPAddress": {"id": f"{NET}/publicIPAddresses/pip"},
                        "subnet": {"id": f"{NET}/virtualNetworks/v/subnets/s"},
                    }
                }
            ],
        },
    ),
    row(f"{NET}/publicIPAddresses/pip", "microsoft.network/publicipaddresses", {"ipAddress": "203.0.113.5"}),
    row(
        f"{NET}/virtualNetworks/v",
        "microsoft.network/virtualnetworks",
        {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"id": f"{NET}/virtualNetworks/v/subnets/s", "name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}],
        },
    ),
    row(
        f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm",
        "microsoft.compute/virtualmachines",
        {
            "networkProfile": {"networkInterfaces": [{"id": f"{NET}/networkInterfaces/NIC"}]},
            "storageProfile": {"osDisk": {"osType": "Linux", "managedDisk": {"id": "d"}}},
        },
        identity={
            "type": "SystemAssigned, UserAssigned",
            "principalId": "AAAA-1",
            "userAssignedIdentities": {
                f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/App": {"principalId": "AAAA-2"}
            },
        },
    ),
    row(
        f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app",
        "microsoft.managedidentity/userassignedidentities",
        {"principalId": "aaaa-2", "clientId": "c"},
    ),
    row(WEB, "microsoft.web/sites", {"httpsOnly": False, "siteConfig": {"minTlsVersion": None}}, kind="app,linux"),
    row(f"{WEB}/config/web", "microsoft.web/sites/config", {"minTlsVersion": "1.2", "ftpsState": "Disabled"}),
    row(
        f"{WEB}/config/appsettings",
        "microsoft.web/sites/config",
        {"STORAGE": "DefaultEndpointsProtocol=https;AccountKey=" + "a" * 40, "MODE": "prod"},
    ),
    row(
        f"{GROUP}/providers/Microsoft.Sql/servers/db",
        "microsoft.sql/servers",
        {"administrators": {"login": "dba", "azureADOnlyAuthentication": True}},
    ),
    row(
        f"{GROUP}/providers/Microsoft.Sql/servers/db/firewallRules/all",
        "microsoft.sql/servers/firewallrules",
        {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
    ),
    row(
        "/providers/Microsoft.Authorization/RoleAssignments/1",
        "microsoft.authorization/roleassignments",
        {
            "roleDefinitionId": "/providers/Microsoft.Authorization/RoleDefinitions/8E3AF657-a8ff-443c-a75c-2fe8c4bcb635",
            "principalId": "AAAA-1",
            "principalType": "ServicePrincipal",
            "scope": SUBSCRIPTION,
            "condition": "@Resource[x] StringEquals 'y'",
            "conditionVersion": "2.0",
        },
    ),
    row(f"{GROUP}/providers/Contoso.Rockets/launchers/one", "contoso.rockets/launchers", {}),
]
FLAT: list[dict[str, Any]] = [
    {
        "id": ACCOUNT,
        "name": "acme",
        "type": "Microsoft.Storage/storageAccounts",
        "resourceGroup": "Prod",
        "kind": "StorageV2",
        "sku": {"name": "Standard_GRS"},
        "allowBlobPublicAccess": False,
        "enableHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "networkRuleSet": {"defaultAction": "Deny"},
    },
    {
        "id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv",
        "name": "kv",
        "type": "Microsoft.KeyVault/vaults",
        "location": "westeurope",
        "resourceGroup": "Prod",
        "tags": {},
    },
    {
        "cloudName": "AzureCloud",
        "homeTenantId": "t",
        "id": "0a0a0a0a-0000-0000-0000-000000000001",
        "isDefault": True,
        "name": "Main",
        "state": "Enabled",
        "tenantId": "t",
        "managedByTenants": [],
    },
    {
        "id": "/x/1",
        "name": "1",
        "type": "Microsoft.Authorization/roleAssignments",
        "scope": SUBSCRIPTION,
        "principalId": "AAAA-3",
        "principalName": "ann@example.com",
        "principalType": "User",
        "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "roleDefinitionName": "Reader",
    },
]
DIRECTORY: list[dict[str, Any]] = [
    {"id": "AAAA-3", "displayName": "Ann", "userPrincipalName": "ann@example.com", "mail": None},
    {
        "id": "AAAA-4",
        "displayName": "Admins",
        "securityEnabled": True,
        "groupTypes": [],
        "members": [{"id": "AAAA-3"}],
        "owners": [{"id": "AAAA-9"}],
    },
    {"id": "AAAA-5", "appId": "CLIENT-1", "displayName": "ci", "servicePrincipalType": "Application"},
    {
        "id": "AAAA-6",
        "appId": "CLIENT-1",
        "displayName": "ci",
        "requiredResourceAccess": [],
        "passwordCredentials": [{}],
        "owners": [{"id": "AAAA-3"}],
        "web": {
            "redirectUris": ["http://shop.example.com/cb", "http://localhost/cb"],
            "implicitGrantSettings": {"enableAccessTokenIssuance": True},
        },
    },
]


def read(*records: dict[str, Any]) -> Facts:
    reading = AzureReading()
    for one in records:
        reading.take(one, Origin("export", "rows.json"))
    return reading.facts()


def test_rows_of_the_resource_graph_become_resources_with_what_their_parts_say() -> None:
    facts = read(*ROWS)
    assert facts.gaps == []
    held = {one.name: one for one in facts.resources}
    assert [one.kind for one in facts.resources].count("") == 1, "a type that no kind knows is a resource all the same"
    assert (held["acme"].uid, held["acme"].account, held["acme"].region, held["acme"].tags) == (
        f"{LOW}/providers/microsoft.storage/storageaccounts/acme",
        "0a0a0a0a-0000-0000-0000-000000000001",
        "westeurope",
        {"team": "shop"},
    )
    told = {name: held["acme"].properties[name] for name in ("sku", "public_blob_access", "blob.soft_delete_days", "blob.versioning")}
    assert told == {"sku": "Standard_GRS", "public_blob_access": False, "blob.soft_delete_days": 7, "blob.versioning": True}
    assert held["acme"].unknown == {"diagnostics.categories": "no microsoft.insights/diagnosticsettings of it is in the export"}
    assert (held["shop"].properties["https_only"], held["shop"].properties["minimum_tls"]) == (False, "1.2")
    assert held["shop"].properties["settings.secrets"] == ["STORAGE"]
    assert "AccountKey" not in str(facts), "no value of a setting is kept"
    assert (held["db"].properties["firewall.open_to_internet"], held["db"].properties["firewall.open_to_azure"]) == (True, False)
    assert held["0a0a0a0a-0000-0000-0000-000000000001"].properties["owners"] == 1


def test_what_protects_a_machine_and_what_leads_to_it_is_joined_to_it() -> None:
    facts = read(*ROWS)
    machine = Uid(f"{LOW}/providers/microsoft.compute/virtualmachines/vm")
    mine = {(edge.kind, edge.dst) for edge in facts.edges if edge.src == machine}
    net = f"{LOW}/providers/microsoft.network"
    assert mine == {
        ("protected-by", f"{net}/networksecuritygroups/web"),
        ("in-network", f"{net}/virtualnetworks/v/subnets/s"),
        ("runs-as", "aaaa-1"),
        ("uses-profile", f"{LOW}/providers/microsoft.managedidentity/userassignedidentities/app"),
    }
    assert Edge(Uid(f"{net}/publicipaddresses/pip"), machine, "routes-to", Origin("export", "rows.json")) in facts.edges
    held = {one.uid: one for one in facts.resources}
    assert held[machine].properties["public_ips"] == ["203.0.113.5"]
    assert held[Uid(f"{net}/networksecuritygroups/web")].properties["ingress.open_ports"] == ["tcp/22", "udp/53", "udp/80-90"]
    tree = [(edge.src, edge.dst) for edge in facts.edges if edge.kind == "contains" and "managementgroups" in edge.src]
    assert tree == [
        ("/providers/microsoft.management/managementgroups/corp", SUBSCRIPTION),
        ("/providers/microsoft.management/managementgroups/tenant", "/providers/microsoft.management/managementgroups/corp"),
    ]


def test_a_role_given_is_an_attachment_with_its_scope_and_condition() -> None:
    (one,) = read(*ROWS).attachments
    assert (one.policy, one.target, one.scope, one.conditions) == (
        "/providers/microsoft.authorization/roledefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "aaaa-1",
        SUBSCRIPTION,
        (Condition("ABAC", "2.0", ("@Resource[x] StringEquals 'y'",)),),
    )


def test_lists_of_the_command_line_say_the_same_and_a_short_list_leaves_everything_unknown() -> None:
    facts = read(*FLAT[:3])
    held = {one.name: one for one in facts.resources}
    assert (held["acme"].properties["https_only"], held["acme"].properties["network.default_action"]) == (True, "Deny")
    assert held["kv"].properties == {}
    assert "*" in held["kv"].unknown
    assert (held["Main"].uid, held["Main"].properties["tenant"]) == (SUBSCRIPTION, "t")


def test_a_short_list_adds_nothing_to_what_is_known_and_takes_nothing_away() -> None:
    short = {"id": ACCOUNT, "name": "acme", "type": "Microsoft.Storage/storageAccounts", "location": "x", "resourceGroup": "Prod"}
    for records in ([ROWS[3], short], [short, ROWS[3]]):
        (one,) = [each for each in read(*records).resources if each.kind == "storage_account"]
        assert one.properties["public_blob_access"] is False
        assert "*" not in one.unknown


def test_objects_of_the_directory_are_principals_with_members_and_owners(tmp_path: Path) -> None:
    file = tmp_path / "directory.json"
    file.write_text(json.dumps([*DIRECTORY, FLAT[3]]))
    assert not FORMAT.claims({"id": "x"})
    facts = read(*DIRECTORY)
    assert [(one.uid, one.kind, one.name) for one in facts.principals] == [
        ("aaaa-3", "user", "ann@example.com"),
        ("aaaa-4", "group", "Admins"),
        ("aaaa-5", "service_account", "ci"),
    ]
    assert [(edge.src, edge.dst, edge.kind) for edge in facts.edges] == [
        ("aaaa-3", "aaaa-4", "member-of"),
        ("aaaa-9", "aaaa-4", "owns"),
        ("application/client-1", "aaaa-5", "runs-as"),
        ("aaaa-3", "application/client-1", "owns"),
    ]
    (application,) = facts.resources
    assert application.properties["redirects.insecure"] == ["http://shop.example.com/cb"]
    assert application.properties["implicit_tokens"] is True
    assert [one.kind for one in read_exports([str(file)]).principals] == ["user", "group", "service_account"]


def test_global_administrators_may_elevate_their_access_and_other_roles_of_the_directory_hold_nothing_in_azure() -> None:
    roles = [("62E90394-69f5-4237-9190-012177145e10", "AAAA-7"), ("fe930be7-5e62-47db-91af-98c3a49a38b1", "AAAA-8")]
    facts = read(
        *({"id": uid, "roleTemplateId": uid, "members": [{"id": who, "userPrincipalName": f"{who}@example.com"}, 7]} for uid, who in roles),
        {"id": "r", "roleTemplateId": "x", "members": None},
    )
    assert [one.name for one in facts.principals] == ["AAAA-7@example.com", "AAAA-8@example.com"]
    assert [(one.target, one.scope, one.policy.rpartition("/")[2]) for one in facts.attachments] == [
        ("aaaa-7", "/", "global administrator")
    ]
    assert [(one.sid, one.actions) for one in facts.statements] == [("actions", ("Microsoft.Authorization/elevateAccess/action",))]


def test_a_part_without_its_resource_is_told() -> None:
    facts = read(ROWS[4])
    assert [(gap.call, gap.detail) for gap in facts.gaps] == [
        (f"{LOW}/providers/microsoft.storage/storageaccounts/acme", "only parts of it are in the export"),
    ]


def test_one_with_a_value_of_another_type_is_unknown_and_not_absent() -> None:
    broken = deepcopy(ROWS[3])
    broken["properties"]["allowBlobPublicAccess"] = {"surprise": 1}
    (one,) = [each for each in read(broken).resources if each.kind]
    assert "public_blob_access" not in one.properties
    assert one.unknown["public_blob_access"] == "the file has \"{'surprise': 1}\", which is no boolean"


def test_a_principal_named_before_its_machine_is_a_managed_identity() -> None:
    first = read(*reversed(ROWS)).principals
    assert (
        Principal(
            uid=Uid("aaaa-1"),
            provider="azure",
            kind="managed_identity",
            account="0a0a0a0a-0000-0000-0000-000000000001",
            name="vm",
            origin=Origin("export", "rows.json"),
        )
        in first
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(at=st.integers(0, len(ROWS) - 1), path=st.lists(st.integers(0, 5), max_size=4), junk=JUNK)
def test_hostile_rows_raise_nothing_and_lose_no_other_row(at: int, path: list[int], junk: Any) -> None:  # noqa: ANN401 - anything
    rows = deepcopy(ROWS)
    spoil(rows[at], path, junk)
    if FORMAT.claims(rows[at]):
        facts = read(*rows)
        assert len(facts.resources) >= len(read(*[one for number, one in enumerate(ROWS) if number != at]).resources) - 1
