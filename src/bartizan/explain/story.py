"""Tell what a hunt found: what it does not cover, who is at risk and why, when it happened, and what to read first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.explain.caveats import Totals, caveats_of, total
from bartizan.explain.coverage import Lane, matrix_of
from bartizan.explain.reading import Reading, choose
from bartizan.explain.risk import LEVELS, EntityRisk, level_of, rank
from bartizan.explain.text import amount, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.detect.contract import Group, Outcome
    from bartizan.schema.attack import Tactic

__all__ = ["Story", "tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened, as a reader needs it: the same for every face. Times in nanoseconds UTC, lists in reading order."""

    caveats: tuple[str, ...]
    """What the story does not cover; to be said before anything else."""
    headline: str
    first: int
    last: int
    """Span of the findings; of the records where there are no findings."""
    events: int
    findings: int
    levels: Mapping[str, int]
    """Findings by level, the gravest first, all levels."""
    rules: int
    """How many different rules fired."""
    totals: Totals
    entities: tuple[EntityRisk, ...]
    """All that findings name, by risk."""
    unnamed: int
    """Findings that name no entity; they are in ``groups``, and no entity counts them."""
    groups: tuple[Group, ...]
    """By time."""
    lanes: tuple[Lane, ...]
    """The ATT&CK matrix."""
    tactics: tuple[Tactic, ...]
    """Those reached, in kill-chain order."""
    readings: tuple[Reading, ...]


def tell(outcome: Outcome) -> Story:
    """Turn an outcome into its story. The same outcome gives the same story, whatever order its groups come in."""
    groups = tuple(sorted(outcome.groups, key=lambda group: (group.first, group.rule.id, tuple(map(str, group.entities)))))
    entities = rank(groups)
    counts: Counter[str] = Counter()
    for group in groups:
        counts[level_of(group.rule)] += group.count
    lanes = matrix_of(groups)
    levels = {level: counts[level] for level in LEVELS}
    rules = len({group.rule.id for group in groups})
    return Story(
        caveats=caveats_of(outcome),
        headline=_headline(outcome, levels, rules, entities),
        first=min((group.first for group in groups), default=outcome.first),
        last=max((group.last for group in groups), default=outcome.last),
        events=outcome.events,
        findings=outcome.findings,
        levels=levels,
        rules=rules,
        totals=total(outcome.balance),
        entities=entities,
        unnamed=sum(group.count for group in groups if not group.entities),
        groups=groups,
        lanes=lanes,
        tactics=tuple(lane.tactic for lane in lanes if lane.tactic and lane.findings),
        readings=choose(groups, entities),
    )


def _headline(outcome: Outcome, levels: Mapping[str, int], rules: int, entities: tuple[EntityRisk, ...]) -> str:
    """Say the result in one or two sentences that promise no more than was looked at."""
    if not outcome.events:
        return "Nothing was read that could be judged."
    if not outcome.findings:
        running = sum(verdict.verdict == "running" for verdict in outcome.verdicts)
        return f"No rule fired: {amount(running, 'rule')} judged {amount(outcome.events, 'record')}."
    grave = [f"{number(levels[level])} {level}" for level in LEVELS[:2] if levels[level]]
    said = f"{' and '.join(grave)} among {amount(outcome.findings, 'finding')}" if grave else amount(outcome.findings, "finding")
    text = f"{amount(rules, 'rule')} fired: {said}."
    if entities:
        text += f" Begin with {entities[0].entity}."
    return text
