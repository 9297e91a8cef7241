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
"""Statements tried at each step, those on the most shortest paths first: a search of an estate takes a hundredth of a second."""
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


def choke_points(paths: Paths, goal: Uid, *, most: int = 3, starts: Iterable[Uid] | None = None) -> ChokePoints:
    """Return at most ``most`` statements that keep the most starts from a goal."""
    graph = paths.graph
    told = paths.paths_to(goal, starts=starts)
    wanted = np.asarray(graph.numbers(path.start for path in told), dtype=np.int64)
    needing = _needing(paths)
    kept = np.ones(len(graph.hops), dtype=np.bool_)
    points: list[ChokePoint] = []
    left = len(wanted)
    while left and len(points) < most:
        best = _best(paths, goal, wanted, kept, needing)
        if best is None or best[1] >= left:
            break
        statement, after = best
        kept[needing[_key(statement)][1]] = False
        points.append(ChokePoint(statement, left - after, after))
        left = after
    return ChokePoints(goal, len(wanted), tuple(points), tuple(fewest_hops(paths, goal, [path.start for path in told])))


def _key(statement: Statement) -> tuple[Uid, int]:
    return statement.policy, statement.number


def _needing(paths: Paths) -> dict[tuple[Uid, int], tuple[Statement, list[int]]]:
    """Return the statements without which hops vanish, each with these hops."""
    found: dict[tuple[Uid, int], tuple[Statement, list[int]]] = {}
    for number, hop in enumerate(paths.graph.hops):
        for statement in _allowing(paths, hop):
            _, numbers = found.setdefault(_key(statement), (statement, []))
            if not numbers or numbers[-1] != number:
                numbers.append(number)
    return found


def _allowing(paths: Paths, hop: Hop) -> list[Statement]:
    """Return the statements that allow a hop: of each decision the one that decides. What makes an administrator one is not taken away."""
    rule = paths.found.rules.get(hop.rule)
    if rule is not None and rule.administrator:
        return []
    deciding = (next((why.statement for why in one.why if why.statement is not None), None) for one in hop.decisions)
    return [one for one in deciding if one is not None and one.effect == "Allow"]


def _best(
    paths: Paths,
    goal: Uid,
    wanted: NDArray[np.int64],
    kept: NDArray[np.bool_],
    needing: dict[tuple[Uid, int], tuple[Statement, list[int]]],
) -> tuple[Statement, int] | None:
    """Return the statement without which the fewest starts come to the goal, and how many."""
    graph = paths.graph
    goals = graph.numbers([goal])
    distance, onward = graph.back(kept).distances(goals)
    weight = _passing(onward, distance, wanted)
    used: defaultdict[tuple[Uid, int], int] = defaultdict(int)
    for key, (_, numbers) in needing.items():
        for number in numbers:
            src, dst = int(graph.src[number]), int(graph.dst[number])
            if kept[number] and distance[dst] != FAR and onward[src] == dst:
                used[key] += int(weight[src])
    best: tuple[Statement, int] | None = None
    for key in sorted(used, key=lambda one: (-used[one], one))[:_MOST_TRIED]:
        statement, numbers = needing[key]
        tried = kept.copy()
        tried[numbers] = False
        after = int(np.count_nonzero(graph.back(tried).distances(goals)[0][wanted] != FAR))
        if best is None or after < best[1]:
            best = (statement, after)
    return best


def _passing(onward: NDArray[np.int32], distance: NDArray[np.int32], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return through how many shortest paths of the tree to the goal each node is passed."""
    weight = np.zeros(len(onward), dtype=np.int64)
    weight[wanted[distance[wanted] != FAR]] = 1
    reached = np.flatnonzero((distance != FAR) & (onward >= 0))
    for node in reached[np.argsort(-distance[reached], kind="stable")].tolist():
        weight[onward[node]] += weight[node]
    return weight


def fewest_hops(paths: Paths, goal: Uid, starts: Sequence[Uid]) -> list[Hop]:
    """Return the fewest hops between nodes without which no start comes to the goal (a minimum cut); [] where none can part them."""
    try:
        from scipy.sparse import csr_array  # noqa: PLC0415 - an extra
        from scipy.sparse.csgraph import maximum_flow  # noqa: PLC0415 - an extra
    except ImportError as error:
        feature = "finding choke points"
        raise MissingExtra(feature, "cloud") from error
    graph = paths.graph
    size = len(graph.nodes)
    ends, sources = graph.numbers([goal]), graph.numbers(starts)
    if not ends or not sources:
        return []
    pairs: dict[tuple[int, int], int] = {}
    for src, dst, hop in zip(graph.src.tolist(), graph.dst.tolist(), graph.hops, strict=True):
        pairs[src, dst] = max(pairs.get((src, dst), 0), 1 if _allowing(paths, hop) else _CANNOT_CUT)
    for source in sources:
        pairs[size, source] = _CANNOT_CUT
    places = np.asarray(list(pairs), dtype=np.int32)
    capacity: Any = csr_array((np.asarray(list(pairs.values()), dtype=np.int32), (places[:, 0], places[:, 1])), shape=(size + 1, size + 1))
    flow = maximum_flow(capacity, size, ends[0])
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

    Each policy is named by the file and line it was read from where it has one, else by its uid.
    """
    gone = {_key(one) for one in statements}
    told: list[str] = []
    for policy in dict.fromkeys(one.policy for one in statements):
        held = [one for one in facts.statements if one.policy == policy]
        origin = held[0].origin if held else None
        name = ":".join(part for part in (origin.path, origin.place) if part) if origin else ""
        before = _document(held)
        after = _document([one for one in held if _key(one) not in gone])
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
