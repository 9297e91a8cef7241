"""Follow the processes that the core of a case names, on each host that they ran on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bartizan.investigate.lineage.contract import Lineage, Thing
from bartizan.investigate.lineage.following import lineage_of
from bartizan.investigate.lineage.steps import Known, steps_of
from bartizan.schema.entities import EntityKind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.investigate.contract import Case
    from bartizan.investigate.places import Place

__all__ = ["lineages_of"]


def lineages_of(place: Place, case: Case) -> list[tuple[Known, Lineage]]:
    """Return for each host of the core the lineages of its processes taken together, and what is known there; by host."""
    named: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for signal in case.signals:
        for finding in signal.findings if signal.id in case.core else ():
            hosts = [one.entity.value for one in finding.named if one.role is Role.DEVICE and one.entity.kind is EntityKind.HOST]
            names = [one.entity.value for one in finding.named if one.entity.kind is EntityKind.PROCESS]
            for host in hosts[:1]:
                named[host].update(dict.fromkeys(names))
    found = []
    for host, processes in sorted(named.items()):
        known = steps_of(place, host) if processes else Known()
        things = [thing for name in processes if (thing := Thing("process", host, name)) in known.processes]
        single = [lineage_of(known, thing) for thing in things]
        whole = [one for one in single if one.steps and one.start not in dict(one.stops)]
        if whole:
            found.append((known, _together(whole)))
    return found


def _together(lineages: Sequence[Lineage]) -> Lineage:
    """Return lineages of one host as one, which starts where the first does."""
    return Lineage(
        start=lineages[0].start,
        things=frozenset().union(*(one.things for one in lineages)),
        steps=tuple(sorted({step for one in lineages for step in one.steps})),
        stops=tuple(sorted({stop for one in lineages for stop in one.stops}, key=lambda stop: str(stop[0]))),
    )
