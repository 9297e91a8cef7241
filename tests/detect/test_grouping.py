from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.explain.sample import evidence, host, rule

from bartizan.detect.hunt.grouping import SAMPLES, Grouper, Sighting

if TYPE_CHECKING:
    from bartizan.detect.contract import Evidence, Group

WINDOW = 10
RULES = [rule(1), rule(2)]
HOSTS = [(), (host("a"),), (host("a"), host("b"))]
Seen = tuple[int, int, int]
"""Rule, entities, time."""


def read(sighting: Sighting) -> Evidence:
    return evidence(int(sighting.record_id, 16), sighting.time)


def grouped(seen: list[Seen], *, most: int = 1000) -> tuple[list[Group], int]:
    grouper = Grouper(window=WINDOW, most=most)
    for number, who, time in seen:
        # The record's id follows from what was seen: equal findings are the same whatever order they come in.
        grouper.add(number, HOSTS[who], Sighting(time, f"{(number * 10 + who) * 1000 + time:032x}", (0, 0)))
    return grouper.groups(RULES, read), grouper.folded


def naive(seen: list[Seen]) -> list[tuple[str, tuple[str, ...], int, int, int, list[int]]]:
    found = []
    for number in range(len(RULES)):
        for who, entities in enumerate(HOSTS):
            run: list[int] = []
            for time in [*sorted(seen_time for rule_, who_, seen_time in seen if (rule_, who_) == (number, who)), None]:
                if run and (time is None or time - run[-1] > WINDOW):
                    samples = [(number * 10 + who) * 1000 + one for one in run[:SAMPLES]]
                    found.append((RULES[number].id, tuple(map(str, entities)), len(run), run[0], run[-1], samples))
                    run = []
                if time is not None:
                    run.append(time)
    return sorted(found, key=lambda one: (one[3], one[0], one[1]))


def plain(groups: list[Group]) -> list[tuple[str, tuple[str, ...], int, int, int, list[int]]]:
    return [
        (one.rule.id, tuple(map(str, one.entities)), one.count, one.first, one.last, [sample.record for sample in one.samples])
        for one in groups
    ]


_SEEN = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 150)), max_size=60)


@given(_SEEN)
def test_groups_are_runs_without_a_gap_longer_than_the_window(seen: list[Seen]) -> None:
    assert plain(grouped(seen)[0]) == naive(seen)


@given(_SEEN.flatmap(lambda seen: st.tuples(st.just(seen), st.permutations(seen))))
def test_groups_do_not_depend_on_the_order_of_findings(both: tuple[list[Seen], list[Seen]]) -> None:
    assert grouped(both[0])[0] == grouped(both[1])[0]


def test_two_runs_become_one_when_what_lies_between_them_is_found() -> None:
    groups, _ = grouped([(0, 1, 0), (0, 1, 18), (0, 1, 9)])
    assert plain(groups) == [(RULES[0].id, ("host:a",), 3, 0, 18, [1000, 1009, 1018])]


@given(_SEEN, st.integers(1, 5))
def test_past_the_most_groups_findings_are_counted_all_the_same(seen: list[Seen], most: int) -> None:
    groups, folded = grouped(seen, most=most)
    assert sum(one.count for one in groups) == len(seen)
    assert len(groups) <= most + len(RULES)
    assert folded > 0 or plain(groups) == naive(seen)


def test_past_the_most_groups_a_finding_joins_the_one_of_its_rule_about_nobody() -> None:
    groups, folded = grouped([(0, 1, 0), (0, 2, 0), (0, 2, 5), (1, 1, 90), (1, 2, 150)], most=2)
    assert [(one.rule.id, len(one.entities), one.count, one.first, one.last) for one in groups] == [
        (RULES[0].id, 1, 1, 0, 0),
        (RULES[0].id, 2, 2, 0, 5),
        (RULES[1].id, 0, 2, 90, 150),
    ]
    assert folded == 2


def test_samples_are_read_when_they_are_looked_at() -> None:
    asked: list[int] = []

    def note(sighting: Sighting) -> Evidence:
        asked.append(sighting.time)
        return read(sighting)

    grouper = Grouper(window=WINDOW)
    for time in range(5):
        grouper.add(0, (), Sighting(time, f"{time:032x}", (0, 0)))
    group = grouper.groups(RULES, note)[0]
    assert (len(group.samples), asked) == (SAMPLES, [])
    assert group.samples[1] == evidence(1, 1)
    assert list(group.samples[:2]) == [evidence(0, 0), evidence(1, 1)]
    assert group.samples == [evidence(0, 0), evidence(1, 1), evidence(2, 2)]
    assert group.samples != 3
    assert hash(group.samples) == hash(grouper.groups(RULES, note)[0].samples)
    assert asked[:1] == [1]
