"""Laying a plan over an estate: what it declares takes the place of what is, and what it deletes is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.contract import Facts
from bartizan.collect.inventory.terraform.reading import read_before, read_terraform
from bartizan.review.cloud.comparing import overlaid
from bartizan.workbench.cloud import changed, facts_of

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
TRUST = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"{IAM}:root"}}]})
ROLE = ("aws_iam_role.work", {"arn": f"{IAM}:role/work", "id": "work", "name": "work", "path": "/", "assume_role_policy": TRUST})
INLINE = ("aws_iam_role_policy.all", {"id": "work:all", "name": "all", "role": "work", "policy": ALL})
POLICY = ("aws_iam_policy.all", {"arn": f"{IAM}:policy/all", "id": f"{IAM}:policy/all", "name": "all", "path": "/", "policy": ALL})
ATTACHED = ("aws_iam_role_policy_attachment.all", {"id": "work-all", "role": "work", "policy_arn": f"{IAM}:policy/all"})
BUCKET = ("aws_s3_bucket.data", {"arn": "arn:aws:s3:::data", "id": "data", "bucket": "data"})
BLOCK = (
    "aws_s3_bucket_public_access_block.data",
    {
        "id": "data",
        "bucket": "data",
        "block_public_acls": True,
        "ignore_public_acls": True,
        "block_public_policy": True,
        "restrict_public_buckets": True,
    },
)
GROUP_ARN = f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/sg-1"
GROUP = ("aws_security_group.web", {"arn": GROUP_ARN, "id": "sg-1", "name": "web"})
OPEN = (
    "aws_vpc_security_group_ingress_rule.all",
    {"id": "sgr-1", "security_group_id": "sg-1", "cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22},
)


def resource(address: str, values: dict[str, Any]) -> dict[str, Any]:
    kind, name = address.split(".")
    return {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}


def state(folder: Path, *resources: tuple[str, dict[str, Any]]) -> Path:
    root = {"resources": [resource(*one) for one in resources]}
    return written(folder / "state.json", {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": root}})


def plan(folder: Path, *resources: tuple[str, dict[str, Any]], **deleted: tuple[str, dict[str, Any]]) -> Path:
    """Write a plan that keeps some resources and deletes others."""
    changes = [
        {**resource(address, {}), "change": {"actions": actions, "before": values, "after": values if actions == ["no-op"] else None}}
        for actions, some in ((["no-op"], resources), (["delete"], tuple(deleted.values())))
        for address, values in some
    ]
    planned = {"root_module": {"resources": [resource(*one) for one in resources]}}
    whole = {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": planned, "resource_changes": changes}
    return written(folder / "plan.json", whole)


def written(file: Path, document: object) -> Path:
    file.write_text(json.dumps(document))
    return file


def rows(facts: Facts) -> dict[str, list[str]]:
    """Return what is told, whatever file told it."""
    return {
        "resources": sorted(one.uid for one in facts.resources),
        "principals": sorted(one.uid for one in facts.principals),
        "statements": sorted(f"{one.policy} {one.number}" for one in facts.statements),
        "attachments": sorted(f"{one.policy} {one.kind} {one.target}" for one in facts.attachments),
        "network": sorted(f"{one.resource} {one.peer}" for one in facts.network_rules),
        "edges": sorted(f"{one.src} {one.kind} {one.dst}" for one in facts.edges),
    }


def test_a_plan_that_changes_nothing_changes_nothing(tmp_path: Path) -> None:
    all_of = (ROLE, INLINE, POLICY, ATTACHED, BUCKET, BLOCK, GROUP, OPEN)
    facts = facts_of([state(tmp_path, *all_of)])
    assert rows(changed(facts, [plan(tmp_path, *all_of)])) == rows(facts)


def test_an_attachment_that_is_deleted_is_gone_and_so_is_a_policy(tmp_path: Path) -> None:
    facts = facts_of([state(tmp_path, ROLE, INLINE, POLICY, ATTACHED)])
    after = changed(facts, [plan(tmp_path, ROLE, POLICY, inline=INLINE, attached=ATTACHED)])
    assert rows(after)["attachments"] == [f"{IAM}:role/work#trust trust {IAM}:role/work"]
    after = changed(facts, [plan(tmp_path, ROLE, INLINE, policy=POLICY, attached=ATTACHED)])
    assert [one.policy for one in after.statements if one.actions == ("*",)] == [f"{IAM}:role/work#inline/all"]


def test_what_is_deleted_of_a_role_that_another_state_made_is_gone_and_the_role_stays(tmp_path: Path) -> None:
    facts = facts_of([state(tmp_path, ROLE, INLINE, POLICY, ATTACHED)])
    after = changed(facts, [plan(tmp_path, attached=ATTACHED)])
    assert rows(after) == {**rows(facts), "attachments": [one for one in rows(facts)["attachments"] if "policy/all" not in one]}
    assert {one.uid: dict(one.unknown) for one in after.resources} == {one.uid: dict(one.unknown) for one in facts.resources}


def test_a_plan_that_attaches_to_a_role_of_another_state_keeps_what_the_role_has(tmp_path: Path) -> None:
    facts = facts_of([state(tmp_path, ROLE, INLINE)])
    after = changed(facts, [plan(tmp_path, POLICY, ATTACHED)])
    assert rows(after)["attachments"] == [
        f"{IAM}:policy/all identity {IAM}:role/work",
        f"{IAM}:role/work#inline/all identity {IAM}:role/work",
        f"{IAM}:role/work#trust trust {IAM}:role/work",
    ]


def test_a_role_that_is_deleted_takes_with_it_all_that_hangs_on_it(tmp_path: Path) -> None:
    facts = facts_of([state(tmp_path, ROLE, INLINE, POLICY, ATTACHED)])
    after = changed(facts, [plan(tmp_path, POLICY, role=ROLE)])
    assert rows(after) == {
        **rows(Facts()),
        "resources": [f"{IAM}:policy/all"],
        "statements": [f"{IAM}:policy/all 0"],
    }


def test_a_rule_of_a_network_that_is_deleted_is_gone(tmp_path: Path) -> None:
    facts = facts_of([state(tmp_path, GROUP, OPEN)])
    assert rows(changed(facts, [plan(tmp_path, open=OPEN)]))["network"] == []
    assert rows(changed(facts, [plan(tmp_path, GROUP, OPEN)]))["network"] == [f"{GROUP_ARN} 0.0.0.0/0"]


def test_what_a_deleted_declaration_kept_shut_is_open_and_no_default(tmp_path: Path) -> None:
    [bucket] = [one for one in facts_of([plan(tmp_path, BUCKET, block=BLOCK)]).resources if one.kind == "s3_bucket"]
    assert {name: value for name, value in bucket.properties.items() if name.startswith("public_access_block")} == {
        "public_access_block.block_public_acls": False,
        "public_access_block.ignore_public_acls": False,
        "public_access_block.block_public_policy": False,
        "public_access_block.restrict_public_buckets": False,
    }


def test_what_becomes_of_it_where_nobody_knows_is_unknown(tmp_path: Path) -> None:
    trail = ("aws_cloudtrail.t", {"arn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/t", "name": "t", "id": "t"})
    lock = ("aws_s3_bucket_object_lock_configuration.data", {"id": "data", "bucket": "data"})
    facts = facts_of([plan(tmp_path, BUCKET, trail, lock=lock)])
    [bucket] = [one for one in facts.resources if one.kind == "s3_bucket"]
    assert bucket.unknown["object_lock.enabled"] == "aws_s3_bucket_object_lock_configuration.data said it, and is taken away"
    assert "object_lock.enabled" not in bucket.properties


@pytest.mark.parametrize("change", [None, {"actions": ["delete"]}, {"actions": "delete", "before": {}}, {"actions": [1], "before": []}, 7])
def test_changes_that_are_none_take_nothing_away(tmp_path: Path, change: object) -> None:
    file = written(tmp_path / "plan.json", {"format_version": "1.2", "resource_changes": [{**resource(*ROLE), "change": change}, None, 3]})
    facts = facts_of([state(tmp_path, ROLE, INLINE)])
    assert rows(changed(facts, [file])) == rows(facts)


def test_a_state_says_nothing_of_what_was_before(tmp_path: Path) -> None:
    file = state(tmp_path, ROLE)
    assert read_before(file) == Facts()
    assert rows(overlaid(read_terraform(file), Facts())) == rows(read_terraform(file))
