"""Make signals of findings: name their subjects, count them in a ledger of alerts, and give each signal its findings back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bartizan.detect.alerts.contract import RuleFacts, Subject
from bartizan.detect.alerts.ledger import SPAN, Ledger, Portion
from bartizan.investigate.signals import signals_of
from bartizan.schema.entities import Entity, EntityKind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.investigate.contract import Finding, Signal

__all__ = ["signals_from", "subject_of"]

_PLACES = frozenset({Role.DEVICE, Role.SOURCE})
_ACTING = frozenset({EntityKind.USER, EntityKind.CLOUD_PRINCIPAL})


def subject_of(finding: Finding) -> tuple[Entity, ...]:
    """Return whom a finding is about: the hosts and addresses of its record, and who acted, or was acted on where nobody did."""
    found = {one.entity for one in finding.named if one.role in _PLACES and one.entity.kind in {EntityKind.HOST, EntityKind.IP}}
    for role in (Role.ACTOR, Role.TARGET):
        who = sorted((one.entity for one in finding.named if one.role is role and one.entity.kind in _ACTING), key=str)
        if who:
            found.add(who[0])
            break
    return tuple(sorted(found, key=str))


def signals_from(findings: Sequence[Finding]) -> list[Signal]:
    """Return the signals of resolved findings, by time, ties by id; the order of findings does not matter."""
    ledger = Ledger()
    subjects: dict[Subject, int] = {}
    rules: dict[str, RuleFacts] = {}
    held: defaultdict[tuple[str, tuple[Entity, ...], int], dict[str, Finding]] = defaultdict(dict)
    codes: list[int] = []
    for finding in findings:
        entities = subject_of(finding)
        key = tuple((entity.kind.value, entity.value) for entity in entities)
        codes.append(subjects.setdefault(Subject(finding.rule, key, entities), len(subjects)))
        facts = RuleFacts(finding.rule, finding.title, finding.severity_id, finding.confidence_id, tuple(sorted(finding.tactics)))
        rules[finding.rule] = max(facts, rules.get(finding.rule, facts))
        held[finding.rule, entities, finding.time // SPAN][finding.uid] = finding
    if not codes:
        return []
    uids = np.frombuffer(b"".join(bytes.fromhex(finding.uid) for finding in findings), np.dtype(">u8")).astype(np.uint64).reshape(-1, 2)
    times = np.array([finding.time for finding in findings], np.int64)
    ledger.add(Portion(times, np.array(codes, np.int64), uids, list(subjects), list(rules.values())))
    return [_filled(signal, held, rules[signal.rule]) for signal in signals_of(ledger, least_bits=0.0)]


def _filled(signal: Signal, held: dict[tuple[str, tuple[Entity, ...], int], dict[str, Finding]], rule: RuleFacts) -> Signal:
    found = held.get((signal.rule, signal.entities, signal.span), {})
    findings = tuple(sorted(found.values(), key=lambda one: (one.time, one.uid)))
    return replace(signal, severity_id=rule.severity_id, tactics=rule.tactics, title=rule.title, findings=findings)
