"""Correlations on the command line: their verdicts, what they ask, and why they fire or do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.hunting import failed, pack, write

if TYPE_CHECKING:
    from pathlib import Path

PAIR = """
title: Many passwords refused
id: b1111111-1111-4111-8111-111111111111
level: high
correlation:
  type: event_count
  rules: [refused]
  group-by: host
  timespan: 1m
  condition: {gte: 5}
---
title: Password refused
name: refused
id: a1111111-1111-4111-8111-111111111111
logsource: {product: linux, service: sshd}
detection: {words: [Failed password], condition: words}
"""
NOWHERE = PAIR.replace("linux", "nowhere").replace("1111111-1", "2222222-2").replace("refused", "unheard").replace("sshd", "none")


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    return pack(tmp_path / "rules", {"refused-often.yml": PAIR, "nowhere.yml": NOWHERE})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    lines = [*(failed(number * 5) for number in range(7)), *(failed(number * 20).replace("web-01", "web-02") for number in range(3))]
    return write(tmp_path / "auth.log", lines)


def test_the_list_says_which_rule_keeps_a_correlation_from_firing(pair: Path) -> None:
    told = {one["id"][:2]: (one["verdict"], one["reason"]) for one in bartizan("rules", "list", "--rules", pair, "--json").json}
    nothing = "no source that is read gives nowhere/-/none"
    assert told == {
        "a1": ("running", ""),
        "a2": ("cannot-fire", nothing),
        "b1": ("running", ""),
        "b2": ("cannot-fire", f"its rule 'Password unheard' cannot fire: {nothing}"),
    }


def test_what_a_correlation_asks_is_told_in_words(pair: Path) -> None:
    assert bartizan("rules", "explain", "refused-often", "--rules", pair).out.splitlines() == [
        "Many passwords refused fires on",
        "  number of events >= 5, within 1m",
        "  for the same host",
        "  of the rules refused",
    ]
    assert bartizan("rules", "show", "refused-often", "--rules", pair).out.splitlines()[1:] == PAIR.rstrip().splitlines()


def test_why_it_fires_for_some_and_came_near_for_others(pair: Path, log: Path) -> None:
    told = bartizan("explain", pair / "refused-often.yml", "--on", log).out.splitlines()
    assert told == [
        "Many passwords refused (b1111111-1111-4111-8111-111111111111) fires 1 times",
        "  asks for number of events >= 5, within 1m; for the same host; of the rules refused",
        "  'Password refused' fired 10 times",
        "",
        (
            "fires    host = web-01: 2026-11-23 00:00:00 to 00:00:20 UTC (20 seconds): "
            "7 events in windows of 1m for host = web-01 (number of events >= 5)"
        ),
        "nearest  host = web-02: 2026-11-23 00:00:00 to 00:00:40 UTC (40 seconds): number of events: 3, asked is >= 5",
    ]
    as_json = bartizan("explain", pair / "refused-often.yml", "--on", log, "--json").json
    assert [(group["group"], group["fires"]) for group in as_json["groups"]] == [("host = web-01", True), ("host = web-02", False)]


def test_where_it_does_not_fire_what_was_left_out_is_told(tmp_path: Path, log: Path) -> None:
    rules = pack(tmp_path / "other", {"x.yml": PAIR.replace("group-by: host", "group-by: [host, nowhere]")})
    told = bartizan("explain", rules / "x.yml", "--on", log, log).out.splitlines()
    assert told[0].endswith("does not fire")
    assert told[3] == "  10 more events have not every field that it asks for (host, nowhere)"
    wide = pack(tmp_path / "wide", {"x.yml": PAIR.replace("group-by: host", "group-by: src_port").replace("gte: 5", "gte: 50")})
    assert (
        bartizan("explain", wide / "x.yml", "--on", log).out.splitlines()[-1]
        == "nearest  src_port = 5: 2026-11-23 00:00:05: number of events: 1, asked is >= 50"
    )


def test_a_single_record_is_not_what_a_correlation_judges(pair: Path, log: Path) -> None:
    told = bartizan("explain", pair / "refused-often.yml", "--on", log, "--record", "1")
    assert "is a correlation: it judges many records together, not one; leave --record out" in told.err
    assert told.code == 2


def test_a_correlation_of_no_group_is_told_without_one(tmp_path: Path, log: Path) -> None:
    rules = pack(tmp_path / "all", {"x.yml": PAIR.replace("  group-by: host\n", "")})
    assert bartizan("rules", "explain", rules / "x.yml").out.splitlines()[2] == "  of the rules refused"
    assert bartizan("explain", rules / "x.yml", "--on", log).out.splitlines()[-1].startswith("fires    2026-11-23 00:00:00 to ")
