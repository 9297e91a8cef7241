from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.terraform.reading import read_terraform

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

FOREIGN = """
variable "cgid" {
  type = string
}
locals {
  given = var.cgid
}
resource "aws_iam_role" "web" {
  name               = "web-${var.cgid}"
  assume_role_policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" }
  }] })
}
resource "aws_iam_role_policy" "web" {
  name   = "p"
  role   = aws_iam_role.web.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::data-${var.cgid}/*" }] })
}
"""


def read(folder: Path, text: str) -> Facts:
    (folder / "main.tf").write_text(text)
    return read_terraform(folder)


def details(facts: Facts) -> list[str]:
    return [gap.detail for gap in facts.gaps]


def test_a_variable_that_is_part_of_names_is_made_up_and_told(tmp_path: Path) -> None:
    facts = read(tmp_path, FOREIGN)
    assert [one.name for one in facts.resources if one.kind == "iam_role"] == ["web-cgid-00886a"]
    assert [one.resources for one in facts.statements if one.actions == ("s3:GetObject",)] == [("arn:aws:s3:::data-cgid-00886a/*",)]
    assert [(gap.reason, gap.detail) for gap in facts.gaps if "cgid" in gap.detail] == [
        ("assumed", "the variable cgid is taken to be cgid-00886a")
    ]


@pytest.mark.parametrize(
    "more",
    [
        'resource "aws_s3_bucket" "b" {\n  count = var.cgid == "x" ? 1 : 0\n}\n',
        'resource "aws_iam_user" "u" {\n  name = var.cgid == "x" ? "a" : "b"\n}\n',
        'resource "aws_iam_user" "u" {\n  for_each = toset([var.cgid])\n  name = each.key\n}\n',
    ],
)
def test_a_variable_by_which_something_is_chosen_is_not_made_up(tmp_path: Path, more: str) -> None:
    assert "the variable cgid has no value and none is given" in details(read(tmp_path, FOREIGN + more))


def test_a_variable_that_is_in_no_name_is_not_made_up(tmp_path: Path) -> None:
    text = 'variable "who" {\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "b"\n  acl = "${var.who}-read"\n}\n'
    assert "the variable who has no value and none is given" in details(read(tmp_path, text))


def test_what_refers_to_the_name_of_a_thing_means_that_thing_though_its_name_is_not_known(tmp_path: Path) -> None:
    text = """
variable "title" {
}
resource "aws_iam_user" "u" {
  name = var.title
}
resource "aws_iam_user_policy" "p" {
  name   = "p"
  user   = aws_iam_user.u.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
"""
    facts = read(tmp_path, text)
    (user,) = [one for one in facts.resources if one.kind == "iam_user"]
    assert user.properties["policies.inline"] == ["p"]
    assert [one.target for one in facts.attachments] == [user.uid]


def test_whoever_applies_it_is_somebody_of_the_account(tmp_path: Path) -> None:
    text = """
data "aws_caller_identity" "current" {
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = data.aws_caller_identity.current.arn }
  }] })
}
"""
    (tmp_path / "main.tf").write_text(text)
    facts = read_terraform(tmp_path, variables={"account_id": "111122223333"})
    (statement,) = facts.statements
    arn = statement.principals[0][1]
    assert arn.endswith(":user/who-applies-this")
    assert arn.split(":")[4] == facts.resources[0].account
    assert f"whoever applies it is taken to be {arn}: somebody of that account" in details(facts)
    assert {gap.reason for gap in facts.gaps} == {"assumed"}
