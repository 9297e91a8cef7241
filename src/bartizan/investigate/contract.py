"""What connects alerts into cases: signals, links stored as rows, and the cases that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bartizan.schema.entities import Entity

__all__ = ["METHOD", "Case", "Link", "Signal"]

METHOD: Final = "links/1"
"""The version of the method that makes links; it is stored with each of them."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Signals that links connect. The id is that of the set's earliest signal, so more of the same later does not change it."""

    id: str
    signals: tuple[Signal, ...]
    """By time, ties by id."""
    links: tuple[Link, ...]
    entities: tuple[Entity, ...]
    score: float
    """The best bits of each rule on each subject, added up."""
