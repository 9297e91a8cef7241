"""What is taken away from facts never makes pass what failed: every check, each property, each kind, each call, each policy.

Three things are counted together, and none may be: FAIL that became PASS, judgements that vanished, and decisions on permissions that
turned from allowed to denied when a service, a role or a permission was deleted from the reference data.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Attachment, Facts, Gap, Uid
from bartizan.collect.inventory.roles import roles
from bartizan.documents import Document, documents
from bartizan.review.cloud.checks import load, review
from bartizan.review.cloud.checks.contract import Checks, Row
from bartizan.review.cloud.contract import Verdict
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.azure.authorizer import AzureAuthorizer
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer
from bartizan.testing.check_cases import CheckCase, judged, read_cases
from bartizan.testing.fail_closed import lapses, mutations
from bartizan.workbench import content_folder
from benchmarks._wrongs import wrongs
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.review.cloud.checks.contract import Check

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUESTIONS = (
    "s3:GetObject",
    "ec2:RunInstances",
    "iam:CreateUser",
    "lambda:InvokeFunction",
    "kms:Decrypt",
    "sts:AssumeRole",
    "sqs:SendMessage",
)


CLOUDS = (
    ("azure", AzureAuthorizer, "/subscriptions/0a0a0a0a-0000-0000-0000-000000000001"),
    ("gcp", GcpAuthorizer, "//cloudresourcemanager.googleapis.com/organizations/9"),
)
EACH = 4
"""Of how many roles that a cloud defines one is taken away: all take half a minute, and have been."""


class Hostile(str):
    """A text that breaks whoever looks at it."""

    __slots__ = ()

    def lower(self) -> str:
        """Break."""
        message = "broken"
        raise ValueError(message)

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        """Say that it is nothing else, without looking."""
        return self is other


def measure() -> Result:
    """Mutate, and count what must not be."""
    began = time.process_time()
    checks = load([content_folder() / "checks"])
    alone = [_alone(check, case) for check in checks.checks for case in _cases(check)]
    tried = sum(count for count, _ in alone)
    passed = [told for _, some in alone for told in some]
    facts = wrongs()
    before = review(facts, checks, now=NOW)
    estates = list(mutations(facts))
    for one in estates:
        passed += [f"{one.what}: {lapse}" for lapse in lapses(before, review(one.facts, checks, now=NOW))]
    asked, turned = _permissions(facts)
    clouds, lost = _clouds()
    asked, turned = asked + clouds, turned + lost
    return Result(
        name="failclosed",
        figure=len(passed) + len(turned),
        unit="FAIL that became PASS or vanished",
        bar=0,
        higher=False,
        details={
            "checks": len(checks.checks),
            "checks that fail in the estate of joins": len({one.check for one in before.judgements(Verdict.FAIL)}),
            "mutations of single resources": tried,
            "mutations of the estate": len(estates),
            "decisions without a service, a role or a permission in the reference data": asked,
            "CPU": f"{time.process_time() - began:.1f} s",
            "wrong": [*passed, *turned][:20],
        },
    )


def _cases(check: Check) -> Iterator[CheckCase]:
    """Return the cases of a check that fail."""
    path = check.rule.path
    [document] = [one for one in documents((content_folder().parent / path).read_bytes()) if isinstance(one, Document)]
    held = document.value["cases"] if isinstance(document.value, dict) else ()
    yield from (one for one in read_cases(held, check) if isinstance(one, CheckCase) and one.verdict is Verdict.FAIL)


def _alone(check: Check, case: CheckCase) -> tuple[int, list[str]]:
    """Take each property of a failing case away, let each break the check, and deny the list of its kind."""
    wrong: list[str] = []
    tried = 0

    def note(what: str, verdict: Verdict) -> None:
        nonlocal tried
        tried += 1
        if verdict is Verdict.PASS:
            wrong.append(f"{check.name}, case {case.name!r}: {what}")

    names = [name.removesuffix(".age_days").removesuffix(".count") for name in check.asks]
    for name in dict.fromkeys(names):
        rest = {key: value for key, value in case.row.properties.items() if key != name}
        note(f"{name} unknown", judged(check, Row(case.row.resource, rest, {**case.row.unknown, name: "hidden"})).verdict)
        start = name.partition(".")[0]
        note(f"{start} unknown", judged(check, Row(case.row.resource, rest, {**case.row.unknown, start: "hidden"})).verdict)
        note(f"{name} breaks", judged(check, Row(case.row.resource, {**rest, name: Hostile("x")})).verdict)
    note("all unknown", judged(check, Row(case.row.resource, {}, {**dict.fromkeys(names, "hidden"), "*": "hidden"})).verdict)
    only = replace_checks(check)
    gap = Gap(provider=check.provider, call="List", reason="denied", kinds=check.subjects)
    for facts in (Facts(gaps=[gap]), Facts(gaps=[replace(gap, kinds=())])):
        verdicts = {one.verdict for one in review(facts, only, now=NOW)}
        note("not listed", Verdict.PASS if verdicts != {Verdict.UNKNOWN} else Verdict.UNKNOWN)
    if check.join is not None:
        broken = replace(check, join=replace(check.join, rows=_breaking))
        found = {one.verdict for one in review(Facts(resources=[case.row.resource]), replace_checks(broken), now=NOW)}
        note("the join breaks", Verdict.PASS if found != {Verdict.UNKNOWN} else Verdict.UNKNOWN)
    return tried, wrong


def replace_checks(check: Check) -> Checks:
    """Return a set of one check."""
    return Checks([check], (), (), (), lambda _: None)  # type: ignore[arg-type, return-value]  # nobody asks what it says to people


def _breaking(_tables: object) -> Iterator[Row]:
    message = "broken"
    raise RuntimeError(message)


def _permissions(facts: Facts) -> tuple[int, list[str]]:
    """Ask what an administrator may do, again without each service in the reference data: what was allowed must not be denied."""
    deciding = AwsAuthorizer(facts)
    whole = deciding.reference
    turned: list[str] = []
    asked = 0
    for action in QUESTIONS:
        before = deciding.decide(Uid("arn:user"), action, "*")
        service = action.partition(":")[0]
        kept = {name: one for name, one in whole.actions.items() if one.service != service}
        deciding.reference = replace(whole, actions=kept, services={name: some for name, some in whole.services.items() if name != service})
        after = deciding.decide(Uid("arn:user"), action, "*")
        deciding.reference = whole
        asked += 1
        if before.answer is not Answer.DENIED and after.answer is Answer.DENIED:
            turned.append(f"{action}: {before.answer.value}, then denied")
    return asked, turned


def _clouds() -> tuple[int, list[str]]:
    """Give roles that Azure and Google Cloud define, and ask for what they allow, without the role and without what is asked for."""
    turned: list[str] = []
    asked = 0
    for provider, decider, node in CLOUDS:
        whole = roles(provider)
        for number, role in enumerate(filter(None, map(whole.role, whole.uids))):
            named = [text for one in role.statements for text in one.actions if "*" not in text]
            if not named or number % EACH:
                continue
            facts = Facts(attachments=[Attachment(role.uid, Uid("user:ann"), "identity", node)])
            action = named[number % len(named)]
            before = decider(facts, whole).decide(Uid("user:ann"), action, node).answer
            for gone in (role.uid, action.lower() if provider == "azure" else action):
                after = decider(facts, whole.without(gone)).decide(Uid("user:ann"), action, node).answer
                asked += 1
                if before is not Answer.DENIED and after is Answer.DENIED:
                    turned.append(f"{role.uid}, {action}, without {gone}: {before.value}, then denied")
    return asked, turned
