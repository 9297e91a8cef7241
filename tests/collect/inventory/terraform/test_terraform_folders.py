from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Gap, NetworkRule, Origin, Principal, Resource, Statement, Uid
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

A = "arn:aws:iam::111122223333"


def read(folder: Path, text: str, **variables: object) -> Facts:
    (folder / "main.tf").write_text(text)
    return read_terraform(folder, variables={"account_id": "111122223333", **variables})


def at(line: int, file: str = "main.tf") -> Origin:
    return Origin("terraform", file, f"line {line}")


IAM = """variable "account_id" {}
resource "aws_iam_user" "alice" {
  name = "alice"
}
resource "aws_iam_group" "staff" {
  name = "staff"
}
resource "aws_iam_user_group_membership" "alice" {
  user   = aws_iam_user.alice.name
  groups = [aws_iam_group.staff.name]
}
resource "aws_iam_group_policy_attachment" "staff" {
  group      = aws_iam_group.staff.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.alice.arn]
    }
  }
}
resource "aws_iam_role" "admin" {
  name               = "admin"
  path               = "/ops/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy" "pass" {
  name   = "pass"
  role   = aws_iam_role.admin.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.admin.arn }] })
}
"""


def test_principals_policies_and_memberships_come_with_their_lines(tmp_path: Path) -> None:
    facts = read(tmp_path, IAM)
    admin, alice, staff = Uid(f"{A}:role/ops/admin"), Uid(f"{A}:user/alice"), Uid(f"{A}:group/staff")
    managed = Uid("arn:aws:iam::aws:policy/AdministratorAccess")
    assert facts.principals == [
        Principal(uid=alice, provider="aws", kind="user", account="111122223333", name="alice", origin=at(2)),
        Principal(uid=staff, provider="aws", kind="group", account="111122223333", name="staff", origin=at(5)),
        Principal(uid=admin, provider="aws", kind="role", account="111122223333", name="admin", origin=at(25)),
    ]
    trust, inline = Uid(f"{admin}#trust"), Uid(f"{admin}#inline/pass")
    assert facts.statements == [
        Statement(policy=trust, number=0, actions=("sts:AssumeRole",), principals=(("AWS", alice),), origin=at(25)),
        Statement(policy=managed, number=0, actions=("*",), resources=("*",), origin=Origin("terraform")),
        Statement(policy=inline, number=0, actions=("iam:PassRole",), resources=(admin,), origin=at(30)),
    ]
    assert facts.attachments == [
        Attachment(trust, admin, "trust", origin=at(25)),
        Attachment(managed, staff, "identity", origin=at(12)),
        Attachment(inline, admin, "identity", origin=at(30)),
    ]
    assert facts.edges == [Edge(alice, staff, "member-of", at(8))]
    assert facts.gaps == []
    assert facts.resources[2] == Resource(
        uid=admin,
        provider="aws",
        kind="iam_role",
        account="111122223333",
        name="admin",
        properties={"path": "/ops/", "max_session_seconds": 3600, "service_linked": False, "policies.inline": ["pass"]},
        unknown={"created": "no Terraform file tells it", "last_used": "no Terraform file tells it"},
        origin=at(25),
    )


def test_what_is_not_known_is_a_gap_with_its_line_and_never_a_guess(tmp_path: Path) -> None:
    text = """variable "account_id" {}
variable "who_may" {}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = var.who_may } },
    { Effect = "Allow", Action = "sts:TagSession", Principal = "*" },
  ] })
}
"""
    facts = read(tmp_path, text)
    trust = Uid(f"{A}:role/r#trust")
    assert facts.statements == [Statement(policy=trust, number=1, actions=("sts:TagSession",), principals=(("*", "*"),), origin=at(3))]
    assert facts.gaps == [
        Gap(
            provider="",
            call="main.tf:line 2",
            reason="assumed",
            detail="the variable who_may has no value and none is given",
            uid=Uid("terraform:var.who_may"),
        ),
        Gap(
            provider="aws",
            call="main.tf:line 3",
            reason="unresolved",
            detail=f"the policy {trust}: statement 0 is not known: the variable who_may has no value",
            account="111122223333",
            uid=trust,
        ),
    ]


def test_providers_are_accounts(tmp_path: Path) -> None:
    text = """variable "dev_account_id" {}
variable "prod_account_id" {}
resource "aws_iam_user" "a" {
  provider = aws.dev
  name     = "a"
}
resource "aws_iam_user" "b" {
  provider = aws.prod
  name     = "b"
}
"""
    facts = read(tmp_path, text, dev_account_id="444455556666", prod_account_id="777788889999")
    assert [one.uid for one in facts.resources] == ["arn:aws:iam::444455556666:user/a", "arn:aws:iam::777788889999:user/b"]


def test_modules_count_and_for_each_are_followed(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "main.tf").write_text(
        'variable "names" {}\nresource "aws_iam_user" "u" {\n  for_each = toset(var.names)\n  name = each.key\n}\n'
        'output "arns" {\n  value = values(aws_iam_user.u)[*].arn\n}\n'
    )
    text = """variable "account_id" {}
module "people" {
  source = "./people"
  names  = ["a", "b"]
}
resource "aws_iam_role" "r" {
  count = 2
  name = "r${count.index}"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = module.people.arns } }]
  })
}
"""
    (tmp_path / "main.tf").write_text(text)
    facts = read_terraform(tmp_path, variables={"account_id": "111122223333"})
    assert [(one.name, one.origin) for one in facts.resources] == [
        ("r0", at(6)),
        ("r1", at(6)),
        ("a", at(2, "people/main.tf")),
        ("b", at(2, "people/main.tf")),
    ]
    assert facts.statements[0].principals == (("AWS", f"{A}:user/a"), ("AWS", f"{A}:user/b"))


def test_a_broken_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "broken.tf").write_text('resource "aws_iam_user" "x" {\n  name = [1,\n')
    facts = read(tmp_path, 'variable "account_id" {}\nresource "aws_iam_user" "y" {\n  name = "y"\n}\n')
    assert [one.name for one in facts.resources] == ["y"]
    assert [(one.call, one.detail) for one in facts.gaps] == [("broken.tf:line 3", "the file is not read: a value is missing")]


def test_security_groups_become_network_rules(tmp_path: Path) -> None:
    text = """variable "account_id" {}
resource "aws_security_group" "web" {
  name = "web"
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  dynamic "ingress" {
    for_each = [22, 3389]
    content {
      from_port = ingress.value
      to_port   = ingress.value
      protocol  = "tcp"
      self      = true
    }
  }
}
resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.web.id
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  ipv6_cidr_blocks  = ["::/0"]
}
"""
    facts = read(tmp_path, text)
    (group,) = facts.resources
    rule = {"resource": group.uid, "direction": "ingress", "protocol": "tcp", "origin": at(2)}
    assert facts.network_rules == [
        NetworkRule(**rule, peer="0.0.0.0/0", first_port=443, last_port=443),  # type: ignore[arg-type]  # a mapping of texts
        NetworkRule(**rule, peer=group.uid, first_port=22, last_port=22),  # type: ignore[arg-type]  # as above
        NetworkRule(**rule, peer=group.uid, first_port=3389, last_port=3389),  # type: ignore[arg-type]  # as above
        NetworkRule(resource=group.uid, direction="egress", peer="::/0", origin=at(20)),
    ]


def test_no_file_outside_of_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("do not read")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.tf").symlink_to(tmp_path / "out.tf")
    (tmp_path / "out.tf").write_text('resource "aws_iam_user" "x" {\n  name = "x"\n}\n')
    text = """variable "account_id" {}
resource "aws_iam_user" "y" {
  name = file("../secret")
}
module "above" {
  source = "../"
}
"""
    facts = read(tmp_path / "in", text)
    assert "do not read" not in repr(facts)
    assert [one.origin for one in facts.resources] == [at(2)]
    assert [one.call for one in facts.gaps if one.reason != "assumed"] == ["main.tf:line 5", "link.tf"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        read_terraform(tmp_path / "nowhere")
