"""A small estate to tell of: two buckets of which one is open and one could not be read, and a way from the internet to everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts, Gap, Origin, Principal, Resource, Statement, Uid
from bartizan.review.cloud.checks.judging import review
from bartizan.review.cloud.checks.loading import load
from bartizan.review.cloud.contract import Hop
from bartizan.review.cloud.paths.answers import Path as Way
from bartizan.review.cloud.paths.choking import ChokePoint, ChokePoints
from bartizan.review.cloud.paths.contract import INTERNET, Admin, Event, PathRule, PathsFound, Undecided, administration
from bartizan.review.cloud.permission.contract import Answer, Decision, Why
from bartizan.review.cloud.reviewed import Reviewed

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"
NOW = 1_790_000_000_000_000_000
ROLE, USER = Uid(f"arn:aws:iam::{ACCOUNT}:role/web"), Uid(f"arn:aws:iam::{ACCOUNT}:user/build")
OPEN, SHUT, UNREAD = (Uid(f"arn:aws:s3:::{name}") for name in ("customers", "backups", "logs"))
HOST = Uid(f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0abc")
ADMIN = administration("aws", ACCOUNT)
STATEMENT = Statement(
    policy=Uid(f"{ROLE}#inline/all"),
    number=0,
    sid="All",
    actions=("*",),
    resources=("*",),
    origin=Origin("terraform", "main.tf", "line 40"),
)
CHECKS = {
    "bucket-versioning-off.yml": """title: Bucket without versions
id: 0c0f7f7e-9c3b-4e0c-9f41-000000000001
level: high
license: Apache-2.0
author: The Bartizan project
logsource: {product: aws, category: inventory, service: s3_bucket}
detection: {wrong: {versioning: Suspended}, condition: wrong}
why: What is deleted is gone.
fix: {terraform: 'status = "Enabled"', console: Switch it on.}
compliance: {cis-aws-3: ['2.1.1']}
""",
    "user-without-name.yml": """title: User called root
id: 0c0f7f7e-9c3b-4e0c-9f41-000000000002
level: low
license: Apache-2.0
author: The Bartizan project
logsource: {product: aws, category: inventory, service: iam_user}
detection: {wrong: {name: root}, condition: wrong}
""",
}
EXCEPTION = """title: Backups are kept elsewhere
id: 0c0f7f7e-9c3b-4e0c-9f41-000000000003
logsource: {product: aws, category: inventory, service: s3_bucket}
filter:
  rules: [0c0f7f7e-9c3b-4e0c-9f41-000000000001]
  held: {name: backups}
  condition: not held
owner: alice@example.com
reason: kept elsewhere
expires: 2099-01-01
"""


def facts() -> Facts:
    place = {"provider": "aws", "account": ACCOUNT}
    found = Facts()
    found.resources += [
        Resource(
            uid=OPEN,
            kind="s3_bucket",
            region="eu-west-1",
            name="customers",
            properties={"versioning": "Suspended"},
            origin=Origin("terraform", "infra/main.tf", "line 12"),
            **place,
        ),
        Resource(
            uid=SHUT,
            kind="s3_bucket",
            region="eu-west-1",
            name="backups",
            properties={"versioning": "Enabled"},
            origin=Origin("terraform", "infra/main.tf", "line 30"),
            **place,
        ),
        Resource(uid=UNREAD, kind="s3_bucket", name="logs", unknown={"versioning": "s3:GetBucketVersioning: denied"}, **place),
        Resource(uid=HOST, kind="instance", region="eu-west-1", name="web-1", **place),
    ]
    found.principals += [
        Principal(uid=ROLE, kind="role", name="web", **place),
        Principal(uid=USER, kind="user", name="build", **place),
    ]
    found.gaps.append(
        Gap(provider="aws", call="s3:GetBucketVersioning", reason="denied", detail="AccessDenied", account=ACCOUNT, kinds=("s3_bucket",))
    )
    return found


def checks(folder: Path, **more: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**CHECKS, **more}.items():
        (folder / name).write_text(text)
    return folder


def _rule(name: str, title: str, *emits: Event) -> PathRule:
    told = {"provider": "aws", "match": "principal", "options": {}, "gives": "administration", "about": "", "fix": f"Undo {name}."}
    return PathRule(id=name, title=title, emits=emits, **told)  # type: ignore[arg-type]  # texts and a mapping


def paths() -> PathsFound:
    allowed = Decision(
        Answer.ALLOWED, (Why("identity", f"Statement 'All' of {ROLE} allows iam:AttachRolePolicy on role/any-name-00.", STATEMENT),)
    )
    hops = (
        Hop(src=INTERNET, dst=HOST, rule="open-instance", depends=("workload-flaw",)),
        Hop(src=HOST, dst=ROLE, rule="runs-as"),
        Hop(src=ROLE, dst=ADMIN, rule="administrator", decisions=(allowed,)),
        Hop(src=USER, dst=ROLE, rule="assume-role"),
        Hop(src=ADMIN, dst=OPEN, rule="has-everything"),
    )
    rules = [
        _rule("open-instance", "Reach an instance from the internet"),
        _rule("runs-as", "Take the role of a workload", Event("sts.amazonaws.com", "GetCallerIdentity")),
        _rule("administrator", "Attach a policy", Event("iam.amazonaws.com", "AttachRolePolicy")),
        _rule("assume-role", "Assume a role", Event("sts.amazonaws.com", "AssumeRole")),
    ]
    return PathsFound(
        nodes=tuple(dict.fromkeys(uid for hop in hops for uid in (hop.src, hop.dst))),
        hops=hops,
        undecided=(Undecided(USER, ADMIN, "administrator", "the policy of a group was not read"),),
        admins=(Admin(ROLE, ACCOUNT, itself=False, hop=hops[2]),),
        rules={rule.id: rule for rule in rules},
        asked=7,
    )


def reviewed(folder: Path, *, read: Facts | None = None, **more: str) -> Reviewed:
    found = paths()
    read = read or facts()
    loaded = load([checks(folder, **more)])
    from_outside, inside = Way(INTERNET, ADMIN, found.hops[:3]), Way(USER, ADMIN, (found.hops[3], found.hops[2]))
    return Reviewed(
        facts=read,
        checks=loaded,
        verdicts=review(read, loaded, now=datetime.fromtimestamp(NOW // 1_000_000_000, UTC)),
        paths=found,
        ways=(from_outside, inside),
        goals=(ADMIN,),
        more=1,
        chokes=(ChokePoints(ADMIN, 2, (ChokePoint(STATEMENT, 2, 0),), (found.hops[2],)),),
        seen={"administrator": ("Administrator rights attached to an identity",)},
        now=NOW,
    )
