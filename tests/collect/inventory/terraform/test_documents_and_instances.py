"""Documents of policies that are put together of blocks, and what instances have of their subnets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts, Uid
from bartizan.collect.inventory.terraform.reading import read_terraform

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str) -> Facts:
    (folder / "main.tf").write_text(text)
    return read_terraform(folder)


DOCUMENT = """variable "unset" {}
data "aws_iam_policy_document" "first" {
  policy_id = "one"
  statement {
    sid     = "Keep"
    actions = ["s3:Get*"]
    resources = ["arn:aws:s3:::a/&{aws:username}"]
  }
  statement {
    sid       = "Gone"
    effect    = "Deny"
    not_actions = ["s3:*"]
    not_resources = ["*"]
  }
}
data "aws_iam_policy_document" "all" {
  source_policy_documents   = [data.aws_iam_policy_document.first.json]
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "Gone", Effect = "Allow", Action = "sqs:*", Resource = "*" }] })]
  statement {
    actions = ["ec2:*"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:x"
      values   = ["a"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:x"
      values   = ["b"]
    }
  }
  statement {
    actions   = ["sns:*"]
    resources = [var.unset]
  }
}
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = data.aws_iam_policy_document.all.json
}
resource "aws_sns_topic" "t" {
  name   = "t"
  policy = data.aws_iam_policy_document.resource.json
}
data "aws_iam_policy_document" "resource" {
  statement {
    actions = ["sns:Publish"]
    resources = ["*"]
    principals {
      type = "AWS"
      identifiers = ["*"]
    }
    not_principals {
      type = "AWS"
      identifiers = ["1"]
    }
  }
  statement {
    actions = ["sns:Publish"]
    resources = ["*"]
    principals {
      type = "*"
      identifiers = ["*"]
    }
  }
}
"""


def test_documents_of_policies_are_put_together_of_their_blocks(tmp_path: Path) -> None:
    facts = read(tmp_path, DOCUMENT)
    policy, topic = Uid("arn:aws:iam::000000000000:policy/p"), Uid("arn:aws:sns:us-east-1:000000000000:t#policy")
    rows = [(one.number, one.sid, one.effect, one.actions, one.resources) for one in facts.statements if one.policy == policy]
    assert rows == [
        (0, "Keep", "Allow", ("s3:Get*",), ("arn:aws:s3:::a/${aws:username}",)),
        (1, "", "Allow", ("ec2:*",), ("*",)),
        (3, "Gone", "Allow", ("sqs:*",), ("*",)),
    ]
    assert [one.values for one in facts.statements[1].conditions] == [("a", "b")]
    assert (f"the policy {policy}: statement 2 is not known: the variable unset has no value") in [gap.detail for gap in facts.gaps]
    assert [one.principals for one in facts.statements if one.policy == topic] == [(("*", "*"),)]
    assert [gap.uid for gap in facts.gaps if "both Principal and NotPrincipal" in gap.detail] == [topic]


INSTANCES = """resource "aws_subnet" "open" {
  map_public_ip_on_launch = true
}
resource "aws_subnet" "closed" {}
resource "aws_instance" "default" {}
resource "aws_instance" "open" { subnet_id = aws_subnet.open.id }
resource "aws_instance" "closed" { subnet_id = aws_subnet.closed.id }
resource "aws_instance" "forced" {
  subnet_id                   = aws_subnet.closed.id
  associate_public_ip_address = true
}
resource "aws_instance" "refused" {
  subnet_id                   = aws_subnet.open.id
  associate_public_ip_address = false
}
resource "aws_instance" "elsewhere" { subnet_id = "subnet-1" }
"""


def test_an_instance_gets_a_public_address_where_it_or_its_subnet_says_so(tmp_path: Path) -> None:
    given = "(given when it starts: *.compute.amazonaws.com)"
    by_address = [
        one.properties.get("public_ip") or one.unknown.get("public_ip")
        for one in read(tmp_path, INSTANCES).resources
        if one.kind == "instance"
    ]
    assert by_address == [given, given, None, given, None, "it hangs on subnet-1, which is declared elsewhere"]
