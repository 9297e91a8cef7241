"""The cases of correlations: several records with times, and what is wrong with those that are none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bartizan.detect.correlate.finding import MOST_EVIDENCES
from bartizan.detect.correlate.stream import MOST
from bartizan.detect.hunt.correlating import MOST_SIGHTINGS
from bartizan.rules.compile.correlations import TYPES
from bartizan.testing.check_rule import check_rule
from bartizan.testing.correlation_cases import CorrelationCase, read_correlation_cases
from bartizan.testing.suites import own_tests
from bartizan.testing.suites.tested import Setting

SPRAY = """
title: Many accounts
id: b1111111-1111-4111-8111-111111111111
description: Many accounts are refused.
why: It is how passwords are guessed.
fix: Block the address.
level: high
tags: [attack.credential-access, attack.t1110.003]
falsepositives: [People]
correlation:
  type: value_count
  rules: [refused]
  group-by: [src]
  timespan: 5m
  condition: {gte: 5, field: user}
cases:
  - name: six accounts
    fires: FIRST
    events:
      - {time: '2026-03-17T09:00:00Z', every: 10s, times: 6, record: {what: refused, src: 192.0.2.7, user: 'user{n}', tags: ['t{n}']}}
  - name: one account
    fires: false
    until: '2026-03-17T10:00:00Z'
    events:
      - {time: '2026-03-17T09:00:00Z', times: 6, record: {what: refused, src: 192.0.2.7, user: root}}
      - {time: '2026-03-17T09:01:00Z', times: 6, logsource: {product: linux}, record: {what: refused, src: 192.0.2.7, user: 'user{n}'}}
---
title: Refused
name: refused
id: a1111111-1111-4111-8111-111111111111
logsource: {product: windows}
detection: {s: {what: refused}, condition: s}
"""
GOOD = {"name": "a", "fires": True, "events": [{"time": "2026-03-17T09:00:00Z", "record": {"a": "b"}}]}
EVENT = {"time": "2026-03-17T09:00:00Z", "record": {"a": "b"}}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def complaints(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "x.yml"
    path.write_text(text, encoding="utf-8")
    return [str(problem).removeprefix(f"{path}: ") for problem in check_rule(path)]


def test_a_correlation_with_cases_that_come_out_is_fit_for_the_catalogue(tmp_path: Path) -> None:
    assert complaints(tmp_path, SPRAY.replace("FIRST", "true")) == []


def test_a_case_that_comes_out_otherwise_says_what_was_seen(tmp_path: Path) -> None:
    assert complaints(tmp_path, SPRAY.replace("FIRST", "true").replace("gte: 5", "gte: 7")) == [
        "case 'six accounts': should fire, did not: seen were 6 events of 'Refused'; groups: src = 192.0.2.7"
    ]
    assert complaints(tmp_path, SPRAY.replace("FIRST", "false")) == [
        (
            "case 'six accounts': should not fire, did: "
            "6 events in windows of 5m for src = 192.0.2.7 (number of distinct values of user >= 5: 5)"
        ),
        "cases: none says 'fires: true'",
    ]


def test_rules_that_only_feed_are_not_held_to_what_a_reader_needs_but_the_correlation_is(tmp_path: Path) -> None:
    text = SPRAY.replace("FIRST", "true").replace("why: It is how passwords are guessed.\n", "")
    assert complaints(tmp_path, text) == ["why: missing; say why it matters: what an attacker gains"]
    two = f"{SPRAY.replace('FIRST', 'true')}---{SPRAY.split('---')[1].replace('a1111111', 'a2222222').replace('refused', 'other')}"
    assert complaints(tmp_path, two) == ["holds 2 rules; a file holds one, or one correlation and the rules that it is made of"]


def test_the_suite_runs_them_under_the_name_of_the_correlation(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text(SPRAY.replace("FIRST", "true").replace("times: 6, logsource", "times: 0, logsource"))
    assert [(one.rule, one.name, one.outcome, one.why) for one in own_tests([tmp_path], Setting())] == [
        ("Many accounts", "six accounts", "passed", ""),
        ("Many accounts", "", "failed", "case 'one account': event 2: every is a time like 5s, times a number"),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"record": {}}, "record: no such key (write name, fires, events and, if need be, until)"),
        ({"fires": "yes"}, "fires: say true or false"),
        ({"events": []}, "events: is no list of records with times"),
        ({"events": ["x"]}, "event 1: write time and record or raw and, if need be, logsource, every and times"),
        ({"events": [{**EVENT, "when": 5}]}, "event 1: write time and record or raw and, if need be, logsource, every and times"),
        ({"events": [{**EVENT, "time": "noon"}]}, "event 1: time: is no time (quote it, like '2026-03-17T09:00:00Z')"),
        ({"events": [{**EVENT, "every": "soon"}]}, "event 1: every is a time like 5s, times a number"),
        ({"events": [{**EVENT, "times": 10_001}]}, "event 1: every is a time like 5s, times a number"),
        ({"events": [{**EVENT, "times": 9_000}] * 2}, "events: more than 10000"),
        ({"events": [{**EVENT, "logsource": "linux"}]}, "event 1: logsource: is no mapping of product, category, service"),
        ({"events": [{"time": "2026-03-17T09:00:00Z"}]}, "event 1: give record or raw"),
        ({"events": [{**EVENT, "raw": 5}]}, "event 1: raw: is no text"),
        ({"events": [{**EVENT, "record": [5]}]}, "event 1: record: is no mapping of fields"),
        ({"events": [{**EVENT, "record": {"a": {1, 2}}}]}, "event 1: record: a is no value of JSON (quote dates)"),
        ({"until": "noon"}, "until: is no time (quote it, like '2026-03-17T09:00:00Z')"),
    ],
)
def test_what_is_no_case_says_why(change: dict[str, object], says: str) -> None:
    told = list(read_correlation_cases([{**GOOD, **change}, {**GOOD, "name": "b", "fires": False}]))
    assert told[0] == f"case 'a': {says}"
    assert [one.name for one in told if isinstance(one, CorrelationCase)] == ["b"]


def test_cases_that_are_missing_or_have_no_names_of_their_own_are_told() -> None:
    assert list(read_correlation_cases(None)) == [
        "cases: missing; give at least some events after which it fires and some after which it does not"
    ]
    told = [one for one in read_correlation_cases([GOOD, GOOD]) if isinstance(one, str)]
    assert told == ["cases: number 2 needs a name of its own", "cases: none says 'fires: false'"]


def test_the_correlation_of_the_guide_is_what_the_guide_says(tmp_path: Path) -> None:
    guide = Path(__file__).parents[2] / "docs" / "guide" / "correlations.md"
    (text,) = re.findall(r"```yaml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    told = complaints(tmp_path, text)
    assert [one.partition(":")[0] for one in told] == ["description", "why", "fix", "falsepositives", "tags", "tags"]
    documented = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", guide.read_text(encoding="utf-8"), re.MULTILINE)))
    assert sorted(documented) == sorted(TYPES)
    limits = {f"{MOST_SIGHTINGS:,}", f"{MOST:,}", f"{MOST_EVIDENCES} at most"}
    assert [one for one in limits if one not in guide.read_text(encoding="utf-8")] == []
