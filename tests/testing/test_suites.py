"""Tests that rules come with are run, or it is said why they cannot be; nothing that they hold is executed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.field import field_data
from tests.hunting import SSH_ROOT, WHOAMI, accepted, process

from bartizan.errors import UsageError
from bartizan.testing.suites import Setting, own_tests, panther_tests, sigmahq_tests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.testing.suites import Tested

CASES = """
cases:
  - {name: it fires, fires: true, record: {Image: 'C:\\whoami.exe'}}
  - {name: it does not, fires: false, record: {Image: 'C:\\x.exe'}}
"""
WHO = "33333333-3333-4333-8333-333333333333"


def told(found: Iterable[Tested]) -> list[tuple[str, str, str]]:
    return [(one.name, one.outcome, one.why) for one in found]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_cases_of_a_rule_are_run_with_both_engines(tmp_path: Path) -> None:
    put(tmp_path / "a.yml", WHOAMI + CASES)
    put(tmp_path / "b.yml", WHOAMI.replace("3333", "4444") + CASES.replace("fires: false", "fires: true"))
    put(tmp_path / "c.yml", SSH_ROOT)
    put(tmp_path / "d.yml", "title: x\n")
    found = list(own_tests([tmp_path], Setting()))
    assert [(Path(one.path).name, one.name, one.outcome) for one in found] == [
        ("d.yml", "", "not-runnable"),
        ("a.yml", "it fires", "passed"),
        ("a.yml", "it does not", "passed"),
        ("b.yml", "it fires", "passed"),
        ("b.yml", "it does not", "failed"),
        ("c.yml", "", "not-runnable"),
    ]
    assert [one.why for one in found if one.why] == [
        "the rule is refused, line 1: this is no Sigma rule: it has no 'detection'",
        "should fire, did not: asked is false, because Image ends with '\\whoami.exe' was wanted, found 'C:\\x.exe'",
        "the rule has no cases",
    ]


def test_a_case_that_is_none_has_failed(tmp_path: Path) -> None:
    put(tmp_path / "a.yml", WHOAMI + "cases: [{name: x, fires: 1, record: {}}, 5]\n")
    assert told(own_tests([tmp_path], Setting())) == [
        ("", "failed", "case 'x': fires: say true or false"),
        ("", "failed", "cases: number 2 needs a name of its own"),
    ]


INFO = """
id: 1
rule_metadata: [{id: 33333333-3333-4333-8333-333333333333, title: t}]
regression_tests_info:
  - {name: Positive, type: json, match_count: 2, path: regression_data/rules/x/a.json}
"""


def regression(folder: Path, info: str, **files: str) -> Path:
    put(folder / "data" / "case" / "info.yml", info)
    for name, text in files.items():
        put(folder / "data" / "case" / f"{name}.json", text)
    put(folder / "rules" / "a.yml", WHOAMI)
    return folder / "data"


def test_a_regression_test_passes_where_its_rule_fires_often_enough(tmp_path: Path) -> None:
    twice = regression(tmp_path, INFO, a=process(1) + process(2))
    setting = Setting(packs=[tmp_path / "rules"])
    assert told(sigmahq_tests([twice], setting)) == [("Positive (json)", "passed", "")]
    once = regression(tmp_path, INFO, a=process(1) + process(2, "C:\\x.exe"))
    assert told(sigmahq_tests([once], setting)) == [
        ("Positive (json)", "failed", "fired 1 of 2 times on 2 records; other rules that fired: none")
    ]
    assert told(sigmahq_tests([regression(tmp_path, INFO.replace(", match_count: 2", ""))], setting)) == [("Positive (json)", "passed", "")]


@pytest.mark.parametrize(
    ("info", "files", "why"),
    [
        (INFO, {}, "a.json: is not there"),
        (INFO, {"a": "???\n"}, "no source reads a record of this file"),
        (INFO.replace("3333", "9999"), {}, "no rule of the packs has this id"),
        ("id: 1\nrule_metadata: [{id: x}]\nregression_tests_info:\n", {}, "it names no test"),
        ("id: 1\n", {}, "is no info file of regression data: 'rule_metadata'"),
        ("{", {}, "is no info file of regression data: while parsing a flow node did not find expected node content"),
    ],
)
def test_a_regression_test_that_cannot_be_run_says_why(info: str, files: dict[str, str], why: str, tmp_path: Path) -> None:
    [one] = sigmahq_tests([regression(tmp_path, info, **files)], Setting(packs=[tmp_path / "rules"]))
    assert (one.outcome, one.why.partition(' in "')[0]) == ("not-runnable", why)


def test_a_rule_that_is_refused_is_named_by_its_test(tmp_path: Path) -> None:
    data = regression(tmp_path, INFO)
    put(tmp_path / "rules" / "a.yml", WHOAMI.replace("medium", "hihg"))
    [one] = sigmahq_tests([data], Setting(packs=[tmp_path / "rules"]))
    assert one.why == f"the rule is refused: {tmp_path}/rules/a.yml:5: level: 'hihg' is no level (did you mean 'high'?)"


def test_a_folder_without_tests_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no info\.yml: is it a folder of SigmaHQ's regression_data\?"):
        list(sigmahq_tests([tmp_path], Setting()))
    with pytest.raises(UsageError, match="nowhere: there is no such file or folder"):
        list(sigmahq_tests([tmp_path / "nowhere"], Setting()))


PANTHER = """
AnalysisType: rule
RuleID: My.Rule
Detection:
  - {Key: eventName, Condition: Equals, Value: StopLogging}
  - Any:
      - {DeepKey: [userIdentity, type], Condition: IsIn, Values: [Root, Other]}
      - {Key: sourceIPAddress, Condition: StartsWith, Value: '203.'}
Tests:
  - {Name: root stops it, ExpectedResult: true, Log: {eventName: StopLogging, userIdentity: {type: Root}}}
  - {Name: a user does, ExpectedResult: false, Log: {eventName: StopLogging, userIdentity: {type: IAMUser}, sourceIPAddress: 192.0.2.1}}
  - {Name: in other letters, ExpectedResult: false, Log: {eventName: stoplogging, userIdentity: {type: Root}}}
  - {Name: wrong on purpose, ExpectedResult: true, Log: {eventName: X}}
  - {Name: a list, ExpectedResult: true, Log: {eventName: [StopLogging], sourceIPAddress: 203.0.113.1}}
  - {ExpectedResult: yes, Log: 5}
"""


def test_a_panther_rule_that_is_data_is_run(tmp_path: Path) -> None:
    put(tmp_path / "a.yml", PANTHER)
    put(tmp_path / "sigma.yml", WHOAMI)
    assert told(panther_tests([tmp_path], Setting())) == [
        ("root stops it", "passed", ""),
        ("a user does", "passed", ""),
        ("in other letters", "passed", ""),
        ("wrong on purpose", "failed", "should fire, did not"),
        ("a list", "not-runnable", "eventName is a list, which is looked at otherwise there"),
        ("test 6", "not-runnable", "the test has no Log, or no ExpectedResult of true or false"),
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Filename: my_rule.py", "the rule is Python code (my_rule.py), which is never executed"),
        ("RuleID: x", "the rule has no Detection"),
        ("Detection: []", "the rule has no Detection"),
        ("Detection: [5]", "'5' is no match expression"),
        ("InlineFilters: [{All: []}]\nDetection: [{Key: a, Condition: Exists}]", "InlineFilters are not carried over"),
        ("Detection: [{Key: a, Condition: Equals, Value: 5}]", "a: only texts are compared alike there and here, not 5"),
        (
            "Detection: [{Key: a, Condition: DoesNotEqual, Value: b}]",
            "condition DoesNotEqual means something else in missing fields or in other types than here",
        ),
        ("Detection: [{Key: a.b, Condition: Equals, Value: b}]", "a.b: cannot be told apart from another field"),
        ("Detection: [{None: [{Key: a, Condition: Exists}]}]", "None: not carried over"),
        ("Detection: [{Enrichment: x, Key: a, Condition: Exists}]", "Enrichment: not carried over"),
    ],
)
def test_a_panther_rule_that_means_something_else_here_is_refused(body: str, why: str, tmp_path: Path) -> None:
    put(tmp_path / "a.yml", f"AnalysisType: rule\n{body}\nTests: [{{Name: t, ExpectedResult: true, Log: {{a: b}}}}]\n")
    assert told(panther_tests([tmp_path], Setting())) == [("t", "not-runnable", why)]


def test_a_field_that_is_there_is_carried_over(tmp_path: Path) -> None:
    put(
        tmp_path / "a.yml",
        "RuleID: x\nDetection: [{Key: a, Condition: Exists}]\n"
        "Tests: [{Name: t, ExpectedResult: true, Log: {a: b}}, {Name: u, ExpectedResult: false, Log: {b: a}}]\n",
    )
    assert told(panther_tests([tmp_path], Setting())) == [("t", "passed", ""), ("u", "passed", "")]


def test_test_files_drive_rules_of_ours_by_name(tmp_path: Path) -> None:
    put(tmp_path / "rules" / "my.rule.yml", WHOAMI)
    event, other = (json.loads(process(number, image)) for number, image in ((1, "C:\\whoami.exe"), (2, "C:\\x.exe")))
    lines = [
        {"rule": "Somebody asks who they are", "test": "fires", "expected": True, "event": event},
        {"rule": "my.rule", "test": "fires by file name", "expected": True, "event": event},
        {"rule": "my.rule", "test": "wrong", "expected": True, "event": other},
        {"rule": WHO, "test": "does not", "expected": False, "event": other},
        {"rule": WHO, "test": "of no source", "expected": True, "event": {"line": accepted(1)}},
        {"rule": "Unknown", "test": "nobody's", "expected": True, "event": event},
    ]
    file = put(tmp_path / "a.ndjson", "".join(json.dumps(line) + "\n" for line in lines) + "{}\n")
    found = told(panther_tests([file], Setting(packs=[tmp_path / "rules"])))
    assert {(name, outcome) for name, outcome, _ in found} == {
        ("fires", "passed"),
        ("fires by file name", "passed"),
        ("wrong", "failed"),
        ("does not", "passed"),
        ("of no source", "not-runnable"),
        ("nobody's", "not-runnable"),
        ("", "not-runnable"),
    }
    assert {name: why for name, outcome, why in found if outcome != "passed"}[""] == "is no test ({rule, test, expected, event}): 'test'"


def test_what_cannot_be_read_is_not_runnable(tmp_path: Path) -> None:
    [one] = panther_tests([put(tmp_path / "a.yml", "{")], Setting())
    assert (one.outcome, one.why[:11]) == ("not-runnable", "is no YAML:")


@pytest.mark.slow
def test_every_regression_test_of_sigmahq_that_names_a_file_passes() -> None:
    packs = [field_data("sigma", name) for name in ("rules", "rules-emerging-threats", "rules-threat-hunting")]
    found = list(sigmahq_tests([field_data("sigma-regression")], Setting(packs=packs)))
    assert Counter((one.outcome, one.why) for one in found) == {("passed", ""): 180, ("not-runnable", "it names no test"): 1}
