"""Derive alerts, groups and risk from a ledger: a function of the set of findings, the policy, the assets, silences and ``now``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from bartizan.detect.alerts.assets import Assets
from bartizan.detect.alerts.contract import Alert, AlertGroup, Alerts, EntityRisk, Key, Policy, RuleFacts, Subject
from bartizan.detect.alerts.grouping import Known, Sight, group_sights, identity, place_of
from bartizan.detect.alerts.severity import severity, weight
from bartizan.detect.alerts.surprise import FLOORS, SEEN_OFTEN, Surprise, surprise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.detect.alerts.ledger import Ledger
    from bartizan.detect.alerts.silences import Silence
    from bartizan.schema.entities import Entity

__all__ = ["View", "build"]

_SAMPLES: Final = 3
_ALWAYS: Final = 4
"""High: from this ``severity_id`` on nothing is routine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a ledger is looked at. ``now``: nanoseconds UTC to which risk fades, None for the time of the last finding."""

    policy: Policy = field(default_factory=Policy)
    assets: Assets = field(default_factory=Assets)
    silences: Sequence[Silence] = ()
    now: int | None = None


@dataclass(slots=True)
class _Draft:
    """An alert while its cells are looked at."""

    id: str
    rule: RuleFacts
    key: Key
    severity_id: int = 0
    entities: set[Entity] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    score: float = 0.0
    best: int = -1
    routine: int = 0
    quiet: int = -1
    silenced: int = 0
    silences: set[str] = field(default_factory=set)
    sights: list[Sight] = field(default_factory=list)


def build(ledger: Ledger, view: View) -> Alerts:
    """Return everything that the findings in a ledger give."""
    order = sorted(range(len(ledger.subjects)), key=lambda code: _sorting(ledger.subjects[code]))
    drafts = _drafts(ledger, order)
    judged, places = _judge(ledger, view.policy)
    rows = _rows_of(ledger)
    by_subject = {code: draft for draft, codes in drafts for code in codes}
    for draft, codes in drafts:
        draft.rows = [row for code in codes for row in rows[code]]
        asset = view.assets.of(sorted(draft.entities, key=str))
        draft.severity_id = severity(draft.rule, asset)[0]
    for code in order:
        _look(ledger, by_subject[code], rows[code], _Where(code, places[code], judged, view))
    known = {draft.id: Known(draft.rule.title, draft.severity_id, draft.rule.tactics) for draft, _ in drafts}
    groups = group_sights([sight for draft, _ in drafts for sight in draft.sights], known, view.policy)
    member: defaultdict[str, list[AlertGroup]] = defaultdict(list)
    for group in groups:
        for alert in group.alerts:
            member[alert].append(group)
    alerts = [_finished(ledger, draft, judged, view, member[draft.id]) for draft, _ in drafts if draft.rows]
    alerts.sort(key=lambda alert: (-alert.score, -alert.severity_id, alert.id))
    now = view.now if view.now is not None else int(ledger.cells.last.max(initial=0))
    return Alerts(
        alerts=alerts,
        groups=groups,
        risks=_risks(alerts, now, view.policy.half_life),
        findings=ledger.findings,
        duplicates=ledger.duplicates,
        now=now,
        notes=tuple(_notes(ledger)),
    )


@dataclass(frozen=True, slots=True)
class _Where:
    subject: int
    place: Key
    judged: Surprise
    view: View


def _sorting(subject: Subject) -> tuple[str, Key, tuple[str, ...]]:
    return subject.rule, subject.key, tuple(map(str, subject.entities))


def _drafts(ledger: Ledger, order: Sequence[int]) -> list[tuple[_Draft, list[int]]]:
    found: dict[tuple[str, Key], tuple[_Draft, list[int]]] = {}
    for code in order:
        subject = ledger.subjects[code]
        name = subject.rule, subject.key
        if name not in found:
            found[name] = _Draft(identity("alert", *name), ledger.rules[subject.rule], subject.key), []
        found[name][0].entities.update(subject.entities)
        found[name][1].append(code)
    return list(found.values())


def _judge(ledger: Ledger, policy: Policy) -> tuple[Surprise, list[Key]]:
    """Return the surprise of every cell, and the place of every subject."""
    places = [place_of(subject, policy.group_by) for subject in ledger.subjects]
    place_codes = {place: code for code, place in enumerate(sorted(set(places)))}
    rule_codes = {rule: code for code, rule in enumerate(sorted(ledger.rules))}
    place = np.array([place_codes[one] for one in places], np.int64)
    rule = np.array([rule_codes[subject.rule] for subject in ledger.subjects], np.int64)
    cells = ledger.cells
    if not len(cells):
        return surprise(cells.span, cells.span, cells.span, routine_bits=policy.routine_bits), places
    return surprise(cells.span, rule[cells.subject], place[cells.subject], routine_bits=policy.routine_bits), places


def _rows_of(ledger: Ledger) -> list[range]:
    """Return the rows of each subject: cells are sorted by it."""
    ends = np.searchsorted(ledger.cells.subject, np.arange(len(ledger.subjects) + 1))
    return [range(int(ends[code]), int(ends[code + 1])) for code in range(len(ledger.subjects))]


def _look(ledger: Ledger, draft: _Draft, rows: Sequence[int], where: _Where) -> None:
    """Put each cell of a subject among the silenced, the routine or the notable."""
    cells, judged = ledger.cells, where.judged
    silences = [one for one in where.view.silences if one.matches(draft.id, draft.rule, draft.severity_id, ledger.subjects[where.subject])]
    for row in rows:
        first, count = int(cells.first[row]), int(cells.count[row])
        silent = [one.id for one in silences if one.covers(first)]
        if silent:
            draft.silenced += count
            draft.silences.update(silent)
        elif _is_routine(draft.severity_id, judged, row, where.view.policy):
            draft.routine += count
            draft.quiet = row
        else:
            bits = max(float(judged.bits[row]), FLOORS[draft.severity_id])
            score = bits * weight(draft.severity_id)
            if score > draft.score or draft.best < 0:
                draft.score, draft.best = score, row
            draft.sights.append(Sight(draft.id, where.place, int(cells.span[row]), first, int(cells.last[row]), count, score))


def _is_routine(severity_id: int, judged: Surprise, row: int, policy: Policy) -> bool:
    return severity_id < _ALWAYS and judged.bits[row] < policy.routine_bits and judged.here[row] >= SEEN_OFTEN


def _finished(ledger: Ledger, draft: _Draft, judged: Surprise, view: View, groups: Sequence[AlertGroup]) -> Alert:
    cells = ledger.cells
    entities = tuple(sorted(draft.entities, key=str))
    earliest = sorted(draft.rows, key=lambda row: (int(cells.first[row]), cells.uid(row)))[:_SAMPLES]
    return Alert(
        id=draft.id,
        rule=draft.rule,
        key=draft.key,
        entities=entities,
        count=sum(int(cells.count[row]) for row in draft.rows),
        first=int(cells.first[earliest[0]]),
        last=max(int(cells.last[row]) for row in draft.rows),
        severity_id=draft.severity_id,
        factors=severity(draft.rule, view.assets.of(entities))[1],
        score=draft.score,
        surprise=_words(judged, draft, ledger.span, view.policy.routine_bits),
        samples=tuple(cells.uid(row) for row in earliest),
        groups=tuple(group.id for group in groups),
        routine=draft.routine,
        silenced=draft.silenced,
        silences=tuple(sorted(draft.silences)),
    )


def _words(judged: Surprise, draft: _Draft, span: int, routine_bits: float) -> str:
    row = draft.best if draft.best >= 0 else draft.quiet
    if row < 0:
        return ""
    minutes = span // 60_000_000_000
    here, anywhere, elapsed, bits = int(judged.here[row]), int(judged.anywhere[row]), int(judged.elapsed[row]), float(judged.bits[row])
    told = (
        f"before, the rule fired here in {here:,} and anywhere in {anywhere:,} of {elapsed:,} spans of {minutes} minutes ({bits:.1f} bits)"
    )
    if here == 0 and elapsed + 2 < 2.0**routine_bits:
        told += ", too little to judge by"
    floor = FLOORS[draft.severity_id]
    return told + (f", raised to {floor:g} bits by its severity" if floor > bits else "")


def _risks(alerts: Sequence[Alert], now: int, half_life: int) -> list[EntityRisk]:
    """Add up, per entity, the best score of each rule, halved with every half-life since its last finding."""
    terms: defaultdict[Entity, dict[str, tuple[float, str]]] = defaultdict(dict)
    last: dict[Entity, int] = {}
    for alert in alerts:
        if not alert.score:
            continue
        left = alert.score * 0.5 ** (max(0, now - alert.last) / half_life)
        for entity in alert.entities:
            terms[entity][alert.rule.id] = max((left, alert.rule.title), terms[entity].get(alert.rule.id, (0.0, "")))
            last[entity] = max(alert.last, last.get(entity, alert.last))
    risks = [_risk(entity, held, last[entity]) for entity, held in terms.items()]
    return sorted(risks, key=lambda risk: (-risk.risk, str(risk.entity)))


def _risk(entity: Entity, held: Mapping[str, tuple[float, str]], last: int) -> EntityRisk:
    ordered = sorted(held.values(), key=lambda term: (-term[0], term[1]))
    return EntityRisk(entity, sum(points for points, _ in ordered), last, tuple((title, points) for points, title in ordered))


def _notes(ledger: Ledger) -> Iterator[str]:
    if ledger.folded:
        yield f"{ledger.folded:,} findings are about more subjects than are kept apart; they share one alert per rule"
    if ledger.widened:
        yield f"findings are counted in spans of {ledger.span // 60_000_000_000:,} minutes because there are too many for shorter ones"
    if ledger.forgot:
        yield "there were more findings than are remembered to see duplicates: some may be counted twice"
