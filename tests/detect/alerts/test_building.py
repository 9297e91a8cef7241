from __future__ import annotations

from tests.detect.alerts.made import RULES, Seen, alerts_of, at, host, ledger_of, subject

from bartizan.detect.alerts.assets import Asset, Assets
from bartizan.detect.alerts.building import View, build
from bartizan.detect.alerts.contract import DAY, MINUTE, Notice, Policy
from bartizan.detect.alerts.grouping import place_of
from bartizan.detect.alerts.ledger import Ledger
from bartizan.detect.alerts.severity import severity
from bartizan.detect.alerts.silences import Silence

EVERY_SPAN: list[Seen] = [("scan", "web", minute) for minute in range(0, 600, 5)]


def test_what_a_rule_does_all_the_time_is_routine_and_counts_all_the_same() -> None:
    [alert] = alerts_of(EVERY_SPAN).alerts
    assert (alert.count, alert.routine) == (120, 117)
    assert alert.why_quiet.startswith("117 of 120 findings are routine: before, the rule fired here in ")


def test_where_little_came_before_that_is_said() -> None:
    [alert] = alerts_of([("scan", "web", 0)]).alerts
    assert alert.surprise == (
        "before, the rule fired here in 0 and anywhere in 0 of 0 spans of 5 minutes (5.0 bits), too little to judge by"
    )


def test_what_a_rule_never_did_before_stands_first() -> None:
    made = alerts_of([*EVERY_SPAN, ("other", "web", 590)])
    assert [(one.rule.id, round(one.score, 1)) for one in made.alerts] == [("other", 6.9), ("scan", 5.0)]
    assert made.groups[0].alerts == (made.alerts[0].id,)
    assert made.alerts[0].groups == (made.groups[0].id,)


def test_a_grave_rule_is_never_routine() -> None:
    [alert] = alerts_of([("shell", "web", minute) for minute in range(0, 600, 5)]).alerts
    assert (alert.routine, alert.score) == (0, 18.0)
    assert alert.surprise.endswith("raised to 6 bits by its severity")


def test_a_record_with_a_clock_of_another_age_makes_nothing_surprising() -> None:
    early = ("scan", "web", -20_000_000)
    assert alerts_of([early, *EVERY_SPAN]).alerts[0].routine == 118


def test_a_group_ends_where_nothing_follows_for_longer_than_the_window() -> None:
    made = alerts_of([("scan", "web", 0), ("shell", "web", 30), ("login", "web", 61), ("scan", "mail", 10)])
    assert sorted((one.place, one.first, one.last, one.count) for one in made.groups) == [
        ((("host", "mail"),), at(10), at(10), 1),
        ((("host", "web"),), at(0), at(30), 2),
        ((("host", "web"),), at(61), at(61), 1),
    ]
    first = next(one for one in made.groups if one.count == 2)
    assert first.why == "2 alerts about host web, with no gap longer than 30 minutes between notable findings; 2 tactics"
    assert (first.severity_id, first.tactics, first.score) == (4, ("Discovery", "Persistence"), 1.25 * (18 + 5))


def test_one_is_told_at_once_then_when_others_join_and_when_it_goes_on() -> None:
    seen: list[Seen] = [("shell", "web", minute) for minute in range(0, 300, 20)]
    made = alerts_of([*seen, ("scan", "web", 1), ("other", "web", 281)])
    assert made.groups[0].notices == (
        Notice(at(0), "it begins with A web shell"),
        Notice(at(20), "joined by A scan"),
        Notice(at(260), "it goes on"),
        Notice(at(281), "joined by Something"),
    )


def test_what_joined_last_is_told_although_nothing_follows() -> None:
    [group] = alerts_of([("shell", "web", 0), ("scan", "web", 1)]).groups
    assert group.notices == (Notice(at(0), "it begins with A web shell"), Notice(at(5), "joined by A scan"))


def test_no_group_is_told_of_more_than_a_hundred_times() -> None:
    policy = Policy(repeat=MINUTE)
    made = alerts_of([("shell", "web", minute) for minute in range(0, 2000, 5)], View(policy=policy))
    assert len(made.groups[0].notices) == 100


def test_silenced_findings_are_counted_and_in_no_group() -> None:
    silence = Silence(id="s1", matchers=(("host", "WE*"), ("title", "*scan")), owner="a", reason="b", start=at(5), until=at(15))
    made = alerts_of([("scan", "web", 0), ("scan", "web", 10), ("scan", "web", 20), ("shell", "web", 10)], View(silences=[silence]))
    scan = next(one for one in made.alerts if one.rule.id == "scan")
    assert (scan.count, scan.silenced, scan.silences, scan.why_quiet) == (3, 1, ("s1",), "1 of 3 findings are silenced by s1")
    assert sum(group.count for group in made.groups) == 3


def test_a_silence_can_name_an_alert_and_a_severity() -> None:
    [alert] = alerts_of([("shell", "web", 0)]).alerts
    for matchers, silenced in (((("alert", alert.id),), 1), ((("severity", "high"),), 1), ((("rule", "scan"),), 0), ((("user", "*"),), 0)):
        silence = Silence(id="s", matchers=matchers, owner="a", reason="b", start=0, until=at(1))
        [told] = alerts_of([("shell", "web", 0)], View(silences=[silence])).alerts
        assert told.silenced == silenced


def test_risk_is_halved_with_every_half_life_and_a_rule_counts_once() -> None:
    seen: list[Seen] = [("shell", "web", 0), ("shell", "web", 10), ("scan", "web", 10)]
    now = alerts_of(seen).risks[0]
    later = alerts_of(seen, View(now=at(10) + 14 * DAY)).risks[0]
    assert (now.entity, now.risk, now.last, now.terms) == (host("web"), 23.0, at(10), (("A web shell", 18.0), ("A scan", 5.0)))
    assert later.risk == 23.0 / 4


def test_severity_says_what_it_follows_from() -> None:
    asset = Asset("host:web", "critical", "internet", "assets.csv:2")
    assert severity(RULES["login"], asset)[0] == 3
    assert severity(RULES["other"], None)[0] == 3
    assert severity(RULES["shell"], asset)[0] == 5
    assert severity(RULES["login"], Asset("host:web", "low", "isolated", "assets.csv:2"))[0] == 1
    told = [(one.name, one.value, one.half_levels, one.why) for one in severity(RULES["login"], asset)[1]]
    assert told == [
        ("level", "low", 4, "the level that the rule gives"),
        ("confidence", "low", -1, "the status of the rule: many false alarms are to be expected"),
        ("asset value", "critical", 2, "assets.csv:2 says so of host:web"),
        ("exposure", "internet", 1, "assets.csv:2 says so of host:web"),
    ]
    unknown = [(one.value, one.half_levels) for one in severity(RULES["other"], None)[1]]
    assert unknown == [("unknown", 6), ("unknown", 0), ("unknown", 0), ("unknown", 0)]


def test_what_it_is_about_raises_the_severity_of_an_alert() -> None:
    assets = Assets([Asset("host:w*", "critical", "", "x:1")])
    assert [one.severity_id for one in alerts_of([("shell", "web", 0), ("shell", "mail", 0)], View(assets=assets)).alerts] == [5, 4]


def test_findings_are_grouped_by_the_kinds_that_were_asked_for() -> None:
    about = subject("scan", "web")
    assert place_of(about, ()) == (("host", "web"),)
    assert place_of(about, ("host", "user")) == (("host", "web"), ("user", ""))
    assert place_of(about, ("user",)) == (("rule", "scan"),)


def test_nothing_gives_nothing() -> None:
    made = build(Ledger(), View())
    assert (made.alerts, made.groups, made.risks, made.findings, made.now, made.notes) == ([], [], [], 0, 0, ())


def test_bounds_that_were_reached_are_told() -> None:
    seen: list[Seen] = [("scan", name, minute) for name in ("a", "b", "c") for minute in range(0, 100, 10)]
    assert build(ledger_of([seen], most_subjects=2, most_cells=5), View()).notes == (
        "10 findings are about more subjects than are kept apart; they share one alert per rule",
        "findings are counted in spans of 80 minutes because there are too many for shorter ones",
    )
