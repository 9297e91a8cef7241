"""Make an estate of many AWS accounts, by seed: users in groups, roles of services, people and other accounts, workloads, data."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Origin, Principal, Resource, Uid
from bartizan.collect.inventory.managed import managed_policy
from bartizan.collect.inventory.policies import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterable

ORIGIN = Origin("recording", "estate")
SERVICES = ("lambda", "ec2", "ecs-tasks", "codebuild", "glue", "sagemaker", "cloudformation", "states")
MANAGED = (
    "ReadOnlyAccess",
    "SecurityAudit",
    "PowerUserAccess",
    "AmazonS3ReadOnlyAccess",
    "job-function/ViewOnlyAccess",
    "AmazonEC2FullAccess",
)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ROLES, USERS, GROUPS = 195, 68, 12
"""Of each account: 275 principals, so that twenty accounts have 5,500."""


def estate(*, accounts: int, seed: int) -> Facts:
    """Return the facts of an estate."""
    dice = random.Random(seed)
    facts = Facts()
    for name in (ADMINISTRATOR, *(f"arn:aws:iam::aws:policy/{one}" for one in MANAGED)):
        facts.add(read_policy(dict(managed_policy(name) or {}), Uid(name), origin=ORIGIN))
    numbers = [f"{100_000_000_000 + 7 * number}" for number in range(accounts)]
    for number in numbers:
        _Account(facts, number, numbers, dice).fill()
    return facts


class _Account:
    """One account."""

    def __init__(self, facts: Facts, number: str, numbers: list[str], dice: random.Random) -> None:
        self.facts, self.number, self.numbers, self.dice = facts, number, numbers, dice
        self.users: list[Uid] = []
        self.roles: list[Uid] = []
        self.used: dict[str, list[Uid]] = {}

    def fill(self) -> None:
        """Make everything in the account."""
        groups = [self._principal("group", f"team-{number}") for number in range(GROUPS)]
        self._attach(ADMINISTRATOR, groups[0])
        for group in groups[1:]:
            self._rights(group, self.dice.randrange(1, 3))
        for number in range(USERS):
            user = self._principal("user", f"user-{number:03}")
            self.users.append(user)
            chosen = groups[0] if self._chance(0.03) else self.dice.choice(groups[1:])
            self.facts.edges.append(Edge(user, chosen, "member-of", ORIGIN))
            if self._chance(0.2):
                self._rights(user, 1)
        for number in range(ROLES):
            self._role(number)
        self._resources()

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _role(self, number: int) -> None:
        role = self._principal("role", f"role-{number:03}")
        self.roles.append(role)
        if self._chance(0.6):
            service = self.dice.choice(SERVICES)
            self.used.setdefault(service, []).append(role)
            principal: dict[str, Any] = {"Service": f"{service}.amazonaws.com"}
        elif self._chance(0.5):
            principal = {"AWS": self.dice.sample(self.users, 2)}
        else:
            other = self.dice.choice(self.numbers)
            principal = {"AWS": f"arn:aws:iam::{other}:root"}
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        policy = Uid(f"{role}#trust")
        self._policy(policy, [trust])
        self.facts.attachments.append(Attachment(policy, role, "trust", origin=ORIGIN))
        if self._chance(0.04):
            self._attach(ADMINISTRATOR, role)
        else:
            self._rights(role, self.dice.randrange(1, 3))

    def _rights(self, holder: Uid, count: int) -> None:
        if self._chance(0.35):
            self._attach(f"arn:aws:iam::aws:policy/{self.dice.choice(MANAGED)}", holder)
        statements = [self._statement() for _ in range(count)]
        policy = Uid(f"{holder}#inline/own")
        self._policy(policy, statements)
        self.facts.attachments.append(Attachment(policy, holder, "identity", origin=ORIGIN))

    def _statement(self) -> dict[str, Any]:
        role = self.dice.choice(self.roles) if self.roles else f"arn:aws:iam::{self.number}:role/role-000"
        bucket = f"arn:aws:s3:::data-{self.number}-{self.dice.randrange(20)}"
        chosen: tuple[list[str], str] = self.dice.choice(
            [
                (["s3:GetObject", "s3:ListBucket"], f"{bucket}/*"),
                (["s3:*"], bucket),
                (["logs:*", "cloudwatch:*"], "*"),
                (["dynamodb:GetItem", "dynamodb:Query"], f"arn:aws:dynamodb:us-east-1:{self.number}:table/table-*"),
                (["sts:AssumeRole"], role),
                (["ec2:Describe*"], "*"),
                (["lambda:InvokeFunction"], f"arn:aws:lambda:us-east-1:{self.number}:function:*"),
                (["sqs:*"], f"arn:aws:sqs:us-east-1:{self.number}:team-*"),
                (["ecr:*"], "*"),
                (["iam:Get*", "iam:List*"], "*"),
                *([(["iam:PassRole", "lambda:*"], "*")] if self._chance(0.2) else []),
                *([(["iam:PassRole"], role)] if self._chance(0.5) else []),
                *([(["ssm:StartSession", "ssm:SendCommand"], "*")] if self._chance(0.3) else []),
                *([(["secretsmanager:GetSecretValue"], f"arn:aws:secretsmanager:us-east-1:{self.number}:secret:app-*")]),
            ]
        )
        statement: dict[str, Any] = {"Effect": "Allow", "Action": chosen[0], "Resource": chosen[1]}
        if self._chance(0.05):
            statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        return statement

    def _resources(self) -> None:
        for number in range(40):
            self._workload("lambda_function", f"arn:aws:lambda:us-east-1:{self.number}:function:app-{number}", "lambda")
        for number in range(40):
            self._workload("instance", f"arn:aws:ec2:us-east-1:{self.number}:instance/i-{self.number}{number:03}", "ec2")
        for number in range(20):
            self._resource("s3_bucket", f"arn:aws:s3:::data-{self.number}-{number}")
            self._resource("dynamodb_table", f"arn:aws:dynamodb:us-east-1:{self.number}:table/table-{number}")
            self._resource("secretsmanager_secret", f"arn:aws:secretsmanager:us-east-1:{self.number}:secret:app-{number}-AbCdEf")

    def _workload(self, kind: str, arn: str, service: str) -> None:
        self._resource(kind, arn)
        if self.used.get(service):
            self.facts.edges.append(Edge(Uid(arn), self.dice.choice(self.used[service]), "runs-as", ORIGIN))

    def _resource(self, kind: str, arn: str) -> None:
        one = Resource(
            uid=Uid(arn), provider="aws", kind=kind, account=self.number, region="us-east-1", name=arn.rpartition(":")[2], origin=ORIGIN
        )
        self.facts.resources.append(one)

    def _principal(self, kind: str, name: str) -> Uid:
        uid = Uid(f"arn:aws:iam::{self.number}:{kind}/{name}")
        self.facts.principals.append(Principal(uid=uid, provider="aws", kind=kind, account=self.number, name=name, origin=ORIGIN))
        self.facts.resources.append(Resource(uid=uid, provider="aws", kind=f"iam_{kind}", account=self.number, name=name, origin=ORIGIN))
        return uid

    def _attach(self, policy: str, holder: Uid) -> None:
        self.facts.attachments.append(Attachment(Uid(policy), holder, "identity", origin=ORIGIN))

    def _policy(self, policy: Uid, statements: Iterable[dict[str, Any]]) -> None:
        self.facts.add(read_policy({"Version": "2012-10-17", "Statement": list(statements)}, policy, origin=ORIGIN, account=self.number))
