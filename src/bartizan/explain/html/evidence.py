"""Choose what of 30,000 findings goes into a page that opens at once, and count what does not.

Rules are shown gravest first, each with its first groups and a few records. The raw text of records is what makes a page
large, so it has a budget; when it is spent, records are named by file, number and id without their text.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Final

from bartizan.explain.risk import level_of, rarities, weight_of
from bartizan.explain.text import amount, cell_text, moment, number, numbered, shorten, visible
from bartizan.schema.attack import Attack, attacks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.detect.contract import Evidence, Group
    from bartizan.rules.contract import Rule

__all__ = ["Budget", "Line", "Record", "RulePart", "parts_of", "record_of"]

_RULES: Final = 200
_GROUPS: Final = 12
_RECORDS: Final = 2
_RAW: Final = 4_000
"""Characters of a record: two screens."""
_VALUE: Final = 400


@dataclass(slots=True)
class Budget:
    """Bytes of raw text that may still be shown. 2.5 MB leave room for the rest of a page of 5 MB."""

    left: int = 2_500_000


@dataclass(frozen=True, slots=True)
class Record:
    """A record as evidence. ``raw`` may be empty; ``cut`` says then, or where it was shortened, what is missing."""

    time: str
    place: str
    record_id: str
    matched: tuple[tuple[str, str], ...]
    raw: str
    cut: str


@dataclass(frozen=True, slots=True)
class Line:
    """A group in the table of its rule."""

    entities: str
    count: str
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePart:
    """All that the page says of one rule that fired."""

    anchor: str
    rule: Rule
    level: str
    count: str
    entities: str
    first: str
    last: str
    techniques: tuple[str, ...]
    lines: tuple[Line, ...]
    more: str
    records: tuple[Record, ...]


def parts_of(groups: Sequence[Group], budget: Budget) -> tuple[tuple[RulePart, ...], str]:
    """Return the part of each rule that is shown, the one worth most first, and a sentence about the rest ("" if there is none)."""
    held: defaultdict[str, list[Group]] = defaultdict(list)
    for group in groups:
        held[group.rule.id].append(group)
    sharing: defaultdict[str, int] = defaultdict(lambda: 1)
    for (rule_id, _), count in rarities(groups).items():
        sharing[rule_id] = max(sharing[rule_id], count)
    ordered = sorted(held.values(), key=lambda own: _place(own[0].rule, sharing[own[0].rule.id]))
    parts = tuple(_part(f"rule-{place}", own, budget) for place, own in enumerate(ordered[:_RULES], 1))
    rest = ordered[_RULES:]
    findings = sum(group.count for own in rest for group in own)
    return parts, f"and {amount(len(rest), 'more rule')} of lesser weight with {amount(findings, 'finding')}" if rest else ""


def record_of(evidence: Evidence, budget: Budget) -> Record:
    """Return a record as evidence, its text as long as the budget lasts."""
    raw, cut = evidence.raw[:_RAW], ""
    if len(evidence.raw) > _RAW:
        cut = f"{amount(len(evidence.raw) - _RAW, 'more character')} not shown"
    raw = visible(raw, keep="\n\t")
    if len(raw) > budget.left:
        raw, cut = "", "raw text not shown: this page holds no more of it; the findings file has it"
    budget.left -= len(raw)
    matched = tuple((name, shorten(cell_text(cell), _VALUE)) for name, cell in evidence.matched.items())
    return Record(moment(evidence.time), f"{evidence.path}{numbered(evidence.record)}", evidence.record_id, matched, raw, cut)


def _place(rule: Rule, shared: int) -> tuple[float, str, str]:
    return (-weight_of(rule) / (1 + log2(shared)), rule.title, rule.id)


def _part(anchor: str, groups: Sequence[Group], budget: Budget) -> RulePart:
    rule = groups[0].rule
    entities = {entity for group in groups for entity in group.entities}
    samples = {sample.record_id: sample for group in groups for sample in group.samples}
    rest = groups[_GROUPS:]
    findings = sum(group.count for group in rest)
    return RulePart(
        anchor=anchor,
        rule=rule,
        level=level_of(rule),
        count=amount(sum(group.count for group in groups), "finding"),
        entities=amount(len(entities), "entity", "entities"),
        first=moment(min(group.first for group in groups)),
        last=moment(max(group.last for group in groups)),
        techniques=tuple(dict.fromkeys(_attack(entry) for entry in attacks_of(rule.tags))),
        lines=tuple(_line(group) for group in groups[:_GROUPS]),
        more=f"and {amount(len(rest), 'more line')} with {amount(findings, 'finding')}" if rest else "",
        records=tuple(record_of(sample, budget) for sample in list(samples.values())[:_RECORDS]),
    )


def _line(group: Group) -> Line:
    entities = ", ".join(shorten(str(entity), 80) for entity in group.entities[:6]) or "no entity named"
    return Line(entities, number(group.count), moment(group.first), moment(group.last))


def _attack(entry: Attack) -> str:
    if entry.technique:
        return f"{entry.technique.uid} {entry.technique.title}"
    return entry.tactic.name if entry.tactic else ""
