"""`bartizan rules tune` shows what dominates, and proposes what can be saved as it stands."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tests.faces.command import Said, bartizan
from tests.hunting import WHOAMI, process, write

if TYPE_CHECKING:
    from pathlib import Path

CASES = """
cases:
  - {name: anybody, fires: true, record: {Image: 'C:\\whoami.exe', User: 'CORP\\alice'}}
  - {name: the scanner, fires: true, record: {Image: 'C:\\whoami.exe', User: 'CORP\\scanner', CommandLine: '"C:\\whoami.exe" /all *'}}
"""
SCANNER = {"User": "CORP\\scanner", "CommandLine": '"C:\\whoami.exe" /all *'}


def noisy(tmp_path: Path) -> tuple[Path, Path]:
    rules, logs = tmp_path / "rules", tmp_path / "logs"
    rules.mkdir()
    (rules / "whoami.yml").write_text(WHOAMI + CASES, encoding="utf-8")
    write(
        logs / "a.json", [*(process(number, "C:\\whoami.exe", **SCANNER) for number in range(8)), *(process(number) for number in (20, 21))]
    )
    return rules, logs


def test_what_dominates_is_shown_and_the_exception_proposed_replayed_and_can_be_saved(tmp_path: Path) -> None:
    rules, logs = noisy(tmp_path)
    said = bartizan("rules", "tune", "whoami", "--on", logs, "--rules", rules)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "Somebody asks who they are (33333333-3333-4333-8333-333333333333): 10 findings"
    assert " 80.0%      1      1       2   0.72  Image: C:\\whoami.exe" in lines
    assert "would have hidden 8 of 10 findings; 2 stay" in lines
    assert "! cases of the rule that would no longer come out as they say: the scanner" in lines
    words = shlex.split(lines[-1])
    assert words[1:6] == ["rules", "except", "33333333-3333-4333-8333-333333333333", "--where", "User=CORP\\scanner"]
    assert 'CommandLine="C:\\whoami.exe" /all \\*' in words
    assert "would have hidden 8 of 10 findings; 2 stay" in bartizan(*words[1:], "--yes").out
    assert bartizan("hunt", logs, "--rules", rules, "--json").json["findings"] == 2


def test_the_same_is_there_as_json(tmp_path: Path) -> None:
    rules, logs = noisy(tmp_path)
    told = bartizan("rules", "tune", "whoami", "--on", logs, "--rules", rules, "--json").json
    assert (told["findings"], told["looked_at"], told["preview"]["hidden"], told["broken_cases"]) == (10, 10, 8, ["the scanner"])
    assert told["fields"][0].keys() == {"field", "value", "count", "share", "distinct", "entropy", "hosts", "users"}


def test_an_exception_that_would_hide_everything_is_said_to(tmp_path: Path) -> None:
    rules, _ = noisy(tmp_path)
    logs = write(tmp_path / "same" / "a.json", [process(number) for number in range(3)])
    said = bartizan("rules", "tune", "whoami", "--on", logs, "--rules", rules)
    assert "! it would hold back every finding of these logs: see whether the rule should be changed instead" in said.out


def test_where_nothing_dominates_nothing_is_proposed(tmp_path: Path) -> None:
    rules, _ = noisy(tmp_path)
    nothing = write(tmp_path / "none" / "a.json", [process(1, "C:\\x.exe")])
    assert bartizan("rules", "tune", "whoami", "--on", nothing, "--rules", rules).out.splitlines()[1:] == ["nothing to tune"]
    told = bartizan("rules", "tune", "whoami", "--on", nothing, "--rules", rules, "--json").json
    assert (told["exception"], told["preview"], told["command"]) == ("", None, "")


def test_a_correlation_cannot_be_tuned(tmp_path: Path) -> None:
    said = bartizan("rules", "tune", "A Windows password was guessed", "--on", tmp_path)
    message = "is a correlation, which judges no record: tune the rules that it is made of"
    assert said == Said(2, "", f"bartizan: 'A Windows password was guessed' {message}\n")
