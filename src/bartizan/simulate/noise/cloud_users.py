"""The portal and the administrators in the cloud: reads without end, sign-ins with a second factor, a new colleague's account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.cloud import Call, access_key
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]

_PORTAL = (
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "sts:GetCallerIdentity",
    "secretsmanager:GetSecretValue",
    "sqs:GetQueueAttributes",
    "ssm:GetParametersByPath",
    "s3:ListBuckets",
)
_ADMIN = (
    "iam:ListUsers",
    "iam:ListAccessKeys",
    "ec2:DescribeInstances",
    "cloudtrail:LookupEvents",
    "guardduty:ListFindings",
    "s3:GetBucketAcl",
    "ec2:DescribeSnapshots",
    "iam:GetCredentialReport",
)


def _act(company: Company) -> None:
    rng = company.rng("cloud-users")
    portal, admin = company.cloud.principals["web-app"], company.cloud.principals["cloud-admin"]
    for moment in company.clock.visitors(rng, company.times(2600)):
        company.cloud.call(moment, portal, Call(rng.choice(_PORTAL)))
    for moment in company.clock.office(rng, company.times(400)):
        company.cloud.call(moment, admin, Call(rng.choice(_ADMIN)))
    for moment in company.clock.office(rng, company.times(30)):
        success = happens(rng, 0.9)  # one in ten mistypes
        company.cloud.sign_in(moment, rng.choice(("adm-server", "dev01", "dev02")), "192.0.2.254", success=success)
    moment = company.clock.at("10:40")
    for delay, call in enumerate(
        (
            Call("iam:CreateUser", {"userName": "marketing02"}, {"user": {"userName": "marketing02", "path": "/"}}),
            Call("iam:AddUserToGroup", {"userName": "marketing02", "groupName": "read-only"}),
            Call("iam:CreateLoginProfile", {"userName": "marketing02", "passwordResetRequired": True}),
            Call(
                "iam:CreateAccessKey",
                {"userName": "monitor"},
                {"accessKey": {"userName": "monitor", "accessKeyId": access_key("monitor", 2), "status": "Active"}},
            ),
            Call("iam:DeleteAccessKey", {"userName": "monitor", "accessKeyId": access_key("monitor", 0)}),
            Call(
                "ec2:ModifySnapshotAttribute",
                {
                    "snapshotId": "snap-0feedfacecafebeef",
                    "attributeType": "CREATE_VOLUME_PERMISSION",
                    "createVolumePermission": {"add": {"items": [{"userId": "111122224444"}]}},
                },
                {"_return": True},
            ),
        )
    ):
        company.cloud.call(moment + delay * 25, admin, call)


BEHAVIOUR = Behaviour(
    name="cloud-users",
    title="The portal and the administrators use the cloud account: a new user, a rotated key, a snapshot for the sister account.",
    suspicion="account manipulation and exfiltration in the cloud",
    act=_act,
)
