"""What is given to Terraform and templates on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = """variable "names" {}
variable "path" {}
resource "aws_iam_user" "u" {
  for_each = toset(var.names)
  name     = each.key
  path     = var.path
}
"""
STACK = "Parameters: {Name: {Type: String}}\nResources: {U: {Type: AWS::IAM::User, Properties: {UserName: !Ref Name}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(FOLDER)
    (tmp_path / "stack.yml").write_text(STACK)
    return tmp_path


def test_variables_and_an_account_are_given(folder: Path) -> None:
    given = ("--variable", 'names=["a", "b"]', "--variable", "path=/x=y/", "--variable", "Name=c", "--account", "111122223333")
    told = bartizan("cloud", "review", str(folder), str(folder / "stack.yml"), *given, "--ocsf").out
    account = "arn:aws:iam::111122223333:user"
    assert [uid for uid in (f"{account}/x=y/a", f"{account}/x=y/b", f"{account}/c") if uid not in told] == []


@pytest.mark.parametrize(
    ("variable", "why"),
    [
        ("x", "--variable x: write NAME=VALUE"),
        ("=x", "--variable =x: write NAME=VALUE"),
        ("x=[1", "[1: it is no value of Terraform: ']' is missing: the file ends"),
    ],
)
def test_a_variable_that_is_none_says_so(folder: Path, variable: str, why: str) -> None:
    said = bartizan("cloud", "review", str(folder), "--variable", variable)
    assert (said.code, said.err.strip()) == (2, f"bartizan: {why}")
