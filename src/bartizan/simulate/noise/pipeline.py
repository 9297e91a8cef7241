"""The build server deploys: it assumes its role, lets Terraform change roles and policies, and copies releases to the web server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.cloud import ACCOUNT, Call
from bartizan.simulate.company.linux import Execution
from bartizan.simulate.company.network import Flow, address_of
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from random import Random

    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]

_READS = (
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:GetPolicyVersion",
    "s3:GetBucketPolicy",
    "s3:GetBucketVersioning",
    "lambda:GetFunction",
    "ecs:DescribeTaskDefinition",
    "rds:DescribeDBInstances",
    "ec2:DescribeImages",
    "logs:DescribeLogGroups",
    "kms:DescribeKey",
)


def _act(company: Company) -> None:
    rng = company.rng("pipeline")
    for moment in company.clock.office(rng, company.times(64)):
        _deploy(company, rng, moment)


def _deploy(company: Company, rng: Random, moment: float) -> None:
    ci, build, web = company.cloud.principals["ci-deploy"], company.linux["build-01"], company.linux["web-01"]
    session = f"build-{rng.randrange(4000, 9000)}"
    arn = f"arn:aws:iam::{ACCOUNT}:role/ci-deploy"
    company.cloud.call(
        moment,
        ci,
        Call("sts:AssumeRole", {"roleArn": arn, "roleSessionName": session}, {"assumedRoleUser": {"arn": arn.replace(":iam:", ":sts:")}}),
    )
    company.network.connection(moment, Flow(build.ip, company.network.port(), address_of("sts.example.org"), 443, "ssl", 0.6, 2400, 3600))
    for turn in range(rng.randrange(20, 50)):
        company.cloud.call(moment + 2 + turn * 0.7, ci, Call(rng.choice(_READS), {"name": f"portal-{rng.randrange(30)}"}))
    if happens(rng, 0.4):  # some releases change the infrastructure
        role = f"portal-task-{rng.randrange(9)}"
        policy = {"roleName": role, "policyArn": "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"}
        company.cloud.call(moment + 40, ci, Call("iam:AttachRolePolicy", policy))
        company.cloud.call(
            moment + 41,
            ci,
            Call(
                "iam:PutRolePolicy",
                {
                    "roleName": role,
                    "policyName": "portal",
                    "policyDocument": '{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
                },
            ),
        )
        rule = {
            "groupId": f"sg-0{rng.getrandbits(64):016x}",
            "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}]},
        }
        company.cloud.call(moment + 43, ci, Call("ec2:AuthorizeSecurityGroupIngress", rule, {"_return": True}))
    for delay, words in enumerate(
        (
            ("git", "clone", "-q", "git@code.example.org:portal"),
            ("npm", "ci"),
            ("terraform", "apply", "-auto-approve"),
            ("rsync", "-az", "dist/", "deploy@web-01:/srv/portal"),
        )
    ):
        build.execute(moment + 5 + delay * 30, Execution(words, 1001, 1001, "/srv/build", 77))
    peer = (build.ip, company.network.port())
    web.depart(moment + 140, "deploy", peer, web.accept(moment + 96, "deploy", peer, "publickey"))
    web.sudo(moment + 120, "deploy", "/usr/bin/systemctl restart portal")
    company.network.connection(moment + 96, Flow(*peer, "192.0.2.10", 22, "ssh", 44.0, 18_000_000, 90_000))


BEHAVIOUR = Behaviour(
    name="pipeline",
    title="The build pipeline assumes its role, changes policies and deploys over SSH.",
    suspicion="privilege escalation in the cloud",
    act=_act,
)
