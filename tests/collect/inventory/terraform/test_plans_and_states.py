from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bartizan.collect.inventory.contract import Attachment, Edge, Gap, Origin, Statement, Uid
from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.terraform.documents import Document
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

A = "arn:aws:iam::111122223333"
TRUST = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]})


def resource(address: str, **values: object) -> dict[str, Any]:
    return {
        "address": address,
        "mode": "managed",
        "type": address.split(".")[-2],
        "name": address.rsplit(".", maxsplit=1)[-1],
        "values": values,
    }


def read(folder: Path, document: object) -> Facts:
    (folder / "file.json").write_text(json.dumps(document))
    return read_terraform(folder / "file.json")


def state(*resources: dict[str, Any], **child: object) -> dict[str, Any]:
    root = {"resources": list(resources), "child_modules": [child] if child else []}
    return {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": root}}


def test_a_state_tells_what_is_with_the_ids_that_aws_gave(tmp_path: Path) -> None:
    arn = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"
    role = resource("aws_iam_role.r", arn="arn:aws:iam::111122223333:role/r", id="r", name="r", path="/", assume_role_policy=TRUST)
    profile = resource("aws_iam_instance_profile.p", arn="arn:aws:iam::111122223333:instance-profile/p", id="p", name="p", role="r")
    instance = resource("aws_instance.i", arn=arn, id="i-0abc", iam_instance_profile="p", public_ip="203.0.113.7", tags={"Name": "web"})
    bucket = resource(
        "module.m.aws_s3_bucket.b", arn="arn:aws:s3:::b", id="b", bucket="b", versioning=[{"enabled": False}], region="eu-west-1"
    )
    data = {**resource("data.aws_ami.a", id="ami-1"), "mode": "data"}
    facts = read(tmp_path, state(role, profile, instance, data, resources=[bucket]))
    assert [(one.uid, one.account, one.region, one.name, one.origin) for one in facts.resources] == [
        ("arn:aws:iam::111122223333:role/r", "111122223333", "", "r", Origin("terraform", "file.json", "aws_iam_role.r")),
        (
            "arn:aws:iam::111122223333:instance-profile/p",
            "111122223333",
            "",
            "p",
            Origin("terraform", "file.json", "aws_iam_instance_profile.p"),
        ),
        (arn, "111122223333", "eu-west-1", "web", Origin("terraform", "file.json", "aws_instance.i")),
        ("arn:aws:s3:::b", "111122223333", "eu-west-1", "b", Origin("terraform", "file.json", "module.m.aws_s3_bucket.b")),
    ]
    assert facts.resources[2].properties["public_ip"] == "203.0.113.7"
    assert "versioning" not in facts.resources[3].properties
    assert [(edge.src, edge.dst, edge.kind) for edge in facts.edges] == [
        ("arn:aws:iam::111122223333:instance-profile/p", "arn:aws:iam::111122223333:role/r", "runs-as"),
        (arn, "arn:aws:iam::111122223333:instance-profile/p", "uses-profile"),
    ]
    assert facts.gaps == []


PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {
        "root_module": {
            "resources": [
                resource("aws_iam_user.u", name="u", path="/"),
                resource("aws_iam_policy.p", name="p", path="/", policy='{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'),
                resource("aws_iam_user_policy_attachment.a", user="u"),
                resource("aws_iam_user_policy.i", user="u", name="i"),
                resource("aws_instance.w", instance_type="t3.micro", metadata_options=[{"http_endpoint": "enabled"}]),
            ]
        }
    },
    "resource_changes": [
        {"address": "aws_iam_policy.p", "change": {"after_unknown": {"arn": True, "id": True}}},
        {"address": "aws_iam_user_policy_attachment.a", "change": {"after_unknown": {"policy_arn": True}}},
        {"address": "aws_iam_user_policy.i", "change": {"after_unknown": {"policy": True}}},
        {
            "address": "aws_instance.w",
            "change": {"after_unknown": {"metadata_options": [{"http_tokens": True}], "user_data": True, "public_ip": True}},
        },
    ],
    "configuration": {
        "provider_config": {"aws": {"expressions": {"region": {"constant_value": "eu-central-1"}}}},
        "root_module": {
            "resources": [
                {
                    "address": "aws_iam_user_policy_attachment.a",
                    "provider_config_key": "aws",
                    "expressions": {
                        "policy_arn": {"references": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]},
                        "user": {"references": ["aws_iam_user.u.name", "aws_iam_user.u"]},
                    },
                },
                {
                    "address": "aws_iam_user_policy.i",
                    "expressions": {"policy": {"references": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]}},
                },
                {"address": "aws_instance.w", "provider_config_key": "aws", "expressions": {}},
            ]
        },
    },
}


def test_a_plan_tells_what_will_be_and_what_nobody_knows_before(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    facts = read_terraform(tmp_path / "plan.json", where=Account("111122223333"))
    user, policy = Uid("arn:aws:iam::111122223333:user/u"), Uid("arn:aws:iam::111122223333:policy/p")
    assert facts.attachments == [
        Attachment(policy, user, "identity", origin=Origin("terraform", "plan.json", "aws_iam_user_policy_attachment.a")),
        Attachment(Uid(f"{user}#inline/i"), user, "identity", origin=Origin("terraform", "plan.json", "aws_iam_user_policy.i")),
    ]
    assert [one.uid for one in facts.resources[:2]] == [user, policy]
    instance = facts.resources[2]
    assert instance.region == "eu-central-1"
    asked = ("metadata.http_tokens", "user_data.secrets", "public_ip")
    assert {name: instance.unknown[name] for name in asked} == dict.fromkeys(asked, "it is known only after the plan is applied")
    assert [(gap.uid, gap.detail) for gap in facts.gaps] == [
        (f"{user}#inline/i", f"the policy {user}#inline/i: it is not known: it is known only after the plan is applied"),
    ]


def raw(version: int = 4) -> dict[str, Any]:
    group = {"arn": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", "id": "sg-1", "name": "g", "ingress": [], "egress": []}
    rule = {"security_group_id": "sg-1", "type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}
    return {
        "version": version,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "x",
        "resources": [
            {"mode": "managed", "type": "aws_security_group", "name": "g", "instances": [{"index_key": 0, "attributes": group}]},
            {"mode": "managed", "type": "aws_security_group_rule", "name": "r", "module": "module.m", "instances": [{"attributes": rule}]},
            {"mode": "data", "type": "aws_region", "name": "here", "instances": [{"attributes": {}}]},
        ],
    }


def test_a_raw_state_is_read_as_well(tmp_path: Path) -> None:
    facts = read(tmp_path, raw())
    assert [(one.uid, one.origin.place) for one in facts.resources] == [
        ("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", "aws_security_group.g[0]")
    ]
    (rule,) = facts.network_rules
    assert (rule.resource, rule.peer, rule.first_port, rule.origin.place) == (
        facts.resources[0].uid,
        "0.0.0.0/0",
        22,
        "module.m.aws_security_group_rule.r",
    )


def test_an_old_raw_state_is_a_gap(tmp_path: Path) -> None:
    why = "it is a state of version 3, and only 4 is read: run terraform show -json"
    assert read(tmp_path, raw(3)).gaps == [Gap(provider="", call="file.json", reason="unresolved", detail=why)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "it is no JSON of Terraform"),
        (b"\xff", "it is no JSON of Terraform"),
        (b"[]", "it is neither a plan nor a state"),
        (b'{"a": 1}', "it is neither a plan nor a state"),
        (b"[" * 100_000, "it is no JSON of Terraform"),
    ],
)
def test_a_file_that_is_none_says_so(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(InputError, match=why):
        read_terraform(tmp_path / "x.json")


def test_resources_that_are_none_are_gaps(tmp_path: Path) -> None:
    document = state({"mode": "managed", "address": 5}, resources="none")
    document["values"]["root_module"]["child_modules"].append(
        {"resources": [{"mode": "managed", "address": "a.b", "type": "a", "values": []}]}
    )
    assert [gap.detail for gap in read(tmp_path, document).gaps] == ["a resource has no address, type or values"] * 2


LEAVES = (
    some.none()
    | some.booleans()
    | some.integers(-2, 70_000)
    | some.sampled_from(["", "arn:aws:iam::1:role/r", "tcp", "*", "{}", "[]", "sg-1"])
)
NAMES = some.sampled_from(
    [
        "arn",
        "id",
        "name",
        "policy",
        "ingress",
        "protocol",
        "from_port",
        "cidr_blocks",
        "tags",
        "Key",
        "Value",
        "role",
        "versioning",
        "policy_arn",
    ],
)
VALUES = some.recursive(LEAVES, lambda inner: some.lists(inner, max_size=2) | some.dictionaries(NAMES, inner, max_size=4), max_leaves=12)
TYPES = some.sampled_from(
    ["aws_security_group", "aws_iam_role", "aws_s3_bucket", "aws_lambda_permission", "aws_iam_role_policy_attachment", "x_y"]
)


@pytest.mark.slow
@given(some.lists(some.tuples(TYPES, some.dictionaries(NAMES, VALUES, max_size=6)), max_size=4))
def test_whatever_values_are_they_are_facts_or_gaps(resources: list[tuple[str, dict[str, Any]]]) -> None:
    from bartizan.collect.inventory.declared.facts import facts_of

    document = state(*(resource(f"{kind}.n{at}", **values) for at, (kind, values) in enumerate(resources)))
    facts_of(Document(document, "state.json", Account()).declared(), "terraform")


def test_facts_hold_nothing_of_a_secret(tmp_path: Path) -> None:
    secret = "hunter2-very-secret"
    function = resource(
        "aws_lambda_function.f", function_name="f", role="r", environment=[{"variables": {"DB_PASSWORD": secret, "MODE": "x"}}]
    )
    parameter = resource("aws_ssm_parameter.p", name="/app/password", type="String", value=secret)
    facts = read(tmp_path, state(function, parameter))
    assert secret not in repr(facts)
    assert facts.resources[0].properties["environment.secrets"] == ["DB_PASSWORD"]
    assert facts.resources[0].properties["environment.names"] == ["DB_PASSWORD", "MODE"]
    assert facts.resources[1].properties["value.secret"] == "named"


def test_a_permission_of_a_function_is_its_resource_policy(tmp_path: Path) -> None:
    function = resource("aws_lambda_function.f", arn="arn:aws:lambda:eu-west-1:111122223333:function:f", function_name="f")
    permission = resource("aws_lambda_permission.p", function_name="f", action="lambda:InvokeFunction", principal="s3.amazonaws.com")
    permission["values"]["source_account"] = "111122223333"
    facts = read(tmp_path, state(function, permission))
    uid = facts.resources[0].uid
    (statement,) = facts.statements
    assert isinstance(statement, Statement)
    assert (statement.policy, statement.actions, statement.principals, statement.resources) == (
        f"{uid}#policy",
        ("lambda:InvokeFunction",),
        (("Service", "s3.amazonaws.com"),),
        (uid,),
    )
    assert [(one.operator, one.key, one.values) for one in statement.conditions] == [
        ("StringEquals", "AWS:SourceAccount", ("111122223333",))
    ]
    assert [(one.target, one.kind) for one in facts.attachments] == [(uid, "resource")]
    assert Edge(uid, uid, "runs-as") not in facts.edges
