"""Link signals that share a thing or a rule within a time, and take what is connected for a case.

Only neighbours in time are linked: what lies between two signals of one thing is connected through it, so links are as many
as signals and not as their square, and the connected sets are the same (a naive twin in the tests holds it to that).
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.detect.alerts.contract import HOUR, MINUTE
from bartizan.investigate.contract import Case, Link
from bartizan.schema.names import distinguishes, normal_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.investigate.contract import Signal
    from bartizan.schema.entities import Entity

__all__ = ["Windows", "cases_of", "links_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How near in time signals are linked, in nanoseconds."""

    entity: int = 4 * HOUR
    """Half a working day: within it the same thing is thought to be in the same hands."""
    rule: int = 10 * MINUTE
    """Two spans: the same surprise in two places at once is thought to be one doing."""


def links_of(signals: Sequence[Signal], windows: Windows) -> list[Link]:
    """Return the links between signals, sorted; the order of ``signals`` does not matter."""
    ordered = sorted(signals, key=lambda signal: (signal.first, signal.id))
    by_entity: defaultdict[str, list[Signal]] = defaultdict(list)
    by_rule: defaultdict[str, list[Signal]] = defaultdict(list)
    for signal in ordered:
        by_rule[signal.rule].append(signal)
        for entity in set(signal.entities):
            if _names_one(entity):
                by_entity[str(entity)].append(signal)
    total = len(ordered)
    links = [link for name, held in by_entity.items() for link in _chain("entity", name, held, (windows.entity, total))]
    links += [link for name, held in by_rule.items() for link in _chain("rule", name, held, (windows.rule, total))]
    return sorted(links)


def _names_one(entity: Entity) -> bool:
    """Say whether an entity is one thing: two records that name SYSTEM, nobody or a loopback address share nothing."""
    name = normal_name(entity.kind.value, entity.value)
    return name is not None and distinguishes(name.kind, name.value)


def _chain(kind: str, name: str, held: Sequence[Signal], bounds: tuple[int, int]) -> Iterator[Link]:
    window, total = bounds
    rarity = math.log2(1 + total / len(held))
    for one, other in itertools.pairwise(held):
        apart = other.first - one.first
        if apart <= window:
            reason = f"both have {kind} {name}, {apart / MINUTE:.0f} minutes apart"
            yield Link(one.id, other.id, kind, name, rarity * (1 - apart / (2 * window)), other.first, reason)


def cases_of(signals: Sequence[Signal], windows: Windows | None = None) -> list[Case]:
    """Return the cases that signals make, the highest score first, ties by id."""
    links = links_of(signals, windows or Windows())
    root = {signal.id: signal.id for signal in signals}
    for link in links:
        one, other = sorted((_root(root, link.a), _root(root, link.b)))
        root[other] = one
    members: defaultdict[str, list[Signal]] = defaultdict(list)
    inside: defaultdict[str, list[Link]] = defaultdict(list)
    for signal in sorted(signals, key=lambda signal: (signal.first, signal.id)):
        members[_root(root, signal.id)].append(signal)
    for link in links:
        inside[_root(root, link.a)].append(link)
    cases = [_case(held, inside[name]) for name, held in members.items()]
    return sorted(cases, key=lambda case: (-case.score, case.id))


def _root(root: dict[str, str], name: str) -> str:
    while root[name] != name:
        root[name] = root[root[name]]
        name = root[name]
    return name


def _case(signals: Sequence[Signal], links: Sequence[Link]) -> Case:
    best: dict[tuple[str, tuple[str, ...]], float] = {}
    for signal in signals:
        name = signal.rule, tuple(map(str, signal.entities))
        best[name] = max(signal.bits, best.get(name, 0.0))
    entities = {entity for signal in signals for entity in signal.entities}
    score = math.fsum(best.values())
    return Case(id=signals[0].id, signals=tuple(signals), links=tuple(links), entities=tuple(sorted(entities, key=str)), score=score)
