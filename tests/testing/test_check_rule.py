from __future__ import annotations

from pathlib import Path

import pytest
from sigma.exceptions import SigmaError

from bartizan.rules.reference import ReferenceRule, reference_rule
from bartizan.testing.check_rule import check_rule

SAMPLE = Path(__file__).parents[1] / "rules" / "samples" / "shell-from-office.yml"
KEYWORDS = """
title: Needle
id: 8f0c1a52-5b1e-4f6a-8c3e-2d9b7a6e5f10
description: A needle.
why: It pricks.
fix: Take it out.
level: low
tags: [attack.discovery, attack.t1083]
logsource: {product: linux}
detection: {k: [needle], condition: k}
falsepositives: [Haystacks]
"""


def complaints(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "x.yml"
    path.write_text(text, encoding="utf-8")
    return [str(problem).removeprefix(f"{path}: ") for problem in check_rule(path)]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_sample_of_the_guide_is_fit_for_the_catalogue() -> None:
    assert check_rule(SAMPLE) == []


def test_a_refused_rule_says_what_the_engine_says(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    assert complaints(tmp_path, text.replace("level: high", "level: hihg")) == ["line 9: level: 'hihg' is no level (did you mean 'high'?)"]


def test_a_file_holds_one_rule(tmp_path: Path) -> None:
    one = KEYWORDS
    two = KEYWORDS.replace("8f0c1a52", "8f0c1a53").replace("title: Needle", "title: Pin")
    assert complaints(tmp_path, f"{one}---{two}") == [
        "holds 2 rules; a file holds one, or one correlation and the rules that it is made of"
    ]


def test_a_case_that_comes_out_otherwise_says_why(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8").replace("fires: true", "fires: maybe").replace("fires: false", "fires: true")
    assert complaints(tmp_path, text.replace("fires: maybe", "fires: false")) == [
        (
            "case 'a document starts PowerShell': should not fire, did: "
            r"selection_parent is true, because ParentImage ends with '\excel.exe', '\powerpnt.exe' or '\winword.exe': "
            r"found 'C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE'; "
            r"selection_shell is true, because Image ends with '\cmd.exe', '\powershell.exe' or '\pwsh.exe': "
            r"found 'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe'; "
            "filter_printer is false, because CommandLine contains 'splwow64' was wanted, found 'powershell -nop -w hidden'"
        ),
        (
            "case 'a person starts PowerShell': should fire, did not: "
            r"selection_parent is false, because ParentImage ends with '\excel.exe', '\powerpnt.exe' or '\winword.exe' was wanted, "
            r"found 'C:\Windows\explorer.exe'"
        ),
        (
            "case 'neither an office program without a shell nor the helper for printing': should fire, did not on record 1: "
            r"selection_shell is false, because Image ends with '\cmd.exe', '\powershell.exe' or '\pwsh.exe' was wanted, "
            r"found 'C:\Windows\notepad.exe'"
        ),
        (
            "case 'neither an office program without a shell nor the helper for printing': should fire, did not on record 2: "
            "filter_printer is true, because CommandLine contains 'splwow64': found 'cmd /c splwow64.exe 8192'"
        ),
    ]


def test_a_rule_without_what_a_reader_needs_says_what_is_missing(tmp_path: Path) -> None:
    text = """
title: T
logsource: {product: linux}
detection: {k: [needle], condition: k}
"""
    assert complaints(tmp_path, text) == [
        "id: missing; give the rule a UUID (python3 -c 'import uuid; print(uuid.uuid4())')",
        "description: missing; say what the rule looks for",
        "level: missing; say informational, low, medium, high or critical",
        "why: missing; say why it matters: what an attacker gains",
        "fix: missing; say what to do about it",
        "falsepositives: missing; say what harmless activity looks the same",
        "tags: name an ATT&CK technique (attack.t1059.001)",
        "tags: name an ATT&CK tactic (attack.execution)",
        "cases: missing; give at least one record that fires and one that does not",
    ]


def test_cases_are_lines_of_text_where_the_log_is_one(tmp_path: Path) -> None:
    cases = """
cases:
  - {name: a, fires: true, raw: a Needle in it}
  - {name: b, fires: false, raw: hay}
  - {name: c, fires: true, record: {deep: [{x: needle}], n: 1}}
"""
    assert complaints(tmp_path, KEYWORDS + cases) == []


def test_what_is_no_case_says_why(tmp_path: Path) -> None:
    cases = """
cases:
  - {fires: true, raw: needle}
  - {name: a, fires: true, raw: needle}
  - {name: a, fires: true, raw: needle}
  - {name: b, fires: maybe, raw: needle}
  - {name: c, fires: true}
  - {name: d, fires: true, raw: needle, record: {x: needle}}
  - {name: e, fires: true, raw: 5}
  - {name: f, fires: true, record: [needle]}
  - {name: g, fires: true, records: []}
  - {name: h, fires: true, raw: needle, note: x, 5: y}
  - {name: i, fires: true, record: {x: needle, when: {at: [2024-05-06]}}}
  - {name: j, fires: true, record: {x: needle, y: {5: z}}}
  - just words
"""
    assert complaints(tmp_path, KEYWORDS + cases) == [
        "cases: number 1 needs a name of its own",
        "cases: number 3 needs a name of its own",
        "case 'b': fires: say true or false",
        "case 'c': give one of record, records, raw",
        "case 'd': give one of record, records, raw",
        "case 'e': raw: is no text",
        "case 'f': record: is no mapping of fields",
        "case 'g': records: is no list of mappings",
        "case 'h': note, 5: no such key (write name, fires and one of record, records, raw)",
        "case 'i': record: when.at is no value of JSON (quote dates)",
        "case 'j': record: 5 is no value of JSON (quote dates)",
        "cases: number 13 needs a name of its own",
        "cases: none says 'fires: false'",
    ]
    nothing = "\ncases: [{name: a, fires: false, raw: hay}]\n"
    assert complaints(tmp_path, KEYWORDS + nothing) == ["cases: none says 'fires: true'"]


def test_the_rule_in_the_guide_is_fit_for_the_catalogue(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "rules.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in guide.split("```yaml\n")[1:]]
    assert [complaints(tmp_path, block) for block in blocks] == [[]]


def test_a_rule_that_only_the_fast_engine_reads_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_document: object, **_: object) -> None:
        message = "no such thing"
        raise SigmaError(message)

    monkeypatch.setattr("bartizan.rules.naive.reference_rule", broken)
    assert complaints(tmp_path, SAMPLE.read_text(encoding="utf-8")) == ["only the fast engine reads it; the reference says: no such thing"]


def test_engines_that_disagree_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(_document: object, **_: object) -> ReferenceRule:
        detection = {"s": {"CommandLine": "powershell"}, "condition": "s"}
        return reference_rule({"title": "T", "logsource": {"product": "windows", "category": "process_creation"}, "detection": detection})

    monkeypatch.setattr("bartizan.rules.naive.reference_rule", other)
    assert complaints(tmp_path, SAMPLE.read_text(encoding="utf-8")) == [
        "case 'a document starts PowerShell': the two engines disagree: only the fast one lets it fire",
        "case 'a person starts PowerShell': the two engines disagree: only the reference one lets it fire",
    ]
