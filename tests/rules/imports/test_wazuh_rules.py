"""Rules of Wazuh: what becomes of each part, and on which records the result fires."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.rules.imports.judging import fires_by

from bartizan.errors import InputError
from bartizan.rules.imports import CARRIED, Imported, import_rules

CASES = yaml.safe_load(Path(__file__).with_name("wazuh_rules.yml").read_text(encoding="utf-8"))


def imported_from(folder: Path, text: str) -> Imported:
    (folder / "rules.xml").write_text(text, encoding="utf-8")
    return import_rules("wazuh", folder)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_becomes_of_rules(case: dict[str, Any], tmp_path: Path) -> None:
    imported = imported_from(tmp_path, case["xml"])
    told = {rule.id: [f"{piece.part} {piece.fate}" for piece in rule.pieces if piece.fate != CARRIED] for rule in imported.rules}
    assert (told, list(imported.problems)) == (case["rules"], [])
    by_id = {rule.id: rule for rule in imported.rules}
    for number, records in case.get("fires", {}).items():
        wanted = [at for at, (_, fires) in enumerate(records) if fires]
        assert fires_by(by_id[number].documents, [record for record, _ in records]) == wanted
    assert {
        rule.id: dict(rule.documents[0]["correlation"]) for rule in imported.rules if "correlation" in str(rule.documents[:1])
    } == case.get("correlations", {})


def test_a_document_says_where_it_came_from_and_what_it_is_about(tmp_path: Path) -> None:
    text = """<group name="web,access denied,">
<rule id="0100200" level="12"><match>boom</match><description>It  went
 boom</description><mitre><id>T1110.001</id><id>nonsense</id></mitre></rule></group>"""
    (rule,) = imported_from(tmp_path, text).rules
    assert list(rule.documents) == [
        {
            "title": "It went boom",
            "id": "ab1bce8a-4d9f-54d9-bfaa-e2152e704701",
            "name": "wazuh_100200",
            "status": "experimental",
            "description": "Imported from rule 100200 of Wazuh.",
            "level": "high",
            "tags": ["attack.t1110.001", "wazuh.web", "wazuh.access-denied"],
            "logsource": {"product": "linux", "service": "syslog"},
            "detection": {"selection_1": {"message|contains": "boom"}, "condition": "selection_1"},
            "x-origin": {"language": "wazuh", "rule": "100200", "level": 12, "file": "rules.xml", "line": 2},
        }
    ]


def test_what_is_no_rule_is_a_problem_with_its_line(tmp_path: Path) -> None:
    text = """<group name="g,">
<rule id="x" level="3"/>
<rule id="1" level="17"/>
<rule id="2" level="3"><match>a</match></rule>
<rule id="2" level="4"><match>b</match></rule>
<note/>
</group>
<config/>"""
    imported = imported_from(tmp_path, text)
    wrong = "a rule without a number as id, or with a level that is not 0 to 16: not read"
    assert list(imported.problems) == [
        f"rules.xml:2: {wrong}",
        f"rules.xml:3: {wrong}",
        'rules.xml:5: rule 2 stands in rules.xml:4 already, and says no overwrite="yes": not read',
        "rules.xml:6: <note> in a group is no rule: not read",
        "rules.xml:8: <config> is neither a group of rules, a decoder nor a variable: not read",
    ]
    assert [(rule.id, rule.fate) for rule in imported.rules] == [("2", CARRIED)]


def test_a_broken_file_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_bytes(b'<group name="a"><rule id="1"')
    imported = imported_from(tmp_path, '<rule id="2" level="3"><match>a</match></rule>')
    assert list(imported.problems) == ["broken.xml:1: ends inside <group>, which begins on this line: is it cut off?"]
    assert [rule.id for rule in imported.rules] == ["2"]


@pytest.mark.parametrize("name", ["nothing", "empty", "other"])
def test_a_path_without_rules_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.xml").write_text("<!-- nothing -->", encoding="utf-8")
    with pytest.raises(InputError):
        import_rules("wazuh", tmp_path / name)
