"""Providers, variables, modules, data sources: what a folder may hold beside resources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.contract import Facts, Gap, Uid
from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str = "", files: dict[str, str] | None = None, **variables: object) -> Facts:
    for name, content in {"main.tf": text, **(files or {})}.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    return read_terraform(folder, variables=variables)


def user(name: str, more: str = "") -> str:
    return f'resource "aws_iam_user" "{name}" {{\n  name = "{name}"\n{more}}}\n'


def uids(facts: Facts) -> list[str]:
    return [str(one.uid) for one in facts.resources]


def assumed(facts: Facts) -> list[str]:
    return [gap.detail for gap in facts.gaps if gap.reason == "assumed"]


def other(facts: Facts) -> list[tuple[str, str]]:
    return [(gap.call, gap.detail) for gap in facts.gaps if gap.reason != "assumed"]


@pytest.mark.parametrize(
    ("provider", "account"),
    [
        ('provider "aws" {\n  allowed_account_ids = ["444455556666"]\n}\n', "444455556666"),
        ('provider "aws" {\n  assume_role {\n    role_arn = "arn:aws:iam::444455556666:role/deploy"\n  }\n}\n', "444455556666"),
        ('variable "aws_account_id" {\n  default = "444455556666"\n}\n', "444455556666"),
        ('variable "account_id" {\n  default = "no account"\n}\n', "000000000000"),
        ("", "000000000000"),
    ],
)
def test_the_account_is_what_the_provider_or_a_variable_says_and_else_made_up_and_told(tmp_path: Path, provider: str, account: str) -> None:
    facts = read(tmp_path, provider + user("u"))
    assert uids(facts) == [f"arn:aws:iam::{account}:user/u"]
    told = ["the account of the provider aws is taken to be 000000000000"] if account == "000000000000" else []
    assert assumed(facts) == told


def test_the_account_that_is_given_holds_where_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(user("u"))
    assert uids(read_terraform(tmp_path, where=Account("111122223333"))) == ["arn:aws:iam::111122223333:user/u"]


def test_profiles_and_aliases_are_accounts_of_their_own_but_aliases_of_regions_are_not(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  alias = "a"\n  profile = "first"\n}\nprovider "aws" {\n  alias = "b"\n  profile = "second"\n}\n'
    for name in ("a", "b", "use1_east", "prod"):
        text += user(name, f"  provider = aws.{name}\n")
    first, second, region, alias = (uid.split(":")[4] for uid in uids(read(tmp_path, text)))
    assert region == "000000000000"
    assert len({first, second, region, alias}) == 4


def test_regions_partitions_and_default_tags_come_from_providers_and_resources(tmp_path: Path) -> None:
    text = """provider "aws" {
  region = "cn-north-1"
  default_tags {
    tags = { team = "web", cost = 5 }
  }
}
resource "aws_sqs_queue" "q" {
  name = "q"
  tags = { name = "q" }
}
resource "aws_sqs_queue" "other" {
  name   = "q"
  region = "eu-west-1"
}
"""
    first, second = read(tmp_path, text).resources
    assert (first.uid, first.region, first.tags) == ("arn:aws-cn:sqs:cn-north-1:000000000000:q", "cn-north-1", {"team": "web", "name": "q"})
    assert second.region == "eu-west-1"


def test_a_module_is_given_providers_and_otherwise_has_those_of_its_caller(tmp_path: Path) -> None:
    modules = {"one/main.tf": user("m") + user("n", "  provider = aws.other\n")}
    text = """variable "prod_account_id" {}
variable "dev_account_id" {}
module "given" {
  source    = "./one"
  providers = { aws = aws.prod, aws.other = aws.dev }
}
module "left" {
  source = "./one"
}
"""
    facts = read(tmp_path, text, modules, prod_account_id="111111111111", dev_account_id="222222222222", account_id="333333333333")
    assert [uid.split(":")[4] for uid in uids(facts)[:2]] == ["111111111111", "222222222222"]
    assert len(uids(facts)) == 4


def test_variables_come_from_files_then_from_what_is_given(tmp_path: Path) -> None:
    files = {
        "variables.tf": 'variable "a" {}\nvariable "b" {}\nvariable "c" {}\nvariable "d" {\n  default = "d0"\n}\n',
        "terraform.tfvars": 'a = "a1"\nb = "b1"\nc = "c1"\n',
        "z.auto.tfvars": 'b = "b2"\n',
        "y.auto.tfvars.json": '{"c": "c2"}',
        "broken.auto.tfvars": "a = [",
        "broken.auto.tfvars.json": "{",
        "not.tfvars": 'a = "never"\n',
    }
    text = 'resource "aws_iam_user" "u" {\n  name = "${var.a}-${var.b}-${var.c}-${var.d}"\n}\n'
    facts = read(tmp_path, text, files, a="a3")
    assert [one.name for one in facts.resources] == ["a3-b2-c2-d0"]
    assert [call for call, _ in other(facts)] == ["broken.auto.tfvars:line 1", "broken.auto.tfvars.json"]


def test_a_variable_that_only_names_things_is_made_up_and_told_and_another_is_not(tmp_path: Path) -> None:
    text = 'variable "environment" {}\nvariable "vpc_id" {}\nvariable "region" {}\nvariable "cidr" {}\nvariable "aws_account_id" {}\n'
    text += """provider "aws" {
  region = var.region
}
resource "aws_security_group" "g" {
  name   = var.environment
  vpc_id = var.vpc_id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.cidr]
  }
}
"""
    facts = read(tmp_path, text)
    (group,) = facts.resources
    assert (group.region, group.name[:12], str(group.properties["vpc"])[:4]) == ("us-east-1", "environment-", "vpc-")
    assert facts.network_rules == []
    assert other(facts) == [("main.tf:line 9", f"a rule of {group.uid} is not known: the variable cidr has no value")]
    assert [detail.partition(" is taken")[0] for detail in assumed(facts)] == [
        "the variable region",
        "the variable aws_account_id",
        "the variable environment",
        "the variable vpc_id",
        "the variable cidr has no value and none is given",
    ]


def test_locals_may_hang_on_each_other_and_on_themselves(tmp_path: Path) -> None:
    text = 'locals {\n  a = "${local.b}x"\n  b = "y"\n  c = local.d\n  d = local.c\n}\n'
    text += 'resource "aws_iam_user" "u" {\n  name = local.a\n  path = local.c\n}\n'
    text += 'resource "aws_iam_user" "v" {\n  name = "v"\n  path = local.nowhere\n}\n'
    first, second = read(tmp_path, text).resources
    assert first.name == "yx"
    assert (first.unknown["path"], second.unknown["path"]) == ("local.c refers to itself", "there is no local 'nowhere'")


def test_resources_that_refer_to_each_other_end(tmp_path: Path) -> None:
    text = (
        'resource "aws_iam_user" "a" {\n  name = aws_iam_user.b.name\n}\nresource "aws_iam_user" "b" {\n  name = aws_iam_user.a.name\n}\n'
    )
    assert len(read(tmp_path, text).resources) == 2


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('"terraform-aws-modules/vpc/aws"', "its source 'terraform-aws-modules/vpc/aws' is not in this folder (terraform init fetches it)"),
        ('"./nowhere"', "there is no folder './nowhere'"),
        ('"../"', "its source '../' lies outside of the folder that is read; name a folder that holds both"),
        ("var.where_from", "its source is not known"),
    ],
)
def test_a_module_that_cannot_be_read_is_told_and_what_hangs_on_it_is_unknown(tmp_path: Path, source: str, why: str) -> None:
    text = f'variable "where_from" {{}}\nmodule "m" {{\n  source = {source}\n}}\n'
    text += 'resource "aws_iam_user" "u" {\n  name = "u"\n  path = module.m.path\n}\n'
    facts = read(tmp_path / "in", text)
    assert other(facts) == [("main.tf:line 2", f"the module m is not read: {why}")]
    assert facts.resources[0].unknown["path"] == why


def test_modules_that_were_fetched_are_read(tmp_path: Path) -> None:
    rows = [
        {"Key": "m", "Dir": ".terraform/modules/m"},
        {"Key": "m.n", "Dir": ".terraform/modules/n"},
        {"Key": "out", "Dir": "../.."},
        {"Key": 5},
        5,
    ]
    files = {
        ".terraform/modules/modules.json": json.dumps({"Modules": rows}),
        ".terraform/modules/m/main.tf": 'module "n" {\n  source = "example/n/aws"\n}\n',
        ".terraform/modules/n/main.tf": user("n"),
    }
    text = 'module "m" {\n  count = 1\n  source = "example/m/aws"\n}\nmodule "out" {\n  source = "example/out/aws"\n}\n'
    facts = read(tmp_path / "in", text, files)
    assert [(one.name, one.origin.path) for one in facts.resources] == [("n", ".terraform/modules/n/main.tf")]
    assert [detail.rpartition(": ")[2][:30] for _, detail in other(facts)] == ["its source 'example/out/aws' l"]


@pytest.mark.parametrize("content", ["{", "[]", '{"Modules": 5}'])
def test_a_list_of_fetched_modules_that_is_none_is_as_if_there_were_none(tmp_path: Path, content: str) -> None:
    facts = read(tmp_path, 'module "m" {\n  source = "a/b/c"\n}\n', {".terraform/modules/modules.json": content})
    assert other(facts) == [
        ("main.tf:line 1", "the module m is not read: its source 'a/b/c' is not in this folder (terraform init fetches it)")
    ]


def test_a_module_that_calls_itself_is_told(tmp_path: Path) -> None:
    facts = read(tmp_path, 'module "m" {\n  source = "./"\n}\n' + user("u"))
    assert len(facts.resources) >= 1
    assert ("main.tf:line 1", "deeper than 12") in [(call, detail[-14:]) for call, detail in other(facts)]


def test_a_folder_above_can_be_named_to_hold_the_modules(tmp_path: Path) -> None:
    read(tmp_path, "", {"modules/m/main.tf": user("m"), "prod/main.tf": 'module "m" {\n  source = "../modules/m"\n}\n'})
    facts = read_terraform(tmp_path / "prod", within=tmp_path, where=Account("1"))
    assert [(one.name, one.origin.path) for one in facts.resources] == [("m", "modules/m/main.tf")]
    with pytest.raises(InputError, match="does not lie within"):
        read_terraform(tmp_path, within=tmp_path / "prod")


@pytest.mark.parametrize("how", ["count = var.how", "for_each = var.how", "count = -1", 'for_each = "x"', "count = 100000"])
def test_how_many_there_are_may_be_unknown(tmp_path: Path, how: str) -> None:
    text = f'variable "how" {{}}\nresource "aws_iam_user" "u" {{\n  {how}\n  name = "u"\n}}\n'
    text += 'resource "aws_iam_group_membership" "m" {\n  name = "m"\n  group = "g"\n  users = aws_iam_user.u[*].name\n}\n'
    facts = read(tmp_path, text)
    assert [one.name for one in facts.resources if one.kind == "iam_user"] == ["u"]
    assert other(facts)[0][0] == "main.tf:line 2"
    assert other(facts)[0][1].startswith("how many aws_iam_user.u there are is not known: ")


def test_conditional_resources_that_are_not_there_are_not_read(tmp_path: Path) -> None:
    text = 'resource "aws_iam_user" "u" {\n  count = false ? 1 : 0\n  name = "u"\n}\n'
    text += 'resource "aws_iam_user" "v" {\n  for_each = {}\n  name = "v"\n}\n'
    assert read(tmp_path, text).resources == []


def test_data_sources_say_what_can_be_said_without_a_cloud(tmp_path: Path) -> None:
    text = """data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
data "aws_availability_zones" "z" {}
data "aws_vpc" "main" { default = true }
data "aws_iam_policy" "byname" { name = "ReadOnlyAccess" }
data "aws_iam_policy" "nobody" { name = "NobodyHasThis" }
data "aws_iam_role" "old" { name = "old" }
data "aws_secretsmanager_secret_version" "s" { secret_id = "x" }
resource "aws_iam_user" "u" {
  name = join(" ", [
    data.aws_caller_identity.me.account_id, data.aws_region.here.name, data.aws_partition.p.dns_suffix, data.aws_iam_role.old.arn,
    data.aws_availability_zones.z.names[1], substr(data.aws_vpc.main.id, 0, 4), data.aws_iam_policy.byname.arn,
  ])
}
resource "aws_iam_user" "v" {
  name = "v"
  path = data.aws_secretsmanager_secret_version.s.secret_string
}
resource "aws_iam_user" "w" {
  name = "w"
  path = data.aws_vpc.main.cidr_block
}
resource "aws_iam_user" "x" {
  name = "x"
  path = data.aws_iam_policy.nobody.arn
}
resource "random_id" "r" { byte_length = 4 }
resource "random_pet" "p" {}
resource "aws_s3_bucket" "b" { bucket = "b-${random_id.r.hex}-${random_pet.p.id}" }
resource "aws_s3_bucket" "c" { bucket_prefix = "c-" }
"""
    facts = read(tmp_path, text)
    by_kind = {(one.kind, one.name.partition("-")[0]): one for one in facts.resources}
    told = "000000000000 us-east-1 amazonaws.com arn:aws:iam::000000000000:role/old us-east-1b vpc- arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert next(one.name for one in facts.resources if one.kind == "iam_user") == told
    assert by_kind["iam_user", "v"].unknown["path"] == "data.aws_secretsmanager_secret_version.s.secret_string is known only once it exists"
    assert by_kind["iam_user", "w"].unknown["path"] == "data.aws_vpc.main.cidr_block is told by the cloud alone"
    assert by_kind["iam_user", "x"].unknown["path"] == "data.aws_iam_policy.nobody.arn is told by the cloud alone"
    assert [len(by_kind["s3_bucket", name].name) for name in "bc"] == [len("b-12345678-12345678"), len("c-12345678")]
    assert facts == read(tmp_path, text), "what is made up is always the same"


def test_blocks_that_are_wrong_are_told(tmp_path: Path) -> None:
    files = {"a.tf": user("u") + 'resource "aws_iam_user" {\n}\n' + user("u"), "b.tf.json": "[]", "c.tf": 'check "x" {}\nmoved {\n}\n'}
    (tmp_path / "d.tf").mkdir()
    (tmp_path / "e.tf").symlink_to(tmp_path / "nowhere.tf")
    facts = read(tmp_path, "", files)
    assert other(facts) == [
        ("a.tf:line 4", "the block resource is not read: it has 1 labels"),
        ("a.tf:line 6", "resource.aws_iam_user.u stands twice, first at a.tf:1"),
        ("b.tf.json:line 1", "the file is not read: it is no object"),
        ("e.tf", "the file is not read: it is a link that leads nowhere"),
    ]
    assert [gap.provider for gap in facts.gaps if gap.call == "b.tf.json:line 1"] == ["aws"], "any resource of AWS could be in it"


def test_two_resources_that_are_one_are_told(tmp_path: Path) -> None:
    text = user("u") + user("u").replace('"aws_iam_user" "u"', '"aws_iam_user" "again"')
    facts = read(tmp_path, text)
    uid = Uid("arn:aws:iam::000000000000:user/u")
    told = "aws_iam_user.again and aws_iam_user.u are both arn:aws:iam::000000000000:user/u"
    assert uids(facts) == [uid, uid]
    assert facts.gaps[-1] == Gap(provider="aws", call="main.tf:line 4", reason="unresolved", detail=told, kinds=("iam_user",), uid=uid)


def test_a_policy_of_nobody_is_a_gap_of_that_policy(tmp_path: Path) -> None:
    text = (
        user("u")
        + 'resource "aws_iam_user_policy_attachment" "a" {\n  user = "u"\n  policy_arn = "arn:aws:iam::000000000000:policy/elsewhere"\n}\n'
    )
    facts = read(tmp_path, text)
    policy = Uid("arn:aws:iam::000000000000:policy/elsewhere")
    told = f"the policy {policy} is neither declared here nor one that AWS was known to manage"
    assert facts.gaps[-1] == Gap(
        provider="aws", call="main.tf:line 4", reason="not-in-origin", detail=told, kinds=("iam_user",), uid=policy
    )


@pytest.mark.slow
def test_what_is_only_referred_to_is_there_and_otherwise_unknown(tmp_path: Path) -> None:
    text = 'resource "aws_iam_role_policy_attachment" "a" {\n  role = "old"\n  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n}\n'
    (role,) = read(tmp_path, text).resources
    assert (role.uid, role.unknown["*"]) == ("arn:aws:iam::000000000000:role/old", "it is only referred to, and declared elsewhere")
