"""Keep hops as an integer graph in compressed rows, and search it from either end.

Nodes are numbered in the order of ``PathsFound.nodes``; a graph of a million hops is searched whole in a fraction of a second.
``naive.py`` is the same by dictionaries and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bartizan.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from bartizan.collect.inventory.contract import Uid
    from bartizan.review.cloud.contract import Hop

__all__ = ["FAR", "Graph", "Rows", "rows_of"]

FAR: Final = np.iinfo(np.int32).max
"""The distance of what is not reached."""
_MOST_STEPS: Final = 200_000
"""Partial paths looked at for the paths of one pair, which is a second: where a search stops there, its answer says so."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Edges in compressed rows: what node ``i`` leads to is ``ends[starts[i]:starts[i + 1]]``."""

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    def distances(self, sources: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return how many edges each node is from the nearest source (FAR: not reached), and the node before it (-1 for none)."""
        size = len(self.starts) - 1
        distance = np.full(size + 1, FAR, dtype=np.int32)
        before = np.full(size + 1, -1, dtype=np.int32)
        if not len(sources):
            return distance[:size], before[:size]
        order, came_from = self._searched(sources, size)
        depth = _depths(order, came_from, size)
        distance[order] = depth - 1
        before[order[1:]] = came_from[order[1:]]
        before[before == size] = -1
        return distance[:size], before[:size]

    def _searched(self, sources: Sequence[int], size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Search breadth first from a node that is put before all sources."""
        try:
            from scipy.sparse import csr_array  # noqa: PLC0415 - an extra
            from scipy.sparse.csgraph import breadth_first_order  # noqa: PLC0415 - an extra
        except ImportError as error:
            feature = "searching attack paths"
            raise MissingExtra(feature, "cloud") from error
        first = np.unique(np.asarray(sources, dtype=np.int32))
        ends = np.concatenate([self.ends, first])
        starts = np.concatenate([self.starts, np.asarray([len(ends)], dtype=np.int32)])
        matrix: Any = csr_array((np.ones(len(ends), dtype=np.float64), ends, starts), shape=(size + 1, size + 1))
        order, came_from = breadth_first_order(matrix, size, directed=True, return_predecessors=True)
        return order.astype(np.int32, copy=False), came_from.astype(np.int32, copy=False)


def _depths(order: NDArray[np.int32], came_from: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """Return the depth of each node of a breadth-first order, in that order, level by level."""
    place = np.zeros(size + 1, dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    parents = place[came_from[order[1:]]]
    depth = np.zeros(len(order), dtype=np.int32)
    done, level = 1, 0
    while done < len(order):
        level += 1
        # Parents stand in the order of their children: those of this level end where the first child of a later parent begins.
        until = 1 + int(np.searchsorted(parents, done, side="left"))
        depth[done:until] = level
        done = until
    return depth


def rows_of(sources: NDArray[np.int32], ends: NDArray[np.int32], size: int) -> Rows:
    """Put edges into rows by their sources."""
    starts = np.zeros(size + 1, dtype=np.int32)
    np.cumsum(np.bincount(sources, minlength=size), out=starts[1:])
    return Rows(starts, ends[np.argsort(sources, kind="stable")].astype(np.int32, copy=False))


class Graph:
    """Hops between numbered nodes."""

    def __init__(self, nodes: Sequence[Uid], hops: Sequence[Hop]) -> None:
        """Give each node its number; every hop is between two of them."""
        self.nodes = nodes
        self.hops = hops
        self._best: dict[tuple[int, int], Hop] = {}
        self.number = {uid: number for number, uid in enumerate(nodes)}
        self.src: NDArray[np.int32] = np.fromiter((self.number[hop.src] for hop in hops), dtype=np.int32, count=len(hops))
        self.dst: NDArray[np.int32] = np.fromiter((self.number[hop.dst] for hop in hops), dtype=np.int32, count=len(hops))

    @cached_property
    def certain(self) -> NDArray[np.bool_]:
        """Say of each hop whether it hangs on nothing."""
        return np.fromiter((not hop.depends for hop in self.hops), dtype=np.bool_, count=len(self.hops))

    @cached_property
    def whole(self) -> tuple[Rows, Rows]:
        """Return the rows of all hops, onward and back."""
        return self.onward(), self.back()

    @cached_property
    def sure(self) -> tuple[Rows, Rows]:
        """Return the rows of the hops that hang on nothing, onward and back."""
        return self.onward(self.certain), self.back(self.certain)

    def onward(self, kept: NDArray[np.bool_] | None = None) -> Rows:
        """Return the rows of what each node leads to, by the hops that are ``kept``."""
        src, dst = (self.src, self.dst) if kept is None else (self.src[kept], self.dst[kept])
        return rows_of(src, dst, len(self.nodes))

    def back(self, kept: NDArray[np.bool_] | None = None) -> Rows:
        """Return the rows of what leads to each node, by the hops that are ``kept``."""
        src, dst = (self.src, self.dst) if kept is None else (self.src[kept], self.dst[kept])
        return rows_of(dst, src, len(self.nodes))

    def numbers(self, uids: Iterable[Uid]) -> list[int]:
        """Return the numbers of the nodes that are there."""
        return [self.number[uid] for uid in uids if uid in self.number]

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each hop's pair of nodes as one number, ascending, and which hop it is."""
        pairs = self.src.astype(np.int64) * len(self.nodes) + self.dst
        order = np.argsort(pairs, kind="stable")
        return pairs[order], order

    def between(self, src: int, dst: int) -> list[int]:
        """Return the hops from one node to another, those first that hang on the least."""
        pairs, order = self._pairs
        wanted = src * len(self.nodes) + dst
        first, last = np.searchsorted(pairs, [wanted, wanted + 1])
        return sorted(order[first:last].tolist(), key=lambda number: (len(self.hops[number].depends), self.hops[number].rule))

    def best(self, src: int, dst: int) -> Hop:
        """Return the hop from one node to another that hangs on the least."""
        if (src, dst) not in self._best:
            self._best[src, dst] = self.hops[self.between(src, dst)[0]]
        return self._best[src, dst]

    def shortest(self, start: int, goal: int, distance: NDArray[np.int32], most: int) -> tuple[list[list[int]], bool]:
        """Return the shortest simple paths between two nodes, as nodes, shortest first, at most ``most``, and whether no more was left out.

        ``distance`` is that of every node to the goal. The second value is False where the search was cut short by its size.
        """
        found: list[list[int]] = []
        waiting: list[tuple[int, int, list[int]]] = [(int(distance[start]), 0, [start])]
        steps = 0
        while waiting and len(found) < most:
            steps += 1
            if steps > _MOST_STEPS:
                return found, False
            _, _, path = heappop(waiting)
            if path[-1] == goal:
                found.append(path)
                continue
            for end in self._ends(path[-1]):
                if distance[end] != FAR and end not in path:
                    heappush(waiting, (len(path) + int(distance[end]), len(path) * -1, [*path, end]))
        return found, True

    def _ends(self, node: int) -> Iterator[int]:
        rows = self.whole[0]
        yield from dict.fromkeys(rows.ends[rows.starts[node] : rows.starts[node + 1]].tolist())
