"""Alerts from the command line: over what a hunt kept, and over logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.hunting import WHOAMI, pack

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def case(tmp_path: Path, logs: Path, rules: Path) -> Path:
    bartizan("hunt", logs, "--rules", rules, "--out", tmp_path / "case", "--quiet")
    return tmp_path / "case"


def first(case: Path) -> str:
    return str(bartizan("alerts", case, "--json").json["alerts"][0]["id"])


def test_the_groups_to_look_at_are_listed(case: Path) -> None:
    said = bartizan("alerts", case)
    lines = [line.split("  ") for line in said.out.splitlines()]
    assert said.code == 0
    assert lines[0][-1] == bartizan("alerts", "list", case, "--json").json["groups"][0]["id"]
    assert said.out.splitlines()[-1] == "4 findings in 3 alerts and 2 groups (2 shown)"
    assert "Root came in by password" in said.out


def test_ndjson_parquet_and_logs_give_the_same_alerts(case: Path, logs: Path, rules: Path) -> None:
    whole = bartizan("alerts", case, "--json").json["alerts"]
    [parquet] = (case / "ext" / "detection_finding").rglob("*.parquet")
    assert bartizan("alerts", case / "findings.ndjson", "--json").json["alerts"] == whole
    assert bartizan("alerts", parquet, "--json").json["alerts"] == whole
    assert bartizan("alerts", logs, "--rules", rules, "--json").json["alerts"] == whole


def test_findings_named_twice_count_once(case: Path) -> None:
    told = bartizan("alerts", case, case / "findings.ndjson", "--json").json
    assert (told["findings"], told["duplicates"]) == (4, 4)


def test_an_alert_goes_from_new_to_triaged_to_closed(case: Path) -> None:
    name = first(case)
    assert "new: nobody has looked at it yet" in bartizan("alerts", "show", name, case).out
    said = bartizan("alerts", "triage", name[:6], case, "--by", "alice@example.com")
    assert (said.code, said.out) == (0, f"{name}: taken on by alice@example.com\n")
    assert "triaged: alice@example.com has taken it on" in bartizan("alerts", "show", name, case).out
    bartizan("alerts", "close", name, case, "--reason", "benign", "--by", "alice@example.com", "--comment", "a test")
    [told] = bartizan("alerts", "show", name, case, "--json").json
    assert (told["standing"]["state"], told["standing"]["why"]) == ("closed", "alice@example.com closed it as benign: a test")
    assert len((case / "alerts.ndjson").read_bytes().splitlines()) == 2


def test_a_group_is_closed_with_all_its_alerts_and_listed_no_more(case: Path) -> None:
    group = bartizan("alerts", case, "--json").json["groups"][0]["id"]
    bartizan("alerts", "close", group, case, "--reason", "true-positive", "--quiet-for", "7d")
    assert bartizan("alerts", case).out.splitlines()[-1] == "4 findings in 3 alerts and 1 group (1 shown)"
    assert bartizan("alerts", case, "--all", "--most", "1").out.splitlines()[-1] == "4 findings in 3 alerts and 2 groups (1 shown)"


def test_why_tells_of_severity_grouping_score_and_state(case: Path, tmp_path: Path) -> None:
    (tmp_path / "assets.csv").write_text("entity,value,exposure\nhost:web-*,critical,internet\n", encoding="utf-8")
    told = bartizan("alerts", "why", first(case), case, "--assets", tmp_path / "assets.csv").out
    assert "severity critical, because" in told
    assert "assets.csv:2 says so of host:web-*" in told
    assert "one alert, because what its rule found (1 finding) is about host:web-01 ip:203.0.113.50" in told
    assert "raised to 8 bits by its severity" in told
    assert "with no gap longer than 30 minutes between notable findings" in told
    assert "told 2026-11-23 00:00:10 UTC: it begins with Root came in by password" in told


def test_a_silence_hides_and_counts_until_it_is_lifted(case: Path) -> None:
    options = ("--match", "host=web*", "--until", "2027-01-01", "--comment", "pentest", "--by", "alice@example.com")
    said = bartizan("alerts", "silence", case, *options)
    name, _, rest = said.out.partition("  ")
    assert rest == "host=web*  until 2027-01-01 00:00:00 UTC  alice@example.com: pentest\n"
    assert bartizan("alerts", case).out.splitlines()[-1] == "4 findings in 3 alerts and 1 group (1 shown); 2 are silenced"
    assert "findings are silenced by" in bartizan("alerts", "show", first_of(case, "Root came in by password"), case).out
    assert bartizan("alerts", "lift", name[:5], case).out == f"{name}: lifted\n"
    assert bartizan("alerts", case).out.splitlines()[-1] == "4 findings in 3 alerts and 2 groups (2 shown)"


def first_of(case: Path, title: str) -> str:
    return next(str(one["id"]) for one in bartizan("alerts", case, "--json").json["alerts"] if one["rule"]["title"] == title)


def test_the_policy_can_be_changed(case: Path) -> None:
    options = ("--group-by", "user", "--window", "1m", "--repeat", "1h", "--half-life", "1d", "--now", "2026-11-24T00:00:30", "--json")
    told = bartizan("alerts", case, *options).json
    assert {group["place"][0][0] for group in told["groups"]} == {"user", "rule"}
    assert told["now"] == 1795478430 * 10**9
    assert told["risks"] != bartizan("alerts", case, "--json").json["risks"]


def test_what_is_damaged_is_told_and_the_rest_is_used(case: Path) -> None:
    name = first(case)
    with (case / "findings.ndjson").open("a", encoding="utf-8") as file:
        file.write('{"class_uid":1}\n{"torn')
    (case / "alerts.ndjson").write_text('{"odd":1}\nnothing\n', encoding="utf-8")
    said = bartizan("alerts", "show", name, case)
    assert said.code == 3
    assert [line.split(": ", 1)[1].split(" ", 3)[:3] for line in said.err.splitlines()] == [
        [f"{case / 'alerts.ndjson'}:2:", "is", "no"],
        [f"{case / 'alerts.ndjson'}:", "record", "1"],
        ["2", "lines", "are"],
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["show"], "alerts show: name an alert, then where its findings are; `bartizan alerts list PATH` shows what there is"),
        (["list"], "alerts list: name the findings: what a hunt kept with --out, or logs"),
        (["show", "zz", "CASE"], "no alert or group has the id 'zz'; `bartizan alerts list` shows what there is"),
        (["show", "", "CASE"], "'' means 5 alerts and groups: write more of the id"),
        (
            ["close", "zz", "CASE"],
            "alerts close: say what it turned out to be: --reason true-positive | false-positive | benign | duplicate",
        ),
        (["triage", "zz", "CASE", "--by", " "], "--by: say who decides"),
        (["silence", "CASE"], "alerts silence: needs --until TIME and --comment TEXT: whoever meets it later must know how long and why"),
        (
            ["silence", "CASE", "--until", "2026-01-01", "--start", "2026-01-02", "--comment", "x"],
            "--until 2026-01-01 is not after --start: nothing would be silenced",
        ),
        (["lift", "a", "CASE"], "'a' is the beginning of 0 silences; `bartizan alerts list PATH --json` shows them"),
        (["CASE", "--window", "soon"], "--window: 'soon' is no span of time; write 30m, 4h, 7d or 2w"),
        (["CASE", "--group-by", "hots"], "--group-by: 'hots' is no kind of entity; there are host, user"),
        (["nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_what_makes_no_sense_is_told(case: Path, words: list[str], why: str) -> None:
    said = bartizan("alerts", *[case if word == "CASE" else word for word in words])
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"bartizan: {why}")


def test_decisions_about_logs_need_a_place(logs: Path, rules: Path, tmp_path: Path) -> None:
    name = bartizan("alerts", logs, "--rules", rules, "--json").json["alerts"][0]["id"]
    said = bartizan("alerts", "triage", name, logs, "--rules", rules)
    assert (said.code, said.err) == (
        2,
        "bartizan: findings of logs are kept nowhere: name a file for decisions with --state, or hunt with --out first\n",
    )
    state = tmp_path / "decisions.ndjson"
    assert bartizan("alerts", "triage", name, logs, "--rules", rules, "--state", state).code == 0
    assert json.loads(state.read_bytes())["finding_info"]["uid"] == name


def test_a_rule_says_what_makes_its_findings_one_alert(logs: Path, tmp_path: Path) -> None:
    rule = WHOAMI.replace("level: medium", "level: medium\nbartizan: {alert: {dedup: [process.pid, Image]}}")
    pack(tmp_path / "pack", {"whoami.yml": rule})
    alerts = bartizan("alerts", logs, "--rules", tmp_path / "pack", "--json").json["alerts"]
    image = "C:\\Windows\\System32\\whoami.exe"
    assert sorted(alert["key"] for alert in alerts) == [
        [["process.pid", "30"], ["Image", image]],
        [["process.pid", "40"], ["Image", image]],
    ]
