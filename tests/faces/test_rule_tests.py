"""`bartizan rules test` closes its balance: tests = passed + failed + not runnable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faces.command import bartizan

if TYPE_CHECKING:
    from pathlib import Path

CASES = (
    "cases:\n  - {name: it is, fires: true, record: {Image: 'C:\\whoami.exe'}}\n  - {name: it is not, fires: true, record: {Image: x}}\n"
)


def test_the_result_is_one_line_that_adds_up_and_a_failure_is_told(rules: Path, tmp_path: Path) -> None:
    for file in rules.glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text + (CASES if file.name == "whoami.yml" else ""), encoding="utf-8")
    said = bartizan("rules", "test", tmp_path)
    assert said.code == 1
    reason = "should fire, did not: asked is false, because Image ends with '\\whoami.exe' was wanted, found 'x'"
    assert said.out.splitlines() == [
        f"failed: {tmp_path}/whoami.yml: Somebody asks who they are: it is not: {reason}",
        "not runnable: 4: the rule has no cases",
        "not runnable: 1: the rule is refused, line 3: level: 'hihg' is no level (did you mean 'high'?)",
        "7 tests = 1 passed + 1 failed + 5 not runnable",
    ]
    told = bartizan("rules", "test", tmp_path, "--json").json
    assert (told["tests"], told["passed"], told["failed"], told["not_runnable"], len(told["results"])) == (7, 1, 1, 5, 7)


def test_our_own_rules_pass_their_tests() -> None:
    said = bartizan("rules", "test", "content/detections")
    assert (said.code, said.out.splitlines()[-1].endswith(" passed + 0 failed + 0 not runnable")) == (0, True)


def test_many_reasons_are_counted(tmp_path: Path) -> None:
    rule = "Filename: {0}.py\nTests: [{{Name: t, ExpectedResult: true, Log: {{a: b}}}}]\n"
    for number in range(25):
        (tmp_path / f"{number}.yml").write_text(rule.format(number), encoding="utf-8")
    said = bartizan("rules", "test", tmp_path, "--format", "panther")
    assert said.code == 0
    assert said.out.splitlines()[-2:] == [
        "not runnable: 5: for 5 more reasons (--json tells them)",
        "25 tests = 0 passed + 0 failed + 25 not runnable",
    ]
