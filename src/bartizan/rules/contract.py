"""What judging is: rules are loaded once, bound to the views of a log, and matched against frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping, Sequence

    from bartizan.rules.plan import Correlation
    from bartizan.schema.columns import Cell, Frame
    from bartizan.schema.logsource import Logsource, View

__all__ = ["Bound", "Correlating", "Hit", "Holding", "Records", "Refusal", "Rule", "RuleSet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a finding says of the rule that made it. ``tags`` as written (``attack.t1059.001``); ``path`` as given to the loader."""

    id: str
    title: str
    path: str
    logsource: Logsource
    level: str = "informational"
    status: str = ""
    description: str = ""
    author: str = ""
    license: str = ""
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    dedup: tuple[str, ...] = ()
    """Attributes of a finding, OCSF or its own, by whose values it is one alert with others; () for those who take part."""
    correlation: str = ""
    """The type of a correlation (``event_count``), "" of a rule that judges single records."""


@dataclass(frozen=True, slots=True)
class Correlating:
    """A correlation whose rules are found. ``number`` and ``rules`` are places in ``RuleSet.rules``.

    ``keys`` and ``values`` name, for each of its rules, the fields it groups by and the fields it measures, aliases resolved.
    """

    number: int
    plan: Correlation
    rules: tuple[int, ...]
    keys: tuple[tuple[str, ...], ...]
    values: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that is no runnable rule: which file, which line (1-based, 0 unknown), why and what to do. ``id`` where it has one."""

    path: str
    line: int
    why: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A filter that holds findings back; ``owner``, ``reason`` and ``expires`` (its last day, ISO 8601) where it is an exception."""

    title: str
    path: str
    line: int
    rules: int
    """How many rules it names that are there."""
    id: str = ""
    owner: str = ""
    reason: str = ""
    expires: str = ""
    expired: bool = False
    """Whether it is no longer applied."""


@dataclass(frozen=True, slots=True)
class Records:
    """The rows to judge: a frame of native columns and each row's raw record; ``structured`` where the raw is JSON, else text."""

    frame: Frame
    raw: Sequence[bytes]
    structured: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule (index into ``RuleSet.rules``) that fired on rows; ``matched[i]``: its fields that matched in ``rows[i]``, with values."""

    rule: int
    rows: array[int]
    matched: Sequence[Mapping[str, Cell]]


class Bound(Protocol):
    """Rules bound to the views of one route. ``rules``: which; ``fields``: the native columns they read."""

    rules: Sequence[int]
    fields: frozenset[str]

    def match(self, records: Records) -> Sequence[Hit]:
        """Judge every row by every bound rule; hits in rule order, rows ascending."""

    def missing(self, rule: int, present: frozenset[str]) -> tuple[str, ...]:
        """Name the fields without which the rule cannot be true where only ``present`` native columns have values; () if it can."""


class RuleSet(Protocol):
    """All documents of the packs given: each is in ``rules`` or in ``refused``."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Return the rules that can be run; others name one by its place here."""

    @property
    def contents(self) -> Mapping[str, bytes]:
        """Return the files that were read, by path as shown."""

    @property
    def correlations(self) -> Sequence[Correlating]:
        """Return the correlations, each after those that it names."""

    @property
    def silent(self) -> frozenset[int]:
        """Return the rules that raise no findings of their own: a correlation names them, and none says ``generate: true``."""

    @property
    def refused(self) -> Sequence[Refusal]:
        """Return the documents that cannot be run, and why."""

    @property
    def remarks(self) -> Sequence[str]:
        """Say what a reader should know of rules that do run: filters that apply to them, two of one id."""

    @property
    def holdings(self) -> Sequence[Holding]:
        """Return the filters of the packs, applied and expired."""

    @property
    def held(self) -> Sequence[tuple[int, int]]:
        """Return each rule that a filter applies to with the filter's place in ``holdings``, in the order in which they are applied."""

    def bind_held(self, views: Sequence[View], *, given: Mapping[str, str] = ...) -> Bound:
        """Bind what filters hold back: a hit's ``rule`` is a place in ``held``. Each finding is held back by the first that does."""

    def bind(self, views: Sequence[View], *, naive: bool = False, given: Mapping[str, str] = ...) -> Bound:
        """Bind each rule to the first view that serves it.

        ``naive`` gives the row-by-row reference matcher instead. ``given``: native fields that have this text in every record;
        rules that cannot be true then are left out.
        """

    def packed(self) -> RuleSet:
        """Return the same rules without the text of their files and what was built for binding, to be pickled and sent elsewhere."""
