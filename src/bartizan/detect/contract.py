"""What a hunt yields: findings, grouped for a reader, beside a balance that closes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.detect.indicators.contract import Watched
    from bartizan.rules.contract import Holding, Refusal, Rule
    from bartizan.schema.columns import Cell
    from bartizan.schema.entities import Entity

__all__ = ["Evidence", "FileBalance", "Group", "HeldBack", "Outcome", "RuleVerdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One record that made a rule fire. ``time``: ns UTC; ``record`` counts from 1 within ``path`` (``a.zip!b.json`` in an archive)."""

    record_id: str
    finding_uid: str
    time: int
    path: str
    record: int
    raw: str
    matched: Mapping[str, Cell]
    ocsf: Mapping[str, Cell]
    """The mapped record, dotted OCSF names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One line for a reader: findings of one rule about the same entities within a window. Times in nanoseconds UTC."""

    rule: Rule
    entities: tuple[Entity, ...]
    count: int
    first: int
    last: int
    samples: Sequence[Evidence]
    """The first few records, in time order; at least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBalance:
    """What became of one file: ``read == stored + unparsed + duplicate``. ``source`` is what it was taken for ("" if by nobody)."""

    path: str
    source: str
    read: int = 0
    stored: int = 0
    unparsed: int = 0
    duplicate: int = 0
    flawed: int = 0
    """Of those stored: records with which something is wrong, such as OCSF that is not valid."""
    flaw: str = ""
    """Where the first of them is, and what is wrong with it."""
    bytes: int = 0
    problems: tuple[str, ...] = ()
    """What was wrong with the file, each a sentence that says where; a file with a problem still counts what it gave."""
    notes: tuple[str, ...] = ()
    """What a reader should know although nothing was lost."""


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """``running``, ``cannot-fire`` (which log source or field is missing) or ``not-asked``; ``findings`` counts what it raised."""

    rule: Rule
    verdict: str
    reason: str = ""
    findings: int = 0


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A filter or exception that names a rule of this hunt, and how many findings it held back; they are not among the findings.

    What several would hold back counts for the first of them.
    """

    by: Holding
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything a hunt found out. ``partial`` says why it ended early ("" if it did not)."""

    balance: Sequence[FileBalance]
    verdicts: Sequence[RuleVerdict]
    refused: Sequence[Refusal]
    groups: Sequence[Group]
    findings: int
    events: int
    first: int
    last: int
    """Time span of the stored records, nanoseconds UTC."""
    partial: str = ""
    by_source: Mapping[str, int] = field(default_factory=dict)
    outside: int = 0
    """Records outside the time that was asked for: stored, not judged."""
    folded: int = 0
    """Findings that share a group with others of their rule, whoever they are about, because there were too many groups."""
    forgot: bool = False
    """Whether there were more records than are remembered to see duplicates."""
    held: Sequence[HeldBack] = ()
    """Filters and exceptions that name rules of this hunt, those that have expired too."""
    remarks: tuple[str, ...] = ()
    """What a reader should know of rules that ran: filters that hold some of them back, two of one id."""
    watched: Watched | None = None
    """What became of the lists of indicators, where some were given."""
    differences: tuple[str, ...] = ()
    """With ``paranoid``: where the reference matcher disagreed. Anything here is a fault of ours."""
