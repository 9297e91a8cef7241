"""Link signals that share a thing or a rule within a time, each type of link with its own reach.

Only neighbours in time are linked: what lies between two signals of one thing is connected through it, so links are as many
as signals and not as their square, and the connected sets are the same (a naive twin in the tests holds it to that).
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.contract import HOUR, MINUTE
from bartizan.investigate.contract import GRAVE, SEED_BITS, Link
from bartizan.schema.entities import EntityKind, Role
from bartizan.schema.names import distinguishes, normal_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bartizan.investigate.contract import Signal
    from bartizan.schema.entities import Entity

__all__ = ["Windows", "hubs_of", "links_of", "names_one", "weight_of"]

_DEGREE: Final = 5
"""A thing about which more than so many acting subjects are found is a hub and links nothing: nobody works from six places."""
_PRINCIPALS: Final = 3
"""An address from which more than so many cloud identities act is a gateway."""
_STRENGTH: Final[Mapping[str, float]] = {
    "process": 8.0,
    "hash": 6.0,
    "domain": 6.0,
    "cloud-principal": 5.0,
    "user": 4.0,
    "ip": 4.0,
    "file": 3.0,
}
"""Types of link by kind of what is shared, and their weight; what is not here links only as a place does."""
_PLACE: Final = 1.0
_RULE: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How near in time signals are linked, in nanoseconds."""

    thing: int = 24 * HOUR
    """What names one thing wherever it is met: a process, an account, an address, a domain, a hash."""
    place: int = HOUR
    """A place where much goes on, that is a host: twice the gap that ends a group of alerts."""
    rule: int = 10 * MINUTE
    """Two spans: the same surprise in two places at once is thought to be one doing."""


def names_one(entity: Entity) -> bool:
    """Say whether an entity is one thing: two records that name SYSTEM, nobody, a number of a user or a loopback address share nothing."""
    name = normal_name(entity.kind.value, entity.value)
    numbered = entity.kind is EntityKind.USER and entity.value.isdigit()
    return name is not None and distinguishes(name.kind, name.value) and not numbered


def acting(signal: Signal) -> tuple[Entity, ...]:
    """Return the places from which something was done: the source of a request, without one the host it was done on."""
    named = [one for finding in signal.findings for one in finding.named]
    sources = {one.entity for one in named if one.role is Role.SOURCE}
    devices = {one.entity for one in named if one.role is Role.DEVICE and one.entity.kind is EntityKind.HOST}
    if not signal.findings:
        devices = set(signal.entities)
    return tuple(sorted(sources or devices, key=str))


def things(signal: Signal) -> dict[Entity, None]:
    """Return everything by which a signal can be linked: what its findings name, but hosts, which are places."""
    kinds = {one.entity: None for finding in signal.findings for one in finding.named if one.entity.kind.value in _STRENGTH}
    return kinds if signal.findings else {one: None for one in signal.entities if one.kind is not EntityKind.HOST}


def hubs_of(signals: Iterable[Signal]) -> frozenset[Entity]:
    """Return the things about which findings of many acting places tell: gateways, service accounts, sites that everybody uses."""
    places: defaultdict[Entity, set[Entity]] = defaultdict(set)
    accounts: defaultdict[Entity, set[Entity]] = defaultdict(set)
    for signal in signals:
        where = acting(signal)
        who = {one.entity for finding in signal.findings for one in finding.named if one.entity.kind is EntityKind.CLOUD_PRINCIPAL}
        for entity in things(signal):
            places[entity].update(one for one in where if one != entity)
        for place in where:
            accounts[place].update(who)
        for target in targets(signal):
            places[target].update(where)
    many = {entity for entity, held in places.items() if len(held) > _DEGREE}
    return frozenset(many | {entity for entity, held in accounts.items() if len(held) > _PRINCIPALS})


def targets(signal: Signal) -> set[Entity]:
    """Return the hosts on which something was done from elsewhere."""
    named = {
        one.entity for finding in signal.findings for one in finding.named if one.role is Role.DEVICE and one.entity.kind is EntityKind.HOST
    }
    return named - set(acting(signal))


def links_of(signals: Sequence[Signal], windows: Windows, hubs: Collection[Entity] = ()) -> list[Link]:
    """Return the links between signals, sorted; the order of ``signals`` does not matter."""
    ordered = sorted(signals, key=lambda signal: (signal.first, signal.id))
    by_thing: defaultdict[Entity, list[Signal]] = defaultdict(list)
    by_place: defaultdict[Entity, list[Signal]] = defaultdict(list)
    by_rule: defaultdict[str, list[Signal]] = defaultdict(list)
    for signal in ordered:
        for entity in things(signal):
            if entity not in hubs and names_one(entity):
                by_thing[entity].append(signal)
        surprising = signal.bits >= SEED_BITS
        if surprising:
            by_rule[signal.rule].append(signal)
        attacked = () if not surprising else (one for one in targets(signal) if one not in hubs)
        for entity in (*(acting(signal) if surprising or _tells(signal) else ()), *attacked):
            if entity.kind is EntityKind.HOST and names_one(entity):
                by_place[entity].append(signal)
    total = len(ordered)
    links = [
        link
        for entity, held in by_thing.items()
        for link in _chain(held, str(entity), _Kind(entity.kind.value, windows.thing, _STRENGTH.get(entity.kind.value, _PLACE), total))
    ]
    links += [
        link
        for entity, held in by_place.items()
        for link in _chain(held, str(entity), _Kind(entity.kind.value, windows.place, _PLACE, total))
    ]
    links += [link for rule, held in by_rule.items() for link in _chain(held, rule, _Kind("rule", windows.rule, _RULE, total))]
    return sorted(links)


def _tells(signal: Signal) -> bool:
    """Say whether a rule gives a signal enough weight to be tied by its host, where it is unusual: those of medium level and above."""
    return signal.severity_id >= GRAVE - 1


@dataclass(frozen=True, slots=True)
class _Kind:
    type: str
    window: int
    strength: float
    total: int


def weight_of(strength: float, *, share: float, apart: float) -> float:
    """Return the weight of a link: its type's strength times how rare what is shared is, halved at the end of its window.

    ``share``: the part of all signals that have it; ``apart``: the part of the window that lies between.
    """
    return strength * math.log2(1 + 1 / share) * (1 - apart / 2)


def _chain(held: Sequence[Signal], name: str, kind: _Kind) -> Iterator[Link]:
    for one, other in itertools.pairwise(held):
        apart = other.first - one.first
        if apart <= kind.window:
            weight = weight_of(kind.strength, share=len(held) / kind.total, apart=apart / kind.window)
            shared = f"the rule {one.title or name}" if kind.type == "rule" else name.replace(":", " ", 1)
            reason = f"both have {shared}, {apart / MINUTE:.0f} minutes apart"
            yield Link(one.id, other.id, kind.type, name, weight, other.first, reason)
