"""Configuration items become the answers that they were made from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.contract import Facts, NetworkRule, Statement, Uid
from bartizan.collect.inventory.exports.reading import read_exports

if TYPE_CHECKING:
    from pathlib import Path

WHERE = {"awsAccountId": "123456789012", "awsRegion": "eu-west-1"}
POLICY = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D"
USER: dict[str, Any] = {
    **WHERE,
    "awsRegion": "global",
    "resourceType": "AWS::IAM::User",
    "ARN": "arn:aws:iam::123456789012:user/alice",
    "configuration": {
        "userName": "alice",
        "arn": "arn:aws:iam::123456789012:user/alice",
        "path": "/",
        "userPolicyList": [{"policyName": "own", "policyDocument": POLICY}],
        "attachedManagedPolicies": [],
        "groupList": [],
    },
}
GROUP: dict[str, Any] = {
    **WHERE,
    "resourceType": "AWS::EC2::SecurityGroup",
    "ARN": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
    "configuration": {
        "groupId": "sg-1",
        "groupName": "web",
        "vpcId": "vpc-1",
        "ipPermissions": [
            {
                "fromPort": 22,
                "toPort": 22,
                "ipProtocol": "tcp",
                "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}],
                "ipRanges": ["0.0.0.0/0"],
                "userIdGroupPairs": [],
            }
        ],
    },
}
BUCKET: dict[str, Any] = {
    **WHERE,
    "resourceType": "AWS::S3::Bucket",
    "resourceName": "b",
    "ARN": "arn:aws:s3:::b",
    "tags": {"team": "a"},
    "configuration": {"name": "b"},
    "supplementaryConfiguration": {
        "BucketVersioningConfiguration": '{"status":"Off","isMfaDeleteEnabled":null}',
        "PublicAccessBlockConfiguration": {"blockPublicAcls": True, "blockPublicPolicy": False},
        "BucketPolicy": {"policyText": None},
    },
}


def facts(tmp_path: Path, held: object, *, lines: bool = False) -> Facts:
    text = "\n".join(map(json.dumps, held)) if lines and isinstance(held, list) else json.dumps(held, indent=1)
    tmp_path.joinpath("config.json").write_text(text)
    return read_exports([str(tmp_path)])


def told(found: Facts) -> Any:  # noqa: ANN401 - whatever is to be the same
    rows = [(one.kind, one.uid, one.region, dict(one.properties), dict(one.tags)) for one in found.resources]
    return rows, [(one.policy, one.actions) for one in found.statements], [(one.peer, one.first_port) for one in found.network_rules]


@pytest.mark.parametrize("form", ["snapshot", "query", "lines", "history"])
def test_all_forms_of_items_say_the_same(tmp_path: Path, form: str) -> None:
    items = [USER, GROUP, BUCKET]
    held: object = {
        "snapshot": {"fileVersion": "1.0", "configSnapshotId": "1", "configurationItems": items},
        "query": {"Results": [json.dumps({**one, "accountId": one["awsAccountId"]}) for one in items], "QueryInfo": {"SelectFields": []}},
        "lines": items,
        "history": {"baseConfigurationItems": [{**one, "configuration": json.dumps(one["configuration"])} for one in items]},
    }[form]
    bucket = {
        "mfa_delete": False,
        "public_access_block.block_public_acls": True,
        "public_access_block.ignore_public_acls": False,
        "public_access_block.block_public_policy": False,
        "public_access_block.restrict_public_buckets": False,
        "object_lock.enabled": False,
        "replication": False,
    }
    assert told(facts(tmp_path, held, lines=form == "lines")) == (
        [
            ("iam_user", USER["ARN"], "", {"path": "/", "groups": [], "policies.attached": [], "policies.inline": ["own"]}, {}),
            ("s3_bucket", "arn:aws:s3:::b", "eu-west-1", bucket, {"team": "a"}),
            ("security_group", GROUP["ARN"], "eu-west-1", {"vpc": "vpc-1", "default": False}, {}),
        ],
        [(f"{USER['ARN']}#inline/own", ("*",))],
        [("0.0.0.0/0", 22)],
    )


def test_the_later_item_of_a_thing_holds_and_one_that_is_gone_is_gone(tmp_path: Path) -> None:
    earlier = {**GROUP, "configurationItemCaptureTime": "2026-01-01T00:00:00Z"}
    closed = {**GROUP["configuration"], "ipPermissions": []}
    later = {**GROUP, "configurationItemCaptureTime": "2026-01-02T00:00:00Z", "configuration": closed}
    gone = {**USER, "configurationItemStatus": "ResourceDeleted"}
    found = facts(tmp_path, {"configurationItems": [later, earlier, gone]})
    assert [(one.kind, one.name) for one in found.resources] == [("security_group", "web")]
    assert found.network_rules == []


def test_types_that_are_not_read_are_counted_and_told(tmp_path: Path) -> None:
    strange = {**WHERE, "resourceType": "AWS::New::Thing", "configuration": {}}
    found = facts(tmp_path, [strange, strange, {**BUCKET, "configuration": "cut {"}], lines=True)
    assert [gap.detail for gap in found.gaps if gap.reason == "not-implemented"] == [
        "2 items of AWS::New::Thing: that type is not read, or its configuration is missing",
        "1 items of AWS::S3::Bucket: that type is not read, or its configuration is missing",
    ]
    assert found.resources == []


def test_what_an_item_does_not_hold_is_unknown(tmp_path: Path) -> None:
    (bucket,) = facts(tmp_path, [BUCKET], lines=True).resources
    assert bucket.unknown["logging.bucket"] == "not-in-origin: s3:GetBucketLogging"
    assert "versioning" not in bucket.unknown


def test_statements_and_rules_are_whole(tmp_path: Path) -> None:
    found = facts(tmp_path, [USER, GROUP], lines=True)
    (statement,), (rule,) = found.statements, found.network_rules
    assert statement == Statement(
        policy=Uid(f"{USER['ARN']}#inline/own"), number=0, actions=("*",), resources=("*",), origin=found.principals[0].origin
    )
    assert rule == NetworkRule(
        resource=Uid(GROUP["ARN"]), direction="ingress", peer="0.0.0.0/0", protocol="tcp", first_port=22, last_port=22, origin=rule.origin
    )
