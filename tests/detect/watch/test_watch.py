"""A watch finds what a hunt finds, however its records come and whatever happens in between."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.detect.watch.watching import FOREVER, Entries, entry, follower, kept, quiet, request_for, sights, steps
from tests.hunting import NOW, PACK, accepted, failed, hunted, pack, process, write

from bartizan.detect.hunt.setup import judge_for
from bartizan.detect.watch.contract import Alert, Entry, Place
from bartizan.detect.watch.ledger import Ledger
from bartizan.detect.watch.watcher import Balance, Watcher
from bartizan.errors import BartizanError

BURST = """
title: Many logins failed
id: 77777777-7777-4777-8777-777777777777
level: high
correlation:
  type: event_count
  rules: [22222222-2222-4222-8222-222222222222]
  group-by: [host]
  timespan: 1m
  condition: {gte: 3}
"""
AFTER = """
title: A login came true after many that failed
id: 88888888-8888-4888-8888-888888888888
level: critical
correlation:
  type: temporal_ordered
  rules: [77777777-7777-4777-8777-777777777777, 11111111-1111-4111-8111-111111111111]
  group-by: [host]
  timespan: 5m
  generate: true
"""
UNANSWERED = """
title: A login without a second
id: 99999999-9999-4999-8999-999999999999
level: low
correlation:
  type: bartizan_absence
  rules: [11111111-1111-4111-8111-111111111111, 22222222-2222-4222-8222-222222222222]
  group-by: [host]
  timespan: 2m
"""
CORRELATED = {**PACK, "burst.yml": BURST, "after.yml": AFTER, "unanswered.yml": UNANSWERED}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(tmp_path_factory.mktemp("rules"), CORRELATED)


def uids(alerts: list[Alert]) -> Counter[str]:
    return Counter(alert.uid for alert in alerts)


@st.composite
def days(draw: st.DrawFn) -> list[str]:
    """Draw a small log: lines about logins and processes, some of them twice, some garbage, in any order of time."""
    line = st.builds(failed, st.integers(0, 600)) | st.builds(accepted, st.integers(0, 600)) | st.builds(process, st.integers(0, 600))
    return draw(st.lists(line | st.just("no source knows this\n"), min_size=1, max_size=40))


def cut(lines: list[str], sizes: list[int]) -> list[Entry]:
    """Cut a log into entries of some sizes, as often as need be."""
    found, at, turn = [], 0, 0
    while at < len(lines):
        size = sizes[turn % len(sizes)]
        found.append(entry(lines[at : at + size], stream="a.log"))
        at, turn = at + size, turn + 1
    return found


@given(lines=days(), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5), together=st.integers(1, 4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_recording_gives_what_the_hunt_through_it_gives(rules: Path, lines: list[str], sizes: list[int], together: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = hunted([write(folder / "a.log", lines)], rules)
        request = request_for(rules)
        ledger = Ledger(folder / "ledger")
        watcher = Watcher(judge_for(request), request, ledger, lateness=FOREVER)
        entries = cut(lines, sizes)
        alerts: list[Alert] = []
        total = Balance()
        with ledger.piece():
            pieces = [watcher.take(entries[at : at + together]) for at in range(0, len(entries), together)]
            for piece in [*pieces, watcher.finish(told.outcome.last)]:
                alerts += piece.alerts
                for one in piece.balance.values():
                    total = Balance(*(getattr(total, what) + getattr(one, what) for what in Balance.__struct_fields__))
        ledger.close()
    assert uids(alerts) == Counter(one["finding_info"]["uid"] for one in told.findings)
    assert (total.read, total.stored, total.unparsed, total.duplicate) == told.counts["a.log"]


def test_findings_say_where_their_record_stood_in_its_stream(tmp_path: Path, rules: Path) -> None:
    entries = Entries([entry([failed(1), accepted(2)]), entry([accepted(3)], stream="other"), entry([accepted(4)])])
    one = follower(tmp_path, rules, entries)
    steps(one)
    found = sights([alert for alert in kept(one) if alert.rule[0] in "12"])
    assert found == Counter({("1", "ndjson/local", 2): 1, ("1", "other", 1): 1, ("1", "ndjson/local", 3): 1})


def test_a_correlation_is_told_when_its_time_has_passed_and_shows_its_records(tmp_path: Path, rules: Path) -> None:
    burst = entry([failed(number) for number in (1, 5, 9)])
    entries = Entries([burst, entry([accepted(12)]), entry([failed(200)]), quiet(400)])
    one = follower(tmp_path, rules, entries)
    found = [sorted((alert.rule[0], json.loads(alert.line).get("count")) for alert in piece.alerts) for piece in steps(one)]
    assert found == [[], [("1", None)], [("7", 3)], [("8", 2), ("9", 1)]]
    told = {alert.rule[0]: json.loads(alert.line) for alert in kept(one)}
    assert [related["type"] for related in told["8"]["finding_info"]["related_events"]] == ["finding", "record"]
    assert [artifact["data"]["origin"]["record"] for artifact in told["7"]["evidences"]] == [1, 2, 3]


@pytest.mark.parametrize("broken", range(6))
def test_a_watch_that_is_killed_goes_on_as_if_nothing_had_been(tmp_path: Path, rules: Path, broken: int) -> None:
    lines = [*(failed(number) for number in range(0, 60, 7)), accepted(70), accepted(70), accepted(71, user="root", host="db-01")]
    entries = Entries([*cut(lines, [3, 1, 2]), quiet(600)], each=2)
    straight = follower(tmp_path / "straight", rules, entries)
    steps(straight)
    one = follower(tmp_path / "killed", rules, entries)
    for _ in range(broken):
        one.step()
    one.close()
    again = follower(tmp_path / "killed", rules, entries)
    steps(again)
    assert uids(kept(again)) == uids(kept(straight))
    assert again.ledger.balances() == straight.ledger.balances()


def test_a_piece_that_was_begun_is_cut_in_the_same_way_when_it_is_judged_again(tmp_path: Path, rules: Path) -> None:
    entries = Entries([entry([accepted(number)]) for number in range(6)], each=2)
    one = follower(tmp_path, rules, entries)
    one.ledger.plan(Place(1, 3))
    pieces = [sum(balance.read for balance in piece.balance.values()) for piece in steps(one)]
    assert pieces == [3, 2, 1]


def test_what_fails_in_the_middle_of_a_piece_leaves_nothing_of_it(tmp_path: Path, rules: Path) -> None:
    class Full:
        def keep(self, _piece: object, _batch: str) -> None:
            raise OSError(28, "No space left on device")

    entries = Entries([entry([accepted(1)]), entry([accepted(2)])])
    one = follower(tmp_path, rules, entries)
    with pytest.raises(OSError, match="No space"):
        one.step(Full())
    assert (kept(one), one.ledger.balances(), one.ledger.place()[0]) == ([], {}, Place())
    one.close()
    again = follower(tmp_path, rules, entries)
    steps(again)
    assert sights(kept(again)) == Counter({("1", "ndjson/local", 1): 1, ("1", "ndjson/local", 2): 1})


def test_columns_that_were_named_once_are_known_in_what_comes_later_and_after_a_restart(tmp_path: Path, rules: Path) -> None:
    head = ["#Software: Microsoft Internet Information Services 10.0", "#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status"]
    line = "2026-11-26 10:00:0{} 192.0.2.1 GET /{} 203.0.113.9 200"
    named = Entry(stream="iis", received=NOW, framing="lines", records=[line.format(1, "a").encode()], head=[one.encode() for one in head])
    entries = Entries([named, entry([line.format(2, "b")], stream="iis")])
    first = follower(tmp_path, rules, entries)
    steps(first)
    first.close()
    entries.entries.append(entry([line.format(3, "c")], stream="iis"))
    again = follower(tmp_path, rules, entries)
    steps(again)
    assert again.ledger.balances() == {("2026-11-23", "iis"): Balance(3, 3, 0, 0)}


def test_records_sent_twice_are_known_after_a_restart(tmp_path: Path, rules: Path) -> None:
    entries = Entries([entry([accepted(1)])])
    first = follower(tmp_path, rules, entries)
    steps(first)
    first.close()
    entries.entries.append(entry([accepted(1), accepted(2)]))
    again = follower(tmp_path, rules, entries)
    steps(again)
    assert again.ledger.balances() == {("2026-11-23", "ndjson/local"): Balance(3, 2, 0, 1)}


def test_a_correlation_that_was_changed_begins_anew_and_the_others_go_on(tmp_path: Path, rules: Path) -> None:
    entries = Entries([entry([failed(1), failed(2), accepted(3)])])
    first = follower(tmp_path / "state", rules, entries)
    steps(first)
    first.close()
    changed = pack(tmp_path / "rules", {**CORRELATED, "unanswered.yml": UNANSWERED.replace("2m", "3m")})
    entries.entries += [entry([failed(4)]), quiet(600)]
    again = follower(tmp_path / "state", changed, entries)
    assert again.anew == ("99999999-9999-4999-8999-999999999999",)
    steps(again)
    assert [(alert.rule[0], json.loads(alert.line).get("count")) for alert in kept(again)] == [("1", None), ("7", 3)]


def test_a_clock_that_is_years_ahead_does_not_make_everything_else_late(tmp_path: Path, rules: Path) -> None:
    ahead = [
        f"2041-01-01T00:00:0{number}Z web-01 sshd[2112]: Failed password for root from 203.0.113.50 port 1 ssh2" for number in range(3)
    ]
    entries = Entries([entry(ahead), entry([failed(1), failed(2), failed(3)]), quiet(600)])
    one = follower(tmp_path, rules, entries)
    steps(one)
    assert (one.watcher.correlator.late, [alert.rule[0] for alert in kept(one)]) == (0, ["7"])


def test_what_is_no_state_of_a_watch_is_said(tmp_path: Path, rules: Path) -> None:
    request = request_for(rules)
    watcher = Watcher(judge_for(request), request, Ledger(tmp_path / "ledger"), lateness=0)
    with pytest.raises(BartizanError, match=r"this is no state of a watch: .*; move it away to begin anew"):
        watcher.restore(b"\xc1")
