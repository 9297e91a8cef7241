"""What checking is: checks are loaded once, each asks about one kind of resource or one join, and every resource gets a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.collect.inventory.kinds import Property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Resource, Value
    from bartizan.review.cloud.checks.tables import Tables
    from bartizan.rules.contract import Holding, Refusal, Rule
    from bartizan.rules.plan import Node

__all__ = ["About", "Check", "Checks", "Exemption", "Join", "Row", "declare"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row to judge: ``resource`` is what the verdict is about; ``properties`` and ``unknown`` as those of a resource."""

    resource: Resource
    properties: Mapping[str, Value] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A kind of rows made of several tables, for checks to ask about. A resource fails by one row that does, and passes without any."""

    provider: str
    name: str
    about: str
    subjects: tuple[str, ...]
    """The kinds of which each resource gets a verdict."""
    needs: Mapping[str, tuple[str, ...]]
    """The kinds it reads, with the properties of each that it looks at: what could not be read of these leaves a verdict unknown."""
    properties: Mapping[str, Property]
    rows: Callable[[Tables], Iterable[Row]]


def declare(*properties: tuple[str, str, str]) -> Mapping[str, Property]:
    """Return the properties of a join, each told as (name, type, about)."""
    return {name: Property(name, type_, about) for name, type_, about in properties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check: ``name`` is the wrong that it finds (``s3-bucket-public``), ``asks`` the properties that it looks at, in their order."""

    name: str
    rule: Rule
    number: int
    """Its place in the rule set."""
    condition: Node
    asks: tuple[str, ...]
    properties: Mapping[str, Property]
    """Those of the kind or join that it asks about."""
    join: Join | None = None

    @property
    def provider(self) -> str:
        """Return the provider of what it judges."""
        return self.rule.logsource.product

    @property
    def service(self) -> str:
        """Return the kind of resource, or the join, that it asks about."""
        return self.rule.logsource.service

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the kinds of the resources that get a verdict."""
        return (self.service,) if self.join is None else self.join.subjects


@dataclass(frozen=True, slots=True)
class About:
    """What a check says to people: why it matters, how to mend it (by ``terraform``, ``cli``, ``console`` ...), what it is evidence for."""

    why: str
    fix: Mapping[str, str]
    compliance: Mapping[str, tuple[str, ...]]
    """By framework the ids of its requirements."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exception to some checks: what it asks of a resource, and who answers for it."""

    holding: Holding
    checks: tuple[str, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Checks:
    """All documents of the packs given: each is a check, an exemption, or refused."""

    checks: Sequence[Check]
    refused: Sequence[Refusal]
    exemptions: Sequence[Exemption]
    holdings: Sequence[Holding]
    """Every exception, those that have expired too."""
    tell: Callable[[Check], About]

    def named(self, name: str) -> Check | None:
        """Return the check of a name or id."""
        return next((one for one in self.checks if name in {one.name, one.rule.id}), None)
