"""The authorizer answers as Google Cloud's documentation says, over what the reader of exports makes of an estate."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from bartizan.collect.inventory.contract import Edge, Facts, Origin, Uid
from bartizan.collect.inventory.exports.gcp.access import member_uid
from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import GcpReading
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer

ESTATES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("decisions.yml").read_text())
QUESTIONS = [(number, question) for number, estate in enumerate(ESTATES) for question in estate["questions"]]
NODES = "//cloudresourcemanager.googleapis.com/"
ACCOUNT = "//iam.googleapis.com/projects/-/serviceAccounts/"
PLACES = {
    "O": f"{NODES}organizations/9",
    "F": f"{NODES}folders/77",
    "P": f"{NODES}projects/shop",
    "P by number": f"{NODES}projects/123",
    "P2": f"{NODES}projects/labs",
    "unread project": f"{NODES}projects/unread",
    "vm": "//compute.googleapis.com/projects/shop/zones/z/instances/vm",
    "app": f"{ACCOUNT}app@shop.iam.gserviceaccount.com",
    "other account": f"{ACCOUNT}other@shop.iam.gserviceaccount.com",
    "bucket": "//storage.googleapis.com/public",
    "logs": "//storage.googleapis.com/logs",
    "object": "//storage.googleapis.com/public/objects/a/b.txt",
    "log object": "//storage.googleapis.com/logs/objects/today",
    "service": "//run.googleapis.com/projects/shop/locations/z/services/web",
    "secret": "//secretmanager.googleapis.com/projects/123/secrets/token",
    "version": "//secretmanager.googleapis.com/projects/123/secrets/token/versions/1",
    "other secret": "//secretmanager.googleapis.com/projects/123/secrets/other",
}
ABOVE = {"O": ["organizations/9"], "F": ["folders/77", "organizations/9"], "P2": ["projects/456", "organizations/9"]}
IN_PROJECT = ["projects/123", "folders/77", "organizations/9"]


def assets(estate: dict[str, Any]) -> list[dict[str, Any]]:
    """Write an estate as the Cloud Asset Inventory would."""
    project = {"projectId": "shop", "projectNumber": "123", "lifecycleState": "ACTIVE"}
    found = [
        asset(f"{NODES}projects/123", "cloudresourcemanager.googleapis.com/Project", "P", resource={"data": project}),
        asset(
            f"{NODES}projects/456",
            "cloudresourcemanager.googleapis.com/Project",
            "P2",
            resource={"data": {**project, "projectId": "labs", "projectNumber": "456"}},
        ),
        asset(PLACES["bucket"], "storage.googleapis.com/Bucket", "bucket", resource={"data": {"name": "public"}}),
        asset(PLACES["logs"], "storage.googleapis.com/Bucket", "logs", resource={"data": {"name": "logs"}}),
    ]
    for name, told in estate.get("roles", {}).items():
        data = {"name": name, "includedPermissions": told["permissions"], "stage": told.get("stage", "GA")}
        found.append(asset(f"//iam.googleapis.com/{name}", "iam.googleapis.com/Role", "P", resource={"data": data}))
    for one in estate.get("give", ()):
        binding = {"role": one["role"], "members": one["to"]}
        if "condition" in one:
            binding["condition"] = {"title": "when", "expression": one["condition"]}
        place = f"{NODES}projects/123" if one["at"] == "P" else f"{NODES}projects/456" if one["at"] == "P2" else PLACES[one["at"]]
        found.append(asset(place, "x.googleapis.com/X", one["at"], iam_policy={"bindings": [binding], "etag": "x"}))
    for number, one in enumerate(estate.get("deny", ())):
        rule = {"deniedPermissions": one["permissions"], "deniedPrincipals": one["to"], "exceptionPrincipals": one.get("except", [])}
        rule |= {"exceptionPermissions": one.get("but", [])}
        if "condition" in one:
            rule["denialCondition"] = {"title": "when", "expression": one["condition"]}
        node = quote(PLACES[one["at"]].removeprefix("//"), safe="")
        found.append({"name": f"policies/{node}/denypolicies/{number}", "kind": "DenyPolicy", "rules": [{"denyRule": rule}]})
    for number, one in enumerate(estate.get("bounds", ())):
        name = f"organizations/9/locations/global/principalAccessBoundaryPolicies/{number}"
        rules = [{"resources": [PLACES[place] for place in one["within"]], "effect": "ALLOW"}]
        found.append({"name": name, "details": {"rules": rules, "enforcementVersion": "3"}})
        binding: dict[str, Any] = {"policyKind": "PRINCIPAL_ACCESS_BOUNDARY", "policy": name, "target": {"principalSet": one["to"]}}
        if "condition" in one:
            binding["condition"] = {"expression": one["condition"]}
        found.append({"name": f"organizations/9/locations/global/policyBindings/{number}", **binding})
    for number, one in enumerate(estate.get("perimeters", ())):
        inside = {"resources": one["around"], "restrictedServices": one["services"]}
        name = f"accessPolicies/1/servicePerimeters/{number}"
        found.append({"name": name, "perimeterType": one.get("type", "PERIMETER_TYPE_REGULAR"), one.get("mode", "status"): inside})
    return found


def asset(name: str, kind: str, place: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what an asset has
    return {"name": name, "asset_type": kind, "ancestors": ABOVE.get(place, IN_PROJECT), **more}


@cache
def facts(number: int) -> Facts:
    reading = GcpReading()
    for one in assets(ESTATES[number]):
        reading.take(one, Origin("export", "estate.json"))
    read = reading.facts()
    assert [gap for gap in read.gaps if gap.kinds != ("group",)] == []
    groups = ESTATES[number].get("groups", {})
    read.edges += [Edge(member_uid(one), Uid(group), "member-of") for group, members in groups.items() for one in members]
    return read


@cache
def authorizer(number: int) -> GcpAuthorizer:
    return GcpAuthorizer(facts(number))


def said(question: dict[str, Any]) -> str:
    return f"{question['who'][:40]} {question['action']} {question['at']} {question['is']}"


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
