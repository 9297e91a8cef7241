"""Permission: every decision case comes out right, both evaluations agree on anything, and how many decisions a second of CPU makes."""

from __future__ import annotations

import json
import os
import subprocess
import time
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from tests.deciding import case, cases, outcome
from tests.questions import rows

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Origin, Principal, Resource, Uid
from bartizan.collect.inventory.managed import managed_policy
from bartizan.collect.inventory.policies import read_policy
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.aws.naive.steps import decide
from bartizan.review.cloud.permission.aws.reference import reference
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Value

ACCOUNT = "111111111111"
PRINCIPALS, BUCKETS, RANDOM, NAIVE = 400, 100, 300, 400
"""An estate of a middle-sized account; questions at random; questions that the naive evaluation is timed with."""
FASTER = 5
"""How many times as fast as the naive evaluation it has to be."""
POLICIES = ("ReadOnlyAccess", "PowerUserAccess", "AmazonS3FullAccess", "SecurityAudit", "job-function/ViewOnlyAccess", "IAMFullAccess")
ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "iam:PassRole",
    "iam:CreateAccessKey",
    "sts:AssumeRole",
    "ec2:RunInstances",
    "kms:Decrypt",
)
PEER = "BARTIZAN_IAM_SIMULATE"
"""A folder in which `npm install @cloud-copilot/iam-simulate` was run (AGPL: a program of its own, used here alone)."""


def measure() -> Result:
    """Decide all cases, then questions at random, then those of an estate."""
    told = [outcome(one) for one in cases()]
    right = sum(got == want for got, want in told)
    asked, agreed = _agreement()
    facts = _estate()
    begun = time.process_time()
    authorizer = AwsAuthorizer(facts)
    prepared = time.process_time() - begun
    fast = _rate(lambda one: authorizer.decide(*one), _questions(facts))
    naive = _rate(lambda one: decide(authorizer.estate, one[0], one[1], one[2], {}), islice(_questions(facts), 0, None, 97), most=NAIVE)
    begun = time.process_time()
    for principal in facts.principals:
        authorizer.superset(principal.uid)
    supersets = time.process_time() - begun
    return Result(
        name="permission",
        figure=100 * right / len(told) if agreed == asked else 0,
        unit="% of cases",
        bar=100,
        peer="decisions per CPU second: the naive evaluation",
        peer_figure=round(naive),
        ratio=fast / naive,
        ratio_bar=FASTER,
        details={
            "cases": len(told),
            "right": right,
            "questions at random on which both evaluations agree": f"{agreed} of {asked}",
            "decisions per CPU second": round(fast),
            "indexing 400 principals, CPU s": round(prepared, 3),
            "supersets of 400 principals, CPU s": round(supersets, 3),
            "reference data": f"{reference().date}, {len(reference().actions):,} actions",
            "iam-simulate": _peer(),
        },
    )


def _agreement() -> tuple[int, int]:
    counted = [0, 0]

    @given(rows())
    @settings(max_examples=RANDOM, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(row: dict[str, Any]) -> None:
        one = case("random", row)
        authorizer = AwsAuthorizer(one.facts)
        fast = authorizer.decide(one.principal, one.action, one.resource, one.context)
        naive = decide(authorizer.estate, one.principal, one.action, one.resource, one.context)
        counted[0] += 1
        counted[1] += (fast.answer, fast.depends) == (naive.answer, naive.depends)

    ask()
    return counted[0], counted[1]


def _estate() -> Facts:
    """Make an account: users in groups and roles, each with two or three of the policies that AWS manages, and buckets."""
    facts = Facts()
    for name in POLICIES:
        uid = Uid(f"arn:aws:iam::aws:policy/{name}")
        facts.add(read_policy(dict(managed_policy(uid) or {}), uid, origin=Origin("live")))
    group = Uid(f"arn:aws:iam::{ACCOUNT}:group/all")
    facts.attachments.append(Attachment(Uid(f"arn:aws:iam::aws:policy/{POLICIES[4]}"), group, "identity"))
    for number in range(PRINCIPALS):
        kind = "user" if number % 2 else "role"
        uid = Uid(f"arn:aws:iam::{ACCOUNT}:{kind}/p{number}")
        facts.principals.append(Principal(uid=uid, provider="aws", kind=kind, account=ACCOUNT, name=f"p{number}"))
        for other in (number % len(POLICIES), number // 7 % len(POLICIES)):
            facts.attachments.append(Attachment(Uid(f"arn:aws:iam::aws:policy/{POLICIES[other]}"), uid, "identity"))
        if kind == "user":
            facts.edges.append(Edge(uid, group, "member-of"))
        else:
            trust: Value = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
            facts.add(read_policy({"Statement": [trust]}, Uid(f"{uid}#trust"), origin=Origin("live")))
            facts.attachments.append(Attachment(Uid(f"{uid}#trust"), uid, "trust"))
    for number in range(BUCKETS):
        uid = Uid(f"arn:aws:s3:::bucket-{number}")
        facts.resources.append(Resource(uid=uid, provider="aws", kind="s3_bucket", account=ACCOUNT))
    return facts


def _questions(facts: Facts) -> Iterator[tuple[Uid, str, str]]:
    roles = [one.uid for one in facts.principals if one.kind == "role"][:50]
    for principal, action in product(facts.principals, ACTIONS):
        service = action.partition(":")[0]
        for number in range(10):
            if service == "s3":
                bucket = f"arn:aws:s3:::bucket-{number * 7}"
                yield principal.uid, action, bucket if action == "s3:ListBucket" else f"{bucket}/key"
            else:
                yield principal.uid, action, roles[number] if service in ("iam", "sts") else "*"


def _rate(work: Any, questions: Iterator[tuple[Uid, str, str]], *, most: int | None = None) -> float:  # noqa: ANN401 - either evaluation
    asked = list(islice(questions, most))
    begun = time.process_time()
    for one in asked:
        work(one)
    return len(asked) / (time.process_time() - begun)


def _peer() -> str:
    """Measure the peer with questions of one statement each, where it is installed."""
    folder = os.environ.get(PEER)
    if not folder:
        return f"not measured: {PEER} names no folder in which it is installed"
    question = {
        "request": {
            "principal": f"arn:aws:iam::{ACCOUNT}:user/alice",
            "action": "s3:GetObject",
            "resource": {"resource": "arn:aws:s3:::b/k", "accountId": ACCOUNT},
            "contextVariables": {},
        },
        "identityPolicies": [{"name": "p", "policy": managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess")}],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }
    program = (
        "import {runSimulation} from '@cloud-copilot/iam-simulate';"
        f"const q={json.dumps(question)};for(let i=0;i<50;i++)await runSimulation(q,{{}});"
        "const t=process.cpuUsage();for(let i=0;i<1000;i++)await runSimulation(q,{});const u=process.cpuUsage(t);"
        "console.log(1000/((u.user+u.system)/1e6))"
    )
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", program],
        cwd=Path(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return (
        f"{float(ran.stdout):,.0f} simulations per CPU second, of ReadOnlyAccess"
        if ran.returncode == 0
        else f"not measured: {ran.stderr[-200:]}"
    )
