"""Take rules of other tools over from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import Said, bartizan

from bartizan.faces.cli.commands.content.import_ import LANGUAGES as OFFERED
from bartizan.rules.imports import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

RULES = """<group name="app,">
<rule id="1" level="0"><program_name>^app$</program_name><description>app</description></rule>
<rule id="2" level="10"><if_sid>1</if_sid><match>denied</match><description>Access was denied</description></rule>
<rule id="3" level="10"><if_sid>2</if_sid><time>6 pm - 8 am</time><description>at night</description></rule>
</group>
"""
LOG = "2026-05-16T08:00:01Z web-1 app: access denied\n2026-05-16T08:00:02Z web-1 other: access denied\n"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    (tmp_path / "rules.xml").write_text(RULES, encoding="utf-8")
    (tmp_path / "app.log").write_text(LOG, encoding="utf-8")
    return tmp_path


def test_an_import_tells_what_became_of_each_rule_and_a_hunt_runs_the_result(given: Path) -> None:
    out = given / "out"
    assert bartizan("content", "import", "wazuh", given / "rules.xml", "--out", out) == Said(
        1,
        f"""refused      3  at night  (rules.xml:4)
    time: refused: the time of day of an event is no field of records here
approximated 2  Access was denied  (rules.xml:3)
    precedence: approximated: may match more; of a rule and those below it Wazuh reports the last that matches, here each does
3 rules = 1 carried + 1 approximated + 1 refused
1 Sigma documents made of them; 1 rules report nothing by themselves
run them: bartizan hunt LOGS --rules {out}/rules
""",
        "",
    )
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*")) == ["import.json", "rules", "rules/wazuh_2.yml"]
    found = bartizan("hunt", given / "app.log", "--rules", out / "rules", "--ndjson").lines
    assert [one["finding_info"]["title"] for one in found] == ["Access was denied"]


def test_the_report_is_told_as_json_and_kept_beside_the_rules(given: Path) -> None:
    told = bartizan("content", "import", "wazuh", given, "--out", given / "out", "--json").json
    assert told == json.loads((given / "out" / "import.json").read_text(encoding="utf-8"))
    assert (told["language"], told["rules"], told["fates"], told["documents"]) == (
        "wazuh",
        3,
        {"approximated": 1, "carried": 1, "refused": 1},
        1,
    )
    assert told["translated"][0] == {
        "fate": "carried",
        "id": "1",
        "title": "app",
        "path": "rules.xml",
        "line": 2,
        "pieces": [
            {"part": "program_name", "fate": "carried", "why": "", "direction": ""},
            {"part": "description", "fate": "carried", "why": "", "direction": ""},
        ],
        "documents": [],
        "place": "",
        "note": "level 0 reports nothing: it is what rules below it build on, and takes records from those beside it",
    }


def test_everything_is_told_where_that_is_asked(given: Path) -> None:
    assert "    match: carried\n" in bartizan("content", "import", "wazuh", given, "--all").out


def test_an_earlier_import_is_replaced_only_by_force_and_nothing_else_ever(given: Path) -> None:
    out = given / "out"
    bartizan("content", "import", "wazuh", given, "--out", out)
    (out / "rules" / "old.yml").write_text("", encoding="utf-8")
    said = bartizan("content", "import", "wazuh", given, "--out", out)
    assert (said.code, said.err) == (4, f"bartizan: {out}: is there already; --force replaces an earlier import, or name another folder\n")
    assert bartizan("content", "import", "wazuh", given, "--out", out, "--force").code == 1
    assert [path.name for path in (out / "rules").iterdir()] == ["wazuh_2.yml"]
    other = given / "other"
    other.mkdir()
    (other / "mine").write_text("", encoding="utf-8")
    said = bartizan("content", "import", "wazuh", given, "--out", other, "--force")
    assert (said.code, (other / "mine").exists()) == (4, True)
    assert bartizan("content", "import", "wazuh", given, "--out", other / "mine").code == 4
    assert bartizan("content", "import", "wazuh", given, "--out", given / "no" / "out").code == 4
    assert sorted(path.name for path in given.iterdir()) == ["app.log", "other", "out", "rules.xml"]


def test_a_language_or_path_that_is_none_is_an_error(given: Path) -> None:
    assert bartizan("content", "import", "nagios", given).code == 2
    assert bartizan("content", "import", "wazuh", given / "nothing").err == f"bartizan: {given}/nothing: there is no such file or folder\n"


TESTS = """; lines that the rules are for
[Denied]
log 1 pass = 2026-05-16T08:00:01Z web-1 app: access denied
log 2 pass = 2026-05-16T08:00:01Z web-1 app: access granted
log 3 fail = 2026-05-16T08:00:01Z web-1 app: access denied
log 4 fail = 2026-05-16T08:00:01Z web-1 app: access granted
log 5 pass = \x01 no log at all
rule = 2
alert = 10
decoder = app

[Others]
log 1 pass = 2026-05-16T08:00:01Z web-1 app: access denied
rule = 3
[Parent]
log 1 pass = 2026-05-16T08:00:01Z web-1 app: hello
rule = 1
[Foreign]
log 1 pass = x
rule = 5710
"""


def test_each_test_line_says_whether_its_rule_fired_and_why_not(given: Path) -> None:
    (given / "tests.ini").write_text(TESTS, encoding="utf-8")
    said = bartizan("content", "import", "wazuh", given / "rules.xml", "--logs", given / "tests.ini")
    ini = given / "tests.ini"
    time = "the rule is refused: time: the time of day of an event is no field of records here"
    level = "level 0 reports nothing: it is what rules below it build on, and takes records from those beside it"
    assert (said.code, said.out.splitlines()[-7:]) == (
        1,
        [
            f"failed: {ini}: Denied: log 2 pass: rule 2: it did not fire: read by syslog; rules that fired: none",
            f"failed: {ini}: Denied: log 3 fail: rule 2: it fired, and must not; rules that fired: 2",
            f"failed: {ini}: Denied: log 5 pass: rule 2: it did not fire: no source reads the line; rules that fired: none",
            f"not-runnable: {ini}: Others: log 1 pass: rule 3: {time}",
            f"not-runnable: {ini}: Parent: log 1 pass: rule 1: {level}",
            f"not-runnable: {ini}: Foreign: log 1 pass: rule 5710: no rule of the files has this id",
            "8 test lines = 2 passed + 3 failed + 3 not runnable",
        ],
    )
    tests = bartizan("content", "import", "wazuh", given / "rules.xml", "--logs", ini, "--json").json["tests"]
    assert tests[0] == {"path": str(ini), "rule": "2", "name": "Denied: log 1 pass", "outcome": "passed", "why": ""}


def test_test_lines_of_given_decoders_are_read_by_them(given: Path) -> None:
    (given / "rules.xml").write_text(
        '<decoder name="app"><program_name>^app$</program_name><regex>by (\\S+)</regex><order>user</order></decoder>'
        '<group name="g,"><rule id="7" level="5"><decoded_as>app</decoded_as><user>^eve$</user></rule>'
        '<rule id="8" level="9" frequency="2" timeframe="60"><if_matched_sid>7</if_matched_sid></rule></group>',
        encoding="utf-8",
    )
    (given / "t.ini").write_text(
        "[a]\nlog 1 pass = 2026-05-16T08:00:01Z w app: by eve\nrule = 7\n[b]\nlog 1 pass = x\nrule = 8\n", encoding="utf-8"
    )
    said = bartizan("content", "import", "wazuh", given / "rules.xml", "--logs", given / "t.ini")
    assert (said.code, said.out.splitlines()[-1]) == (0, "2 test lines = 1 passed + 0 failed + 1 not runnable")


def test_a_file_without_test_lines_is_an_error(given: Path) -> None:
    (given / "t.ini").write_text("[a]\n", encoding="utf-8")
    assert bartizan("content", "import", "wazuh", given / "rules.xml", "--logs", given / "t.ini").code == 2


def test_the_command_offers_every_language_that_is_known() -> None:
    assert OFFERED == LANGUAGES
