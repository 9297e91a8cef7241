"""Choose the records to read first.

A record is worth the sum of its rules' severity x rarity, as in the risk of entities, times the diversity of the riskiest
entity it names. Records are then taken one by one, the worthiest first. What a rule adds is a quarter for each record taken
that tells of it already, and the whole is less for each that names the same entity: ten records of one loop tell one thing.
What is chosen is put in order of time, because it is read as a story. What is worth less than a fiftieth of the worthiest is
not put before a reader at all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import log2
from typing import TYPE_CHECKING, Final

from bartizan.explain.risk import EntityRisk, rarities, weight_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.detect.contract import Evidence, Group
    from bartizan.rules.contract import Rule
    from bartizan.schema.entities import Entity

__all__ = ["READINGS", "Reading", "choose"]

READINGS: Final = 10
"""What one sitting takes: a raw Windows event is a screenful."""

_FLOOR: Final = 1 / 50
"""A record that is worth less than this part of the worthiest is noise beside it: between them lie more than three levels."""

_CANDIDATES: Final = 400
"""How many of the worthiest records are weighed against each other; the choice costs candidates x readings."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A record to read, the rules that it made fire, the gravest first, and the entities it names. ``rank`` 1 is the worthiest."""

    rank: int
    evidence: Evidence
    rules: tuple[Rule, ...]
    entities: tuple[Entity, ...]


@dataclass(slots=True)
class _Candidate:
    evidence: Evidence
    factor: float = 1.0
    points: dict[str, float] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    entities: dict[Entity, None] = field(default_factory=dict)


def choose(groups: Sequence[Group], ranked: Sequence[EntityRisk], count: int = READINGS) -> tuple[Reading, ...]:
    """Choose up to ``count`` records among the groups' samples."""
    told: Counter[object] = Counter()
    left = sorted(_candidates(groups, ranked).values(), key=lambda one: (-_worth(one, told), _tie(one)))[:_CANDIDATES]
    floor = _FLOOR * _worth(left[0], told) if left else 0.0
    chosen: list[_Candidate] = []
    while left and len(chosen) < count:
        best = min(left, key=lambda one: (-_worth(one, told), _tie(one)))
        if _worth(best, told) < floor:
            break
        left.remove(best)
        chosen.append(best)
        told.update([*best.rules, *best.entities])
    readings = [_reading(rank, one) for rank, one in enumerate(chosen, 1)]
    return tuple(sorted(readings, key=lambda reading: (reading.evidence.time, reading.rank)))


def _candidates(groups: Sequence[Group], ranked: Sequence[EntityRisk]) -> dict[str, _Candidate]:
    sharing = rarities(groups)
    diversity = {one.entity: 1 + max(0, len(one.tactics) - 1) / 4 for one in ranked}
    found: dict[str, _Candidate] = {}
    for group in groups:
        shared = min((sharing[group.rule.id, entity.kind] for entity in group.entities), default=1)
        points = weight_of(group.rule) / (1 + log2(shared))
        for sample in group.samples:
            one = found.setdefault(sample.record_id, _Candidate(sample))
            one.points[group.rule.id] = max(points, one.points.get(group.rule.id, 0.0))
            one.rules[group.rule.id] = group.rule
            one.entities |= dict.fromkeys(group.entities)
            one.factor = max([one.factor, *(diversity[entity] for entity in group.entities)])
    return found


def _worth(one: _Candidate, told: Mapping[object, int]) -> float:
    """Return what a record adds to those already taken, of which ``told`` counts how many tell of a rule or an entity."""
    points = sum(points / 4.0 ** told.get(rule, 0) for rule, points in one.points.items())
    entities = max((told.get(entity, 0) for entity in one.entities), default=0)
    return points * one.factor / (1 + entities / 4)


def _tie(one: _Candidate) -> tuple[int, str]:
    return (one.evidence.time, one.evidence.record_id)


def _reading(rank: int, one: _Candidate) -> Reading:
    rules = sorted(one.rules.values(), key=lambda rule: (-weight_of(rule), rule.title, rule.id))
    return Reading(rank, one.evidence, tuple(rules), tuple(one.entities))
