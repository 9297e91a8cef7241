"""Answer what is asked of attack paths: who comes to a goal and how, how far somebody comes, what a change opens and shuts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.contract import INTERNET
from bartizan.review.cloud.paths.graph import FAR, Graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Statement, Uid
    from bartizan.review.cloud.contract import Hop
    from bartizan.review.cloud.paths.contract import PathsFound
    from bartizan.review.cloud.paths.graph import Rows

__all__ = ["Change", "Path", "Paths", "Reached", "what_if"]

_MOST_PATHS: Final = 10
"""Paths shown of one pair unless more are asked for: a reader follows no more."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way from a start to a goal, hop by hop; a hop names its rule, what allows it and on what it hangs."""

    start: Uid
    goal: Uid
    hops: tuple[Hop, ...]

    @property
    def depends(self) -> tuple[str, ...]:
        """Return what it hangs on, of all of its hops; () for a path that is certain."""
        return tuple(dict.fromkeys(one for hop in self.hops for one in hop.depends))


@dataclass(frozen=True, slots=True)
class Reached:
    """Something somebody comes to: over how many hops, and whether by certain hops alone."""

    uid: Uid
    hops: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two states: paths (the shortest of each pair) that are there after alone, and before alone."""

    added: tuple[Path, ...]
    removed: tuple[Path, ...]


class Paths:
    """The hops of an estate, ready to be asked."""

    def __init__(self, found: PathsFound) -> None:
        """Index what was compiled."""
        self.found = found
        self.graph = Graph(found.nodes, found.hops)

    @cached_property
    def has_all(self) -> frozenset[Uid]:
        """Return who has everything in an account already, so that nothing they reach there is a finding."""
        return frozenset(one.principal for one in self.found.admins if not one.itself)

    @cached_property
    def needing(self) -> Mapping[tuple[Uid, int], tuple[Statement, list[int]]]:
        """Return the statements, by policy and number, without which hops (by place) vanish; see ``allowing``."""
        found: dict[tuple[Uid, int], tuple[Statement, list[int]]] = {}
        for number, hop in enumerate(self.graph.hops):
            for statement in self.allowing(hop):
                _, numbers = found.setdefault((statement.policy, statement.number), (statement, []))
                if not numbers or numbers[-1] != number:
                    numbers.append(number)
        return found

    def allowing(self, hop: Hop) -> list[Statement]:
        """Return the statements that allow a hop: of each decision the one that decides.

        What makes an administrator one is none of them: it is not what one takes away to part others from an account.
        """
        rule = self.found.rules.get(hop.rule)
        if rule is not None and rule.administrator:
            return []
        deciding = (next((why.statement for why in one.why if why.statement is not None), None) for one in hop.decisions)
        return [one for one in deciding if one is not None and one.effect == "Allow"]

    def paths_to(self, goal: Uid, *, starts: Iterable[Uid] | None = None, certain: bool = False) -> list[Path]:
        """Return a path of each start that comes to a goal, shortest first: the shortest certain one, or else the shortest.

        Where no starts are given: every principal but groups and those who have everything already, the internet, identity providers
        and accounts outside the estate. ``certain``: none that hangs on anything.
        """
        goals = self.graph.numbers([goal])
        numbers = self.graph.numbers(self.found.starts if starts is None else starts)
        wanted = [one for one in numbers if starts is not None or self.graph.nodes[one] not in self.has_all]
        found: dict[int, Path] = {}
        for _, rows in self._rows(certain=certain):
            distance, onward = (told.tolist() for told in rows.distances(goals))
            for one in wanted:
                if one not in found and 0 < distance[one] < FAR:
                    found[one] = Path(self.graph.nodes[one], goal, self._hops(_chain(one, onward)))
        return sorted(found.values(), key=lambda path: (len(path.hops), self.graph.number[path.start]))

    def paths_from(self, start: Uid, *, goals: Iterable[Uid] | None = None, certain: bool = False) -> list[Path]:
        """Return a path from a start to each goal (to everything it comes to, where none are given), shortest first."""
        numbers = self.graph.numbers([start])
        ends = list(range(len(self.graph.nodes)) if goals is None else self.graph.numbers(goals))
        found: dict[int, Path] = {}
        for rows, _ in self._rows(certain=certain):
            distance, before = (told.tolist() for told in rows.distances(numbers))
            for one in ends:
                if one not in found and 0 < distance[one] < FAR:
                    found[one] = Path(start, self.graph.nodes[one], self._hops(_chain(one, before)[::-1]))
        return sorted(found.values(), key=lambda path: (len(path.hops), self.graph.number[path.goal]))

    def _rows(self, *, certain: bool) -> Iterator[tuple[Rows, Rows]]:
        """Give the rows of certain hops, onward and back, then those of all unless certain ones alone are wanted."""
        yield self.graph.sure
        if not certain and not self.graph.certain.all():
            yield self.graph.whole

    def between(self, start: Uid, goal: Uid, *, most: int = _MOST_PATHS) -> tuple[list[Path], bool]:
        """Return the shortest simple paths between two, shortest first, and False where the search was cut short."""
        first, last = self.graph.numbers([start]), self.graph.numbers([goal])
        if not first or not last:
            return [], True
        distance, _ = self.graph.whole[1].distances(last)
        if distance[first[0]] == FAR:
            return [], True
        found, whole = self.graph.shortest(first[0], last[0], distance, most)
        return [Path(start, goal, self._hops(path)) for path in found], whole

    def blast_radius(self, uid: Uid) -> list[Reached]:
        """Return everything that whoever holds a thing comes to, nearest first."""
        numbers = self.graph.numbers([uid])
        distance, _ = self.graph.whole[0].distances(numbers)
        surely, _ = self.graph.sure[0].distances(numbers)
        fit = sorted((int(distance[one]), one) for one in range(len(self.graph.nodes)) if 0 < distance[one] < FAR)
        return [Reached(self.graph.nodes[one], away, bool(surely[one] != FAR)) for away, one in fit]

    def from_internet(self) -> list[Reached]:
        """Return everything that the internet comes to, nearest first."""
        return self.blast_radius(INTERNET)

    def _hops(self, nodes: Sequence[int]) -> tuple[Hop, ...]:
        """Return the hop between each two nodes that hangs on the least."""
        return tuple(self.graph.best(src, dst) for src, dst in pairwise(nodes))


def _chain(node: int, following: Sequence[int]) -> list[int]:
    chain = [node]
    while (after := following[chain[-1]]) != -1:
        chain.append(after)
    return chain


def what_if(before: Paths, after: Paths, goals: Iterable[Uid], *, certain: bool = False) -> Change:
    """Compare two states: for which start and goal is there a path after that was not there before, and the other way round."""
    added: list[Path] = []
    removed: list[Path] = []
    for goal in goals:
        then = {path.start: path for path in before.paths_to(goal, certain=certain)}
        now = {path.start: path for path in after.paths_to(goal, certain=certain)}
        added += [path for start, path in now.items() if start not in then]
        removed += [path for start, path in then.items() if start not in now]
    return Change(tuple(added), tuple(removed))
