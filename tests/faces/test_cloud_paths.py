"""``bartizan cloud paths`` and ``cloud diff``: what leads where, and what a change adds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.explain.cloud.estate import checks
from tests.faces.command import Said, bartizan

from bartizan.collect.inventory.contract import Uid
from bartizan.explain.cloud.rights import tightened_json
from bartizan.review.cloud.permission.aws.unused import Tightened

HEAD = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
ROLE = """
resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = jsonencode({Version = "2012-10-17", Statement = [
    {Effect = "Allow", Principal = {AWS = aws_iam_user.build.arn}, Action = "sts:AssumeRole"}]})
}

resource "aws_iam_role_policy" "deploy" {
  name   = "all"
  role   = aws_iam_role.deploy.id
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "*", Resource = "*"}]})
}
"""
USER = """
resource "aws_iam_user" "build" {
  name = "build"
}
"""
MAY = """
resource "aws_iam_user_policy" "build" {
  name   = "take"
  user   = aws_iam_user.build.name
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "sts:AssumeRole", Resource = "*"}]})
}
"""
BUCKET = """
resource "aws_s3_bucket" "data" {
  bucket = "data"
}
"""
VERSIONS = """
variable "status" {}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = STATUS
  }
}
"""
ACCOUNT = "111122223333"
BUILD, DEPLOY = f"arn:aws:iam::{ACCOUNT}:user/build", f"arn:aws:iam::{ACCOUNT}:role/deploy"


def written(folder: Path, *parts: str) -> Path:
    folder.mkdir()
    (folder / "main.tf").write_text(HEAD + "".join(parts))
    return folder


@pytest.fixture
def open_(tmp_path: Path) -> Path:
    return written(tmp_path / "open", ROLE, USER, MAY)


@pytest.mark.slow
def test_ways_are_asked_by_name_to_and_from(open_: Path) -> None:
    told = bartizan("cloud", "paths", open_, "--from", "build", "--to", ACCOUNT, "--json").json
    assert [(way["start"], way["goal"], [hop["dst"] for hop in way["hops"]]) for way in told["ways"]] == [
        (BUILD, f"admin:aws/{ACCOUNT}", [DEPLOY, f"admin:aws/{ACCOUNT}"])
    ]
    (to,) = bartizan("cloud", "paths", open_, "--to", DEPLOY, "--json").json["ways"]
    assert (to["start"], to["hops"][0]["events"]) == (BUILD, ["sts:AssumeRole"])
    lines = bartizan("cloud", "paths", open_).out.splitlines()
    assert lines[:2] == [
        f"  1. high user build -> everything in account {ACCOUNT} in 2 hops",
        "     user build -> role deploy: Take a role on",
    ]
    assert bartizan("cloud", "paths", open_, "--from", "deploy", "--to", "build", "--certain").code == 0


@pytest.mark.slow
def test_a_blast_radius_is_everything_that_is_reached_nearest_first(open_: Path) -> None:
    told = bartizan("cloud", "paths", open_, "--blast", "build", "--json").json
    assert told["reached"][:2] == [{"uid": DEPLOY, "hops": 1, "certain": True}, {"uid": f"admin:aws/{ACCOUNT}", "hops": 2, "certain": True}]
    assert bartizan("cloud", "paths", open_, "--blast", "build", "--most", "1").out.splitlines()[0] == "    1 hop   role deploy"


def test_where_to_cut_is_a_diff_of_the_policy(open_: Path) -> None:
    said = bartizan("cloud", "paths", open_, "--choke")
    assert f"1 of 1 start no longer comes to everything in account {ACCOUNT}, 0 still do" in said.out.splitlines()[0]
    assert '-      "Action": "sts:AssumeRole",' in said.out.splitlines()


@pytest.mark.slow
def test_what_if_fails_where_a_change_adds_a_way(tmp_path: Path) -> None:
    shut = written(tmp_path / "shut", ROLE.replace('"*", Resource', '"s3:ListAllMyBuckets", Resource'), USER, MAY)
    change = written(tmp_path / "change", ROLE, USER, MAY)
    said = bartizan("cloud", "paths", shut, "--what-if", change)
    assert (said.code, said.out.splitlines()[0]) == (1, "Ways that were added (1)")
    assert bartizan("cloud", "paths", shut, "--what-if", shut) == Said(0, "no way is added, and none is gone\n", "")


@pytest.mark.slow
def test_what_means_nothing_or_several_things_is_told(open_: Path) -> None:
    assert bartizan("cloud", "paths", open_, "--blast", "nobody").code == 2
    several = bartizan("cloud", "paths", open_, "--blast", "arn:*")
    assert several.err.startswith("bartizan: 'arn:*' means ")


@pytest.mark.slow
def test_a_diff_fails_a_gate_where_a_failure_or_a_way_is_added(tmp_path: Path) -> None:
    own = checks(tmp_path / "checks")
    good = written(tmp_path / "good", BUCKET, VERSIONS.replace("STATUS", '"Enabled"'), USER)
    bad = written(tmp_path / "bad", BUCKET, VERSIONS.replace("STATUS", '"Suspended"'), USER, ROLE, MAY)
    said = bartizan("cloud", "diff", good, bad, "--checks", own, "--json")
    assert (said.code, [one["resource"] for one in said.json["failures"]["added"]]) == (1, ["arn:aws:s3:::data"])
    assert [way["start"] for way in said.json["ways"]["added"]] == [BUILD]
    back = bartizan("cloud", "diff", bad, good, "--checks", own)
    assert (back.code, back.out.splitlines()[0]) == (0, "Failures that are gone (1)")
    assert bartizan("cloud", "diff", good, good, "--checks", own) == Said(0, "nothing differs\n", "")


@pytest.mark.slow
def test_what_could_be_judged_before_and_not_after_is_no_success(tmp_path: Path) -> None:
    own = checks(tmp_path / "checks")
    known = written(tmp_path / "known", BUCKET, VERSIONS.replace("STATUS", '"Enabled"'))
    unknown = written(tmp_path / "unknown", BUCKET, VERSIONS.replace("STATUS", "var.status"))
    said = bartizan("cloud", "diff", known, unknown, "--checks", own)
    assert (said.code, said.out.splitlines()[0]) == (3, "What cannot be told any more (1)")


GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "cloud.md"
ASKED = {
    "paths": ["paths", "FOLDER"],
    "paths --blast": ["paths", "FOLDER", "--blast", "build"],
    "paths --choke": ["paths", "FOLDER", "--choke"],
    "paths --what-if": ["paths", "FOLDER", "--what-if", "FOLDER"],
    "diff": ["diff", "FOLDER", "FOLDER"],
    "who-can": ["who-can", "sts:AssumeRole", DEPLOY, "FOLDER"],
    "what-can": ["what-can", "build", "FOLDER"],
    "compliance": ["compliance", "cis-aws-3", "FOLDER"],
    "responsibility": ["responsibility", "FOLDER"],
}


@pytest.mark.slow
def test_the_json_of_every_question_has_the_members_that_the_guide_names(open_: Path) -> None:
    table = GUIDE.read_text().partition("| question | members |")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split(" | ", 1) for line in table.splitlines() if line.startswith("| `")]
    told = {
        name: re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", members))
        for names, members in rows
        for name in re.findall(r"`([^`]+)`", names)
    }
    assert set(told) == {*ASKED, "unused"}
    for name, words in ASKED.items():
        said = bartizan("cloud", *(str(open_) if word == "FOLDER" else word for word in words), "--json")
        assert list(said.json) == told[name], name


def test_the_json_of_what_is_not_used_has_the_members_that_the_guide_names() -> None:
    row = next(line for line in GUIDE.read_text().splitlines() if line.startswith("| `unused` |"))
    one = Tightened(policy=Uid("p"), holders=(), used=(), unused=(), untold=(), statements=(), diff="")
    assert sorted(tightened_json(one)) == sorted(re.findall(r"`(\w+)`", row)[1:])
