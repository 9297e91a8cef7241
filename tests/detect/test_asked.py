"""What is asked for is judged, and nothing else; what is not judged is said."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from tests.hunting import accepted, failed, hunted, process, write

from bartizan.detect.hunt.request import Request
from bartizan.rules.contract import Rule
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from pathlib import Path

DAY = 1_795_392_000_000_000_000
"""2026-11-23T00:00:00Z."""
SECOND = 1_000_000_000


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write(tmp_path / "auth.log", [accepted(10), failed(20), "???\n"])
    write(tmp_path / "sysmon.json", [process(30), process(40, "C:\\x.exe")])
    return tmp_path


def test_every_rule_has_a_verdict(logs: Path, rules: Path) -> None:
    told = hunted([logs], rules)
    assert told.verdicts == {
        "1": ("running", ""),
        "2": ("running", ""),
        "3": ("running", ""),
        "4": ("cannot-fire", "no record has the field IntegrityLevel"),
        "5": ("cannot-fire", "nothing that was read is of log source aws/-/cloudtrail"),
    }
    assert {one.rule.id[:1]: one.findings for one in told.outcome.verdicts} == {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0}
    assert [(one.path, one.id[:1]) for one in told.outcome.refused] == [(str(rules / "broken.yml"), "6")]


def test_a_field_that_one_record_has_lets_its_rule_run(logs: Path, rules: Path) -> None:
    write(logs / "more.json", [process(50, IntegrityLevel="Even"), process(60, IntegrityLevel="Odd")])
    told = hunted([logs], rules)
    assert told.verdicts["4"] == ("running", "")
    assert ("4", "more.json", 2) in told.sights


def test_rules_below_the_level_asked_for_are_not_run(logs: Path, rules: Path) -> None:
    told = hunted([logs], rules, level="medium")
    not_asked = ("not-asked", "its level or tags were not asked for")
    assert {number: verdict for number, verdict in told.verdicts.items() if verdict == not_asked} == {"2": not_asked, "5": not_asked}
    assert told.sights == [("1", "auth.log", 1), ("3", "sysmon.json", 1)]


def test_rules_without_the_tags_asked_for_are_not_run(logs: Path, rules: Path) -> None:
    assert hunted([logs], rules, tags=("t1078", "cve.2021-44228")).sights == [("1", "auth.log", 1), ("3", "sysmon.json", 1)]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("t1078", True),
        ("T1078", True),
        ("t1078.003", True),
        ("attack.t1078.003", True),
        ("t107", False),
        ("t1078.00", False),
        ("initial-access", True),
        ("Initial_Access", True),
        ("attack.initial-access", True),
        ("tlp.red", True),
        ("red", False),
        ("cve.2021-44228", True),
        ("cve.2021", False),
        ("cve", False),
    ],
)
def test_a_tag_means_itself_and_what_is_below_it(asked: str, *, wanted: bool) -> None:
    rule = Rule(
        id="1", title="t", path="p", logsource=Logsource(), tags=("attack.initial-access", "attack.T1078.003", "tlp.red", "cve.2021-44228")
    )
    request = Request(rules=(), now=0, tags=(asked,))
    assert request.wants(rule) is wanted
    assert request.idle_tags([rule]) == ([] if wanted else [asked])


def test_a_rule_of_no_known_level_is_run() -> None:
    rule = Rule(id="1", title="t", path="p", logsource=Logsource(), level="strange")
    assert Request(rules=(), now=0, level="critical").wants(rule)


def test_records_outside_the_time_asked_for_are_stored_and_counted_but_not_judged(logs: Path, rules: Path) -> None:
    told = hunted([logs], rules, since=DAY + 20 * SECOND, until=DAY + 40 * SECOND)
    assert told.sights == [("2", "auth.log", 2), ("3", "sysmon.json", 1)]
    assert told.outcome.outside == 2
    assert told.counts == {"auth.log": (3, 2, 1, 0), "sysmon.json": (2, 2, 0, 0)}
    assert (told.outcome.first, told.outcome.last) == (DAY + 10 * SECOND, DAY + 40 * SECOND)


def test_since_is_inclusive_and_until_is_not(logs: Path, rules: Path) -> None:
    assert hunted([logs], rules, since=DAY + 10 * SECOND, until=DAY + 20 * SECOND).sights == [("1", "auth.log", 1)]
    assert hunted([logs], rules, until=DAY + 10 * SECOND).sights == []
    assert hunted([logs], rules, since=DAY + 41 * SECOND).outcome.outside == 4


def test_clocks_without_a_zone_are_read_in_the_zone_asked_for(logs: Path, rules: Path) -> None:
    told = hunted([logs / "auth.log"], rules, zone=ZoneInfo("Europe/Vienna"))
    assert [one["time_dt"] for one in told.findings] == ["2026-11-22T23:00:10.000000000Z", "2026-11-22T23:00:20.000000000Z"]


def test_the_reference_matcher_finds_no_difference(logs: Path, rules: Path) -> None:
    told = hunted([logs, write(logs / "more.json", [process(50, IntegrityLevel="Odd"), process(60)])], rules, paranoid=True)
    assert told.outcome.differences == ()
    assert len(told.findings) == 6
