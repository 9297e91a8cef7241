"""A review as JSON, SARIF and BloodHound OpenGraph: what machines read keeps its form."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from tests.explain.cloud.estate import ACCOUNT, ADMIN, EXCEPTION, HOST, OPEN, ROLE, USER, facts, reviewed

from bartizan.collect.inventory.contract import Origin
from bartizan.explain.cloud.opengraph import opengraph
from bartizan.explain.cloud.page import page_of
from bartizan.explain.cloud.sarif import sarif
from bartizan.explain.cloud.told import judgements_json, page_json

if TYPE_CHECKING:
    from pathlib import Path

HELD = {"held.yml": EXCEPTION.replace("name: backups", "name: customers")}


def test_the_json_of_a_review_has_these_members(tmp_path: Path) -> None:
    told = page_json(page_of(reviewed(tmp_path)))
    assert list(told) == [
        *("bartizan", "time", "headline", "complete", "facts", "verdicts", "excepted", "levels", "failing", "ways", "more_ways", "chokes"),
        *("undecided", "unknown", "gaps", "refused", "kinds"),
    ]
    assert json.loads(json.dumps(told)) == told
    assert (told["complete"], told["verdicts"]) == (False, {"pass": 1, "fail": 1, "unknown": 2})
    assert told["failing"][0] == {
        "check": "bucket-versioning-off",
        "id": "0c0f7f7e-9c3b-4e0c-9f41-000000000001",
        "title": "Bucket without versions",
        "level": "high",
        "provider": "aws",
        "why": "What is deleted is gone.",
        "fix": {"terraform": 'status = "Enabled"', "console": "Switch it on."},
        "compliance": {"cis-aws-3": ["2.1.1"]},
        "counts": {"pass": 1, "fail": 1, "unknown": 2},
        "open": [
            {
                "check": "bucket-versioning-off",
                "verdict": "fail",
                "why": "versioning: Suspended",
                "resource": OPEN,
                "provider": "aws",
                "kind": "s3_bucket",
                "account": ACCOUNT,
                "region": "eu-west-1",
                "name": "customers",
                "origin": {"how": "terraform", "path": "infra/main.tf", "place": "line 12"},
            }
        ],
        "excepted": [],
    }
    assert told["ways"][1]["hops"][0] == {
        "src": USER,
        "dst": ROLE,
        "rule": "assume-role",
        "title": "Assume a role",
        "allowed_by": [],
        "depends": [],
        "detection": "blind",
        "detections": [],
        "events": ["sts:AssumeRole"],
        "fix": "Undo assume-role.",
    }
    assert told["chokes"] == [
        {
            "goal": ADMIN,
            "starts": 2,
            "points": [
                {
                    "policy": f"{ROLE}#inline/all",
                    "statement": 0,
                    "sid": "All",
                    "path": "main.tf",
                    "place": "line 40",
                    "vanish": 2,
                    "left": 0,
                }
            ],
            "fewest_hops": [{"src": ROLE, "dst": ADMIN, "rule": "administrator"}],
        }
    ]


def test_every_judgement_is_a_line_those_that_passed_too(tmp_path: Path) -> None:
    told = [(one["verdict"], one["resource"].rpartition(":")[2]) for one in judgements_json(page_of(reviewed(tmp_path)))]
    assert told == [("fail", "customers"), ("pass", "backups"), ("unknown", "logs"), ("unknown", "*")]


def flaws_of_sarif(log: dict[str, Any]) -> list[str]:
    """Return what is against SARIF 2.1.0 (OASIS): members that must be there, values that are allowed, indices that lead somewhere."""
    found = [] if log["version"] == "2.1.0" and log["$schema"].startswith("https://") else ["version"]
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        found += [f"rule {rule}" for rule in rules if not (rule["id"] and rule["shortDescription"]["text"])]
        found += ["rule ids twice"] if len({rule["id"] for rule in rules}) != len(rules) else []
        for result in run["results"]:
            right = rules[result["ruleIndex"]]["id"] == result["ruleId"] and result["level"] in {"none", "note", "warning", "error"}
            found += [] if right and result["message"]["text"] and result["locations"] else [f"result {result}"]
            for location in result["locations"]:
                place = location.get("physicalLocation")
                if place is not None and not (
                    place["region"]["startLine"] >= 1 and re.fullmatch(r"[^\s\\:]+", place["artifactLocation"]["uri"])
                ):
                    found.append(f"location {place}")
            found += [f"suppression {one}" for one in result.get("suppressions", ()) if one["kind"] not in {"inSource", "external"}]
        found += [f"invocation {one}" for one in run["invocations"] if not isinstance(one["executionSuccessful"], bool)]
    return found


def test_failures_stand_at_their_lines_in_sarif(tmp_path: Path) -> None:
    log = sarif(page_of(reviewed(tmp_path, **HELD)))
    assert flaws_of_sarif(log) == []
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["bucket-versioning-off", "way-from-inside", "way-from-internet"]
    result = run["results"][0]
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "infra/main.tf"}, "region": {"startLine": 12}}
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "alice@example.com, 2099-01-01: kept elsewhere"}
    ]
    assert [step["location"]["message"]["text"] for step in run["results"][1]["codeFlows"][0]["threadFlows"][0]["locations"]] == [
        f"internet -> {HOST}: Reach an instance from the internet",
        f"{HOST} -> {ROLE}: Take the role of a workload",
        f"{ROLE} -> {ADMIN}: Attach a policy",
    ]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 3


@pytest.mark.parametrize(
    ("path", "place", "told"),
    [
        ("/src/infra/main.tf", "line 7", {"artifactLocation": {"uri": "infra/main.tf"}, "region": {"startLine": 7}}),
        ("/src/k8s/app.yml", "16", {"artifactLocation": {"uri": "k8s/app.yml"}, "region": {"startLine": 16}}),
        ("/else/a b.json", "byte 40", {"artifactLocation": {"uri": "file:///else/a%20b.json"}, "region": {"startLine": 1}}),
        ("plan.json", "module.x.aws_s3_bucket.y", {"artifactLocation": {"uri": "plan.json"}, "region": {"startLine": 1}}),
    ],
)
def test_files_beneath_the_base_are_named_from_there(tmp_path: Path, path: str, place: str, told: dict[str, Any]) -> None:
    read = facts()
    read.resources[0] = replace(read.resources[0], origin=Origin("export", path, place))
    log = sarif(page_of(reviewed(tmp_path, read=read)), base=PurePosixPath("/src"))  # type: ignore[arg-type]  # a path that is not there
    assert log["runs"][0]["results"][0]["locations"][0]["physicalLocation"] == told


def flaws_of_opengraph(document: dict[str, Any]) -> list[str]:
    """Return what is against the schema of BloodHound OpenGraph: kinds, ends that are nodes, properties that are plain."""
    nodes = {node["id"] for node in document["graph"]["nodes"]}
    found = [f"node {node}" for node in document["graph"]["nodes"] if not (node["id"] and 1 <= len(node["kinds"]) <= 3)]
    for edge in document["graph"]["edges"]:
        ends = [edge[end]["value"] for end in ("start", "end") if edge[end]["match_by"] == "id"]
        if not (set(ends) <= nodes and len(ends) == 2 and re.fullmatch(r"[A-Za-z0-9_]+", edge["kind"])):
            found.append(f"edge {edge}")
    for one in (*document["graph"]["nodes"], *document["graph"]["edges"]):
        for name, value in one["properties"].items():
            plain = value if isinstance(value, list) else [value]
            if not all(isinstance(part, str | int | float | bool) for part in plain) or name != name.lower():
                found.append(f"property {name}: {value}")
    return found


def test_the_graph_is_one_that_bloodhound_takes_in(tmp_path: Path) -> None:
    document = opengraph(reviewed(tmp_path))
    assert flaws_of_opengraph(document) == []
    assert document["metadata"] == {"source_kind": "BartizanCloud"}
    nodes = {node["id"]: node for node in document["graph"]["nodes"]}
    assert nodes[ROLE] == {
        "id": ROLE,
        "kinds": ["AWSRole", "BartizanCloud"],
        "properties": {"name": "web", "displayname": "web", "administrator": True, "provider": "aws", "account": ACCOUNT},
    }
    assert [edge["kind"] for edge in document["graph"]["edges"]] == [
        "OpenInstance",
        "RunsAs",
        "Administrator",
        "AssumeRole",
        "HasEverything",
    ]
