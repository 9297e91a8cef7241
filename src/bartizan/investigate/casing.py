"""Take what links connect for a case, and tell in each what is certain enough to be its core.

A case begins with what is surprising (``SEED_BITS``) and holds what is unusual (``UNUSUAL_BITS``) and tied to it. The core are
the signals of the places on which it concentrates, each at least half as rich as the richest, and what is tied to them by more
than a place, a rule or a time; everything else is suspected.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.contract import DAY, MINUTE
from bartizan.detect.alerts.severity import weight
from bartizan.investigate.contract import GRAVE, SEED_BITS, UNUSUAL_BITS, Case, Link
from bartizan.investigate.linking import Windows, acting, hubs_of, links_of, names_one, things

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bartizan.investigate.contract import Signal
    from bartizan.schema.entities import Entity

__all__ = ["cases_of", "connected"]

_NEAR: Final = 30 * MINUTE
"""The gap that ends a group of alerts: what is unusual nearer than this to the core on one of its places belongs to the same doing."""
_ELSEWHERE_BITS: Final = 6.0
"""Where findings name nothing but hosts, time stands in for what they share, from the floor of a grave rule on."""
_SHARE: Final = 0.5
_TACTIC_SHARE: Final = 4
_WEAK: Final = frozenset({"host", "rule", "time"})
_CLOSE: Final = frozenset({"process", "domain", "hash", "ip"})
"""What is routine is of a case all the same where it shares one of these with it: a process, an address, a domain that few name."""


def cases_of(
    signals: Sequence[Signal], windows: Windows | None = None, *, more: Sequence[Link] = (), cut: Collection[str] = ()
) -> list[Case]:
    """Return the cases that signals make, the highest score first, ties by id.

    ``more``: links that records beside the findings tell, and those that people made. ``cut``: ids of links that people cut.
    """
    unusual = [signal for signal in signals if signal.bits >= UNUSUAL_BITS]
    hubs = hubs_of(signals)
    found = [*links_of(unusual, windows or Windows(), hubs), *more]
    links = [link for link in found if f"{link.a}-{link.b}" not in cut]
    by_id = {signal.id: signal for signal in unusual}
    sets = connected(by_id, [link for link in links if link.a in by_id and link.b in by_id])
    homes = {name: number for number, names in enumerate(sets) for name in names}
    inside: defaultdict[int, list[Link]] = defaultdict(list)
    for link in links:
        if link.a in homes and link.b in homes:
            inside[homes[link.a]].append(link)
    cases = [
        _case([by_id[name] for name in names], inside[number])
        for number, names in enumerate(sets)
        if any(by_id[name].bits >= SEED_BITS for name in names)
    ]
    grown = _ordered(_grown(_ordered(cases), sorted(unusual, key=lambda signal: (signal.first, signal.id)), cut))
    taken = {signal.id for case in grown for signal in case.signals}
    return _ordered(_followed(grown, [signal for signal in signals if signal.id not in taken], hubs, cut))


def connected(names: Collection[str], links: Sequence[Link]) -> list[list[str]]:
    """Return the sets of names that links connect."""
    root = {name: name for name in names}
    for link in links:
        one, other = sorted((_root(root, link.a), _root(root, link.b)))
        root[other] = one
    sets: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        sets[_root(root, name)].append(name)
    return list(sets.values())


def _root(root: dict[str, str], name: str) -> str:
    while root[name] != name:
        root[name] = root[root[name]]
        name = root[name]
    return name


def _ordered(cases: Sequence[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: (-case.score, case.id))


def _case(signals: Sequence[Signal], links: Sequence[Link]) -> Case:
    ordered = sorted(signals, key=lambda signal: (signal.first, signal.id))
    entities = {entity for signal in ordered for entity in (*signal.entities, *things(signal))}
    return Case(
        id=ordered[0].id,
        signals=tuple(ordered),
        links=tuple(sorted(links)),
        entities=tuple(sorted(entities, key=str)),
        score=_score(ordered),
        core=_core(ordered, links),
    )


def _score(signals: Sequence[Signal]) -> float:
    best: dict[tuple[str, tuple[str, ...]], float] = {}
    for signal in signals:
        name = signal.rule, tuple(map(str, signal.entities))
        best[name] = max(signal.bits * _worth(signal), best.get(name, 0.0))
    spread = len({tactic for signal in signals for tactic in signal.tactics})
    return math.fsum(best.values()) * (1 + max(0, spread - 1) / _TACTIC_SHARE)


def _worth(signal: Signal) -> float:
    return weight(signal.severity_id) if signal.severity_id else 1.0


def _rich(signals: Sequence[Signal]) -> set[Entity]:
    """Return the places whose rules, each counted once, have at least half of the bits of the richest."""
    best: defaultdict[Entity, dict[str, float]] = defaultdict(dict)
    for signal in signals:
        for place in acting(signal):
            best[place][signal.rule] = max(signal.bits * _worth(signal), best[place].get(signal.rule, 0.0))
    riches = {place: math.fsum(held.values()) for place, held in best.items()}
    most = max(riches.values(), default=0.0)
    return {place for place, held in riches.items() if held >= _SHARE * most}


def _core(signals: Sequence[Signal], links: Sequence[Link]) -> frozenset[str]:
    rich = _rich(signals)
    # Where nobody is known to act, what is surprising is all there is to go by.
    core = {signal.id for signal in signals if rich.intersection(acting(signal)) or (not rich and signal.bits >= SEED_BITS)}
    grave = {signal.id for signal in signals if signal.severity_id >= GRAVE}
    strong = [link for link in links if link.type not in _WEAK and {link.a, link.b} <= grave | core]
    for names in connected(sorted(grave | core), strong):
        if core.intersection(names):
            core.update(names)
    return frozenset(core)


@dataclass(frozen=True, slots=True)
class _Hot:
    """When and where the core of a case was at work."""

    case: Case
    places: frozenset[Entity]
    times: tuple[int, ...]
    ids: tuple[str, ...]
    bare: bool
    """Whether its findings name nothing but hosts, so that only time can tie what is elsewhere."""

    def near(self, signal: Signal) -> tuple[int, str] | None:
        """Return how far the nearest core signal is, and its id; None where it is too far."""
        at = bisect_left(self.times, signal.first)
        around = [(abs(self.times[one] - signal.first), self.ids[one]) for one in (at - 1, at) if 0 <= one < len(self.times)]
        apart, name = min(around)
        return (apart, name) if apart <= _NEAR else None


def _grown(cases: Sequence[Case], unusual: Sequence[Signal], cut: Collection[str]) -> list[Case]:
    """Give each case, the gravest first, what is unusual near its core in time; lesser cases lose what it takes of them."""
    rank = {signal.id: number for number, case in enumerate(cases) for signal in case.signals}
    taken: defaultdict[int, list[tuple[Signal, Link]]] = defaultdict(list)
    hot = [_hot(case) for case in cases]
    at_work: defaultdict[int, set[int]] = defaultdict(set)
    for number, one in enumerate(hot):
        for time in one.times:
            at_work[time // _NEAR].add(number)
    gone: set[str] = set()
    for signal in unusual:
        slot, own = signal.first // _NEAR, rank.get(signal.id, len(hot))
        around = at_work.get(slot - 1, set()) | at_work.get(slot, set()) | at_work.get(slot + 1, set())
        for number in sorted(one for one in around if one < own):
            link = _joins(signal, hot[number])
            if link is not None and f"{link.a}-{link.b}" not in cut:
                taken[number].append((signal, link))
                gone.add(signal.id)
                break
    return [case for number, one in enumerate(cases) if (case := _changed(one, taken[number], gone)) is not None]


def _changed(case: Case, joined: Sequence[tuple[Signal, Link]], gone: set[str]) -> Case | None:
    """Return a case with what it took and without what it lost; None where nothing surprising is left."""
    if gone.isdisjoint(signal.id for signal in case.signals):
        return _with(case, joined) if joined else case
    left = [signal for signal in case.signals if signal.id not in gone]
    if not any(signal.bits >= SEED_BITS for signal in left):
        return None
    names = {signal.id for signal in left}
    rest = _case(left, [link for link in case.links if {link.a, link.b} <= names])
    return _with(rest, joined) if joined else rest


def _hot(case: Case) -> _Hot:
    core = [signal for signal in case.signals if signal.id in case.core]
    places = frozenset(_rich(core))
    at_work = [signal for signal in core if places.intersection(acting(signal))] or core
    return _Hot(
        case, places, tuple(signal.first for signal in at_work), tuple(signal.id for signal in at_work), not any(map(things, case.signals))
    )


def _followed(cases: Sequence[Case], loose: Sequence[Signal], hubs: Collection[Entity], cut: Collection[str]) -> list[Case]:
    """Give each case what shares a process, an address, a domain or a hash with its core, however usual it is."""
    held: defaultdict[Entity, list[tuple[int, Signal]]] = defaultdict(list)
    for number, case in enumerate(cases):
        for signal in case.signals:
            for thing in things(signal) if signal.id in case.core else ():
                if thing.kind.value in _CLOSE and thing not in hubs and names_one(thing):
                    held[thing].append((number, signal))
    taken: defaultdict[int, list[tuple[Signal, Link]]] = defaultdict(list)
    for signal in sorted(loose, key=lambda signal: (signal.first, signal.id)):
        near = [(thing, found) for thing in things(signal) if thing in held and (found := _within_a_day(held[thing], signal)) is not None]
        for thing, (number, other) in sorted(near, key=lambda pair: (pair[1][0], str(pair[0])))[:1]:
            first, second = sorted((signal, other), key=lambda one: (one.first, one.id))
            apart = (second.first - first.first) / MINUTE
            reason = f"both have {str(thing).replace(':', ' ', 1)}, which few have, {apart:.0f} minutes apart"
            link = Link(first.id, second.id, thing.kind.value, str(thing), 2.0, second.first, reason)
            if f"{link.a}-{link.b}" not in cut:
                taken[number].append((signal, link))
    return [_with(case, taken[number]) if taken[number] else case for number, case in enumerate(cases)]


def _within_a_day(held: Sequence[tuple[int, Signal]], signal: Signal) -> tuple[int, Signal] | None:
    """Return the nearest of the signals, with the number of its case; of the gravest case that has one."""
    near = [(number, abs(one.first - signal.first), one.id, one) for number, one in held if abs(one.first - signal.first) <= DAY]
    number, _, _, found = min(near, default=(0, 0, "", None))
    return None if found is None else (number, found)


def _joins(signal: Signal, hot: _Hot) -> Link | None:
    near = hot.near(signal)
    if near is None:
        return None
    same = hot.places.intersection(acting(signal))
    if not same and not (hot.bare and signal.bits >= _ELSEWHERE_BITS):
        return None
    apart, other = near
    place = str(min(same, key=str)) if same else ", ".join(map(str, signal.entities))
    what = f"on {place}, which is of the core" if same else f"about {place}, while the core was at work"
    first, second = (other, signal.id) if hot.times[hot.ids.index(other)] <= signal.first else (signal.id, other)
    return Link(
        first,
        second,
        "time",
        place,
        (2.0 if same else 1.0) * (1 - apart / (2 * _NEAR)),
        signal.first,
        f"{what}, {apart / MINUTE:.0f} minutes from the nearest of it",
    )


def _with(case: Case, joined: Sequence[tuple[Signal, Link]]) -> Case:
    hot = _hot(case)
    signals = sorted((*case.signals, *(signal for signal, _ in joined)), key=lambda signal: (signal.first, signal.id))
    on_core = {signal.id for signal, _ in joined if hot.places.intersection(acting(signal))}
    whole = _case(signals, (*case.links, *(link for _, link in joined)))
    return replace(whole, id=case.id, core=case.core | on_core)
