"""Decide by Azure RBAC as its documentation says it, assignment by assignment: the twin that the authorizer must agree with.

Nothing is indexed, and every world in which what is not known turns out one way or the other is looked at.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.roles import role
from bartizan.review.cloud.permission.azure.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.azure.operations import CONTROL, DATA, planes
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.worlds import Opens, answer_of, has_gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Facts, Statement, Uid
    from bartizan.review.cloud.permission.worlds import Claim

__all__ = ["answer"]

_MANAGEMENT: Final = "/providers/microsoft.management/managementgroups/"


def answer(facts: Facts, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]]) -> Answer:
    """Answer one question; vaults that go by access policies are not here."""
    named = {one.lower() for said in facts.statements if said.sid == DATA for one in said.actions if "*" not in one}
    sides = planes(action, named)
    if sides == ():
        return Answer.UNKNOWN
    answers = {_Plane(facts, principal, Asked(action, resource, context)).answer(side) for side in sides or (CONTROL, DATA)}
    if len(answers) == 1:
        return answers.pop()
    if sides is None:
        return Answer.UNKNOWN
    return next(one for one in (Answer.ALLOWED, Answer.UNKNOWN, Answer.CONDITIONAL) if one in answers)


class _Plane:
    """One question, on either plane."""

    def __init__(self, facts: Facts, principal: Uid, asked: Asked) -> None:
        self._facts = facts
        self._asked = asked
        self._opens = Opens()
        self._who = {str(principal), "*"}
        for _ in facts.edges:
            self._who |= {str(edge.dst) for edge in facts.edges if edge.kind == "member-of" and edge.src in self._who}
        members = {edge.dst for edge in facts.edges if edge.kind == "member-of"}
        self._strangers = {str(one.uid) for one in facts.principals if one.kind == "group" and one.uid not in members} - self._who
        self._scopes = _scopes(facts, asked.resource.lower())

    def answer(self, plane: str) -> Answer:
        """Answer: allowed where something allows it and nothing denies it."""
        given = list(self._given(self._who))
        allows = [*self._claims(plane, "Allow", given), *self._unread(given)]
        if not allows or has_gaps(allows):
            maybe = list(self._elsewhere())
            found = [*self._claims(plane, "Allow", maybe), *self._unread(maybe)]
            allows += [(*claim, self._opens.gap()) for claim in found]
            allows += [] if self._facts.attachments else [(self._opens.gap(),)]
        denies = self._claims(plane, "Deny", given)
        denies += [(*claim, self._opens.gap()) for claim in self._claims(plane, "Deny", list(self._elsewhere()))]
        return answer_of(allows, denies)

    def _unread(self, given: list[Attachment]) -> list[Claim]:
        return [(self._opens.gap(),) for one in given if self._statements(one) is None]

    def _given(self, who: set[str]) -> Iterator[Attachment]:
        for one in self._facts.attachments:
            if one.kind == "identity" and one.target in who and (one.scope or "/") in self._scopes:
                yield one

    def _elsewhere(self) -> Iterator[Attachment]:
        """Yield what would be given if a group that nobody read had the principal in it, or a management group the scope below it."""
        yield from self._given(self._strangers)
        tree = [edge for edge in self._facts.edges if edge.kind == "contains" and edge.src.startswith(_MANAGEMENT)]
        if tree and self._scopes[0].startswith("/subscriptions/") and not any(one.startswith(_MANAGEMENT) for one in self._scopes):
            for one in self._facts.attachments:
                if one.target in self._who and one.scope.startswith(_MANAGEMENT):
                    yield one

    def _statements(self, one: Attachment) -> list[Statement] | None:
        own = [said for said in self._facts.statements if said.policy == one.policy]
        known = role("azure", one.policy)
        return own or (list(known.statements) if known else None)

    def _claims(self, plane: str, effect: str, given: list[Attachment]) -> list[Claim]:
        claims = (
            self._claim(said, one)
            for one in given
            for said in self._statements(one) or ()
            if said.sid == plane and said.effect == effect and self._covered(said.actions) and not self._covered(said.not_actions)
        )
        return [claim for claim in claims if claim is not None]

    def _covered(self, patterns: Sequence[str]) -> bool:
        asked = self._asked.action.lower()
        return any(fnmatchcase(asked, one) for pattern in patterns for one in (pattern.lower(), pattern.lower().replace("/*/", "/")))

    def _claim(self, statement: Statement, one: Attachment) -> Claim | None:
        """Return on what a statement hangs; None where it cannot hold."""
        spared = {uid for _, uid in statement.not_principals}
        parts: list[Claim | None] = [None] if spared & self._who else [(self._opens.gap(),) for _ in spared & self._strangers]
        for condition in (*statement.conditions, *one.conditions):
            if condition.operator == "ONLY":
                parts.append(() if (one.scope or "/") == self._scopes[0] else None)
            elif condition.operator == "ELIGIBLE":
                parts.append((self._opens.key(),))
            else:
                parts.append(self._opens.of(condition_holds(condition.values[0], self._asked)))
        return None if None in parts else tuple(name for part in parts for name in part or ())


def _scopes(facts: Facts, scope: str) -> list[str]:
    """Return a scope and all above it, cut part by part from the id, then by the tree of management groups."""
    parts = [] if scope in ("", "*", "/") else scope.strip("/").split("/")
    found = ["/" + "/".join(parts)] if parts else []
    if parts[:1] == ["subscriptions"]:
        group = parts[2:3] == ["resourcegroups"]
        inside = parts[6 if group else 4 :] if "providers" in parts else []
        begin = parts[: 6 if group else 4]
        found += ["/" + "/".join([*begin, *inside[:end]]) for end in range(len(inside) - 2, 0, -2)]
        found += ["/" + "/".join(parts[:4])] * group + ["/" + "/".join(parts[:2])]
    for here in found:
        found += [edge.src for edge in facts.edges if edge.kind == "contains" and edge.dst == here and edge.src.startswith(_MANAGEMENT)]
    return list(dict.fromkeys([*found, "/"]))
