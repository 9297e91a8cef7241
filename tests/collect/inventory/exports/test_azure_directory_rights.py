"""Roles of Entra ID and permissions of Microsoft Graph are read from what Graph prints, and lead where they lead."""

from __future__ import annotations

from typing import Any

from bartizan.collect.inventory.contract import Facts, Origin, Uid
from bartizan.collect.inventory.exports.azure.resource_graph import FORMAT, AzureReading
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.contract import administration
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer
from bartizan.workbench import content_folder

SUBSCRIPTION = "0a0a0a0a-0000-0000-0000-000000000001"
RECORDS: list[dict[str, Any]] = [
    {"id": f"/subscriptions/{SUBSCRIPTION}", "type": "microsoft.resources/subscriptions", "name": "shop", "properties": {}},
    {"id": "B0B", "userPrincipalName": "bob@example.com"},
    {"id": "0B07", "servicePrincipalType": "Application", "displayName": "robot", "appId": "c1"},
    {"id": "7EA3", "displayName": "team", "securityEnabled": True, "members": [{"id": "B0B"}]},
    {
        "id": "r1",
        "roleTemplateId": "E8611AB8-c189-46e8-94e1-60213ab1f814",
        "displayName": "Privileged Role Administrator",
        "members": [{"id": "7EA3"}],
    },
    {
        "id": "x9",
        "appRoleId": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        "principalId": "0B07",
        "principalType": "ServicePrincipal",
        "resourceId": "1",
        "resourceDisplayName": "Microsoft Graph",
    },
]


def read(*records: dict[str, Any]) -> Facts:
    reading = AzureReading()
    for one in records:
        assert FORMAT.claims(one)
        reading.take(one, Origin("export", "directory.json"))
    return reading.facts()


def test_who_holds_what_in_the_directory_is_an_edge() -> None:
    assert [(one.src, one.dst) for one in read(*RECORDS).edges if one.kind == "holds"] == [
        ("7ea3", "directory-role/e8611ab8-c189-46e8-94e1-60213ab1f814"),
        ("0b07", "app-permission/9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"),
    ]


def test_who_may_give_roles_of_the_directory_comes_to_every_subscription_by_groups_too() -> None:
    facts = read(*RECORDS)
    rules = path_rules(content_folder() / "paths" / "azure").values()
    hops = compile_paths(facts, rules, {"azure": authorizer("azure", facts)}).hops
    assert {one.src for one in hops if one.dst == administration("azure", SUBSCRIPTION)} == {Uid("b0b"), Uid("7ea3"), Uid("0b07")}
