"""Correlations in a hunt: what is told, what is only evidence, and that nothing is lost silently."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.hunting import ACCEPTED, FAILED, NOW, TINY, Told, accepted, failed, hunted, pack, process, write

from bartizan import hunt
from bartizan.detect.correlate.contract import match_id
from bartizan.detect.hunt import correlating
from bartizan.detect.hunt.correlating import Correlator, Place
from bartizan.detect.hunt.feeding import Fed
from bartizan.detect.hunt.request import Request
from bartizan.rules import load
from bartizan.testing.ocsf_check import check_record

if TYPE_CHECKING:
    from pathlib import Path

MANY = """
title: Many logins failed
name: many
id: b1111111-1111-4111-8111-111111111111
level: high
status: test
tags: [attack.credential-access, attack.t1110.001]
correlation:
  type: event_count
  rules: [failed]
  group-by: [host]
  timespan: 1m
  condition: {gte: 5}
"""
GUESSED = """
title: A password was guessed
id: b2222222-2222-4222-8222-222222222222
level: critical
tags: [attack.credential-access, attack.t1110.001]
correlation:
  type: temporal_ordered
  rules: [many, accepted]
  group-by: [host]
  timespan: 10m
"""
PORTS = """
title: Many ports
id: b3333333-3333-4333-8333-333333333333
level: medium
correlation:
  type: value_count
  rules: [failed]
  group-by: [src]
  aliases: {src: {failed: src_ip}}
  timespan: 1h
  generate: true
  condition: {gte: 3, field: src_port}
"""
NEVER = """
title: Two things at once
id: b4444444-4444-4444-8444-444444444444
level: medium
correlation:
  type: temporal
  rules: [failed, whoami]
  timespan: 1h
---
title: Somebody asks who they are
name: whoami
id: a3333333-3333-4333-8333-333333333333
logsource: {product: windows, category: process_creation}
detection: {asked: {Image|endswith: '\\whoami.exe'}, condition: asked}
"""
PROCESSES = """
title: x
id: b6666666-6666-4666-8666-666666666666
correlation:
  type: value_count
  rules: whoami
  group-by: [Computer, User]
  timespan: 5m
  condition: {gte: 3, field: [ProcessId, Image]}
"""
ABSENT = """
title: Nobody got in
id: b5555555-5555-4555-8555-555555555555
level: low
correlation:
  type: bartizan_absence
  rules: [failed, accepted]
  group-by: host
  timespan: 30s
"""


def rules_of(tmp_path: Path, *texts: str) -> Path:
    return pack(tmp_path / "rules", {f"{number}.yml": text for number, text in enumerate(texts)})


def told(findings: Told) -> list[tuple[str, int, str]]:
    """Return title, count of records and message of each finding."""
    return [(one["finding_info"]["title"], one.get("count", 1), one["message"]) for one in findings.findings]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Seven failures within a minute, then a success."""
    return write(tmp_path / "log" / "auth.log", [*(failed(number * 5) for number in range(7)), accepted(90)])


def test_a_count_of_events_is_one_finding_with_its_records_and_its_rules_raise_none(log: Path, tmp_path: Path) -> None:
    found = hunted([log], rules_of(tmp_path, FAILED, MANY), paranoid=True)
    assert told(found) == [
        ("Many logins failed", 7, "Many logins failed: 7 events in windows of 1m for host = web-01 (number of events >= 5)")
    ]
    one = found.findings[0]
    assert [evidence["data"]["origin"]["record"] for evidence in one["evidences"]] == [1, 2, 3, 4, 5, 7]
    assert [event["uid"] for event in one["finding_info"]["related_events"]] == [evidence["uid"] for evidence in one["evidences"]]
    assert one["finding_info"]["related_events_count"] == 7
    assert one["finding_info"]["uid"] == match_id(one["finding_info"]["analytic"]["uid"], ["web-01"], one["time"] * 1_000_000).hex()
    assert (one["time"] - one["start_time"], one["end_time"] - one["start_time"]) == (20_000, 30_000)
    assert (one["severity"], one["confidence"], one["device"]["hostname"]) == ("High", "Medium", "web-01")
    assert check_record(one) == []
    assert found.verdicts == {"a": ("running", "a correlation names it: it raises no findings of its own"), "b": ("running", "")}
    assert (found.outcome.findings, list(found.outcome.differences), list(found.outcome.remarks)) == (1, [], [])
    group = found.outcome.groups[0]
    assert ([str(entity) for entity in group.entities], group.count, group.samples[0].record) == (["host:web-01", "ip:203.0.113.50"], 1, 1)


def test_a_correlation_of_a_correlation_shows_the_records_of_both(log: Path, tmp_path: Path) -> None:
    found = hunted([log], rules_of(tmp_path, FAILED, ACCEPTED, MANY, GUESSED), paranoid=True)
    assert told(found) == [
        ("A password was guessed", 2, "A password was guessed: 2 events in windows of 10m for host = web-01 (many, then accepted)")
    ]
    one = found.findings[0]
    assert [evidence["data"]["origin"]["record"] for evidence in one["evidences"]] == [1, 2, 3, 4, 5, 7, 8]
    assert [event["type"] for event in one["finding_info"]["related_events"]] == ["finding", "record"]
    assert {sight["name"] for sight in one["observables"] if sight["value"] == "web-01"} == {"evidences[0].device.hostname"}
    assert check_record(one) == []
    assert list(found.outcome.differences) == []


def test_generate_lets_the_rules_speak_too_and_aliases_and_values_are_taken_from_native_fields(log: Path, tmp_path: Path) -> None:
    found = hunted([log], rules_of(tmp_path, FAILED, PORTS), paranoid=True)
    assert [title for title, _, _ in told(found)] == ["A login failed"] * 7 + ["Many ports"]
    assert told(found)[-1][2] == (
        "Many ports: 7 events in windows of 1h for src = 203.0.113.50 (number of distinct values of src_port >= 3: 3)"
    )


def test_the_answer_does_not_hang_on_workers_or_on_how_the_files_are_cut_and_called(tmp_path: Path) -> None:
    chance = random.Random(5)
    lines = [(failed if chance.random() < 0.8 else accepted)(number * 2) for number in range(400)]
    rules = rules_of(tmp_path, FAILED, ACCEPTED, MANY, GUESSED, ABSENT)
    whole = hunted([write(tmp_path / "one" / "auth.log", lines)], rules, paranoid=True)
    assert list(whole.outcome.differences) == []
    assert len(whole.findings) > 5
    shuffled = chance.sample(lines, len(lines))
    halves = [write(tmp_path / "two" / name, some) for name, some in (("b.log", shuffled[:150]), ("a.log", shuffled[150:]))]
    summary = [(one["finding_info"]["uid"], one["count"], one["time"], one["start_time"], one["end_time"]) for one in whole.findings]
    for workers in (1, 2):
        again = hunted([tmp_path / "one"], rules, workers=workers, limits=TINY)
        assert again.text == whole.text
        other = hunted(halves, rules, workers=workers, limits=TINY)
        assert [
            (one["finding_info"]["uid"], one["count"], one["time"], one["start_time"], one["end_time"]) for one in other.findings
        ] == summary


def test_fields_of_different_logs_are_joined_by_the_attributes_of_ocsf(tmp_path: Path) -> None:
    logs = [
        write(tmp_path / "log" / "auth.log", [failed(10), failed(20).replace("web-01", "web-02")]),
        write(tmp_path / "log" / "sysmon.json", [process(30, Hostname="WEB-01"), process(40)]),
    ]
    found = hunted(logs, rules_of(tmp_path, FAILED, NEVER.replace("rules: [", "group-by: device.hostname\n  rules: [")), paranoid=True)
    assert [message for _, _, message in told(found)] == [
        "Two things at once: 2 events in windows of 1h for device.hostname = web-01 (what is seen of failed, whoami)"
    ]
    assert len({evidence["data"]["origin"]["path"] for evidence in found.findings[0]["evidences"]}) == 2
    assert check_record(found.findings[0]) == []


def test_a_correlation_whose_rule_cannot_fire_says_which(log: Path, tmp_path: Path) -> None:
    found = hunted([log], rules_of(tmp_path, FAILED, NEVER))
    why = "its rule 'Somebody asks who they are' cannot fire: nothing that was read is of log source windows/process_creation/-"
    assert found.verdicts["b"] == ("cannot-fire", why)


def test_an_absence_that_the_end_of_the_input_leaves_open_is_said_to_be_so(tmp_path: Path) -> None:
    log = write(
        tmp_path / "auth.log", [failed(0), accepted(20), failed(100), failed(200), accepted(300), failed(301), accepted(400), failed(401)]
    )
    found = hunted([log], rules_of(tmp_path, FAILED, ACCEPTED, ABSENT), paranoid=True)
    first = "Nobody got in: 1 event in windows of 30s for host = web-01 (failed not followed by accepted)"
    assert [message for _, _, message in told(found)] == [first, first, first, f"{first}; the input ended before the time had passed"]
    assert list(found.outcome.differences) == []


def test_an_absence_is_not_looked_for_where_the_log_of_its_second_rule_was_not_read(log: Path, tmp_path: Path) -> None:
    absent = ABSENT.replace("[failed, accepted]", "[failed, whoami]")
    found = hunted([log], rules_of(tmp_path, FAILED, NEVER, absent))
    assert [one.verdict for one in found.outcome.verdicts if one.rule.correlation] == ["cannot-fire", "cannot-fire"]
    assert found.findings == []


def test_records_without_the_fields_asked_for_are_counted(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", [failed(1), failed(2)])
    rules = rules_of(tmp_path, FAILED, MANY.replace("[host]", "[nowhere, host]"))
    found = hunted([log], rules)
    where = str(tmp_path / "rules" / "1.yml")
    assert found.outcome.remarks == (
        f"{where}: correlation 'Many logins failed': 2 events have not every field that it asks for (nowhere, host) and were left out",
    )


def test_more_sightings_than_can_be_held_are_counted(tmp_path: Path) -> None:
    rules = load([rules_of(tmp_path, FAILED, MANY)])
    correlator = Correlator(rules, Request(rules=(), now=NOW), most=3)
    places = []
    for number in range(5):
        place = correlator.keep(b"{}")
        places.append(place)
        correlator.add(Fed(1, 0, ("web-01",), None), number, bytes(15) + bytes([number]), place, ())
    assert list(correlator.remarks()) == [
        f"{tmp_path / 'rules' / '1.yml'}: correlation 'Many logins failed': 2 events were left out, because 3 are held already"
    ]
    correlator.close()
    assert [place.at for place in places] == [0, 3, 6, 0, 0]
    assert places[-1] == Place(told=False, at=0, length=0)


def test_what_is_absent_is_not_looked_for_where_not_everything_was_read_or_held(tmp_path: Path) -> None:
    rules = load([rules_of(tmp_path, FAILED, ACCEPTED, ABSENT)])
    number = rules.correlations[0].number
    said = f"{tmp_path / 'rules' / '2.yml'}: correlation 'Nobody got in': "
    unsure = f"{said}what is absent was not looked for, because not everything was read or held"
    for whole, most, remarks in (
        (False, 9, [unsure]),
        (True, 1, [unsure, f"{said}1 events were left out, because 1 are held already"]),
    ):
        correlator = Correlator(rules, Request(rules=(), now=NOW), most=most)
        for second in range(2):
            correlator.add(Fed(number, 0, ("web-01",), None), second, bytes(15) + bytes([second]), correlator.keep(b"{}"), ())
        correlator.finish(NOW, frozenset(), (lambda one: pytest.fail(str(one)), lambda place: pytest.fail(str(place))), whole=whole)
        assert list(correlator.remarks()) == remarks
        correlator.close()


def test_records_behind_the_time_asked_for_decide_no_absence(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", [failed(0), accepted(20), failed(100), accepted(500)])
    day = 1_795_392_000_000_000_000
    found = hunted([log], rules_of(tmp_path, FAILED, ACCEPTED, ABSENT), until=day + 110_000_000_000)
    assert [message.endswith("the input ended before the time had passed") for _, _, message in told(found)] == [True]


def test_only_what_is_wanted_is_correlated(log: Path, tmp_path: Path) -> None:
    rules = rules_of(tmp_path, FAILED, ACCEPTED, MANY, GUESSED)
    found = hunted([log], rules, level="critical")
    assert [title for title, _, _ in told(found)] == ["A password was guessed"]
    assert [one.verdict for one in found.outcome.verdicts] == ["not-asked", "not-asked", "not-asked", "running"]
    assert hunted([log], rules, tags=("t1003",)).findings == []


def test_a_hunt_in_windows_logs_groups_by_what_the_view_calls_a_field(tmp_path: Path) -> None:
    log = write(tmp_path / "sysmon.json", [process(number) for number in range(4)])
    rules = rules_of(
        tmp_path,
        NEVER.split("---")[1],
        PROCESSES,
    )
    found = hunted([log], rules, paranoid=True)
    assert [message for _, _, message in told(found)] == [
        (
            "x: 4 events in windows of 5m for Computer = ws-1.corp.example, User = corp\\analyst "
            "(number of distinct values of ProcessId, Image >= 3: 3)"
        )
    ]


def test_a_group_too_large_for_the_definition_is_compared_with_the_stream(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correlating, "_LOOKED_AT", 2)
    found = hunted([log], rules_of(tmp_path, FAILED, ACCEPTED, MANY, GUESSED), paranoid=True)
    assert (len(found.findings), list(found.outcome.differences)) == (1, [])


def test_numbers_of_a_correlation_feed_another_as_far_as_they_are_numbers(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", [failed(number) for number in range(4)])
    inner = MANY.replace("gte: 5", "gte: 1").replace("[host]", "[host, src_port]")
    outer = """
title: Ports added up
id: b7777777-7777-4777-8777-777777777777
correlation:
  type: value_sum
  rules: [many]
  group-by: host
  timespan: 1h
  condition: {gte: 6, field: FIELD}
"""
    found = hunted([log], rules_of(tmp_path, FAILED, inner, outer.replace("FIELD", "src_port")), paranoid=True)
    assert [message for _, _, message in told(found)] == [
        "Ports added up: 4 events in windows of 1h for host = web-01 (sum of src_port >= 6: 6)"
    ]
    assert list(found.outcome.differences) == []
    none = hunted([log], rules_of(tmp_path, FAILED, inner, outer.replace("FIELD", "host")))
    assert none.findings == []
    assert none.outcome.remarks[0].endswith("4 events have not every field that it asks for (host) and were left out")


def test_a_reader_is_told_what_was_found_and_the_lake_keeps_it(log: Path, tmp_path: Path) -> None:
    with hunt(log, rules=[rules_of(tmp_path, FAILED, MANY)], out=tmp_path / "out") as found:
        sample = found.outcome.groups[0].samples[0]
        assert found.misfits == []
    assert sample.matched["correlation"] == "7 events in windows of 1m for host = web-01 (number of events >= 5)"
    (file,) = (tmp_path / "out" / "ext" / "detection_finding").rglob("*.parquet")
    (row,) = pl.read_parquet(file).select("count", "finding_info").to_dicts()
    assert (row["count"], row["finding_info"]["related_events_count"]) == (7, 7)
    assert [event["type"] for event in row["finding_info"]["related_events"]] == ["record"] * 6
    assert row["finding_info"]["last_seen_time"] - row["finding_info"]["first_seen_time"] == 30_000
