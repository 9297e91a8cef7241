from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Origin, Principal, Statement, Uid
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.aws.naive.steps import decide
from bartizan.review.cloud.permission.aws.unplaced import unplaced
from bartizan.review.cloud.permission.contract import Answer, Decision

if TYPE_CHECKING:
    from pathlib import Path

MEMBER = "222222222222"
DEV = Uid(f"arn:aws:iam::{MEMBER}:user/dev")
GUARD = Uid("arn:aws:organizations::999999999999:policy/o-a/service_control_policy/p-guard")
TERRAFORM = """
variable "somewhere" {}
data "aws_organizations_organization" "this" {}
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["999999999999"]
}
provider "aws" {
  alias               = "member"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}
resource "aws_organizations_policy" "guard" {
  name    = "guard"
  content = jsonencode({ Statement = [{ Effect = "Deny", Action = "iam:*", Resource = "*" }] })
}
resource "aws_organizations_policy_attachment" "guard" {
  policy_id = aws_organizations_policy.guard.id
  target_id = TARGET
}
resource "aws_iam_user" "dev" {
  provider = aws.member
  name     = "dev"
}
resource "aws_iam_user_policy_attachment" "dev" {
  provider   = aws.member
  user       = aws_iam_user.dev.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""
DECLARED = """
resource "aws_organizations_organization" "own" {}
resource "aws_organizations_organizational_unit" "unit" {
  name      = "unit"
  parent_id = aws_organizations_organization.own.roots[0].id
}
resource "aws_organizations_account" "member" {
  name      = "member"
  email     = "member@example.com"
  parent_id = PARENT
}
"""


def read(folder: Path, target: str, more: str = "", parent: str = "var.somewhere") -> Facts:
    (folder / "main.tf").write_text(TERRAFORM.replace("TARGET", target) + more.replace("PARENT", parent))
    return read_terraform(folder)


def asked(facts: Facts, action: str, who: Uid = DEV) -> Decision:
    authorizer = AwsAuthorizer(facts)
    found = authorizer.decide(who, action, "*")
    assert decide(authorizer.estate, who, action, "*", {}).answer is found.answer
    return found


@pytest.mark.parametrize("target", ["var.somewhere", "data.aws_organizations_organization.this.roots[0].id"])
def test_what_a_policy_denies_that_is_attached_to_something_unknown_is_unknown_and_the_rest_stays(tmp_path: Path, target: str) -> None:
    facts = read(tmp_path, target)
    denied = asked(facts, "iam:CreateUser")
    assert denied.answer is Answer.UNKNOWN
    assert "main.tf" in denied.why[0].text
    assert "is in what arn:aws:organizations::999999999999:policy/" in denied.why[0].text
    assert asked(facts, "s3:ListAllMyBuckets").answer is Answer.ALLOWED


def member(facts: Facts) -> tuple[Facts, Uid]:
    """Return facts in which the member that is declared has the user, and who that is."""
    account = next(one.uid for one in facts.resources if one.kind == "organizations_account").rsplit("/", 1)[-1]
    name = Uid(DEV.replace(MEMBER, account))
    facts.principals = [replace(one, uid=name, account=account) if one.uid == DEV else one for one in facts.principals]
    facts.attachments = [replace(one, target=name) if one.target == DEV else one for one in facts.attachments]
    facts.resources = [replace(one, uid=name, account=account) if one.uid == DEV else one for one in facts.resources]
    return facts, name


@pytest.mark.parametrize(
    ("target", "parent", "answer"),
    [
        ("data.aws_organizations_organization.this.roots[0].id", "aws_organizations_organization.own.roots[0].id", Answer.DENIED),
        ("aws_organizations_organization.own.roots[0].id", "aws_organizations_organizational_unit.unit.id", Answer.DENIED),
        ("aws_organizations_organization.own.roots[0].id", "null", Answer.DENIED),
        ("aws_organizations_organizational_unit.unit.id", "null", Answer.ALLOWED),
        ("aws_organizations_organizational_unit.unit.id", "var.somewhere", Answer.UNKNOWN),
    ],
)
def test_the_root_of_the_one_organization_holds_every_account_that_is_placed(
    tmp_path: Path, target: str, parent: str, answer: Answer
) -> None:
    facts, who = member(read(tmp_path, target, DECLARED, parent))
    assert asked(facts, "iam:CreateUser", who).answer is answer
    assert asked(facts, "s3:ListAllMyBuckets", who).answer is Answer.ALLOWED


def test_the_management_account_is_bound_by_no_policy_whatever_it_is_attached_to(tmp_path: Path) -> None:
    facts = read(tmp_path, "var.somewhere")
    facts.principals.append(Principal(uid=Uid("arn:aws:iam::999999999999:root"), provider="aws", kind="root", account="999999999999"))
    assert asked(facts, "iam:CreateUser", Uid("arn:aws:iam::999999999999:root")).answer is Answer.ALLOWED


def test_a_resource_control_policy_is_attached_as_one(tmp_path: Path) -> None:
    text = TERRAFORM.replace('"guard"\n  content', '"guard"\n  type = "RESOURCE_CONTROL_POLICY"\n  content').replace("TARGET", '"r-a"')
    (tmp_path / "main.tf").write_text(text)
    assert [one.kind for one in read_terraform(tmp_path).attachments if one.target == "r-a"] == ["rcp"]


def live(*statements: Statement, at: str = "") -> Facts:
    dev = Principal(uid=DEV, provider="aws", kind="user", account=MEMBER)
    admin = Attachment(Uid("arn:aws:iam::aws:policy/AdministratorAccess"), DEV, "identity")
    levels = [Edge(Uid("r-a"), Uid(MEMBER), "contains")]
    origin = Origin("live", "organizations")
    held = [admin, Attachment(GUARD, Uid(""), "scp", origin=origin), *([Attachment(Uid(at), Uid("r-a"), "scp")] if at else [])]
    return Facts(principals=[dev], attachments=held, edges=levels, statements=list(statements))


def test_the_only_policy_of_a_level_that_may_allow_it_leaves_it_unknown() -> None:
    narrow = Statement(policy=Uid("p-narrow"), number=0, actions=("s3:*",), resources=("*",))
    more = Statement(policy=GUARD, number=0, actions=("ec2:*",), resources=("*",))
    facts = live(narrow, more, at="p-narrow")
    answers = [asked(facts, action).answer for action in ("s3:ListAllMyBuckets", "ec2:DescribeInstances", "iam:CreateUser")]
    assert answers == [Answer.ALLOWED, Answer.UNKNOWN, Answer.DENIED]
    assert AwsAuthorizer(facts).may(DEV, ["ec2:DescribeInstances", "iam:CreateUser"]) == {
        "ec2:DescribeInstances": True,
        "iam:CreateUser": False,
    }


def test_a_policy_that_nobody_could_read_and_that_is_attached_to_something_unknown_leaves_everything_unknown() -> None:
    assert asked(live(), "s3:ListAllMyBuckets").answer is Answer.UNKNOWN


def test_of_two_roots_a_stand_in_is_neither() -> None:
    facts = live(Statement(policy=GUARD, number=0, effect="Deny", actions=("iam:*",), resources=("*",)))
    facts.edges.append(Edge(Uid("r-b"), Uid("333333333333"), "contains"))
    facts.attachments[1] = replace(facts.attachments[1], target=Uid("r-root"))
    estate = AwsAuthorizer(facts).estate
    assert [one.policy for one in unplaced(estate, "scp", MEMBER)] == [GUARD]
    assert (estate.organization.path(MEMBER), estate.organization.is_placed("444444444444")) == (("r-a", MEMBER), False)
