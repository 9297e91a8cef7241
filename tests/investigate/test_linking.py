from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.detect.alerts.made import Seen, at, ledger_of
from tests.investigate.made import ELSEWHERE, HOSTS, INTRUSION, findings, line, signal

from bartizan.detect.alerts.contract import HOUR
from bartizan.detect.alerts.ledger import SPAN
from bartizan.investigate.building import signals_from
from bartizan.investigate.casing import cases_of, connected
from bartizan.investigate.contract import Link, Signal
from bartizan.investigate.linking import Windows, hubs_of, links_of
from bartizan.investigate.signals import signals_of
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    import random

WINDOWS = Windows()


_MADE = st.lists(
    st.tuples(
        st.sampled_from("rst"),
        st.sets(st.sampled_from(["a", "b", "c", "d", "-", "null"]), max_size=2),
        st.integers(0, 400),
        st.sampled_from([3.0, 5.5, 6.5, 8.0]),
    ),
    max_size=14,
).map(
    lambda rows: [signal(f"{number:03}", rule, sorted(hosts), minute, bits=bits) for number, (rule, hosts, minute, bits) in enumerate(rows)]
)


def _naive(signals: list[Signal]) -> set[frozenset[str]]:
    """Compare every two surprising signals, then join sets until nothing changes."""
    sets = [{one.id} for one in signals]
    for one in signals:
        for other in signals:
            shared = {entity.value for entity in one.entities} & {entity.value for entity in other.entities} - {"-", "null"}
            apart = abs(one.first - other.first)
            surprising = min(one.bits, other.bits) >= 7.0
            if surprising and ((shared and apart <= WINDOWS.place) or (one.rule == other.rule and apart <= WINDOWS.rule)):
                joined = [held for held in sets if held & {one.id, other.id}]
                sets = [held for held in sets if held not in joined] + [set().union(*joined)]
    return {frozenset(held) for held in sets}


@given(_MADE)
def test_the_sets_are_those_of_comparing_every_two_signals(signals: list[Signal]) -> None:
    sets = connected([one.id for one in signals], links_of(signals, WINDOWS))
    assert {frozenset(names) for names in sets} == _naive(signals)


@given(_MADE, st.randoms(use_true_random=False))
def test_signals_in_any_order_make_the_same_cases(signals: list[Signal], chance: random.Random) -> None:
    shuffled = list(signals)
    chance.shuffle(shuffled)
    assert cases_of(shuffled) == cases_of(signals)


@given(_MADE)
def test_no_signal_is_in_two_cases_and_every_link_stays_in_its_case(signals: list[Signal]) -> None:
    cases = cases_of(signals)
    members = [one.id for case in cases for one in case.signals]
    assert len(members) == len(set(members))
    for case in cases:
        names = {one.id for one in case.signals}
        assert all({link.a, link.b} <= names for link in case.links)
        assert case.core <= names
        assert any(one.bits >= 7.0 for one in case.signals)


def test_what_is_on_every_machine_links_nothing() -> None:
    shared = [
        (EntityKind.USER, "nt authority\\system"),
        (EntityKind.HOST, "localhost"),
        (EntityKind.IP, "127.0.0.1"),
        (EntityKind.USER, "n/a"),
        (EntityKind.USER, "33"),
    ]
    made = [replace(signal(str(number), f"r{number}", (), number), entities=tuple(Entity(*one) for one in shared)) for number in range(3)]
    assert links_of(made, WINDOWS) == []


def test_a_link_says_what_is_shared_and_how_far_apart() -> None:
    made = links_of([signal("2", "s", ("web",), 60), signal("1", "r", ("web",), 0)], WINDOWS)
    assert made == [Link("1", "2", "host", "host:web", 0.5, HOUR, "both have host web, 60 minutes apart", "links/2")]


def test_what_six_places_have_in_common_is_a_hub() -> None:
    lines = [line(f"r{number}", number, device=f"ws-{number}", actor__user__name="svc-deploy") for number in range(6)]
    signals = signals_from(findings(lines))
    assert hubs_of(signals) == {Entity(EntityKind.USER, "svc-deploy")}
    assert [link for link in links_of(signals, WINDOWS, hubs_of(signals)) if link.type == "user"] == []
    assert hubs_of(signals[:5]) == frozenset()


def test_an_address_of_four_cloud_identities_is_a_gateway() -> None:
    lines = [
        line("denied", number, src_endpoint__ip="192.0.2.254", actor__user__uid=f"arn:aws:iam::111122223333:user/dev0{number}")
        for number in range(4)
    ]
    assert hubs_of(signals_from(findings(lines))) == {Entity(EntityKind.IP, "192.0.2.254")}
    assert hubs_of(signals_from(findings(lines[:3]))) == frozenset()


def test_a_case_has_the_id_of_its_earliest_signal_and_adds_up_the_best_bits() -> None:
    [case] = cases_of([signal("1", "r", ("web",), 0), signal("2", "r", ("web",), 5), signal("3", "s", ("web",), 9)])
    assert (case.id, case.score, case.entities) == ("1", 16.0, (Entity(EntityKind.HOST, "web"),))


def test_what_is_unusual_joins_the_core_it_is_near_and_nothing_else() -> None:
    seeds = [signal("1", "r", ("web",), 0), signal("2", "s", ("web",), 9)]
    near = [signal("3", "t", ("web",), 30, bits=5.5), signal("4", "u", ("db",), 30, bits=6.5)]
    far = [signal("5", "t", ("web",), 300, bits=5.5), signal("6", "v", ("db",), 31, bits=5.5), signal("7", "w", ("web",), 12, bits=2.0)]
    [case] = cases_of([*seeds, *near, *far])
    assert [one.id for one in case.signals] == ["1", "2", "3", "4"]
    assert case.core == {"1", "2", "3"}
    assert {(link.type, link.reason) for link in case.links if link.type == "time"} == {
        ("time", "on host:web, which is of the core, 21 minutes from the nearest of it"),
        ("time", "about host:db, while the core was at work, 21 minutes from the nearest of it"),
    }


def test_a_link_that_was_cut_counts_no_more_and_one_that_was_made_does() -> None:
    made = [signal("1", "r", ("web",), 0), signal("2", "s", ("web",), 9), signal("3", "t", ("db",), 500)]
    assert [len(case.signals) for case in cases_of(made, cut={"1-2"})] == [1, 1, 1]
    person = Link("2", "3", "person", "entry:1", 99.0, 0, "alice merged their cases")
    assert sorted(len(case.signals) for case in cases_of(made, more=[person])) == [3]


def test_two_hosts_that_fetch_from_one_site_are_one_case_and_what_is_elsewhere_is_none_of_it() -> None:
    cases = cases_of(signals_from(findings([*INTRUSION, *ELSEWHERE], HOSTS)))
    assert [[one.rule for one in case.signals] for case in cases] == [["upload", "shell", "fetch", "macro", "dump"], ["backup"]]
    assert {str(entity) for entity in cases[0].entities} == {
        *("domain:bad.example.net", "host:web-01", "host:ws-1.corp.example.com", "ip:203.0.113.45", "user:alice")
    }


def test_what_is_routine_follows_the_address_it_shares_with_the_core() -> None:
    routine = line("probe", 1, level=1, path="logs/web-01/access.log", src_endpoint__ip="203.0.113.45")
    [case] = cases_of(signals_from(findings([*INTRUSION, routine], HOSTS)))
    assert "probe" in {one.rule for one in case.signals}


def test_signals_are_what_is_surprising_or_grave() -> None:
    seen: list[Seen] = [("scan", "web", minute) for minute in range(0, 600, 5)]
    found = signals_of(ledger_of([[*seen, ("other", "web", 590)]]), least_bits=6.0)
    assert [(one.rule, one.entities, one.span, one.count, round(one.bits, 1)) for one in found] == [
        ("other", (Entity(EntityKind.HOST, "web"),), at(590) // SPAN, 1, 6.9)
    ]
    grave = signals_of(ledger_of([[("shell", "web", minute) for minute in range(0, 600, 5)]]), least_bits=6.0)
    assert (len(grave), {one.bits for one in grave}) == (120, {6.0})


def test_no_findings_make_no_signals_and_no_cases() -> None:
    assert signals_of(ledger_of([]), least_bits=7.0) == []
    assert signals_from([]) == []
    assert cases_of([]) == []


def test_what_is_routine_follows_the_case_that_had_the_address_that_day() -> None:
    ip = Entity(EntityKind.IP, "203.0.113.140")

    def visit(name: str, host: str, minute: int, bits: float) -> Signal:
        made = signal(name, name, (host,), minute, bits=bits)
        return replace(made, entities=(*made.entities, ip))

    days = [visit(f"{host}{number}", host, start + number, 9.0) for host, start in (("a", 0), ("b", 5 * 1_440)) for number in range(2)]
    routine = visit("routine", "c", 5 * 1_440 + 20, 0.5)
    cases = cases_of([*days, routine])
    assert [{one.id for one in case.signals} for case in cases] in (
        [{"b0", "b1", "routine"}, {"a0", "a1"}],
        [{"a0", "a1"}, {"b0", "b1", "routine"}],
    )
    assert all({link.a, link.b} <= {one.id for one in case.signals} for case in cases for link in case.links)
