"""Search the graph by dictionaries and nothing else: slow, plain, and what ``graph.py`` has to agree with."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["distances", "simple_paths"]


def distances(edges: Iterable[tuple[int, int]], sources: Iterable[int]) -> dict[int, int]:
    """Return how many edges each node that is reached is from the nearest source."""
    onward: dict[int, list[int]] = {}
    for src, dst in edges:
        onward.setdefault(src, []).append(dst)
    found = dict.fromkeys(sources, 0)
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        for end in onward.get(node, ()):
            if end not in found:
                found[end] = found[node] + 1
                waiting.append(end)
    return found


def simple_paths(edges: Sequence[tuple[int, int]], start: int, goal: int) -> list[list[int]]:
    """Return every path between two nodes that goes through no node twice, shortest first."""
    found: list[list[int]] = []
    waiting = [[start]]
    while waiting:
        path = waiting.pop()
        if path[-1] == goal:
            found.append(path)
        else:
            waiting += [[*path, dst] for src, dst in dict.fromkeys(edges) if src == path[-1] and dst not in path]
    return sorted(found, key=lambda path: (len(path), path))
