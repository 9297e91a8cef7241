"""What connects findings into cases: signals, links stored as rows, and the cases that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bartizan.schema.entities import Entity, Role

__all__ = ["CORE", "GRAVE", "METHOD", "SEED_BITS", "SUSPECTED", "UNUSUAL_BITS", "Case", "Finding", "Link", "Named", "Signal", "Tie"]

METHOD: Final = "links/2"
"""The version of the method that makes links; it is stored with each of them."""
SEED_BITS: Final = 7.0
"""From so many bits on a signal can begin a case, and be tied by a host or a rule alone: once in 128 spans."""
UNUSUAL_BITS: Final = 5.0
"""From so many bits on a signal can be tied by what names one thing: where what is routine ends."""
GRAVE: Final = 4
"""High: the ``severity_id`` from which on a signal is never routine."""
CORE: Final = "core"
SUSPECTED: Final = "suspected"


@dataclass(frozen=True, slots=True)
class Named:
    """An entity that a finding names, in the one form in which cases compare it, and what it is to the finding."""

    entity: Entity
    role: Role
    rule: str = ""
    """Which rule of identity led from the name in the record to this one; "" where it is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What cases need of one finding. ``time`` in nanoseconds UTC; ids as in the finding and its records."""

    uid: str
    time: int
    rule: str
    title: str
    severity_id: int
    confidence_id: int
    tactics: tuple[str, ...]
    """Names of ATT&CK tactics."""
    techniques: tuple[str, ...]
    """Ids of ATT&CK techniques."""
    named: tuple[Named, ...]
    records: tuple[str, ...]
    origin: str
    """The file of its first record."""
    record: int
    """The number of its first record in that file."""
    source: str
    matched: tuple[tuple[str, str], ...]
    """The fields of the rule that matched, with the values of the first record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Findings of one rule about one subject in one span. Times in nanoseconds UTC."""

    id: str
    rule: str
    entities: tuple[Entity, ...]
    span: int
    first: int
    last: int
    count: int
    bits: float
    """Surprise judged by earlier spans only, not beneath the floor of the rule's severity."""
    sample: str
    """The id of its earliest finding."""
    severity_id: int = 0
    tactics: tuple[str, ...] = ()
    title: str = ""
    findings: tuple[Finding, ...] = ()
    """All of them, by time; empty where only the ledger of alerts was read."""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One reason for which two signals belong together; ``a`` is not later than ``b``. ``time``: nanoseconds UTC at which ``b`` begins."""

    a: str
    b: str
    type: str
    entity: str
    """What both share, as ``kind:value``; for links of one rule, the rule's id."""
    weight: float
    time: int
    reason: str
    method: str = METHOD
    records: tuple[str, ...] = ()
    """Records other than those of the findings that say so."""
    since: int = 0
    """When these records say that it happened, nanoseconds UTC; 0 where the link rests on findings alone."""


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """What records beside the findings say of two things: that one reached the other, or that both are one. ``time``: ns UTC."""

    time: int
    type: str
    left: str
    """``kind:value``, which acted."""
    right: str
    reason: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Signals that links connect. The id is that of the set's earliest signal, so more of the same later does not change it."""

    id: str
    signals: tuple[Signal, ...]
    """By time, ties by id."""
    links: tuple[Link, ...]
    entities: tuple[Entity, ...]
    score: float
    """The best bits of each rule on each subject times the weight of its severity, added up, times the spread of tactics."""
    core: frozenset[str] = frozenset()
    """Ids of the signals of the core ring; the others are suspected."""
