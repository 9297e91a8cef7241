from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.simulate.framing import DAY

from bartizan.simulate.company.world import found
from bartizan.simulate.contract import behaviours, stages

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.simulate import Truth

TACTICS = {
    "reconnaissance", "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion", "credential-access",
    "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
}  # fmt: skip


def test_every_action_says_what_was_done_where_and_by_which_technique(small_day: tuple[Path, Truth]) -> None:
    truth = small_day[1]
    assert {action.tactic for action in truth.actions} == TACTICS
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", technique) for action in truth.actions for technique in action.techniques)
    hosts = {action.host for action in truth.actions}
    company = found(1, DAY, 0.01)
    assert hosts <= {*company.windows, *company.linux, "aws"}
    assert all(action.records and action.what.endswith(".") and action.principal for action in truth.actions)


def test_actions_stand_in_the_order_of_time_and_span_the_working_day(small_day: tuple[Path, Truth]) -> None:
    times = [action.time for action in small_day[1].actions]
    assert times == sorted(times)
    assert (times[0][:16], times[-1][:16]) == ("2026-03-10T05:12", "2026-03-10T18:02")


def test_some_techniques_are_done_in_more_than_one_way_and_some_actions_are_quiet(small_day: tuple[Path, Truth]) -> None:
    truth = small_day[1]
    times = Counter(technique for action in truth.actions for technique in action.techniques)
    for technique in ("T1003.001", "T1070.001", "T1053.005", "T1537", "T1021.002", "T1562.008", "T1110.001"):
        assert times[technique] >= (1 if technique == "T1110.001" else 2), technique
    assert 15 <= sum(action.quiet for action in truth.actions) <= len(truth.actions) / 2


def test_the_intrusion_crosses_hosts_and_the_cloud(small_day: tuple[Path, Truth]) -> None:
    folders = {reference.path.split("/")[0] for action in small_day[1].actions for reference in action.records}
    assert folders == {"windows", "linux", "nginx", "cloudtrail", "zeek"}
    assert len({action.host for action in small_day[1].actions}) >= 8


def test_suspicious_behaviours_are_told_apart_by_name(small_day: tuple[Path, Truth]) -> None:
    suspicious = {behaviour.name for behaviour in behaviours() if behaviour.suspicion}
    assert {family.name for family in small_day[1].noise} == suspicious
    assert len({behaviour.name for behaviour in behaviours()}) == len(behaviours())
    assert len({stage.order for stage in stages()}) == len(stages())
