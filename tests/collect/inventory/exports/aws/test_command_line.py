"""What the AWS command line prints is told by what is in it, and read as if it had been asked for now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Origin, Principal, Statement, Uid
from bartizan.collect.inventory.exports.reading import read_exports

if TYPE_CHECKING:
    from pathlib import Path

ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
DETAILS: dict[str, Any] = {
    "UserDetailList": [
        {
            "Path": "/",
            "UserName": "alice",
            "Arn": "arn:aws:iam::123456789012:user/alice",
            "CreateDate": "2026-01-01T00:00:00+00:00",
            "GroupList": ["staff"],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": ALL}],
            "AttachedManagedPolicies": [],
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/edge",
            },
        }
    ],
    "GroupDetailList": [{"Path": "/x/", "GroupName": "staff", "Arn": "arn:aws:iam::123456789012:group/x/staff"}],
    "RoleDetailList": [
        {
            "RoleName": "app",
            "Arn": "arn:aws:iam::123456789012:role/app",
            "AssumeRolePolicyDocument": TRUST,
            "InstanceProfileList": [{"Arn": "arn:aws:iam::123456789012:instance-profile/app"}],
            "AttachedManagedPolicies": [{"PolicyName": "edge", "PolicyArn": "arn:aws:iam::123456789012:policy/edge"}],
        }
    ],
    "Policies": [
        {
            "PolicyName": "edge",
            "Arn": "arn:aws:iam::123456789012:policy/edge",
            "DefaultVersionId": "v2",
            "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": False, "Document": ALL},
                {
                    "VersionId": "v2",
                    "IsDefaultVersion": True,
                    "Document": {"Statement": {"Effect": "Deny", "Action": ["s3:*"], "Resource": "*"}},
                },
            ],
        },
        {"Arn": "arn:aws:iam::aws:policy/NobodyHasIt", "PolicyVersionList": [{"IsDefaultVersion": True, "Document": ALL}]},
    ],
}


def facts(tmp_path: Path, **files: object) -> Facts:
    for name, held in files.items():
        tmp_path.joinpath(f"{name}.json").write_text(held if isinstance(held, str) else json.dumps(held, indent=2))
    return read_exports([str(tmp_path)])


def test_authorization_details_tell_principals_policies_and_who_has_which(tmp_path: Path) -> None:
    found = facts(tmp_path, details=DETAILS)
    origin = Origin("export", str(tmp_path / "details.json"), "byte 0")
    alice, staff, app = (Uid(f"arn:aws:iam::123456789012:{name}") for name in ("user/alice", "group/x/staff", "role/app"))
    edge, own, trust = Uid("arn:aws:iam::123456789012:policy/edge"), Uid(f"{alice}#inline/own"), Uid(f"{app}#trust")
    assert found.principals == [
        Principal(uid=alice, provider="aws", kind="user", account="123456789012", name="alice", origin=origin),
        Principal(uid=staff, provider="aws", kind="group", account="123456789012", name="staff", origin=origin),
        Principal(uid=app, provider="aws", kind="role", account="123456789012", name="app", origin=origin),
    ]
    assert found.statements == [
        Statement(policy=own, number=0, actions=("*",), resources=("*",), origin=origin),
        Statement(policy=trust, number=0, actions=("sts:AssumeRole",), principals=(("Service", "ec2.amazonaws.com"),), origin=origin),
        Statement(policy=edge, number=0, effect="Deny", actions=("s3:*",), resources=("*",), origin=origin),
    ]
    assert found.attachments == [
        Attachment(own, alice, "identity", origin=origin),
        Attachment(edge, alice, "boundary", origin=origin),
        Attachment(edge, app, "identity", origin=origin),
        Attachment(trust, app, "trust", origin=origin),
    ]
    profile = Uid("arn:aws:iam::123456789012:instance-profile/app")
    assert found.edges == [Edge(alice, staff, "member-of", origin), Edge(profile, app, "runs-as", origin)]
    assert [(one.kind, one.name) for one in found.resources] == [
        ("iam_group", "staff"),
        ("iam_policy", "edge"),
        ("iam_role", "app"),
        ("iam_user", "alice"),
    ]


def test_details_know_nothing_of_buckets_and_say_so(tmp_path: Path) -> None:
    (wide,) = (gap for gap in facts(tmp_path, details=DETAILS).gaps if gap.call == "export")
    assert (wide.reason, wide.account) == ("not-in-origin", "123456789012")
    assert {"s3_bucket", "instance"} <= set(wide.kinds)
    assert not {"iam_user", "iam_role", "iam_group", "iam_policy"} & set(wide.kinds)


def test_lists_of_several_files_are_joined_and_what_needs_a_call_for_each_thing_is_unknown(tmp_path: Path) -> None:
    instance = {
        "InstanceId": "i-1",
        "State": {"Name": "running"},
        "RootDeviceName": "/dev/xvda",
        "InstanceType": "t3.micro",
        "ImageId": "ami-1",
    }
    instance["BlockDeviceMappings"] = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1"}}]
    instance |= {"Placement": {"AvailabilityZone": "eu-west-1b"}, "SubnetId": "subnet-1", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.0.1"}
    instance |= {"MetadataOptions": {"HttpTokens": "required"}, "Monitoring": {"State": "disabled"}, "SourceDestCheck": True}
    instance |= {"SecurityGroups": [], "EbsOptimized": False, "LaunchTime": "2026-01-01T00:00:00+00:00"}
    volume = {"VolumeId": "vol-1", "Encrypted": True, "State": "in-use", "Size": 8, "VolumeType": "gp3", "AvailabilityZone": "eu-west-1b"}
    found = facts(tmp_path, a={"Reservations": [{"OwnerId": "123456789012", "Instances": [instance]}]}, b={"Volumes": [volume]})
    (machine,) = (one for one in found.resources if one.kind == "instance")
    assert machine.uid == "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"
    assert machine.properties["root_volume.encrypted"] is True
    assert machine.unknown == {
        "user_data.secrets": "not-in-origin: ec2:DescribeInstanceAttribute",
        "ssm.managed": "not-in-origin: ssm:DescribeInstanceInformation",
    }


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "List", "apiVersion": "v1", "items": [{"kind": "Pod", "metadata": {"name": "a"}}]},
        {"items": [{"id": "1", "name": "instance-1", "selfLink": "https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/i"}]},
        {"Policies": [{"name": "x"}]},
        {"value": [{"id": "/subscriptions/1"}]},
        {"Buckets": "none"},
        {"Functions": [{"id": "projects/p/functions/f"}]},
    ],
)
def test_what_others_print_is_not_claimed(tmp_path: Path, other: object) -> None:
    found = facts(tmp_path, other=other)
    assert [one for one in found.resources if one.provider == "aws"] == []


def test_a_file_that_is_cut_off_is_a_gap(tmp_path: Path) -> None:
    found = facts(tmp_path, cut=json.dumps({"Volumes": [{"VolumeId": "vol-1"}]})[:-4])
    assert [(gap.reason, gap.detail[:15]) for gap in found.gaps] == [("failed", "this is no JSON")]
    assert found.resources == []
