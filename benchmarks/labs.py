"""Labs: the labelled start reaches the labelled goal, labelled administrators are found, and nobody else is called one.

Each lab is a folder of Terraform with ``attack_map.yaml`` beside it: nodes, one with ``access`` (the start), some with ``isTarget`` or
``isAdmin``. Principals with a tag ``TestResult`` (``admin``, ``not-admin``) are labelled too.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.review.cloud.paths.answers import Paths
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.contract import administration
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts

FOLDER = FIELD / "pathfinding-labs" / "modules" / "scenarios"
RULES = Path(__file__).resolve().parents[1] / "content" / "paths"
BAR = 53
ACCOUNTS = {"dev": "111111111111", "prod": "222222222222", "operations": "333333333333"}
VARIABLES = {
    **{f"{name}_account_id": number for name, number in ACCOUNTS.items()},
    "account_id": ACCOUNTS["prod"],
    "resource_suffix": "abc123",
    "suffix": "abc123",
    "region": "us-east-1",
    "github_repo": "example/app",
    **{f"{name}_region": "us-east-1" for name in ACCOUNTS},
}
"""What names accounts, regions and the like in labels and in Terraform alike."""


@dataclass(slots=True)
class Lab:
    """What came out of one lab."""

    name: str
    reached: bool = False
    admins: int = 0
    made: int = 0
    """Labelled administrators that are none yet: the attack makes them."""
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    told: str = ""


def measure() -> Result:
    """Judge every lab."""
    if not FOLDER.is_dir():
        return skipped("labs", f"{FOLDER} is not there")
    rules = path_rules(RULES)
    begun = time.process_time()
    labs = [_judged(file.parent, yaml.safe_load(file.read_text())["attackMap"], rules) for file in sorted(FOLDER.rglob("attack_map.yaml"))]
    spent = time.process_time() - begun
    missed = [told for lab in labs for told in lab.missed]
    wrong = [told for lab in labs for told in lab.wrong]
    reached = sum(lab.reached for lab in labs)
    return Result(
        name="labs",
        figure=reached if not (missed or wrong) else -1,
        unit=f"labs of {len(labs)} in which the start reaches the goal",
        bar=min(BAR, len(labs) - 3),
        details={
            "reached": reached,
            "not reached": [f"{lab.name}: {lab.told}" for lab in labs if not lab.reached],
            "labelled administrators": sum(lab.admins for lab in labs),
            "of them made by the attack": sum(lab.made for lab in labs),
            "of them not found": missed,
            "others called administrators": wrong,
            "CPU s": round(spent, 2),
        },
    )


def _judged(folder: Path, attack: Mapping[str, Any], rules: Mapping[str, Any]) -> Lab:
    lab = Lab(str(folder.relative_to(FOLDER)))
    facts = read_terraform(folder, variables=VARIABLES)
    paths = Paths(compile_paths(facts, rules.values(), {"aws": authorizer("aws", facts)}))
    starts = [uid for node in attack["nodes"] if "access" in node for uid in _meant(node, paths)]
    goals = [node for node in attack["nodes"] if node.get("isTarget") and "access" not in node]
    ends = [uid for node in goals for uid in _meant(node, paths)]
    lab.reached = bool(starts) and bool(ends) and any(paths.paths_to(end, starts=starts) for end in ends)
    lab.told = f"starts {starts or 'not in the facts'}, goals {ends or 'not in the facts'}; undecided: {list(paths.found.undecided)[:3]}"
    _administrators(lab, attack, facts, paths, starts)
    return lab


def _administrators(lab: Lab, attack: Mapping[str, Any], facts: Facts, paths: Paths, starts: list[Uid]) -> None:
    """Look for each labelled administrator: one in the facts, or one that the attack makes, so that the start gets everything."""
    admins = {one.principal for one in paths.found.admins}
    has_all = {one.principal for one in paths.found.admins if not one.itself}
    there = {one.uid for one in facts.principals}
    for node in attack["nodes"]:
        for uid in _meant(node, paths) if node.get("isAdmin") else ():
            if uid in there:
                lab.admins += 1
                made = paths.paths_to(administration("aws", uid.split(":")[4]), starts=starts)
                lab.made += uid not in admins and bool(made)
                lab.missed += [] if uid in admins or made else [f"{lab.name}: {uid}"]
    for one in facts.resources:
        label = one.tags.get("TestResult")
        if label == "admin":
            lab.admins += 1
            lab.missed += [] if one.uid in has_all else [f"{lab.name}: {one.uid}"]
        elif label == "not-admin" and one.uid in admins:
            lab.wrong.append(f"{lab.name}: {one.uid}")


def _meant(node: Mapping[str, Any], paths: Paths) -> list[Uid]:
    """Return what a label means: the ARN with what it leaves open filled, or fitting; what an attack would make is the account's.

    Some labels are older than the Terraform beside them: there the start is who has an access key and is tagged as the start, and a
    goal is the thing of the same kind whose name is nearest.
    """
    arn = str(node.get("arn", ""))
    text = re.sub(r"\{(\w+)\}", lambda match: VARIABLES.get(match[1], "\0"), arn)
    shape = re.compile(re.escape(text).replace("\0", ".*").replace("function/", "function[:/]"))
    found = [uid for uid in paths.found.nodes if shape.fullmatch(uid)]
    if not found and node.get("isAdmin"):
        account = re.search(r":(\d{12}):", text)
        return [administration("aws", account[1])] if account else []
    if not found:
        alike = [uid for uid in paths.found.nodes if uid.startswith("arn:") and "#" not in uid and _kind(uid) == _kind(text)]
        found = [Uid(one) for one in get_close_matches(text, alike, n=1, cutoff=0.6)]
    return found


def _kind(arn: str) -> tuple[str, str]:
    _, _, service, _, _, rest = arn.split(":", 5)
    return service, "" if service == "s3" else re.split("[:/]", rest)[0]
