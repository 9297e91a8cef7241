"""Answers become facts as the kind files say."""

from __future__ import annotations

import json
from typing import Any

from bartizan.collect.inventory.contract import (
    Attachment,
    Condition,
    Edge,
    Facts,
    Gap,
    Grant,
    NetworkRule,
    Origin,
    Resource,
    Statement,
    Uid,
)
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.aws.reading import Reader
from bartizan.collect.inventory.live.aws.sections import sections
from bartizan.collect.inventory.live.calls import Answer, Failure

HERE = Place("123456789012", "eu-central-1")
DENIED = Failure("denied", "AccessDenied", "no")


class Cloud:
    """Answers calls by name and parameters; whatever was not put in is denied."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def put(self, name: str, document: dict[str, Any], **parameters: str | int) -> Cloud:
        self.answers[f"{name} {json.dumps(parameters, sort_keys=True)}"] = Answer(document)
        return self

    def fail(self, name: str, code: str, reason: str = "failed", **parameters: str | int) -> Cloud:
        self.answers[f"{name} {json.dumps(parameters, sort_keys=True)}"] = Answer(failure=Failure(reason, code))
        return self

    def __call__(self, call: Call) -> Answer:
        key = f"{call.name} {call.parameters}"
        self.asked.append(key)
        return self.answers.get(key, Answer(failure=DENIED))


def read(kind: str, cloud: Cloud) -> Facts:
    facts = Facts()
    for section in sections():
        if section.kind.name == kind:
            facts.add(Reader(cloud).read(section, HERE))
    return facts


def test_a_security_group_has_one_rule_for_each_peer() -> None:
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "123456789012"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
    }
    group = {
        "GroupId": "sg-1",
        "GroupName": "web",
        "Description": "the web",
        "VpcId": "vpc-1",
        "Tags": [{"Key": "team", "Value": "a"}],
        "IpPermissions": [permission],
        "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    }
    cloud = Cloud().put("ec2:DescribeSecurityGroups", {"SecurityGroups": [group]})
    cloud.put("ec2:DescribeNetworkInterfaces", {"NetworkInterfaces": [{"Groups": [{"GroupId": "sg-1"}]}]})
    uid = Uid("arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1")
    origin = Origin("live", "ec2:DescribeSecurityGroups", "123456789012/eu-central-1")
    resource = Resource(
        uid=uid,
        provider="aws",
        kind="security_group",
        account="123456789012",
        region="eu-central-1",
        name="web",
        tags={"team": "a"},
        properties={"vpc": "vpc-1", "default": False, "description": "the web", "in_use": True},
        origin=origin,
    )
    rules = [
        NetworkRule(resource=uid, direction="ingress", peer=peer, protocol="tcp", first_port=22, last_port=22, origin=origin)
        for peer in ("0.0.0.0/0", "::/0", "pl-1", "sg-2")
    ]
    rules.append(NetworkRule(resource=uid, direction="egress", peer="0.0.0.0/0", origin=origin))
    edge = Edge(uid, Uid("arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-1"), "in-network", origin)
    assert read("security_group", cloud) == Facts(resources=[resource], network_rules=rules, edges=[edge])


def test_what_of_a_bucket_is_denied_is_unknown_and_what_is_not_configured_is_not() -> None:
    cloud = Cloud().put("s3:ListBuckets", {"Buckets": [{"Name": "b", "BucketRegion": "eu-west-1"}]}, MaxBuckets=1000)
    for name, code in (
        ("Encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        ("LifecycleConfiguration", "NoSuchLifecycleConfiguration"),
        ("OwnershipControls", "OwnershipControlsNotFoundError"),
        ("Website", "NoSuchWebsiteConfiguration"),
        ("Replication", "ReplicationConfigurationNotFoundError"),
    ):
        cloud.fail(f"s3:GetBucket{name}", code, Bucket="b")
    tags = {"ResourceTagMappingList": [{"ResourceARN": "arn:aws:s3:::b", "Tags": [{"Key": "team", "Value": "a"}]}]}
    key = 'resourcegroupstaggingapi:GetResources {"ResourceTypeFilters": ["s3"], "ResourcesPerPage": 100}'
    cloud.answers[key] = Answer(tags)
    cloud.fail("s3:GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", Bucket="b")
    cloud.put("s3:GetBucketVersioning", {"Status": "Enabled", "MFADelete": "Disabled"}, Bucket="b")
    cloud.put("s3:GetBucketLogging", {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}}, Bucket="b")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }
    cloud.put("s3:GetBucketPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}, Bucket="b")
    everyone = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
    mine = {"Grantee": {"Type": "CanonicalUser", "ID": "me"}, "Permission": "FULL_CONTROL"}
    cloud.put("s3:GetBucketAcl", {"Owner": {"ID": "me"}, "Grants": [mine, everyone]}, Bucket="b")
    facts = read("s3_bucket", cloud)
    uid, origin = Uid("arn:aws:s3:::b"), Origin("live", "s3:ListBuckets", "123456789012/eu-central-1")
    (bucket,) = facts.resources
    denied = {
        f"public_access_block.{name}": "denied: s3:GetPublicAccessBlock"
        for name in ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
    }
    assert (bucket.region, bucket.tags, bucket.unknown) == ("eu-west-1", {"team": "a"}, denied)
    assert bucket.properties == {
        "versioning": "Enabled",
        "mfa_delete": False,
        "logging.bucket": "logs",
        "lifecycle.rules": 0,
        "object_lock.enabled": False,
        "website": False,
        "replication": False,
    }
    assert facts.statements == [
        Statement(
            policy=Uid("arn:aws:s3:::b#policy"),
            number=0,
            actions=("s3:GetObject",),
            resources=("arn:aws:s3:::b/*",),
            principals=(("*", "*"),),
            conditions=(Condition("Bool", "aws:SecureTransport", ("true",)),),
            origin=origin,
        )
    ]
    assert facts.attachments == [Attachment(Uid("arn:aws:s3:::b#policy"), uid, "resource", origin=origin)]
    assert facts.grants == [Grant(uid, "http://acs.amazonaws.com/groups/global/AllUsers", "READ", origin)]
    assert facts.edges == [Edge(uid, Uid("arn:aws:s3:::logs"), "logs-to", origin)]
    assert facts.gaps == [
        Gap(
            provider="aws",
            call="s3:GetPublicAccessBlock",
            reason="denied",
            detail="AccessDenied: no",
            account="123456789012",
            region="eu-west-1",
            kinds=("s3_bucket",),
            properties=tuple(denied),
            uid=uid,
        )
    ]


def test_a_kind_that_cannot_be_listed_is_one_gap_and_asks_nothing_more() -> None:
    cloud = Cloud()
    facts = read("instance", cloud)
    gap = Gap(
        provider="aws",
        call="ec2:DescribeInstances",
        reason="denied",
        detail="AccessDenied: no",
        account="123456789012",
        region="eu-central-1",
        kinds=("instance",),
    )
    assert (facts, cloud.asked) == (Facts(gaps=[gap]), ["ec2:DescribeInstances {}"])
