"""`bartizan rules lint` ends with 1 from the level on that was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faces.command import bartizan

RULE = (
    "title: x\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: windows, category: process_creation}\n"
    "detection: {s: {User: x}, t: {User: yy}, condition: s}\n"
)


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("note", 1)])
def test_the_exit_code_is_that_of_the_level_asked_for(level: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULE, encoding="utf-8")
    assert bartizan("rules", "lint", tmp_path, "--fail-on", level).code == code


def test_findings_are_lines_with_place_and_cure_or_json(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULE, encoding="utf-8")
    said = bartizan("rules", "lint", tmp_path, "--level", "warning")
    assert said.out.splitlines() == [
        f"{tmp_path}/a.yml:4: warning: unused-selection: t: the condition does not name it; name it in the condition, or take it out",
        "1 rules in 1 files, 1 findings: 1 unused-selection",
    ]
    told = bartizan("rules", "lint", tmp_path, "--json").json
    assert (told["files"], told["rules"], [one["id"] for one in told["found"]]) == (
        1,
        1,
        ["no-cases", "unused-selection"],
    )


def test_a_rule_with_nothing_wrong_is_said_to_have_none() -> None:
    said = bartizan("rules", "lint", "content/detections", "--level", "warning")
    assert said.code == 0
    assert said.out.splitlines()[-1].endswith(" files, 0 findings")
    assert Path("content/detections").is_dir()
