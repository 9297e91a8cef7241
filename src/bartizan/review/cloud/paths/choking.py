"""Find choke points: the fewest statements without which paths to a goal vanish, and the fewest hops that part starts from it.

Statements are chosen one after the other, each the one without which the most starts no longer come to the goal. A hop vanishes with any
statement that it needs; whether another statement allows the same is for ``what_if`` over the changed facts to say, which is exact.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bartizan.errors import MissingExtra
from bartizan.review.cloud.paths.graph import FAR, rows_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from bartizan.collect.inventory.contract import Facts, Statement, Uid
    from bartizan.review.cloud.contract import Hop
    from bartizan.review.cloud.paths.answers import Paths

__all__ = ["ChokePoint", "ChokePoints", "choke_points", "diff_of", "fewest_hops", "without"]

_MOST_TRIED: Final = 200
"""Statements tried at each step, those on the most shortest paths first."""
_OF_AWS: Final = ":iam::aws:policy/"
_LEAST_TRIED: Final = 8
_HOPS_TRIED: Final = 2_000_000
"""Hops searched at each step for all that is tried: a quarter of a second."""
_CANNOT_CUT: Final = 1_000_000
"""The capacity of a hop that no statement allows: an account's administration has what is in the account."""


@dataclass(frozen=True, slots=True)
class ChokePoint:
    """A statement to take away, and how many starts still come to the goal without it and those before it."""

    statement: Statement
    vanish: int
    """Starts that it alone keeps from the goal, after those before it."""
    left: int


@dataclass(frozen=True, slots=True)
class ChokePoints:
    """What parts starts from a goal: ``starts`` come to it now."""

    goal: Uid
    starts: int
    points: tuple[ChokePoint, ...]
    fewest: tuple[Hop, ...]
    """The fewest hops without which none would; () where some cannot be taken away."""


class _Part:
    """The hops that lie on some way from the starts to the goal: all that choke points can be among."""

    def __init__(self, paths: Paths, goal: Uid, starts: Sequence[Uid]) -> None:
        graph = paths.graph
        self.paths = paths
        self.size = len(graph.nodes)
        self.goals = graph.numbers([goal])
        self.wanted = np.asarray(graph.numbers(starts), dtype=np.int64)
        onward, back = graph.whole
        ahead, _ = onward.distances(self.wanted.tolist())
        behind, _ = back.distances(self.goals)
        self.hops = np.flatnonzero((ahead[graph.src] != FAR) & (behind[graph.dst] != FAR))
        self.src, self.dst = graph.src[self.hops], graph.dst[self.hops]

    def searched(self, kept: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return how far each node is from the goal, and the next node to it, by the hops that are kept."""
        return rows_of(self.dst[kept], self.src[kept], self.size).distances(self.goals)

    def left(self, kept: NDArray[np.bool_]) -> int:
        """Return how many starts come to the goal by the hops that are kept."""
        return int(np.count_nonzero(self.searched(kept)[0][self.wanted] != FAR))

    def without(self, kept: NDArray[np.bool_], statement: Statement) -> NDArray[np.bool_]:
        """Return what is kept where a statement is taken away."""
        _, numbers = self.paths.needing[_key(statement)]
        return kept & ~np.isin(self.hops, numbers)

    def best(self, kept: NDArray[np.bool_]) -> tuple[Statement, int] | None:
        """Return the statement without which the fewest starts come to the goal, and how many."""
        distance, onward = self.searched(kept)
        weight = _passing(onward, distance, self.wanted)
        on_tree = np.flatnonzero(kept & (distance[self.dst] != FAR) & (onward[self.src] == self.dst) & (weight[self.src] > 0))
        used: defaultdict[tuple[Uid, int], int] = defaultdict(int)
        for place in on_tree.tolist():
            for statement in self.paths.allowing(self.paths.graph.hops[self.hops[place]]):
                used[_key(statement)] += int(weight[self.src[place]])
        best: tuple[Statement, int] | None = None
        most = max(_LEAST_TRIED, min(_MOST_TRIED, _HOPS_TRIED // max(1, len(self.hops))))
        for key in sorted(used, key=lambda one: (-used[one], one))[:most]:
            statement = self.paths.needing[key][0]
            after = self.left(self.without(kept, statement))
            if best is None or after < best[1]:
                best = (statement, after)
        return best


def choke_points(paths: Paths, goal: Uid, *, most: int = 3, starts: Iterable[Uid] | None = None) -> ChokePoints:
    """Return at most ``most`` statements that keep the most starts from a goal."""
    begun = [path.start for path in paths.paths_to(goal, starts=starts)]
    if not begun:
        return ChokePoints(goal, 0, (), ())
    part = _Part(paths, goal, begun)
    kept = np.ones(len(part.hops), dtype=np.bool_)
    points: list[ChokePoint] = []
    left = len(begun)
    while left and len(points) < most:
        best = part.best(kept)
        if best is None or best[1] >= left:
            break
        statement, after = best
        kept = part.without(kept, statement)
        points.append(ChokePoint(statement, left - after, after))
        left = after
    return ChokePoints(goal, len(begun), tuple(points), tuple(_fewest(part)))


def fewest_hops(paths: Paths, goal: Uid, starts: Sequence[Uid]) -> list[Hop]:
    """Return the fewest hops between nodes without which no start comes to the goal (a minimum cut); [] where none can part them."""
    return _fewest(_Part(paths, goal, starts))


def _key(statement: Statement) -> tuple[Uid, int]:
    return statement.policy, statement.number


def _passing(onward: NDArray[np.int32], distance: NDArray[np.int32], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return through how many shortest paths of the tree to the goal each node is passed."""
    weight = np.zeros(len(onward), dtype=np.int64)
    weight[wanted[distance[wanted] != FAR]] = 1
    reached = np.flatnonzero((distance != FAR) & (onward >= 0))
    for node in reached[np.argsort(-distance[reached], kind="stable")].tolist():
        weight[onward[node]] += weight[node]
    return weight


def _fewest(part: _Part) -> list[Hop]:
    try:
        from scipy.sparse import csr_array  # noqa: PLC0415 - an extra
        from scipy.sparse.csgraph import maximum_flow  # noqa: PLC0415 - an extra
    except ImportError as error:
        feature = "finding choke points"
        raise MissingExtra(feature, "cloud") from error
    if not part.goals or not len(part.hops):
        return []
    graph, size = part.paths.graph, part.size
    pairs: dict[tuple[int, int], int] = {}
    for number, src, dst in zip(part.hops.tolist(), part.src.tolist(), part.dst.tolist(), strict=True):
        able = 1 if part.paths.allowing(graph.hops[number]) else _CANNOT_CUT
        pairs[src, dst] = max(pairs.get((src, dst), 0), able)
    for source in part.wanted.tolist():
        pairs[size, source] = _CANNOT_CUT
    places = np.asarray(list(pairs), dtype=np.int32)
    capacity: Any = csr_array((np.asarray(list(pairs.values()), dtype=np.int32), (places[:, 0], places[:, 1])), shape=(size + 1, size + 1))
    flow = maximum_flow(capacity, size, part.goals[0])
    if flow.flow_value >= _CANNOT_CUT:
        return []
    residual: Any = (capacity - flow.flow).tocoo()
    open_ = residual.data > 0
    side = _side(residual.row[open_], residual.col[open_], size)
    cut = [(src, dst) for src, dst in pairs if src != size and side[src] and not side[dst]]
    return [graph.hops[number] for src, dst in sorted(cut) for number in graph.between(src, dst)]


def _side(src: NDArray[np.int32], dst: NDArray[np.int32], source: int) -> NDArray[np.bool_]:
    """Return which nodes still have a way from the source."""
    found: NDArray[np.bool_] = rows_of(src.astype(np.int32), dst.astype(np.int32), source + 1).distances([source])[0] != FAR
    return found


def without(facts: Facts, statements: Collection[Statement]) -> Facts:
    """Return facts without some statements, to be compiled anew: what then has no path is parted for certain."""
    gone = {_key(one) for one in statements}
    return replace(facts, statements=[one for one in facts.statements if _key(one) not in gone])


def diff_of(facts: Facts, statements: Collection[Statement]) -> str:
    """Return the change that takes statements out of their policies, as a diff of the policies' documents.

    Each policy is named by the file and line it was read from where it has one, else by its uid. A policy that AWS manages cannot be
    changed: a comment before it says from whom to take it.
    """
    gone = {_key(one) for one in statements}
    told: list[str] = []
    for policy in dict.fromkeys(one.policy for one in statements):
        held = [one for one in facts.statements if one.policy == policy]
        origin = held[0].origin if held else None
        name = ":".join(part for part in (origin.path, origin.place) if part) if origin else ""
        before = _document(held)
        after = _document([one for one in held if _key(one) not in gone])
        if _OF_AWS in policy:
            holders = [one.target for one in facts.attachments if one.policy == policy]
            told.append(f"# {policy} is AWS's own: attach a copy without the statement instead, to {', '.join(holders) or 'nobody'}")
        told += unified_diff(before, after, f"a/{name or policy}", f"b/{name or policy}", f"{policy}", f"{policy}", lineterm="")
    return "\n".join(told)


def _document(statements: Sequence[Statement]) -> list[str]:
    return json.dumps({"Version": "2012-10-17", "Statement": [_written(one) for one in statements]}, indent=2).splitlines()


def _written(one: Statement) -> dict[str, Any]:
    said: dict[str, Any] = {"Sid": one.sid} if one.sid else {}
    said["Effect"] = one.effect
    for name, values in (
        ("Action", one.actions),
        ("NotAction", one.not_actions),
        ("Resource", one.resources),
        ("NotResource", one.not_resources),
    ):
        if values:
            said[name] = values[0] if len(values) == 1 else list(values)
    for name, principals in (("Principal", one.principals), ("NotPrincipal", one.not_principals)):
        if principals:
            said[name] = "*" if ("*", "*") in principals else _grouped(principals)
    if one.conditions:
        tests: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        for condition in one.conditions:
            tests[condition.operator][condition.key] = list(condition.values)
        said["Condition"] = dict(tests)
    return said


def _grouped(principals: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, value in principals:
        found[kind].append(value)
    return dict(found)
