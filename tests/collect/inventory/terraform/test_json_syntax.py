from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.contract import Facts, Origin
from bartizan.collect.inventory.terraform.reading import read_terraform

if TYPE_CHECKING:
    from pathlib import Path

HCL = """variable "account_id" {
  default = "111122223333"
}
locals {
  name = "web"
}
provider "aws" {
  region = "eu-west-1"
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "r" {
  name               = local.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { team = "a" }
}
resource "aws_security_group" "g" {
  name = "g"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  dynamic "egress" {
    for_each = ["10.0.0.0/8", "::/0"]
    content {
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = [egress.value]
    }
  }
}
resource "aws_lambda_function" "f" {
  count         = 2
  function_name = "f${count.index}"
  role          = aws_iam_role.r.arn
  environment {
    variables = { API_KEY = "abcdefghij12345" }
  }
}
"""
TWICE: dict[str, Any] = {
    "//": {},
    "variable": {"account_id": {"default": "111122223333"}},
    "locals": {"name": "web"},
    "provider": {"aws": {"region": "eu-west-1"}},
    "data": {
        "aws_iam_policy_document": {
            "trust": {
                "statement": {"actions": ["sts:AssumeRole"], "principals": {"type": "Service", "identifiers": ["lambda.amazonaws.com"]}}
            }
        }
    },
    "resource": [
        {
            "aws_iam_role": {
                "r": {
                    "name": "${local.name}",
                    "assume_role_policy": "${data.aws_iam_policy_document.trust.json}",
                    "tags": {"team": "a"},
                    "//": "a comment",
                }
            }
        },
        {
            "aws_security_group": {
                "g": {
                    "name": "g",
                    "ingress": {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]},
                    "dynamic": {
                        "egress": {
                            "for_each": ["10.0.0.0/8", "::/0"],
                            "content": {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["${egress.value}"]},
                        }
                    },
                }
            }
        },
        {
            "aws_lambda_function": {
                "f": {
                    "count": 2,
                    "function_name": "f${count.index}",
                    "role": "${aws_iam_role.r.arn}",
                    "environment": {"variables": {"API_KEY": "abcdefghij12345"}},
                }
            }
        },
    ],
}


def without_places(facts: Facts) -> list[str]:
    return [repr(row).replace("x.tf.json", "x.tf") for name in Facts.__slots__ for row in getattr(facts, name)]


def test_the_same_in_json_and_in_hcl_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Origin, "__repr__", lambda _one: "somewhere")
    hcl, other = tmp_path / "hcl", tmp_path / "json"
    for folder in (hcl, other):
        folder.mkdir()
    (hcl / "x.tf").write_text(HCL)
    (other / "x.tf.json").write_text(json.dumps({key: value for key, value in TWICE.items() if key != "//"}))
    read = read_terraform(hcl)
    assert len(read.resources) == 4
    assert without_places(read_terraform(other)) == without_places(read)


def test_lines_of_json_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.tf.json").write_text(json.dumps(TWICE, indent=1))
    assert [one.origin.place for one in read_terraform(tmp_path).resources][:1] == ["line 36"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "this is no YAML"),
        ('{"resource": {"aws_iam_user": 5}}', "aws_iam_user is no object"),
        ('{"resource": 5}', "what stands at the top is no object"),
        ('{"resource": {"aws_iam_user": {"u": {"name": "${"}}}}', "a value is missing"),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", "nested deeper than 64 levels"),
        ("", "it has 0 documents"),
    ],
)
def test_json_that_is_broken_is_told(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "x.tf.json").write_text(content)
    (gap,) = read_terraform(tmp_path).gaps
    assert why in gap.detail
