"""``bartizan cloud``: what it reads, what it writes, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.explain.cloud.estate import EXCEPTION, checks
from tests.faces.command import Said, bartizan

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """
resource "aws_s3_bucket" "customers" {
  bucket = "customers"
}

resource "aws_s3_bucket_versioning" "customers" {
  bucket = aws_s3_bucket.customers.id
  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_iam_user" "build" {
  name = "build"
}

resource "aws_iam_user_policy" "build" {
  name   = "attach"
  user   = aws_iam_user.build.name
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "iam:AttachUserPolicy", Resource = "*"}]})
}
"""


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "main.tf").write_text(MAIN)
    return folder


@pytest.mark.slow
def test_a_folder_of_terraform_is_reviewed_and_fails_where_it_is_asked_to(infra: Path, tmp_path: Path) -> None:
    own = checks(tmp_path / "checks")
    said = bartizan("cloud", "review", infra, "--checks", own, "--json")
    told = said.json
    assert [(one["check"], [held["resource"] for held in one["open"]]) for one in told["failing"]] == [
        ("bucket-versioning-off", ["arn:aws:s3:::customers"])
    ]
    assert told["failing"][0]["open"][0]["origin"] == {"how": "terraform", "path": str(infra / "main.tf"), "place": "line 2"}
    assert [(way["start"].rpartition(":")[2], way["goal"][:10]) for way in told["ways"]] == [("user/build", "admin:aws/")]
    assert bartizan("cloud", "review", infra, "--checks", own, "--fail-on", "high").code == 1
    accepted = tmp_path / "held.yml"
    accepted.write_text(EXCEPTION.replace("name: backups", "name: customers"))
    held = bartizan("cloud", "review", infra, "--checks", own, "--exceptions", accepted, "--json").json
    assert (held["excepted"], held["failing"][0]["excepted"][0]["exception"]["owner"]) == (1, "alice@example.com")
    assert bartizan("cloud", "review", infra, "--checks", own, "--exceptions", accepted, "--fail-on", "critical").code == 0
    assert bartizan("cloud", "review", infra, "--checks", own, "--level", "critical", "--fail-on", "critical").code != 1


def test_every_file_asked_for_is_written(infra: Path, tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("page.html", "run.sarif", "graph.json")]
    said = bartizan("cloud", "review", infra, "--html", places[0], "--sarif", places[1], "--opengraph", places[2], "--ndjson")
    assert all(place.stat().st_size > 500 for place in places)
    assert json.loads(places[1].read_text())["version"] == "2.1.0"
    assert json.loads(places[2].read_text())["graph"].keys() == {"nodes", "edges"}
    assert {line["verdict"] for line in said.lines} <= {"pass", "fail", "unknown"}
    assert said.lines


@pytest.mark.slow
def test_a_review_is_kept_in_a_folder_and_in_a_lake(infra: Path, tmp_path: Path) -> None:
    own, out = checks(tmp_path / "checks"), tmp_path / "out"
    said = bartizan("cloud", "review", infra, "--checks", own, "--ocsf", "--out", out, "--lake", tmp_path / "lake")
    assert sorted(path.name for path in out.iterdir()) == ["graph.json", "records.ndjson", "review.html", "review.json", "review.sarif"]
    assert said.out == (out / "records.ndjson").read_text()
    assert {line["class_uid"] for line in said.lines} == {2003, 2008, 5023}
    assert said.err == f"bartizan: {tmp_path / 'lake'}: {len(said.lines)} records\n"
    counted = "SELECT count(*) AS count FROM compliance_finding"
    assert bartizan("lake", "sql", tmp_path / "lake", counted, "--ndjson").lines == [{"count": 1}]


@pytest.mark.slow
def test_the_requirements_of_a_framework_stand_on_evidence(infra: Path, tmp_path: Path) -> None:
    said = bartizan("cloud", "compliance", "cis-aws-3", infra, "--json", "--oscal", tmp_path / "oscal.json")
    told = said.json
    status = {one["id"]: one["status"] for one in told["requirements"]}
    assert (said.code, status["1.15"], status["1.1"]) == (1, "failed", "unchecked")
    assert sum(told["counts"].values()) == len(status)
    assert "assessment-results" in json.loads((tmp_path / "oscal.json").read_text())
    lines = bartizan("cloud", "compliance", "cis-aws-3", infra).out.splitlines()
    assert lines[1] == told["coverage"]
    assert any(line.startswith("failed    1.15 ") for line in lines)


def test_the_frameworks_that_there_are_are_listed_and_another_is_told() -> None:
    assert "cis-aws-3 " in bartizan("cloud", "compliance").out
    assert bartizan("cloud", "compliance", "cis-aws-4", "x").err.startswith("bartizan: 'cis-aws-4' is no framework (did you mean 'cis-a")


def test_who_answers_for_what_is_told_by_owner(infra: Path) -> None:
    told = bartizan("cloud", "responsibility", infra, "--json").json
    bucket = next(one for one in told["kinds"] if one["kind"] == "s3_bucket")
    assert (bucket["owners"]["buildings"], bucket["owners"]["data"], told["questions"]) == ("provider", "customer", [])
    lines = bartizan("cloud", "responsibility", infra).out.splitlines()
    assert lines[0] == "The customer answers for"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--kubelets", "x.json"], "--kubelets: means nothing without --kubernetes"),
        ([], "nothing to review: name files and folders, --aws PROFILE, --azure SUBSCRIPTION, --gcp NODE, or --kubernetes CONTEXT"),
        (["INFRA", "--region", "eu-west-1"], "--region: means nothing without --aws"),
        (["INFRA", "--external-id", "x"], "--external-id: means nothing without --role or --organization"),
        (
            ["INFRA", "--jewel", "nothing-like-it"],
            "'nothing-like-it' is nothing that was read: give a uid (an ARN), a name, or a pattern like '*:bucket-*'",
        ),
        (
            ["INFRA", "--framework", "none"],
            "framework: no check is evidence for 'none'; `bartizan cloud compliance` lists those that there are",
        ),
        (["nowhere"], "nowhere: no such file or folder"),
        (
            ["--recording", "nowhere"],
            "nowhere: there is no such folder of recordings; `bartizan cloud review --aws PROFILE --keep DIR` makes one",
        ),
    ],
)
def test_what_is_typed_wrong_is_told(words: list[str], told: str, infra: Path) -> None:
    assert bartizan("cloud", "review", *(str(infra) if word == "INFRA" else word for word in words)) == Said(2, "", f"bartizan: {told}\n")


def test_a_place_that_cannot_be_written_to_is_told_before_the_work(infra: Path) -> None:
    said = bartizan("cloud", "review", infra, "--html", "nowhere/page.html")
    assert said == Said(4, "", "bartizan: nowhere/page.html: cannot be written: there is no folder nowhere; make it or name another file\n")


@pytest.mark.parametrize(
    "action", ["compliance", "diff", "paths", "permissions", "responsibility", "review", "unused", "what-can", "who-can"]
)
def test_every_action_says_what_it_does(action: str) -> None:
    said = bartizan("cloud", action, "--help")
    assert (said.code, said.err) == (0, "")
    assert action in bartizan("cloud", "--help").out
    assert said.out.startswith(f"usage: bartizan cloud {action} ")
