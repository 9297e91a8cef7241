from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.detect.alerts.made import Seen, at, ledger_of

from bartizan.detect.alerts.contract import HOUR, MINUTE
from bartizan.detect.alerts.ledger import SPAN
from bartizan.investigate.contract import Link, Signal
from bartizan.investigate.linking import Windows, cases_of, links_of
from bartizan.investigate.signals import signals_of
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    import random

WINDOWS = Windows()


def _signal(name: str, rule: str, hosts: tuple[str, ...], minute: int) -> Signal:
    time = minute * MINUTE
    entities = tuple(Entity(EntityKind.HOST, host) for host in hosts)
    return Signal(id=name, rule=rule, entities=entities, span=minute // 5, first=time, last=time, count=1, bits=8.0, sample=name)


_MADE = st.lists(
    st.tuples(st.sampled_from("rst"), st.sets(st.sampled_from(["a", "b", "c", "d", "-", "null"]), max_size=2), st.integers(0, 900)),
    max_size=14,
).map(lambda rows: [_signal(f"{number:03}", rule, tuple(sorted(hosts)), minute) for number, (rule, hosts, minute) in enumerate(rows)])


def _naive(signals: list[Signal]) -> set[frozenset[str]]:
    """Compare every two signals, then join sets until nothing changes."""
    sets = [{signal.id} for signal in signals]
    for one in signals:
        for other in signals:
            shared = {entity.value for entity in one.entities} & {entity.value for entity in other.entities} - {"-", "null"}
            apart = abs(one.first - other.first)
            if (shared and apart <= WINDOWS.entity) or (one.rule == other.rule and apart <= WINDOWS.rule):
                joined = [held for held in sets if held & {one.id, other.id}]
                sets = [held for held in sets if held not in joined] + [set().union(*joined)]
    return {frozenset(held) for held in sets}


@given(_MADE)
def test_cases_are_those_of_comparing_every_two_signals(signals: list[Signal]) -> None:
    assert {frozenset(signal.id for signal in case.signals) for case in cases_of(signals)} == _naive(signals)


@given(_MADE, st.randoms(use_true_random=False))
def test_signals_in_any_order_make_the_same_cases(signals: list[Signal], chance: random.Random) -> None:
    shuffled = list(signals)
    chance.shuffle(shuffled)
    assert cases_of(shuffled) == cases_of(signals)


def test_what_is_on_every_machine_links_nothing() -> None:
    shared = [
        (EntityKind.USER, "nt authority\\system"),
        (EntityKind.HOST, "localhost"),
        (EntityKind.IP, "127.0.0.1"),
        (EntityKind.USER, "n/a"),
    ]
    made = [replace(_signal(str(number), f"r{number}", (), number), entities=tuple(Entity(*one) for one in shared)) for number in range(3)]
    assert links_of(made, WINDOWS) == []


def test_a_link_says_what_is_shared_and_how_far_apart() -> None:
    made = links_of([_signal("2", "s", ("web",), 60), _signal("1", "r", ("web",), 0)], WINDOWS)
    assert made == [Link("1", "2", "entity", "host:web", 0.875, HOUR, "both have entity host:web, 60 minutes apart", "links/1")]


def test_values_that_name_nobody_do_not_link() -> None:
    assert links_of([_signal("1", "r", ("null",), 0), _signal("2", "s", ("null",), 1)], WINDOWS) == []


def test_a_case_has_the_id_of_its_earliest_signal_and_adds_up_the_best_bits() -> None:
    [case] = cases_of([_signal("1", "r", ("web",), 0), _signal("2", "r", ("web",), 5), _signal("3", "s", ("web",), 9)])
    assert (case.id, case.score, case.entities) == ("1", 16.0, (Entity(EntityKind.HOST, "web"),))


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
    assert cases_of([]) == []
