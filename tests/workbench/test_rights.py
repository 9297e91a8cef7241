"""Who can do what, and what is granted and never used, as use cases: from facts and from the records of a lake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import Said, bartizan

from bartizan.errors import InputError, UsageError
from bartizan.review.cloud.permission.contract import Answer
from bartizan.workbench import cloud, rights

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"
BUILD = f"arn:aws:iam::{ACCOUNT}:user/build"
MAIN = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_iam_user" "build" {
  name = "build"
}

resource "aws_iam_user_policy" "build" {
  name   = "work"
  user   = aws_iam_user.build.name
  policy = jsonencode({Version = "2012-10-17", Statement = [
    {Effect = "Allow", Action = ["ec2:StartInstances", "ec2:StopInstances", "ec2:DescribeInstances"], Resource = "*"},
    {Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = {IpAddress = {"aws:SourceIp" = "192.0.2.0/24"}}},
  ]})
}
"""


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(MAIN)
    return tmp_path / "infra"


def test_a_name_stands_for_its_uid_and_a_condition_is_told(infra: Path) -> None:
    facts = cloud.facts_of([infra])
    found = rights.what_can(facts, "build")
    assert {(row.action, row.decision.answer) for row in found.rows} >= {
        ("ec2:StartInstances", Answer.ALLOWED),
        ("ec2:DescribeInstances", Answer.ALLOWED),
        ("s3:GetObject", Answer.CONDITIONAL),
    }
    assert next(row.decision.depends for row in found.rows if row.action == "s3:GetObject") == ("aws:SourceIp",)
    assert [row.principal for row in rights.who_can(facts, "ec2:StopInstances", "*").rows] == [BUILD]


def test_what_means_nothing_or_several_things_is_told(infra: Path) -> None:
    facts = cloud.facts_of([infra])
    with pytest.raises(InputError, match=r"'nobody' is no principal that was read; there are arn:aws:iam::111122223333:user/build"):
        rights.what_can(facts, "nobody")
    facts.principals.append(facts.principals[0].__class__(uid=facts.principals[0].uid, provider="gcp", kind="user"))
    with pytest.raises(UsageError, match=r"'x': facts of aws, gcp were read; give a uid"):
        rights.who_can(facts, "storage.objects.get", "x")


@pytest.mark.slow
def test_the_command_says_who_can_with_the_line_that_allows_it(infra: Path) -> None:
    said = bartizan("cloud", "who-can", "ec2:StartInstances", "*", infra)
    assert (said.code, said.err) == (1, "")
    assert said.out.splitlines() == [
        f"can             {BUILD}",
        f"                Statement 0 of user/build#inline/work allows ec2:StartInstances on *. [{infra}/main.tf line 11]",
        "2 questions: 1 certain",
    ]
    assert bartizan("cloud", "who-can", "ec2:TerminateInstances", "*", infra).code == 0
    told = bartizan("cloud", "who-can", "s3:GetObject", "arn:aws:s3:::data/x", infra, "--with", "aws:SourceIp=198.51.100.1", "--json").json
    assert told["asked"] == 2
    refused = bartizan("cloud", "who-can", "s3:GetObject", "*", infra, "--with", "nothing")
    assert refused == Said(2, "", "bartizan: --with: 'nothing' is no KEY=VALUE, like aws:SourceIp=203.0.113.9\n")


def test_the_command_says_what_somebody_can(infra: Path) -> None:
    said = bartizan("cloud", "what-can", "build", infra, "--json")
    assert said.code == 1
    assert "ec2:StartInstances" in {row["action"] for row in said.json["found"]}
    assert "ec2:StartInstances on *" in bartizan("cloud", "what-can", BUILD, infra).out


def event(name: str, minute: int, error: str = "") -> dict[str, object]:
    return {
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "arn": BUILD, "accountId": ACCOUNT, "userName": "build"},
        "eventTime": f"2026-09-21T10:{minute:02}:00Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "eventID": f"{name}-{minute}",
        "recipientAccountId": ACCOUNT,
        **({"errorCode": error} if error else {}),
    }


NOW = 1_790_080_000_000_000_000
"""The day after."""


@pytest.mark.slow
def test_what_was_not_used_is_a_diff_and_a_refused_call_is_no_use(infra: Path, tmp_path: Path) -> None:
    done = [event("StartInstances", 0), event("DescribeInstances", 1), event("StopInstances", 2, "Client.UnauthorizedOperation")]
    (tmp_path / "trail.json").write_text(json.dumps({"Records": done}))
    bartizan("hunt", tmp_path / "trail.json", "--out", tmp_path / "hunt", "--quiet")
    bartizan("lake", "init", tmp_path / "lake")
    bartizan("lake", "import", tmp_path / "lake", tmp_path / "hunt")
    facts = cloud.facts_of([infra])
    (one,), seen = rights.unused(facts, tmp_path / "lake", now=NOW, days=30)
    assert (one.days, list(seen.since), seen.unplaced) == (1, [ACCOUNT], ())
    assert (one.policy, one.used, one.unused) == (
        f"{BUILD}#inline/work",
        ("ec2:DescribeInstances", "ec2:StartInstances"),
        ("ec2:StopInstances",),
    )
    assert '-        "ec2:StopInstances' in one.diff
    with pytest.raises(InputError, match="holds no CloudTrail record of the last 30 days"):
        rights.unused(facts, tmp_path / "lake", now=NOW + 90 * 86_400_000_000_000, days=30)
    said = bartizan("cloud", "unused", infra, "--lake", tmp_path / "lake", "--days", "36500", "--json")
    assert [line["unused"] for line in said.lines] == [["ec2:StopInstances"]]
    lines = bartizan("cloud", "unused", infra, "--lake", tmp_path / "lake", "--days", "36500").out.splitlines()
    assert lines[-2] == "1 policy grants more than was used"
    assert lines[-1].startswith(f"of the account {ACCOUNT} the records begin ")
    assert (
        bartizan("cloud", "unused", infra, "--lake", "x", "--days", "0").err
        == "bartizan: --days: 0 is no number of days; write 1 or more\n"
    )


def test_the_policy_of_the_collector_is_a_document_of_iam() -> None:
    told = bartizan("cloud", "permissions", "--kind", "s3_bucket").json
    assert (told["Version"], told["Statement"][0]["Resource"]) == ("2012-10-17", "*")
    assert "s3:ListAllMyBuckets" in told["Statement"][0]["Action"]
    assert "s3:ListBuckets" in bartizan("cloud", "permissions", "--calls").out.splitlines()
    assert (
        bartizan("cloud", "permissions", "--kind", "s3_bucked").err
        == "bartizan: --kind: there is no kind 's3_bucked' of AWS (did you mean 's3_bucket'?)\n"
    )
