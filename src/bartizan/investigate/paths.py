"""Follow the links of a case: why two things are in it together, and which link alone holds two parts of it together."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from bartizan.errors import UsageError
from bartizan.investigate.casing import connected
from bartizan.investigate.contract import SEED_BITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.investigate.contract import Case, Link, Signal

__all__ = ["Bridge", "Hop", "bridges_of", "link_id", "links_named", "path_between", "signals_named"]

_DIGITS = 8
_PART = 3
"""Signals that both parts have to have for a bridge to be told: what hangs on a case by its own link always does."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path: from a signal over a link to the next."""

    start: Signal
    link: Link
    end: Signal


@dataclass(frozen=True, slots=True)
class Bridge:
    """Two signals whose links alone hold two parts together; ``parts`` are the numbers of signals on either side."""

    links: tuple[Link, ...]
    parts: tuple[int, int]


def link_id(link: Link) -> str:
    """Return the name of a link for people: the beginnings of both signals' ids."""
    return f"{link.a[:_DIGITS]}-{link.b[:_DIGITS]}"


def links_named(case: Case, name: str) -> list[Link]:
    """Return the links of this name, or by this thing (``kind:value``). UsageError where there are none."""
    found = [link for link in case.links if name in {link_id(link), link.entity, f"{link.a}-{link.b}"}]
    if not found:
        message = f"no link of case {case.id} is '{name}'; `bartizan case why` and `case show --json` name them"
        raise UsageError(message)
    return found


def signals_named(case: Case, name: str) -> list[Signal]:
    """Return the signals that name an entity, with or without its kind, or of which this begins the id. UsageError without any."""
    wanted = name.lower()
    found = [
        signal
        for signal in case.signals
        if signal.id.startswith(wanted)
        or any(
            finding.uid.startswith(wanted) or any(record.startswith(wanted) for record in finding.records) for finding in signal.findings
        )
    ]
    found = found or [
        signal for signal in case.signals if any(wanted in {one.lower(), one.partition(":")[2].lower()} for one in _names(signal))
    ]
    if not found:
        message = f"nothing in case {case.id} is called '{name}'; `bartizan case show` lists its entities and ids"
        raise UsageError(message)
    return found


def path_between(case: Case, start: Sequence[Signal], end: Sequence[Signal]) -> list[Hop]:
    """Return the strongest path between two groups of signals, [] where they share one or no link leads there."""
    by_id = {signal.id: signal for signal in case.signals}
    around: defaultdict[str, list[tuple[Link, str]]] = defaultdict(list)
    for link in case.links:
        around[link.a].append((link, link.b))
        around[link.b].append((link, link.a))
    goals = {signal.id for signal in end}
    reached: dict[str, tuple[str, Link] | None] = {}
    waiting: list[tuple[float, str, str, Link | None]] = [(0.0, signal.id, "", None) for signal in start]
    while waiting:
        cost, name, before, over = heapq.heappop(waiting)
        if name in reached:
            continue
        reached[name] = None if over is None else (before, over)
        if name in goals:
            return _hops(by_id, reached, name)
        for link, other in around[name]:
            if other not in reached:
                heapq.heappush(waiting, (cost + 1 / max(link.weight, 0.01), other, name, link))
    return []


def bridges_of(case: Case) -> list[Bridge]:
    """Return the links that alone hold together two parts of some size, each with something surprising, the weakest first."""
    names = [signal.id for signal in case.signals]
    seeds = {signal.id for signal in case.signals if signal.bits >= SEED_BITS}
    pairs: defaultdict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in case.links:
        pairs[link.a, link.b].append(link)
    found = []
    for pair in sorted(_alone(names, list(pairs))):
        if len({link.entity for link in pairs[pair]}) > 1:
            continue
        rest = [link for link in case.links if (link.a, link.b) != pair]
        parts = [part for part in connected(names, rest) if pair[0] in part or pair[1] in part]
        if all(len(part) >= _PART and seeds.intersection(part) for part in parts):
            found.append(Bridge(tuple(pairs[pair]), (len(parts[0]), len(parts[-1]))))
    return sorted(found, key=lambda bridge: max(link.weight for link in bridge.links))


def _alone(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the edges of a graph without which it has one more part: those of a forest that no other edge goes around.

    A forest is grown in breadth; the edges that are not in it run through the tree below their ends, and each tree edge that
    none of them passes is alone. Told by random 64-bit labels, xor-ed up the tree (Pritchard and Thurimella, 2011); here the
    labels follow from the edge, so that the result is the same each time.
    """
    around: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in pairs:
        around[one].append(other)
        around[other].append(one)
    above: dict[str, str] = {}
    order: list[str] = []
    for root in names:
        if root not in above:
            above[root] = ""
            order.append(root)
            _grow(root, around, above, order)
    passing = dict.fromkeys(names, 0)
    for one, other in pairs:
        if above[one] != other and above[other] != one:
            label = int.from_bytes(sha256(f"{one} {other}".encode()).digest()[:16])
            passing[one] ^= label
            passing[other] ^= label
    for name in reversed(order):
        if above[name]:
            passing[above[name]] ^= passing[name]
    there = set(pairs)
    lone = [(name, above[name]) for name in order if above[name] and passing[name] == 0]
    return [(one, other) if (one, other) in there else (other, one) for one, other in lone]


def _grow(root: str, around: Mapping[str, Sequence[str]], above: dict[str, str], order: list[str]) -> None:
    """Add the tree of a root in breadth: who was reached from whom, in the order in which they were."""
    waiting = deque([root])
    while waiting:
        name = waiting.popleft()
        for other in around.get(name, ()):
            if other not in above:
                above[other] = name
                order.append(other)
                waiting.append(other)


def _hops(by_id: Mapping[str, Signal], reached: Mapping[str, tuple[str, Link] | None], name: str) -> list[Hop]:
    hops: list[Hop] = []
    while (step := reached[name]) is not None:
        before, link = step
        hops.append(Hop(by_id[before], link, by_id[name]))
        name = before
    return hops[::-1]


def _names(signal: Signal) -> set[str]:
    return {str(entity) for entity in signal.entities} | {str(one.entity) for finding in signal.findings for one in finding.named}
