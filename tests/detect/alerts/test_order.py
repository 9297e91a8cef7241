"""The same findings give the same alerts, whatever their order and however they are cut; and what a slow, plain reading gives."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.detect.alerts.made import RULES, START, Seen, at, ledger_of, uid

from bartizan.detect.alerts.building import View, build
from bartizan.detect.alerts.contract import MINUTE
from bartizan.detect.alerts.ledger import FOLDED, SPAN
from bartizan.detect.alerts.surprise import FLOORS

if TYPE_CHECKING:
    from bartizan.detect.alerts.contract import Alerts
    from bartizan.detect.alerts.ledger import Ledger

_SEEN = st.lists(st.tuples(st.sampled_from(sorted(RULES)), st.sampled_from(["web", "mail", "db"]), st.integers(0, 400)), max_size=60)
_SHUFFLED = _SEEN.flatmap(lambda seen: st.tuples(st.just(seen), st.permutations(seen), st.lists(st.integers(0, 60), max_size=4)))


def cut(seen: list[Seen], places: list[int]) -> list[list[Seen]]:
    ends = [0, *sorted(min(place, len(seen)) for place in places), len(seen)]
    return [seen[begin:end] for begin, end in pairwise(ends)]


def cells(ledger: Ledger) -> dict[tuple[str, object, int], tuple[int, int, int, str]]:
    held = ledger.cells
    return {
        (ledger.subjects[code].rule, ledger.subjects[code].key, int(held.span[row])): (
            int(held.count[row]),
            int(held.first[row]),
            int(held.last[row]),
            held.uid(row),
        )
        for row, code in enumerate(held.subject.tolist())
    }


@given(_SHUFFLED)
def test_order_and_portions_change_nothing(both: tuple[list[Seen], list[Seen], list[int]]) -> None:
    seen, shuffled, places = both
    assert build(ledger_of(cut(shuffled, places)), View()) == build(ledger_of([seen]), View())


@given(_SHUFFLED, st.integers(0, 8))
def test_order_and_portions_change_nothing_past_the_bound_of_cells(both: tuple[list[Seen], list[Seen], list[int]], more: int) -> None:
    seen, shuffled, places = both
    most = 2 * len({one[:2] for one in seen}) + more
    one, other = ledger_of([seen], most_cells=most), ledger_of(cut(shuffled, places), most_cells=most)
    assert (one.span, cells(one)) == (other.span, cells(other))
    assert len(one.cells) <= max(most, 2 * len(one.subjects))
    assert int(one.cells.count.sum()) == len(set(seen)) == one.findings


@given(_SHUFFLED, st.integers(1, 6))
def test_order_and_portions_change_nothing_past_the_bound_of_subjects(both: tuple[list[Seen], list[Seen], list[int]], most: int) -> None:
    seen, shuffled, places = both
    one, other = ledger_of([seen], most_subjects=most), ledger_of(cut(shuffled, places), most_subjects=most)
    assert cells(one) == cells(other)
    assert len([subject for subject in one.subjects if subject.key != FOLDED]) <= most
    assert int(one.cells.count.sum()) == len(set(seen))
    assert one.folded == other.folded


@given(_SEEN, st.lists(st.integers(0, 60), max_size=4))
def test_findings_met_twice_count_once(seen: list[Seen], places: list[int]) -> None:
    twice = ledger_of([*cut(seen, places), seen])
    assert cells(twice) == cells(ledger_of([seen]))
    assert (twice.findings, twice.duplicates) == (len(set(seen)), 2 * len(seen) - len(set(seen)))


@given(_SEEN)
def test_cells_are_those_of_a_plain_reading(seen: list[Seen]) -> None:
    held: defaultdict[tuple[str, object, int], list[Seen]] = defaultdict(list)
    for one in set(seen):
        held[one[0], (("host", one[1]),), at(one[2]) // SPAN].append(one)
    assert cells(ledger_of([seen])) == {
        key: (len(some), at(min(one[2] for one in some)), at(max(one[2] for one in some)), min((one[2], uid(one).hex()) for one in some)[1])
        for key, some in held.items()
    }


@given(_SEEN)
def test_alerts_are_those_of_a_plain_reading(seen: list[Seen]) -> None:
    assert told(build(ledger_of([seen]), View())) == naive(seen)


Told = dict[tuple[str, str], tuple[int, int, float]]


def told(alerts: Alerts) -> tuple[Told, list[tuple[str, int, int, int]]]:
    return (
        {(one.rule.id, one.key[0][1]): (one.count, one.routine, round(one.score, 6)) for one in alerts.alerts},
        sorted((one.place[0][1], (one.first - START) // MINUTE, (one.last - START) // MINUTE, one.count) for one in alerts.groups),
    )


def naive(seen: list[Seen]) -> tuple[Told, list[tuple[str, int, int, int]]]:
    """Go through the findings span by span, remembering where each rule has fired before."""
    severities = {"scan": 3, "shell": 4, "login": 1 + 1, "other": 3}
    spans: defaultdict[int, list[Seen]] = defaultdict(list)
    for one in set(seen):
        spans[at(one[2]) // SPAN].append(one)
    here: defaultdict[tuple[str, str], int] = defaultdict(int)
    anywhere: defaultdict[str, int] = defaultdict(int)
    found: dict[tuple[str, str], tuple[int, int, float]] = {}
    notable: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for elapsed, span in enumerate(sorted(spans)):
        pairs = sorted({(rule, name) for rule, name, _ in spans[span]})
        for rule, name in pairs:
            minutes = [minute for one, other, minute in spans[span] if (one, other) == (rule, name)]
            bits = -log2((here[rule, name] + 1) / (elapsed + 2)) / 2 - log2((anywhere[rule] + 1) / (elapsed + 2)) / 2
            if here[rule, name] == 0 and elapsed + 2 < 32:
                bits = max(bits, 5)
            count, routine, score = found.get((rule, name), (0, 0, 0.0))
            if severities[rule] < 4 and bits < 5 and here[rule, name] >= 3:
                found[rule, name] = count + len(minutes), routine + len(minutes), score
                continue
            worth = max(min(bits, 12), FLOORS[severities[rule]]) * 3 ** (severities[rule] - 3)
            found[rule, name] = count + len(minutes), routine, max(score, round(worth, 6))
            notable[name].append((min(minutes), max(minutes), len(minutes)))
        for rule, name in pairs:
            here[rule, name] += 1
        for rule in {rule for rule, _ in pairs}:
            anywhere[rule] += 1
    return found, sorted(group for name, held in notable.items() for group in _runs(name, sorted(held)))


def _runs(name: str, held: list[tuple[int, int, int]]) -> list[tuple[str, int, int, int]]:
    groups: list[tuple[str, int, int, int]] = []
    for first, last, count in held:
        if groups and first - groups[-1][2] <= 30:
            _, begun, end, before = groups[-1]
            groups[-1] = name, begun, max(end, last), before + count
        else:
            groups.append((name, first, last, count))
    return groups
