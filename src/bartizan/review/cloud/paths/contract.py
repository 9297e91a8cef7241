"""What a rule of paths is, and what finds where it could hold.

A rule is one YAML file under ``content/paths/PROVIDER``; its ``match`` names a *match kind*, a function that gives bindings: places at
which the rule could hold. For each binding and each principal the rule's needs are decided by the provider's ``Authorizer``; where
all are met, there is a ``Hop``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bartizan.collect.inventory.contract import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Statement
    from bartizan.review.cloud.contract import Hop
    from bartizan.review.cloud.paths.world import World
    from bartizan.review.cloud.permission.contract import Decision

__all__ = ["INTERNET", "Admin", "Binding", "Event", "Match", "Need", "PathRule", "PathsFound", "Undecided", "administration"]

INTERNET: Final = Uid("internet")
"""Anybody at all, from anywhere: where a path from outside begins."""


def administration(provider: str, account: str) -> Uid:
    """Name the node that stands for all that an account, subscription, project or cluster has: who reaches it has everything there."""
    return Uid(f"admin:{provider}/{account}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What has to be allowed: one of ``actions`` to one of ``to`` (templates), in a ``context``; or one whole list of ``either``."""

    actions: tuple[str, ...] = ()
    to: tuple[str, ...] = ("*",)
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by: str = ""
    """Template of who has to be allowed, where it is not the principal that moves."""
    either: tuple[tuple[Need, ...], ...] = ()
    when: str = ""
    """Name of a value: it is asked only at places that give it."""


@dataclass(frozen=True, slots=True)
class Event:
    """A log record that a hop leaves. ``data``: only where the logging of data events is turned on.

    ``record`` is what the record says beside source and name, by the names and in the form of its log. Events of one ``step`` are ways to
    do the same, of which a hop takes one; one without is a step of its own.
    """

    source: str
    name: str
    data: bool = False
    record: Mapping[str, Any] = field(default_factory=dict, hash=False)
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRule:
    """One way to get further. ``gives`` is a template, or ``administration``."""

    id: str
    title: str
    provider: str
    match: str
    options: Mapping[str, Any]
    """What the rule says to its match kind."""
    gives: str
    about: str
    fix: str
    sources: tuple[str, ...] = ()
    """Kinds of principals that can do it; () for every kind."""
    anywhere: bool = False
    """Whether it crosses accounts."""
    needs: tuple[Need, ...] = ()
    unbounded: tuple[str, ...] = ()
    """Templates of principals whose rights no boundary may limit, since what they are given would be of no use."""
    depends: tuple[str, ...] = ()
    """What it hangs on beside condition keys (``workload-flaw``)."""
    administrator: bool = False
    """Whether who meets it already has everything, so that it need not be asked what else it could do."""
    emits: tuple[Event, ...] = ()
    silent: str = ""
    """Why no log has a record of it; "" where there are such."""
    attack: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    path: str = ""
    cases: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A place at which a rule could hold. ``values`` fill the templates of the rule."""

    values: Mapping[str, str]
    account: str = ""
    """Whose it is: others are not asked unless the rule crosses accounts."""
    src: Uid | None = None
    """Who moves; None: it is asked of every principal."""
    only: frozenset[str] | None = None
    """Uids of principals, and accounts, that could at all; None for everybody."""
    own: tuple[str, str] | None = None
    """Action and resource that who is let in as one of an account has to be allowed by policies of its own."""
    policies: tuple[Statement, ...] | None = None
    """Statements of the place's own policy where they are all that tells it from others: with equal ones, places can be alike."""
    decisions: tuple[Decision, ...] = ()
    """What the facts say by themselves: that a role trusts a service."""
    depends: tuple[str, ...] = ()


Match: TypeAlias = Callable[["World", PathRule], Iterable[Binding]]
"""A match kind: gives the bindings of a rule. Modules under ``paths/matches`` offer theirs in ``MATCHES``, by name."""


@dataclass(frozen=True, slots=True)
class Admin:
    """A principal that has everything in its account. ``itself``: not yet, but by what it can do to itself."""

    principal: Uid
    account: str
    itself: bool
    hop: Hop
    """The rule and the statements that make it one."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A hop of which it cannot be told whether it is there, and why."""

    src: Uid
    dst: Uid
    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsFound:
    """What compiling gives: every hop, once for each rule; nodes that have none are in ``nodes`` too."""

    nodes: tuple[Uid, ...]
    hops: tuple[Hop, ...]
    undecided: tuple[Undecided, ...] = ()
    admins: tuple[Admin, ...] = ()
    starts: tuple[Uid, ...] = ()
    """Where paths begin unless told otherwise: principals but groups, and what stands outside (internet, providers, accounts)."""
    rules: Mapping[str, PathRule] = field(default_factory=dict)
    asked: int = 0
    """How many questions were put to an authorizer."""
