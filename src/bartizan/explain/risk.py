"""Say how much each entity deserves to be looked at, and why.

    risk = diversity x sum over the rules that name it of (severity x rarity)

- **severity** is 3 to the power of the level: informational 1/3, low 1, medium 3, high 9, critical 27. Three findings of a
  level are worth one of the next; so a few graver rules outweigh a crowd of lesser ones, yet a crowd is not nothing.
- **rarity** is 1 / (1 + log2 n), n being how many entities of the same kind the rule names in this run. A rule that names
  one host counts in full, on 2 hosts half, on 16 a fifth, on 1,000 a tenth: what happens everywhere is how the place
  works. It never becomes 0, because an intruder can be everywhere, too.
- **diversity** is 1 + (t - 1) / 4, t being the ATT&CK tactics that the rules from low upwards say were reached. An
  intrusion goes through stages, a false alarm repeats one. Five tactics double the risk, nine triple it, which is one level.

A rule counts once per entity however often it fired: a loop that fires 10,000 times is one thing to look at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import amount
from bartizan.schema.attack import Tactic, attacks_of, tactics
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.detect.contract import Group
    from bartizan.rules.contract import Rule

__all__ = ["LEVELS", "EntityRisk", "RuleShare", "level_of", "notable", "rank", "rarities", "tactics_of", "weight_of"]

LEVELS: Final = ("critical", "high", "medium", "low", "informational")
"""Sigma levels, the gravest first."""

_LEAST: Final = LEVELS[-1]
_FLOOR: Final = 1 / 50
"""More than three levels of severity lie between a thing and its fiftieth part."""
_PLURALS: Final = {EntityKind.REPOSITORY: "repositories"}


@dataclass(frozen=True, slots=True)
class RuleShare:
    """What one rule says of an entity: how often, when, with which of its groups, and what it adds to the risk before diversity."""

    rule: Rule
    count: int
    first: int
    last: int
    shared: int
    """How many entities of the same kind the rule names in this run, this one included."""
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRisk:
    """An entity and why it stands where it stands. ``shares`` by points, ``groups`` by time."""

    entity: Entity
    risk: float
    level: str
    """The gravest level among its findings."""
    why: str
    findings: int
    first: int
    last: int
    tactics: tuple[Tactic, ...]
    """Those that its rules say were reached, in kill-chain order."""
    shares: tuple[RuleShare, ...]
    groups: tuple[Group, ...]


def level_of(rule: Rule) -> str:
    """Return a rule's level; what Sigma does not know is informational."""
    level = rule.level.lower()
    return level if level in LEVELS else _LEAST


def weight_of(rule: Rule) -> float:
    """Return the severity of a rule in the formula."""
    return float(3.0 ** (3 - LEVELS.index(level_of(rule))))


def tactics_of(rules: Iterable[Rule]) -> tuple[Tactic, ...]:
    """Return the tactics that rules from low upwards are tagged with, in kill-chain order."""
    named = {entry.tactic for rule in rules if level_of(rule) != _LEAST for entry in attacks_of(rule.tags)}
    return tuple(entry for entry in tactics() if entry in named)


def rarities(groups: Iterable[Group]) -> dict[tuple[str, EntityKind], int]:
    """Count, per rule id and kind, the entities that the rule names."""
    named: defaultdict[tuple[str, EntityKind], set[Entity]] = defaultdict(set)
    for group in groups:
        for entity in group.entities:
            named[group.rule.id, entity.kind].add(entity)
    return {key: len(entities) for key, entities in named.items()}


def rank(groups: Sequence[Group]) -> tuple[EntityRisk, ...]:
    """Return every entity that findings name, the riskiest first; equal risks by name."""
    sharing = rarities(groups)
    peers: Counter[EntityKind] = Counter({entity.kind: 0 for group in groups for entity in group.entities})
    own: defaultdict[Entity, list[Group]] = defaultdict(list)
    for group in groups:
        for entity in group.entities:
            own[entity].append(group)
    peers.update(entity.kind for entity in own)
    ranked = [_judged(entity, held, sharing, peers[entity.kind]) for entity, held in own.items()]
    return tuple(sorted(ranked, key=lambda one: (-one.risk, str(one.entity))))


def notable(ranked: Sequence[EntityRisk], most: int) -> tuple[EntityRisk, ...]:
    """Return the first ``most`` entities, without those that are noise beside the first: below a fiftieth of its risk."""
    floor = ranked[0].risk * _FLOOR if ranked else 0.0
    return tuple(one for one in ranked[:most] if one.risk >= floor)


def _judged(entity: Entity, groups: list[Group], sharing: Mapping[tuple[str, EntityKind], int], peers: int) -> EntityRisk:
    by_rule: defaultdict[str, list[Group]] = defaultdict(list)
    for group in groups:
        by_rule[group.rule.id].append(group)
    shares = [_share(held, sharing[rule_id, entity.kind]) for rule_id, held in by_rule.items()]
    shares.sort(key=lambda share: (-share.points, -share.count, share.rule.id))
    reached = tactics_of(share.rule for share in shares)
    diversity = 1 + max(0, len(reached) - 1) / 4
    return EntityRisk(
        entity=entity,
        risk=diversity * sum(share.points for share in shares),
        level=min((level_of(share.rule) for share in shares), key=LEVELS.index),
        why=_why(shares, len(reached), entity.kind, peers),
        findings=sum(group.count for group in groups),
        first=min(group.first for group in groups),
        last=max(group.last for group in groups),
        tactics=reached,
        shares=tuple(shares),
        groups=tuple(sorted(groups, key=lambda group: (group.first, group.rule.id))),
    )


def _share(groups: list[Group], shared: int) -> RuleShare:
    rule = groups[0].rule
    return RuleShare(
        rule=rule,
        count=sum(group.count for group in groups),
        first=min(group.first for group in groups),
        last=max(group.last for group in groups),
        shared=shared,
        points=weight_of(rule) / (1 + log2(shared)),
    )


def _why(shares: Sequence[RuleShare], reached: int, kind: EntityKind, peers: int) -> str:
    """Say what the risk rests on: rules of the two gravest levels, tactics, and how many of its rules are its own."""
    counts = Counter(level_of(share.rule) for share in shares)
    graver = [(level, counts[level]) for level in LEVELS if counts[level]][:2]
    total = sum(count for _, count in graver)
    parts = [" and ".join(f"{count} {level}" for level, count in graver) + (" rule" if total == 1 else " rules")]
    others = len(shares) - total
    if others:
        parts[0] += f", {others} below"
    if reached:
        parts.append(amount(reached, "tactic"))
    alone = sum(share.shared == 1 for share in shares)
    if peers > 1:
        nouns = _PLURALS.get(kind, f"{kind.value}s")
        parts.append(f"{alone} seen on no other {kind.value}" if alone else f"all shared with other {nouns}")
    return ", ".join(parts)
