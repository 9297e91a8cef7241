from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.terraform.reading import read_terraform

if TYPE_CHECKING:
    from pathlib import Path

MORE = """
variable "later" {
}
resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_access_key" "k" {
  user = aws_iam_user.u.name
}
data "aws_secretsmanager_secret_version" "s" {
  secret_id = "s"
}
"""
LATER = "the variable later has no value"


def found(folder: Path, kind: str, text: str, name: str) -> object:
    (folder / "main.tf").write_text(MORE + text)
    (one,) = [one for one in read_terraform(folder).resources if one.kind == kind]
    return one.properties.get(name, one.unknown.get(name))


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ("{ KEY = aws_iam_access_key.k.secret }", ["KEY"]),
        ('{ URL = "https://u:${aws_iam_access_key.k.secret}@example.com" }', ["URL"]),
        ("{ WORD = data.aws_secretsmanager_secret_version.s.secret_string, HOST = var.later }", ["WORD"]),
        ('{ API_KEY = "DavidsDelightfulDonuts2023", HOST = var.later }', ["API_KEY"]),
        ("{ HOST = var.later }", LATER),
        ('{ ID = aws_iam_access_key.k.id, HOST = "example.com" }', []),
        ("var.later", LATER),
    ],
)
def test_a_function_holds_the_credentials_that_its_variables_refer_to(tmp_path: Path, variables: str, wanted: object) -> None:
    text = f'resource "aws_lambda_function" "f" {{\n  function_name = "f"\n  environment {{\n    variables = {variables}\n  }}\n}}\n'
    assert found(tmp_path, "lambda_function", text, "environment.secrets") == wanted


def test_a_function_without_variables_holds_none(tmp_path: Path) -> None:
    assert (
        found(tmp_path, "lambda_function", 'resource "aws_lambda_function" "f" {\n  function_name = "f"\n}\n', "environment.secrets")
        is None
    )


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("export KEY=${aws_iam_access_key.k.secret}", ["credential"]),
        ("mysql -ppassword=Example1Pass ${var.later}", ["password"]),
        ("echo ${var.later}", LATER),
        ("echo", []),
    ],
)
def test_what_a_machine_runs_first_holds_the_credentials_that_it_refers_to(tmp_path: Path, script: str, wanted: object) -> None:
    text = f'resource "aws_instance" "i" {{\n  user_data = "{script}"\n}}\n'
    assert found(tmp_path, "instance", text, "user_data.secrets") == wanted


def test_a_security_group_is_in_use_where_something_is_protected_by_it(tmp_path: Path) -> None:
    group = 'resource "aws_security_group" "g" {\n  name = "g"\n}\n'
    assert found(tmp_path, "security_group", group, "in_use") == "no Terraform file tells it"
    text = group + 'resource "aws_instance" "i" {\n  vpc_security_group_ids = [aws_security_group.g.id]\n}\n'
    assert found(tmp_path, "security_group", text, "in_use") is True


@pytest.mark.parametrize(
    ("route", "wanted"),
    [
        ("", False),
        ('  route {\n    cidr_block = "0.0.0.0/0"\n    gateway_id = "igw-1"\n  }\n', False),
        (
            '  route {\n    cidr_block = "10.0.0.0/16"\n    vpc_peering_connection_id = "pcx-1"\n  }\n',
            "it hangs on the network of the peer",
        ),
        ("  route = var.later\n", LATER),
    ],
)
def test_a_table_that_leads_to_no_peer_crosses_to_none(tmp_path: Path, route: str, wanted: object) -> None:
    text = f'resource "aws_route_table" "t" {{\n  vpc_id = "vpc-1"\n{route}}}\n'
    assert found(tmp_path, "route_table", text, "peering.whole_network") == wanted


def test_a_route_beside_its_table_leads_to_a_peer_too(tmp_path: Path) -> None:
    table = 'resource "aws_route_table" "t" {\n  vpc_id = "vpc-1"\n}\n'
    route = 'resource "aws_route" "r" {\n  route_table_id = aws_route_table.t.id\n  vpc_peering_connection_id = "pcx-1"\n}\n'
    assert found(tmp_path, "route_table", table + route, "peering.whole_network") == "it hangs on the network of the peer"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ('engine = "postgres"\n  engine_version = "16.3"', True),
        ('engine = "postgres"\n  engine_version = "14"', False),
        ('engine = "mysql"\n  engine_version = "8.0"', False),
        ('engine = "mysql"\n  engine_version = "8.4"', "it hangs on its parameters"),
        ('engine = "postgres"', "it hangs on its parameters"),
        ('engine = "postgres"\n  engine_version = "14"\n  parameter_group_name = "own"', "it hangs on its parameters"),
    ],
)
def test_whether_a_database_asks_for_encryption_where_nobody_chose_its_parameters(tmp_path: Path, said: str, wanted: object) -> None:
    assert found(tmp_path, "db_instance", f'resource "aws_db_instance" "d" {{\n  {said}\n}}\n', "force_tls") == wanted
