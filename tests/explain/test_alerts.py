from __future__ import annotations

from typing import TYPE_CHECKING

from tests.detect.alerts.made import RULES, Seen, alerts_of, at, ledger_of

from bartizan.detect.alerts.building import View, build
from bartizan.detect.alerts.contract import RuleFacts
from bartizan.detect.alerts.decisions import standings
from bartizan.detect.alerts.desk import Desk
from bartizan.detect.alerts.silences import Silence
from bartizan.explain.alerts import list_lines, show_lines, silence_line, why_lines

if TYPE_CHECKING:
    import pytest

    from bartizan.detect.alerts.contract import Alerts

ROUTINE: list[Seen] = [("scan", "web", minute) for minute in range(0, 600, 5)]


def desk(alerts: Alerts) -> Desk:
    return Desk(alerts=alerts, standings=standings(alerts.alerts, ()), silences=(), problems=())


def test_a_group_of_many_alerts_shows_the_first_and_counts_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        monkeypatch.setitem(RULES, f"r{number}", RuleFacts(f"r{number}", f"Rule {number}", 3, 2))
    made = alerts_of([(f"r{number}", "web", 0) for number in range(8)])
    lines = list(list_lines(desk(made), most=5))
    assert lines[0] == f"    40.0  medium        host:web  2023-11-14 22:13:20  8 findings  {made.groups[0].id}"
    assert lines[6] == f"          and 3 more alerts: bartizan alerts show {made.groups[0].id}"


def test_what_is_routine_and_what_was_met_twice_is_in_the_sums() -> None:
    made = build(ledger_of([ROUTINE, ROUTINE]), View())
    assert list(list_lines(desk(made), most=5))[-1] == (
        "120 findings in 1 alert and 1 group (1 shown); 117 are routine; 120 were met twice"
    )


def test_an_alert_says_what_of_it_is_quiet() -> None:
    made = alerts_of(ROUTINE)
    told = " ".join(made.alerts[0].why_quiet.split()[:6])
    assert told == "117 of 120 findings are routine:"
    assert f"  quiet:    {made.alerts[0].why_quiet}" in list(show_lines(desk(made), made.alerts))
    assert f"  quiet: {made.alerts[0].why_quiet}" in list(why_lines(desk(made), made.alerts))


def test_nothing_found_is_said() -> None:
    assert list(list_lines(desk(alerts_of([])), most=5)) == ["0 findings in 0 alerts and 0 groups (0 shown)"]


def test_what_others_wrote_is_shown_with_escapes() -> None:
    silence = Silence(id="s", matchers=(("host", "\x1b[31m"),), owner="a", reason="b\n", start=at(0), until=at(1))
    assert silence_line(silence) == r"s  host=\x1b[31m  from 2023-11-14 22:13:20 until 2023-11-14 22:14:20 UTC  a: b\n"
