"""Labs of our own: each way to an administrator is found however the Terraform is written, and none where something stands in its way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.house.checkout import ROOT
from tests.review.cloud.paths.labs.writing import HERE, OBSTACLES, STYLES, TECHNIQUES, Lab, parted, written

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.review.cloud.paths.answers import Paths
from bartizan.review.cloud.paths.compiling import HAS_ALL, compile_paths
from bartizan.review.cloud.paths.contract import INTERNET, administration
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

RULES = path_rules(ROOT / "content" / "paths" / "aws")
CONDITION = "aws:PrincipalTag/nobody-has"


def styles_of(technique: dict[str, Any]) -> list[str]:
    """Return the styles in which a technique makes sense."""
    return [style for style, (of, _) in STYLES.items() if of in technique.get("of", (of,))]


def came_to(lab: Lab, folder: Path) -> tuple[str, frozenset[str]]:
    """Return how who starts comes to everything ("", "surely", or on what it hangs), and the names of who has it already."""
    facts = read_terraform(lab.put(folder))
    assert [one for one in facts.gaps if one.reason != "assumed"] == []
    paths = Paths(compile_paths(facts, RULES.values(), {"aws": authorizer("aws", facts)}))
    start: Uid = next(one.uid for one in facts.principals if one.kind == "user" and one.name.startswith("start"))
    found = paths.paths_to(administration("aws", start.split(":")[4]), starts=[start])
    told = (", ".join(found[0].depends) or "surely") if found else ""
    return told, frozenset(one.principal.rpartition("/")[2] for one in paths.found.admins if not one.itself)


@pytest.mark.parametrize("number", range(len(TECHNIQUES)), ids=[one["name"] for one in TECHNIQUES])
def test_a_technique_leads_to_everything(number: int, tmp_path: Path) -> None:
    technique = TECHNIQUES[number]
    styles = styles_of(technique)
    lab = written(technique, styles[number % len(styles)], number)
    assert lab is not None
    told, admins = came_to(lab, tmp_path)
    assert bool(told) is technique.get("possible", True)
    assert (told == "surely") is (technique.get("possible", True) and not technique.get("depends", False))
    assert "target" in admins
    assert not any(name.startswith("start") for name in admins)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(TECHNIQUES)), ids=[one["name"] for one in TECHNIQUES])
def test_it_does_in_other_styles_too_and_not_where_something_stands_in_its_way(number: int, tmp_path: Path) -> None:
    technique = TECHNIQUES[number]
    wrong = []
    for at, style in enumerate(styles_of(technique)):
        if (number + at) % 4 and "of" not in technique:
            continue
        for obstacle in ("", *OBSTACLES):
            lab = written(technique, style, number, obstacle)
            if lab is not None and technique.get("possible", True):
                told, _ = came_to(lab, tmp_path / style / obstacle)
                expected = {"": bool(told), "condition": not told or CONDITION in told}.get(obstacle, not told)
                wrong += [] if expected else [(style, obstacle, told)]
    assert wrong == []


def meant(paths: Paths, facts: Facts, name: str) -> list[Uid]:
    """Return what a name in a lab's head means: the end of a uid, ``KIND NAME``, ``all`` or ``all ACCOUNT``, ``internet``."""
    if name == INTERNET:
        return [INTERNET]
    if name.partition(" ")[0] == "all":
        return [uid for uid in paths.found.nodes if uid.startswith("admin:") and uid.endswith(name[4:])] or [Uid("admin:nobody")]
    kind, _, called = name.partition(" ")
    if called:
        return [one.uid for one in facts.resources if one.name == called and kind in one.uid]
    uids = [one.uid for one in facts.resources]
    return [uid for uid in uids if uid.endswith(name) or uid.partition(name)[2].startswith("-")]


def head(text: str) -> dict[str, list[str]]:
    """Return what the first lines of a lab say: ``reaches``, ``hangs``, ``apart``, ``admins``, ``not``."""
    return {one[1]: [part for part in one[2].strip().split(", ") if part] for one in re.finditer(r"^# (\w+):(.*)$", text, re.MULTILINE)}


def how(paths: Paths, starts: list[Uid], goals: list[Uid]) -> str:
    """Say how starts come to goals otherwise than by having everything."""
    ways = [way for goal in goals for way in paths.paths_to(goal, starts=starts) if not any(hop.rule == HAS_ALL for hop in way.hops)]
    return "apart" if not ways else "hangs" if all(way.depends for way in ways) else "reaches"


@pytest.mark.parametrize("file", sorted((HERE / "whole").glob("*.tf")), ids=lambda file: file.stem)
def test_a_whole_lab_says_what_its_head_says(file: Path, tmp_path: Path) -> None:
    text = file.read_text()
    facts = read_terraform(parted(text).put(tmp_path))
    paths = Paths(compile_paths(facts, RULES.values(), {"aws": authorizer("aws", facts)}))
    assert [one for one in facts.gaps if one.reason != "assumed"] == []
    said = head(text)
    told = {pair: word for word in ("reaches", "hangs", "apart") for pair in said.get(word, [])}
    ends = {pair: tuple(meant(paths, facts, one) for one in pair.split(" -> ")) for pair in told}
    assert [pair for pair, (starts, goals) in ends.items() if not starts or not goals] == []
    assert {pair: how(paths, *both) for pair, both in ends.items()} == told
    admins = {one.principal for one in paths.found.admins if not one.itself}
    assert admins == {uid for name in said["admins"] for uid in meant(paths, facts, name)}
    assert admins.isdisjoint(uid for name in said.get("not", []) for uid in meant(paths, facts, name))
