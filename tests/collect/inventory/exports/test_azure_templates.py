"""Templates of Resource Manager are computed as far as anybody can before a deployment; the rest is unknown, never absent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.contract import Facts, Origin
from bartizan.collect.inventory.exports.azure.expressions import computed
from bartizan.collect.inventory.exports.azure.template import FORMAT, TemplateReading
from bartizan.collect.inventory.exports.reading import read_exports
from bartizan.collect.inventory.exports.unresolved import Unresolved

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.collect.inventory.contract import Value

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/main"


def read(**template: Any) -> Facts:  # noqa: ANN401 - what a template has
    reading = TemplateReading()
    reading.take({"$schema": SCHEMA, "contentVersion": "1.0.0.0", **template}, Origin("export", "/x/main.json", "byte 0"))
    return reading.facts()


class Nothing:
    """A template that has nothing."""

    def call(self, name: str, given: Sequence[Value]) -> Value:
        """Know no function."""
        raise KeyError(name, given)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[concat('a', 'b', 3)]", "ab3"),
        ("[concat(createArray('a'), createArray('b'))]", ["a", "b"]),
        ("[toLower('ABC')]", "abc"),
        ("[format('{0}-{1}', 'a', 7)]", "a-7"),
        ("[replace('a-b', '-', '')]", "ab"),
        ("[if(equals('A', 'a'), 'yes', 'no')]", "yes"),
        ("[if(not(true()), 1, 2)]", 2),
        ("[and(true(), equals(1, 1), greater(2, 1))]", True),
        ("[or(false(), empty(createArray()))]", True),
        ("[length(split('a,b,c', ','))]", 3),
        ("[split('a,b,c', ',')[1]]", "b"),
        ("[first(createArray('x', 'y'))]", "x"),
        ("[last('xyz')]", "z"),
        ("[take('abcdef', 2)]", "ab"),
        ("[skip(createArray(1, 2, 3), 1)]", [2, 3]),
        ("[substring('abcdef', 1, 3)]", "bcd"),
        ("[createObject('a', 1, 'b', createObject('c', 'd')).B.c]", "d"),
        ("[contains(createObject('Key', 1), 'key')]", True),
        ("[coalesce(null(), 'x')]", "x"),
        ("[json('{\"a\": [1, 2]}').a[1]]", 2),
        ("[union(createArray(1, 2), createArray(2, 3))]", [1, 2, 3]),
        ("[add(mul(2, 3), sub(4, 1))]", 9),
        ("[range(2, 3)]", [2, 3, 4]),
        ("[string(true())]", "True"),
        ("[int('42')]", 42),
        ("[min(3, 1, 2)]", 1),
        ("[startsWith('Abc', 'aB')]", True),
        ("[concat('it''s')]", "it's"),
        ("[[literal]", "[literal]"),
        ("[join(createArray('a', 'b'), '-')]", "a-b"),
        ("[guid('a')]", "7b21b62f-1ba4-5c37-a40a-a6a2b1bd6b25"),
        ("[concat(createObject('a', 1))]", '{"a":1}'),
        ("[union(createObject('a', 1), createObject('b', 2)).b]", 2),
        ("[substring('abc', 1)]", "bc"),
        ("[bool('TRUE')]", True),
        ("[endsWith('Abc', 'BC')]", True),
        ("[indexOf('abc', 'C')]", 2),
        ("[trim(' a ')]", "a"),
        ("[toUpper('a')]", "A"),
        ("[mod(7, 4)]", 3),
        ("[max(3, 1, 2)]", 3),
        ("[less(1, 2)]", True),
        ("[lessOrEquals(2, 2)]", True),
        ("[greaterOrEquals(1, 2)]", False),
        ("[array('a')]", ["a"]),
        ("[contains('abc', 'b')]", True),
        ("[contains(createArray(1, 2), 2)]", True),
        ("[split('a-b,c', createArray('-', ','))]", ["a", "b", "c"]),
        ("plain", "plain"),
        ("[open", "[open"),
    ],
)
def test_an_expression_is_computed(expression: str, value: Value) -> None:
    found = computed(expression, Nothing())
    if expression.startswith("[guid"):
        assert isinstance(found, str)
        assert found == computed(expression, Nothing())
    else:
        assert found == value


@pytest.mark.parametrize(
    "expression",
    [
        "[reference('x').outputs.y]",
        "[concat('a', reference('x'))]",
        "[listKeys('x', '2020').keys[0].value]",
        "[unknownFunction()]",
        "[concat('a'))]",
        "['a' 'b']",
        "[]",
        "[createArray(1)[7]]",
        "[createObject('a', 1).b]",
        "[int('x')]",
        "[int(createArray())]",
        "[json('{')]",
        "[format('{5}', 'a')]",
        "[" + "concat(" * 200 + "'a'" + ")" * 200 + "]",
        "[concat('" + "a" * 30_000 + "')]",
        "[.a]",
        "[first(createObject('a', 1))]",
        "[bool('maybe')]",
        "[bool(createArray())]",
        "[length(7)]",
        "[replace(1, 'a', 'b')]",
        "[contains(7, 'a')]",
        "[createArray(1)['a']]",
        "[createObject('a', 1).(b)]",
        "[concat('a' 'b')]",
        "[concat('a')[0}]",
        "[concat]",
        "[deployment().name]",
        "[deployment()[0]]",
    ],
)
def test_what_cannot_be_computed_is_unresolved(expression: str) -> None:
    assert isinstance(computed(expression, Nothing()), Unresolved)


def test_parameters_variables_and_loops_are_computed() -> None:
    facts = read(
        parameters={
            "name": {"type": "string", "defaultValue": "acme"},
            "tls": {"type": "string"},
            "count": {"type": "int", "defaultValue": 2},
        },
        variables={"full": "[concat(parameters('NAME'), '-', variables('ending'))]", "ending": "prod"},
        resources=[
            {
                "type": "Microsoft.Storage/storageAccounts",
                "apiVersion": "2023-01-01",
                "name": "[concat(variables('full'), copyIndex())]",
                "location": "[resourceGroup().location]",
                "copy": {"name": "accounts", "count": "[parameters('count')]"},
                "properties": {
                    "allowBlobPublicAccess": False,
                    "minimumTlsVersion": "[parameters('tls')]",
                    "supportsHttpsTrafficOnly": True,
                },
            },
        ],
    )
    base = f"{GROUP}/providers/microsoft.storage/storageaccounts"
    assert [one.uid for one in facts.resources] == [f"{base}/acme-prod0", f"{base}/acme-prod1"]
    first = facts.resources[0]
    assert (first.properties["public_blob_access"], first.properties["https_only"]) == (False, True)
    assert "minimum_tls" not in first.properties
    assert first.unknown["minimum_tls"] == "not resolved: [parameters('tls')]"
    assert (first.origin.how, first.origin.path) == ("template", "/x/main.json")


def test_a_loop_in_properties_is_written_out_and_one_without_end_is_unknown() -> None:
    names = {"name": "ipRules", "count": 2, "input": {"value": "[concat('203.0.113.', copyIndex('ipRules', 1))]"}}
    acls = {"defaultAction": "Deny", "ipRules": "[parameters('rules')]"}
    facts = read(
        resources=[
            {
                "type": "Microsoft.Network/networkSecurityGroups",
                "name": "n",
                "properties": {"copy": [{**names, "name": "subnets", "input": {"id": "[copyIndex('subnets')]"}}]},
            },
            {"type": "Microsoft.Storage/storageAccounts", "name": "sa", "properties": {"networkAcls": acls}},
            {
                "type": "Microsoft.Network/networkSecurityGroups",
                "name": "m",
                "properties": {"copy": [{"name": "subnets", "count": "[parameters('n')]", "input": 1}]},
            },
        ],
    )
    held = {one.name: one for one in facts.resources}
    assert held["n"].properties["in_use"] is True
    assert held["sa"].properties["network.default_action"] == "Deny"
    assert "network.ip_rules" in held["sa"].unknown
    assert "in_use" in held["m"].unknown


def test_a_template_of_a_subscription_makes_what_is_in_a_subscription() -> None:
    reading = TemplateReading()
    schema = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
    resources = [
        {"type": "Microsoft.Resources/resourceGroups", "name": "prod", "location": "westeurope"},
        {"type": "Microsoft.Management/managementGroups", "name": "corp", "scope": "/", "properties": {}},
        {"type": "Microsoft.Security/pricings", "name": "KeyVaults", "properties": {"pricingTier": "Free"}},
        {
            "type": "Microsoft.Authorization/locks",
            "name": "l",
            "scope": "[extensionResourceId(resourceGroup().id, 'Microsoft.KeyVault/vaults', 'kv')]",
            "properties": {"level": "CanNotDelete"},
        },
        {"type": "Microsoft.Storage/storageAccounts", "name": "[tenantResourceId()]", "properties": {}},
        {"type": "Microsoft.Storage/storageAccounts", "name": "[copyIndex()]", "properties": {}},
        {"type": "Microsoft.Storage/storageAccounts", "name": "[resourceId('nothing')]", "properties": {}},
        {"type": "Microsoft.Storage/storageAccounts", "name": "[extensionResourceId('x')]", "properties": {}},
        {"type": "Microsoft.Storage/storageAccounts", "name": "[subscriptionResourceId(7)]", "properties": {}},
        {"name": "nothing"},
    ]
    reading.take({"$schema": schema, "resources": resources}, Origin("export", "/x/sub.json"))
    facts = reading.facts()
    subscription = "/subscriptions/00000000-0000-0000-0000-000000000000"
    assert [one.uid for one in facts.resources if one.kind] == [
        f"{subscription}/resourcegroups/prod",
        "/providers/microsoft.management/managementgroups/corp",
    ]
    assert [gap.detail.partition(": ")[2] for gap in facts.gaps if "name is not known" in gap.detail] == [
        "[tenantResourceId()]",
        "[copyIndex()]",
        "[resourceId('nothing')]",
        "[extensionResourceId('x')]",
        "[subscriptionResourceId(7)]",
        "nothing",
    ]


def test_a_block_that_is_not_known_leaves_what_is_in_it_unknown_and_not_absent() -> None:
    facts = read(
        resources=[
            {
                "type": "Microsoft.KeyVault/vaults",
                "name": "kv",
                "properties": {"networkAcls": "[reference('x').acls]", "enablePurgeProtection": True},
            },
            {"type": "Microsoft.Storage/storageAccounts", "name": "sa", "properties": "[parameters('all')]"},
        ],
    )
    vault, account = facts.resources
    assert vault.properties["purge_protection"] is True
    assert {"network.default_action", "network.bypass", "network.ip_rules"} <= vault.unknown.keys()
    assert "public_blob_access" not in account.properties
    assert account.unknown["public_blob_access"]


def test_children_extensions_and_nested_templates_find_their_parents() -> None:
    inner = {
        "$schema": SCHEMA,
        "parameters": {"vault": {"type": "string"}},
        "resources": [
            {"type": "Microsoft.KeyVault/vaults", "name": "[parameters('vault')]", "properties": {"enableRbacAuthorization": True}}
        ],
    }
    facts = read(
        resources={
            "account": {
                "type": "Microsoft.Storage/storageAccounts",
                "name": "sa",
                "properties": {},
                "resources": [
                    {
                        "type": "blobServices",
                        "name": "default",
                        "properties": {"isVersioningEnabled": True, "deleteRetentionPolicy": {"enabled": True, "days": 14}},
                    }
                ],
            },
            "container": {
                "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
                "name": "sa/default/c",
                "properties": {"publicAccess": "Blob"},
            },
            "gone": {"type": "Microsoft.Storage/storageAccounts", "name": "gone", "existing": True},
            "logs": {
                "type": "Microsoft.Insights/diagnosticSettings",
                "name": "logs",
                "scope": "[resourceId('Microsoft.Storage/storageAccounts', 'sa')]",
                "properties": {"logs": [{"category": "StorageRead", "enabled": True}, {"category": "StorageWrite", "enabled": False}]},
            },
            "nested": {
                "type": "Microsoft.Resources/deployments",
                "name": "inner",
                "properties": {"mode": "Incremental", "parameters": {"vault": {"value": "kv"}}, "template": inner},
            },
            "off": {"type": "Microsoft.Storage/storageAccounts", "name": "off", "condition": "[equals('a', 'b')]", "properties": {}},
        },
    )
    held = {one.name: one for one in facts.resources}
    assert sorted(held) == ["c", "kv", "logs", "sa"]
    assert (held["sa"].properties["blob.versioning"], held["sa"].properties["blob.soft_delete_days"]) == (True, 14)
    assert held["sa"].properties["diagnostics.categories"] == ["StorageRead"]
    assert held["c"].properties["public_access"] == "Blob"
    assert held["kv"].properties["rbac"] is True


def test_what_a_template_does_not_tell_is_told_as_a_gap() -> None:
    facts = read(
        resources=[
            {"type": "Microsoft.Storage/storageAccounts", "name": "[parameters('who')]", "properties": {}},
            {"type": "Microsoft.Storage/storageAccounts", "name": "maybe", "condition": "[parameters('on')]", "properties": {}},
            {
                "type": "Microsoft.Storage/storageAccounts",
                "name": "many",
                "copy": {"name": "x", "count": "[parameters('n')]"},
                "properties": {},
            },
            "nonsense",
        ],
        variables={"a": "[variables('b')]", "b": "[variables('a')]"},
    )
    assert [gap.detail for gap in facts.gaps] == [
        "a Microsoft.Storage/storageAccounts whose name is not known: [parameters('who')]",
        "whether maybe is there is not known: [parameters('on')]",
        "how often many is there is not known",
        "a resource that is no object",
    ]
    assert [one.name for one in facts.resources] == ["maybe", "many"]


def test_a_role_given_in_a_template_is_an_attachment_and_one_to_nobody_knows_whom_a_gap() -> None:
    role = "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b24988ac-6180-42a0-ab88-20f7382dd24c')]"
    facts = read(
        resources=[
            {
                "type": "Microsoft.Authorization/roleAssignments",
                "name": "[guid('a')]",
                "properties": {"roleDefinitionId": role, "principalId": "AAAA", "principalType": "User"},
            },
            {
                "type": "Microsoft.Authorization/roleAssignments",
                "name": "b",
                "properties": {"roleDefinitionId": role, "principalId": "[reference('x').id]"},
            },
        ],
    )
    assert [(one.policy.rpartition("/")[2], one.target, one.scope) for one in facts.attachments] == [
        ("b24988ac-6180-42a0-ab88-20f7382dd24c", "aaaa", GROUP),
    ]
    assert [gap.detail for gap in facts.gaps] == ["an assignment without principal or role"]


def test_templates_nested_without_end_are_not_entered_without_end() -> None:
    template: dict[str, Any] = {"$schema": SCHEMA, "resources": []}
    for number in range(30):
        template = {
            "$schema": SCHEMA,
            "resources": [{"type": "Microsoft.Resources/deployments", "name": f"d{number}", "properties": {"template": template}}],
        }
    assert [gap.detail for gap in read(**{key: value for key, value in template.items() if key != "$schema"}).gaps] == [
        "a template nested deeper than 8 others",
    ]


def test_a_template_is_told_from_what_is_none(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"$schema": SCHEMA, "resources": [{"type": "Microsoft.KeyVault/vaults", "name": "kv", "properties": {}}]}))
    assert [one.kind for one in read_exports([str(file)]).resources] == ["key_vault"]
    assert not FORMAT.claims({"$schema": SCHEMA})
    assert not FORMAT.claims({"$schema": "https://example.com/other.json", "resources": []})
