from __future__ import annotations

import re

import pytest
from tests.field import field_data

from bartizan.schema.attack import Attack, Tactic, Technique, attacks_of, tactic, tactics, technique

EXECUTION = Tactic("TA0002", "execution", "Execution")
STEALTH = Tactic("TA0005", "stealth", "Stealth")
IMPAIRMENT = Tactic("TA0112", "defense-impairment", "Defense Impairment")
POWERSHELL = Technique("T1059.001", "PowerShell", "Command and Scripting Interpreter: PowerShell", ("execution",))


def test_tactics_come_in_the_order_of_the_kill_chain() -> None:
    assert [entry.uid for entry in tactics()] == [
        *("TA0043", "TA0042", "TA0001", "TA0002", "TA0003", "TA0004", "TA0005", "TA0112"),
        *("TA0006", "TA0007", "TA0008", "TA0009", "TA0011", "TA0010", "TA0040"),
    ]


@pytest.mark.parametrize("word", ["execution", "Execution"])
def test_a_tactic_is_found_by_the_word_of_a_tag(word: str) -> None:
    assert tactic(word) == EXECUTION


def test_a_tactic_written_with_underscores_is_found() -> None:
    assert tactic("defense_impairment") == IMPAIRMENT


def test_a_retired_tactic_finds_its_successor() -> None:
    assert tactic("defense-evasion") == STEALTH


def test_a_word_that_is_no_tactic_finds_none() -> None:
    assert tactic("t1059") is None


def test_a_sub_technique_has_its_own_name_and_one_with_its_parent() -> None:
    assert technique("t1059.001") == POWERSHELL
    assert POWERSHELL.parent == "T1059"


def test_an_unknown_technique_is_named_by_its_id() -> None:
    assert technique("T9999") == Technique("T9999", "T9999", "T9999", ())


def test_an_unknown_sub_technique_keeps_the_tactics_of_its_parent() -> None:
    assert technique("T1059.999") == Technique("T1059.999", "T1059.999", "T1059.999", ("execution",))


def test_a_retired_technique_keeps_its_id_and_takes_the_name_of_its_successor() -> None:
    assert technique("T1562.008") == Technique(
        "T1562.008", "Disable or Modify Cloud Log", "Disable or Modify Tools: Disable or Modify Cloud Log", ("defense-impairment",)
    )


def test_a_technique_stands_under_each_tagged_tactic_that_it_serves() -> None:
    accounts = technique("T1078")
    assert attacks_of(("attack.initial-access", "attack.t1078", "attack.stealth", "attack.execution")) == (
        Attack(tactic("initial-access"), accounts),
        Attack(STEALTH, accounts),
        Attack(EXECUTION, None),
    )


def test_a_technique_without_tagged_tactic_stands_under_its_only_one() -> None:
    assert attacks_of(("attack.t1059.001",)) == (Attack(EXECUTION, POWERSHELL),)


def test_a_technique_with_several_tactics_and_none_tagged_stands_alone() -> None:
    assert attacks_of(("attack.t1078",)) == (Attack(None, technique("T1078")),)


def test_the_retired_tactic_is_placed_by_its_technique() -> None:
    assert attacks_of(("attack.defense-evasion", "attack.t1562.001")) == (Attack(IMPAIRMENT, technique("T1562.001")),)


def test_the_retired_tactic_alone_is_the_one_that_kept_its_id() -> None:
    assert attacks_of(("attack.defense-evasion",)) == (Attack(STEALTH, None),)


def test_tags_that_are_not_of_attack_say_nothing() -> None:
    assert attacks_of(("cve.2021-44228", "car.2016-04-002", "attack.g0032", "attack.s0039", "attack.nonsense")) == ()


def test_all_but_one_of_the_techniques_that_field_rules_are_tagged_with_are_known() -> None:
    ids: set[str] = set()
    for path in field_data("sigma").rglob("*.yml"):
        ids.update(re.findall(r"attack\.(t\d{4}(?:\.\d{3})?)\b", path.read_text(encoding="utf-8", errors="replace")))
    assert len(ids) > 300
    assert {uid for uid in ids if technique(uid).name == uid.upper()} == {"t1043"}
