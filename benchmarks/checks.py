"""CPU time of judging 200,000 resources of all kinds of AWS by every check, loaded beforehand."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts, Gap, Origin, Resource, Uid
from bartizan.collect.inventory.kinds import kinds
from bartizan.review.cloud.checks import load, review
from bartizan.workbench import content_folder
from benchmarks.result import Result

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Value
    from bartizan.collect.inventory.kinds import Property

RESOURCES = 200_000
ACCOUNTS, REGIONS = 20, 15
SET, DENIED, TRUE = 0.8, 0.01, 0.5
"""Shares of properties that are set, of resources of which nothing can be read, of booleans that are true."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def measure() -> Result:
    """Make an estate by chance, and judge it."""
    facts = _estate(random.Random(7))
    began = time.process_time()
    checks = load([content_folder() / "checks"])
    loaded = time.process_time() - began
    began = time.process_time()
    reviewed = review(facts, checks, now=NOW)
    counts = reviewed.counts()
    judged = time.process_time() - began
    began = time.process_time()
    failing = sum(1 for _ in reviewed)
    return Result(
        name="checks",
        figure=judged,
        unit="s CPU",
        bar=5,
        higher=False,
        details={
            "resources": len(facts.resources),
            "checks": len(checks.checks),
            "verdicts": {verdict.value: count for verdict, count in counts.items()},
            "loading, with compiled rules kept": f"{loaded:.2f} s",
            f"making all {failing} judgements, with reasons": f"{time.process_time() - began:.2f} s",
        },
    )


def _estate(by: random.Random) -> Facts:
    all_kinds = [kind for (provider, _), kind in kinds().items() if provider == "aws"]
    facts = Facts(
        gaps=[Gap(provider="aws", call="s3:GetBucketVersioning", reason="denied", kinds=("s3_bucket",), properties=("versioning",))]
    )
    for number in range(RESOURCES):
        kind = all_kinds[number % len(all_kinds)]
        properties = {
            name: _value(one, by) for name, one in kind.properties.items() if one.type not in {"policy", "object"} and by.random() < SET
        }
        facts.resources.append(
            Resource(
                uid=Uid(f"arn:aws:{kind.name}:{number}"),
                provider="aws",
                kind=kind.name,
                account=str(number % ACCOUNTS),
                region=f"region-{number % REGIONS}",
                properties=properties,
                unknown={"*": "denied"} if by.random() < DENIED else {},
                origin=Origin("live"),
            )
        )
    return facts


def _value(one: Property, by: random.Random) -> Value:
    if one.type == "boolean":
        return by.random() < TRUE
    if one.type in {"integer", "number"}:
        return by.randrange(400)
    if one.type == "time":
        return f"2025-{by.randrange(1, 13):02}-{by.randrange(1, 29):02}T00:00:00Z"
    return [by.choice("abc")] if one.type == "strings" else by.choice(("Enabled", "aws:kms", "NONE", "TLS_1_2"))
