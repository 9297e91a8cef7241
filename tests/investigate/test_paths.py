from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.investigate.made import HOSTS, INTRUSION, findings, signal

from bartizan.errors import UsageError
from bartizan.investigate.building import signals_from
from bartizan.investigate.casing import cases_of, connected
from bartizan.investigate.contract import Link
from bartizan.investigate.paths import _alone, bridges_of, link_id, links_named, path_between, signals_named

_EDGES = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]), max_size=14)


@given(_EDGES)
def test_an_edge_is_alone_where_the_graph_has_one_more_part_without_it(edges: set[tuple[int, int]]) -> None:
    names = [str(number) for number in range(8)]
    pairs = sorted((str(one), str(other)) for one, other in edges)

    def parts(kept: list[tuple[str, str]]) -> int:
        return len(connected(names, [Link(one, other, "x", "x", 1.0, 0, "x") for one, other in kept]))

    naive = [pair for pair in pairs if parts([other for other in pairs if other != pair]) > parts(pairs)]
    assert sorted(_alone(names, pairs)) == naive


[CASE] = cases_of(signals_from(findings(INTRUSION, HOSTS)))


def test_the_path_between_two_things_tells_each_link_with_its_reason() -> None:
    hops = path_between(CASE, signals_named(CASE, "ip:203.0.113.45"), signals_named(CASE, "alice"))
    assert [(hop.start.rule, hop.link.type, hop.end.rule) for hop in hops] == [("shell", "host", "fetch"), ("fetch", "domain", "macro")]
    assert path_between(CASE, signals_named(CASE, "web-01"), signals_named(CASE, "web-01")) == []


def test_things_are_named_by_kind_and_value_by_value_or_by_the_beginning_of_an_id() -> None:
    by_kind = signals_named(CASE, "host:ws-1.corp.example.com")
    assert signals_named(CASE, "WS-1.corp.example.com") == by_kind
    first = CASE.signals[0]
    for name in (first.id[:6], first.findings[0].uid[:7], first.findings[0].records[0][:7]):
        assert signals_named(CASE, name) == [first]
    with pytest.raises(UsageError, match=r"nothing in case \w+ is called 'nobody'"):
        signals_named(CASE, "nobody")


def test_links_are_named_by_their_signals_or_by_what_they_share() -> None:
    [link] = [link for link in CASE.links if link.type == "domain"]
    assert links_named(CASE, link_id(link)) == links_named(CASE, "domain:bad.example.net") == [link]
    with pytest.raises(UsageError, match="no link of case"):
        links_named(CASE, "domain:good.example.net")


def test_two_parts_that_hang_on_one_link_are_told() -> None:
    sides = [signal(f"{side}{number}", f"{side}{number}", (side,), number) for side in "ab" for number in range(3)]
    bridge = Link("a0", "b0", "person", "entry:1", 1.0, 0, "alice merged their cases")
    [case] = cases_of(sides, more=[bridge])
    assert [(one.links, sorted(one.parts)) for one in bridges_of(case)] == [((bridge,), [3, 3])]
    assert bridges_of(CASE) == []
