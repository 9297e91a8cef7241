"""The authorizer answers as Azure's documentation says, over what the reader of exports makes of an estate."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bartizan.collect.inventory.contract import Facts, Origin, Uid
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.roles import role_named
from bartizan.review.cloud.permission.azure.authorizer import AzureAuthorizer

ESTATES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("decisions.yml").read_text())
QUESTIONS = [(number, question) for number, estate in enumerate(ESTATES) for question in estate["questions"]]
SUBSCRIPTION = "/subscriptions/0a0a0a0a-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/Prod"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/acme"
CONTAINER = f"{STORAGE}/blobServices/default/containers/public"
MANAGEMENT = "/providers/Microsoft.Management/managementGroups/"
PLACES = {
    "S": SUBSCRIPTION,
    "G": GROUP,
    "M": f"{MANAGEMENT}corp",
    "S2": "/subscriptions/0a0a0a0a-0000-0000-0000-000000000002",
    "M2": f"{MANAGEMENT}labs",
    "root": "*",
    "vm": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm",
    "vm2": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm2",
    "extension": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm/extensions/new",
    "vm in dev": f"{SUBSCRIPTION}/resourceGroups/dev/providers/Microsoft.Compute/virtualMachines/vm",
    "unread": "/subscriptions/0a0a0a0a-0000-0000-0000-000000000003/resourceGroups/x",
    "storage": STORAGE,
    "container": CONTAINER,
    "blob": f"{CONTAINER}/blobs/a/b.txt",
    "log": f"{CONTAINER}/blobs/logs/today.txt",
    "vault": f"{GROUP}/providers/Microsoft.KeyVault/vaults/vault",
    "old": f"{GROUP}/providers/Microsoft.KeyVault/vaults/old",
    "new": f"{GROUP}/providers/Microsoft.KeyVault/vaults/new",
}


def rows(estate: dict[str, Any]) -> list[dict[str, Any]]:
    """Write an estate as the Resource Graph would."""
    groups = estate.get("groups", {})
    found: list[dict[str, Any]] = [
        {"id": name, "displayName": name, "securityEnabled": True, "members": [{"id": one} for one in groups.get(name, [])]}
        for name in [*groups, *estate.get("unread", [])]
    ]
    chain = [{"name": "corp", "displayName": "Corp"}, {"name": "tenant", "displayName": "Tenant"}]
    found.append(row(SUBSCRIPTION, "microsoft.resources/subscriptions", {"managementGroupAncestorsChain": chain}))
    found.append(row(PLACES["M2"], "microsoft.management/managementgroups", {"details": {"parent": {"id": f"{MANAGEMENT}tenant"}}}))
    for number, (title, told) in enumerate(estate.get("roles", {}).items()):
        permissions = told.get("permissions", [told])
        found.append(
            row(
                definition(number),
                "microsoft.authorization/roledefinitions",
                {"roleName": title, "type": "CustomRole", "permissions": permissions},
            )
        )
    for number, one in enumerate(estate.get("give", ())):
        kind = "roleeligibilityschedules" if one.get("eligible") else "roleassignments"
        told = {"roleDefinitionId": role(estate, one["role"]), "principalId": one["to"], "principalType": "User"}
        told |= {"scope": PLACES.get(one["at"], one["at"]), "condition": one.get("condition")}
        found.append(row(f"/providers/Microsoft.Authorization/{kind}/{number}", f"microsoft.authorization/{kind}", told))
    for number, one in enumerate(estate.get("deny", ())):
        everybody = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
        who = [everybody] if one["to"] == "everybody" else [{"id": name} for name in one["to"]]
        told = {"permissions": [{"actions": one["actions"], "notActions": [], "dataActions": []}], "principals": who}
        told |= {"excludePrincipals": [{"id": name} for name in one.get("except", ())], "doNotApplyToChildScopes": one.get("only", False)}
        told |= {"scope": PLACES[one["at"]], "denyAssignmentName": f"deny {number}"}
        found.append(
            row(
                f"{PLACES[one['at']]}/providers/Microsoft.Authorization/denyAssignments/{number}",
                "microsoft.authorization/denyassignments",
                told,
            )
        )
    for name, vault in estate.get("vaults", {}).items():
        policies = [{"tenantId": "t", "objectId": who, "permissions": told} for who, told in vault["policies"].items()]
        found.append(row(PLACES[name], "microsoft.keyvault/vaults", {"enableRbacAuthorization": vault["rbac"], "accessPolicies": policies}))
    return found


def row(uid: str, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"id": uid, "name": uid.rpartition("/")[2], "type": kind, "properties": properties}


def definition(number: int) -> str:
    return f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/cccccccc-0000-0000-0000-{number:012}"


def role(estate: dict[str, Any], name: str) -> str:
    own = list(estate.get("roles", {}))
    known = role_named("azure", name)
    return (
        definition(own.index(name)) if name in own else known.uid if known else f"/providers/Microsoft.Authorization/RoleDefinitions/{name}"
    )


@cache
def facts(number: int) -> Facts:
    reading = AzureReading()
    for one in rows(ESTATES[number]):
        reading.take(one, Origin("export", "estate.json"))
    return reading.facts()


@cache
def authorizer(number: int) -> AzureAuthorizer:
    return AzureAuthorizer(facts(number))


def said(question: dict[str, Any]) -> str:
    return f"{question['who']} {question['action'][-50:]} {question['at']} {question['is']}"


@pytest.mark.parametrize(("number", "question"), QUESTIONS, ids=[said(question) for _, question in QUESTIONS])
def test_the_answer_is_that_of_the_documentation(number: int, question: dict[str, Any]) -> None:
    decision = authorizer(number).decide(Uid(question["who"]), question["action"], PLACES[question["at"]], question.get("with"))
    assert decision.answer.value == question["is"], decision.why
    assert list(decision.depends) == question.get("depends", [])
    assert decision.why
    assert decision.reference == "2026-08-22"


@pytest.mark.parametrize(("number", "question"), QUESTIONS, ids=[said(question) for _, question in QUESTIONS])
def test_what_is_allowed_or_hangs_on_something_is_what_it_may_have(number: int, question: dict[str, Any]) -> None:
    if question["is"] in ("allowed", "conditional"):
        assert authorizer(number).may(Uid(question["who"]), [question["action"]]) == {question["action"]: True}


def test_there_are_many_cases() -> None:
    assert len(QUESTIONS) >= 200
