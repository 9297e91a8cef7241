"""Make findings for alerts: as portions of numbers, and as lines."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from bartizan.detect.alerts.building import View, build
from bartizan.detect.alerts.contract import MINUTE, RuleFacts, Subject
from bartizan.detect.alerts.ledger import Ledger, Portion
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.detect.alerts.contract import Alerts

Seen = tuple[str, str, int]
"""Rule, host, minute."""
START = 1_700_000_000_000_000_000
RULES = {
    "scan": RuleFacts("scan", "A scan", 3, 2, ("Discovery",)),
    "shell": RuleFacts("shell", "A web shell", 4, 3, ("Persistence",)),
    "login": RuleFacts("login", "A login failed", 2, 1),
    "other": RuleFacts("other", "Something", 0, 0),
}


def host(name: str) -> Entity:
    return Entity(EntityKind.HOST, name)


def subject(rule: str, name: str) -> Subject:
    return Subject(rule, (("host", name),), (host(name),))


def at(minute: int) -> int:
    return START + minute * MINUTE


def uid(seen: Seen) -> bytes:
    return hashlib.sha256(repr(seen).encode()).digest()[:16]


def portion(seen: Sequence[Seen]) -> Portion:
    subjects = list(dict.fromkeys(subject(rule, name) for rule, name, _ in seen))
    uids = np.frombuffer(b"".join(map(uid, seen)), ">u8").astype(np.uint64).reshape(-1, 2)
    times = np.array([at(minute) for _, _, minute in seen], np.int64)
    codes = np.array([subjects.index(subject(rule, name)) for rule, name, _ in seen], np.int64)
    return Portion(times, codes, uids, subjects, [RULES[rule] for rule in {rule for rule, _, _ in seen}])


def ledger_of(portions: Iterable[Sequence[Seen]], *, most_cells: int = 1000, most_subjects: int = 1000) -> Ledger:
    ledger = Ledger(most_cells=most_cells, most_subjects=most_subjects)
    for some in portions:
        ledger.add(portion(some))
    return ledger


def alerts_of(seen: Sequence[Seen], view: View | None = None) -> Alerts:
    return build(ledger_of([seen]), view or View())
