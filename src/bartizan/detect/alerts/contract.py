"""What an alert is: findings of one rule about the same things; what a group is: what is notable about one place in one stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.schema.entities import Entity

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "Alert",
    "AlertGroup",
    "Alerts",
    "EntityRisk",
    "Factor",
    "Key",
    "Notice",
    "Policy",
    "RuleFacts",
    "Subject",
]

MINUTE: Final = 60_000_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

Key: TypeAlias = tuple[tuple[str, str], ...]
"""What findings of a rule must share to be one alert: names and values, in a fixed order."""


@dataclass(frozen=True, slots=True, order=True)
class RuleFacts:
    """What findings say of their rule. ``severity_id`` and ``confidence_id`` as in OCSF, 0 where nothing is known."""

    id: str
    title: str
    severity_id: int = 0
    confidence_id: int = 0
    tactics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a finding is about: the rule's id, the key that makes it one alert with others, and the entities that it names."""

    rule: str
    key: Key
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How alerts are grouped and when somebody is told again. Times in nanoseconds; how the defaults were chosen: ADR 20."""

    group_by: tuple[str, ...] = ()
    """Kinds of entities (``host``, ``user``) whose values make a group; () is the first there is of host, account, address."""
    window: int = 30 * MINUTE
    """A group ends where nothing notable follows for longer than this."""
    interval: int = 5 * MINUTE
    """Alerts that join a group are told of at most this often."""
    repeat: int = 4 * HOUR
    """A group in which only more of the same happens is told of again after this."""
    half_life: int = 7 * DAY
    """Risk of an entity is halved each time this has passed since its last finding."""
    routine_bits: float = 5.0
    """What fires in more than one of 2^bits spans is routine."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason of a severity: what was looked at, what it was, how many half levels it moves, and why."""

    name: str
    value: str
    half_levels: int
    why: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A moment at which somebody is told of a group, and why then."""

    time: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Findings of one rule with one key. Times in nanoseconds UTC, of events.

    ``routine`` and ``silenced`` are those of its ``count`` findings that nobody is asked to look at; they count all the same.
    """

    id: str
    rule: RuleFacts
    key: Key
    entities: tuple[Entity, ...]
    count: int
    first: int
    last: int
    severity_id: int
    factors: tuple[Factor, ...]
    score: float
    """Weight of the severity times bits of surprise of its most surprising span; 0 where nothing of it is notable."""
    surprise: str
    """How surprising it is, in words."""
    samples: tuple[str, ...]
    """Ids of its earliest findings."""
    groups: tuple[str, ...] = ()
    routine: int = 0
    silenced: int = 0
    silences: tuple[str, ...] = ()

    @property
    def why_quiet(self) -> str:
        """Say why some of its findings are in no group, "" where all are."""
        parts = []
        if self.silenced:
            parts.append(f"{self.silenced:,} of {self.count:,} findings are silenced by {', '.join(self.silences)}")
        if self.routine:
            parts.append(f"{self.routine:,} of {self.count:,} findings are routine: {self.surprise}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """What a person is asked to look at: notable findings of one place without a gap longer than the window."""

    id: str
    place: Key
    alerts: tuple[str, ...]
    """Ids, what adds most to the score first."""
    count: int
    """Its findings."""
    first: int
    last: int
    severity_id: int
    tactics: tuple[str, ...]
    score: float
    notices: tuple[Notice, ...]
    why: str


@dataclass(frozen=True, slots=True)
class EntityRisk:
    """How much an entity deserves to be looked at, faded with the time since its findings; ``terms``: rule title and what is left of it."""

    entity: Entity
    risk: float
    last: int
    terms: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Everything that findings gave. ``alerts`` by score, ``groups`` by score, ``risks`` by risk, ties by name and id."""

    alerts: Sequence[Alert]
    groups: Sequence[AlertGroup]
    risks: Sequence[EntityRisk]
    findings: int
    duplicates: int
    now: int
    """The moment to which risk has faded: given, or that of the last finding."""
    notes: tuple[str, ...] = ()
    """What a reader should know: bounds that were reached, findings that could not be read."""
