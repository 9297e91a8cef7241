"""Ours and Prowler on the same emulated account in the same run: calls, wall, CPU, memory, size, and where they differ.

Measured where the peer's environment is there already (``build/peers/prowler``, 2.3 GB), or is asked for: ``PEER=1 make bench
NAME=account-peer``. Prowler is held to fourteen services and asked each call once; ours reads all that it knows and finds the ways as well.
The emulator counts the requests of both. Which checks ask the same, and who was right where they differed, stands in ``peer_checks.yml``.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from benchmarks._cloud import REGION, emulated
from benchmarks._cloud_more import more
from benchmarks._cloud_seed import seed
from benchmarks._peer_checkov import TABLE
from benchmarks._peers import environment
from benchmarks._process import BARTIZAN, Cost, run
from benchmarks.account import LABS, main_account
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PACKAGES: Final = ("prowler==5.46.0",)
SERVICES: Final = (
    *("iam", "s3", "ec2", "awslambda", "sns", "sqs", "kms"),
    *("secretsmanager", "ssm", "cloudtrail", "vpc", "rds", "dynamodb", "ecr"),
)
_ORDER: Final = ("fail", "unknown", "pass")


def measure() -> Result:
    """Make the account, let both review it, and compare."""
    if not LABS.is_dir():
        return skipped("account-peer", f"{LABS} is not there")
    python = environment("prowler", PACKAGES, make="PEER" in os.environ)
    if not python:
        return skipped("account-peer", f"{PACKAGES[0]} is in no environment here: PEER=1 makes one")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        log = out / "requests"
        with emulated(log=log) as cloud:
            seed(cloud, main_account())
            more(cloud)
            who = ["env", f"AWS_ENDPOINT_URL={cloud.endpoint}", "AWS_ACCESS_KEY_ID=example", "AWS_SECRET_ACCESS_KEY=example"]
            who += [f"AWS_DEFAULT_REGION={REGION}", "AWS_MAX_ATTEMPTS=1"]
            ours = _measured(
                [*who, BARTIZAN, "cloud", "review", "--endpoint", cloud.endpoint, "--region", REGION, "--out", str(out / "o")], log
            )
            judged = [*who, BARTIZAN, "cloud", "review", "--endpoint", cloud.endpoint, "--region", REGION, "--ndjson"]
            run(judged, out=out / "ours.ndjson")
            command = [str(Path(python).with_name("prowler")), "aws", "--region", REGION, "--service", *SERVICES]
            command += ["--aws-retries-max-attempts", "1", "--output-formats", "json-ocsf", "csv", "--output-directory", str(out / "p")]
            command += ["--output-filename", "p", "--no-banner", "--ignore-exit-code-3"]
            theirs = _measured([*who, *command], log)
        if not (out / "p" / "p.ocsf.json").is_file():
            return skipped("account-peer", "the peer wrote nothing")
        sizes = {name: sum(file.stat().st_size for file in (out / name).rglob("*") if file.is_file()) for name in "op"}
        same, apart, unknown = _compared(out / "ours.ndjson", out / "p" / "p.ocsf.json")
    told = yaml.safe_load(TABLE.read_text())
    decided = {"/".join((one["check"], one["theirs"], one["ours"])): one["right"] for one in told["decided"]}
    ways = Counter(decided.get(one.split(" ", 1)[0], "open") for one in apart)
    return Result(
        name="account-peer",
        figure=ways["open"] + ways["theirs"],
        unit="judgements in which the peer is right, or which nobody decided",
        bar=0,
        higher=False,
        ratio=round(theirs[0].cpu / ours[0].cpu, 2),
        ratio_bar=2,
        details={
            "ours, all services, checks and ways": _told(ours, sizes["o"]),
            f"theirs, {len(SERVICES)} services": _told(theirs, sizes["p"]),
            "CPU, theirs over ours": f"{theirs[0].cpu / ours[0].cpu:.1f} (bar: at least 2)",
            "judged by both": same + len(apart),
            "the same": same,
            "decided for us": ways["ours"],
            "decided for them": ways["theirs"],
            "two questions": ways["both"],
            "apart": dict(Counter(one.split(" ", 1)[0] for one in apart)),
            "unknown to us, judged by them": unknown,
        },
    )


def _measured(command: Sequence[str], log: Path) -> tuple[Cost, int]:
    """Run a command; return what it cost, and how many requests it made."""
    before = log.stat().st_size
    cost = run(command)
    with log.open("rb") as told:
        told.seek(before)
        return cost, sum(line.count(b' HTTP/1.1"') for line in told)


def _told(measured: tuple[Cost, int], size: int) -> str:
    cost, calls = measured
    return f"{calls:,} calls, {cost.wall:.1f} s, {cost.cpu:.1f} s of CPU, {cost.rss / 1e6:.0f} MB, {size / 1e6:.1f} MB written"


def _compared(ours: Path, theirs: Path) -> tuple[int, list[str], int]:
    """Return how often both said the same, where not (CHECK/theirs/ours UID), and how often we cannot tell."""
    table: Mapping[str, str] = yaml.safe_load(TABLE.read_text())["prowler"]
    judged: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in map(json.loads, ours.read_text().splitlines()):
        judged[row["check"], row["resource"]].append(row["verdict"])
    same, unknown, apart = 0, 0, []
    for check, uid, verdict in _rows(json.loads(theirs.read_text())):
        found = [said for mine in table.get(check, "").split() for said in judged.get((mine, uid), ())]
        if not found:
            continue
        said = min(found, key=_ORDER.index)
        same += said == verdict
        unknown += said == "unknown"
        apart += [f"{check}/{verdict}/{said} {uid}"] if said not in (verdict, "unknown") else []
    return same, apart, unknown


def _rows(told: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for one in told:
        if one["status_code"] in ("PASS", "FAIL"):
            yield one["metadata"]["event_code"], one["resources"][0]["uid"], one["status_code"].lower()
