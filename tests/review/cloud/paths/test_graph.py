"""The graph of compressed rows and the naive one agree."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.contract import Hop
from bartizan.review.cloud.paths import naive
from bartizan.review.cloud.paths.graph import FAR, Graph

EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] != pair[1]), max_size=24)
NODES = [Uid(f"n{number}") for number in range(8)]


def graph_of(edges: list[tuple[int, int]]) -> Graph:
    return Graph(NODES, [Hop(src=NODES[src], dst=NODES[dst], rule="r") for src, dst in edges])


@pytest.mark.slow
@settings(derandomize=True, max_examples=80)
@given(edges=EDGES, goals=st.lists(st.integers(0, 7), max_size=3))
def test_who_reaches_a_goal_and_how_far_away_is_as_in_the_naive_graph(edges: list[tuple[int, int]], goals: list[int]) -> None:
    distance, before = graph_of(edges).back().distances(goals)
    naively = naive.distances([(dst, src) for src, dst in edges], goals)
    assert {node: int(distance[node]) for node in range(8) if distance[node] != FAR} == naively
    for node, away in naively.items():
        assert (int(before[node]) == -1) if away == 0 else ((node, int(before[node])) in edges and naively[int(before[node])] == away - 1)


@settings(derandomize=True, max_examples=80)
@given(edges=EDGES, start=st.integers(0, 7), goal=st.integers(0, 7), most=st.integers(1, 5))
def test_the_shortest_simple_paths_are_those_of_the_naive_graph(edges: list[tuple[int, int]], start: int, goal: int, most: int) -> None:
    graph = graph_of(edges)
    distance, _ = graph.back().distances([goal])
    every = naive.simple_paths(edges, start, goal)
    found, whole = graph.shortest(start, goal, distance, most) if distance[start] != FAR else ([], True)
    assert whole
    assert [len(path) for path in found] == [len(path) for path in every[:most]]
    assert all(path in every for path in found)
    assert len({tuple(path) for path in found}) == len(found)


def test_a_chain_of_many_nodes_is_searched_to_its_end() -> None:
    nodes = [Uid(str(number)) for number in range(3_000)]
    graph = Graph(nodes, [Hop(src=one, dst=other, rule="r") for one, other in itertools.pairwise(nodes)])
    distance, _ = graph.back().distances([2_999])
    assert np.array_equal(distance, np.arange(2_999, -1, -1, dtype=np.int32))
