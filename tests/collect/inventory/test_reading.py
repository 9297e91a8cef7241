"""Whatever is named is read by the reader of what it holds, and files are called as they were given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.reading import read, terraform_roots
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

USER = 'resource "aws_iam_user" "NAME" {\n  name = "NAME"\n}\n'
TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Operator:
    Type: AWS::IAM::User
    Properties:
      UserName: operator
"""
STATE = {
    "format_version": "1.0",
    "terraform_version": "1.9.0",
    "values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_iam_user.stated",
                    "mode": "managed",
                    "type": "aws_iam_user",
                    "name": "stated",
                    "values": {"name": "stated", "arn": "arn:aws:iam::111122223333:user/stated"},
                }
            ]
        }
    },
}


def put(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_the_topmost_folders_of_terraform_stand_for_themselves_and_modules_that_they_call_do_not(tmp_path: Path) -> None:
    call = 'module "user" {\n  source = "../../modules/user"\n}\n'
    put(tmp_path, "envs/prod/main.tf", call)
    put(tmp_path, "envs/prod/inner/main.tf", USER)
    put(tmp_path, "envs/test/main.tf", call)
    put(tmp_path, "modules/user/main.tf", USER.replace("NAME", "shared"))
    put(tmp_path, "envs/prod/.terraform/modules/user/main.tf", USER)
    assert terraform_roots(tmp_path) == [tmp_path / "envs" / "prod", tmp_path / "envs" / "test"]
    found = read([tmp_path])
    assert {(one.name, one.origin.path) for one in found.principals} == {("shared", str(tmp_path / "modules" / "user" / "main.tf"))}


def test_each_file_of_a_folder_is_taken_for_what_it_holds(tmp_path: Path) -> None:
    put(tmp_path, "infra/main.tf", USER.replace("NAME", "declared"))
    put(tmp_path, "infra/notes.json", "{}")
    put(tmp_path, "stack.yaml", TEMPLATE)
    put(tmp_path, "state.json", json.dumps(STATE))
    put(tmp_path, "README.md", "no facts")
    found = read([tmp_path])
    assert {(one.name, one.origin.how, one.origin.path) for one in found.principals} == {
        ("declared", "terraform", str(tmp_path / "infra" / "main.tf")),
        ("operator", "template", str(tmp_path / "stack.yaml")),
        ("stated", "terraform", str(tmp_path / "state.json")),
    }


def test_a_file_that_nobody_reads_is_a_gap_and_one_that_is_not_there_an_error(tmp_path: Path) -> None:
    note = put(tmp_path, "note.json", '{"hello": 1}')
    assert [(gap.reason, gap.detail) for gap in read([note]).gaps] == [("failed", "no export format knows an object with hello")]
    with pytest.raises(InputError, match="nowhere: no such file or folder"):
        read([tmp_path / "nowhere"])


def test_a_file_that_only_speaks_of_terraform_or_templates_is_read_as_what_it_is(tmp_path: Path) -> None:
    broken = put(tmp_path, "cut.json", '{"format_version": "1.0", "terraform_version": "1.9')
    words = put(tmp_path, "words.json", '{"about": "AWS::IAM::User"}')
    assert [gap.reason for gap in read([broken, words]).gaps] == ["failed", "failed"]
