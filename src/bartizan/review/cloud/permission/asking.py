"""Ask of everybody, or of everything: who can do this there, and what can this one do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from bartizan.collect.inventory.contract import Uid
from bartizan.errors import UsageError
from bartizan.review.cloud.permission.authorizers import authorizer
from bartizan.review.cloud.permission.contract import Answer, Authorizer
from bartizan.review.cloud.permission.reaching import Reaching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.permission.contract import Decision

__all__ = ["Can", "Found", "Surveyor", "what_can", "who_can"]

_ORDER: Final = {Answer.ALLOWED: 0, Answer.CONDITIONAL: 1, Answer.UNKNOWN: 2, Answer.DENIED: 3}
_FOLDERS: Final = ("group", "anyone")
"""Kinds of principals that do not act themselves, or are asked anyway."""


@dataclass(frozen=True, slots=True)
class Can:
    """Somebody can do something, or it depends, or it cannot be told."""

    principal: Uid
    action: str
    resource: str
    """A resource, or ``*`` for every one."""
    decision: Decision


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: who or what is not denied, the certain first; ``asked``: how many questions there were, the denied among them."""

    rows: tuple[Can, ...]
    asked: int
    beyond: tuple[str, ...] = ()
    """Patterns by which more may be allowed than the actions that are known, and were asked."""
    unread: tuple[str, ...] = ()
    """Why there may be more: what was not read."""


@runtime_checkable
class Surveyor(Authorizer, Protocol):
    """An authorizer that knows all actions there are."""

    def could(self, principal: Uid) -> Sequence[str]:
        """Return the actions that a principal could have on any resource at all, sorted: none that it has is left out."""
        ...

    def asked_of(self, action: str) -> Sequence[str]:
        """Return the resources in the facts that an action can be asked of; ``*`` first where one question can stand for all."""
        ...


def who_can(
    facts: Facts,
    action: str,
    resource: str,
    *,
    provider: str = "aws",
    context: Mapping[str, Sequence[str]] | None = None,
) -> Found:
    """Return who can do an action to a resource: everybody in the facts, whoever its policies name, and anyone at all."""
    decides = authorizer(provider, facts)
    rows = []
    asked = _candidates(facts, resource, provider)
    for principal in asked:
        if decides.may(principal, [action])[action]:
            decision = decides.decide(principal, action, resource, context)
            if decision.answer is not Answer.DENIED:
                rows.append(Can(principal, action, resource, decision))
    return Found(tuple(sorted(rows, key=_rank)), len(asked))


def what_can(
    facts: Facts,
    principal: Uid,
    *,
    provider: str = "aws",
    context: Mapping[str, Sequence[str]] | None = None,
) -> Found:
    """Return what a principal can do: each action on ``*`` where it can do that, else on each resource in the facts.

    Where rights hold down a tree: each action at the scopes at which it is given, and so at all below them.
    """
    decides = authorizer(provider, facts)
    if isinstance(decides, Reaching):
        return _given(decides, principal, context)
    if not isinstance(decides, Surveyor):
        message = f"'{provider}': which actions there are is not known here; ask who can do one, or whether somebody can"
        raise UsageError(message)
    rows: list[Can] = []
    asked = 0
    for action in decides.could(principal):
        for resource in decides.asked_of(action):
            asked += 1
            decision = decides.decide(principal, action, resource, context)
            if decision.answer is not Answer.DENIED:
                rows.append(Can(principal, action, resource, decision))
            if resource == "*" and decision.answer is Answer.ALLOWED:
                break
    return Found(tuple(sorted(rows, key=_rank)), asked)


def _given(decides: Reaching, principal: Uid, context: Mapping[str, Sequence[str]] | None) -> Found:
    rows: list[Can] = []
    asked = 0
    held = decides.held(principal)
    for action in held.actions:
        for scope in sorted(decides.reach(principal, [action])):
            asked += 1
            decision = decides.decide(principal, action, scope, context)
            if decision.answer is not Answer.DENIED:
                rows.append(Can(principal, action, scope, decision))
    return Found(tuple(sorted(rows, key=_rank)), asked, held.beyond, held.unread)


def _rank(row: Can) -> tuple[int, str, str, str]:
    return _ORDER[row.decision.answer], row.action, row.resource, row.principal


def _candidates(facts: Facts, resource: str, provider: str) -> list[Uid]:
    """Return whom to ask about: principals in the facts, those whom policies on the resource name, and, in AWS, anyone."""
    found = {one.uid: None for one in facts.principals if one.provider == provider and one.kind not in _FOLDERS}
    if provider != "aws":
        return list(found)
    on_it = {one.policy for one in facts.attachments if one.kind in ("resource", "trust") and resource.startswith(one.target)}
    for statement in facts.statements:
        if statement.policy in on_it and statement.effect == "Allow":
            found |= dict.fromkeys(_root_of(value) for kind, value in statement.principals if kind != "CanonicalUser")
    found[Uid("*")] = None
    return list(found)


def _root_of(value: str) -> Uid:
    return Uid(f"arn:aws:iam::{value}:root") if value.isdigit() else Uid(value)
