"""Decide who may do what in Google Cloud: deny policies first, then roles bound at the resource or above it, with their conditions.

A role that nobody read, a group whose members nobody read and a node above that nobody read make an answer unknown where they could
change it.
Source: IAM documentation, "Policy evaluation", "Deny policies", "Resource hierarchy".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.exports.gcp.access import member_uid
from bartizan.collect.inventory.roles import Roles, roles
from bartizan.review.cloud.permission.contract import Answer, Decision, Why
from bartizan.review.cloud.permission.gcp.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.gcp.estate import Estate
from bartizan.review.cloud.permission.gcp.names import covered
from bartizan.review.cloud.permission.truth import NO, Part, Truth, all_of, any_of, every, none_of, unread, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Condition, Facts, Statement, Uid

__all__ = ["AUTHORIZER", "GcpAuthorizer"]

_PERMISSION: Final = re.compile(r"[a-z][a-zA-Z0-9]*\.[a-zA-Z][a-zA-Z0-9]*\.[a-zA-Z][a-zA-Z0-9]*")
_YES, _NO, _OPEN = "yes", "no", "open"


class GcpAuthorizer:
    """What decides over the facts of the projects of an organization."""

    def __init__(self, facts: Facts, reference: Roles | None = None) -> None:
        """Index the facts; ``reference``: the roles that Google defines, where they are not those that are known."""
        reference = reference or roles("gcp")
        self._estate = Estate(facts, reference)
        self._reference = reference.date

    def decide(self, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]] | None = None) -> Decision:
        """Decide one question; ``resource`` is the full name of a resource or of a node of the tree."""
        if _PERMISSION.fullmatch(action) is None:
            return Decision(Answer.UNKNOWN, (Why("default", f"'{action}' is no permission of Google Cloud"),), reference=self._reference)
        told = {key.lower(): values for key, values in (context or {}).items()}
        question = _Question(self._estate, member_uid(principal), action, Asked(resource, told), self._estate.chain(resource))
        return verdict(question.answer(), self._reference)

    def may(self, principal: Uid, actions: Sequence[str]) -> Mapping[str, bool]:
        """Say which permissions it could have on something, somewhere, as far as its roles and groups were read."""
        estate, own = self._estate, member_uid(principal)
        names, outside = set(estate.identities(own)), own.startswith("principal:")
        given = {one.policy for node in estate.given.values() for one in node if one.target in names or (outside and _set(one))}
        return {action: any(_holds(estate, policy, action)[0] != _NO for policy in given) for action in actions}


class _Question:
    """One question, with the nodes at which something given would answer it."""

    def __init__(self, estate: Estate, principal: Uid, action: str, asked: Asked, chain: list[str]) -> None:
        self._estate = estate
        self._action = action
        self._asked = asked
        self._chain = chain
        self._names = estate.identities(principal)

    def answer(self) -> Part:
        """Decide: nothing may deny it, and something must allow it."""
        allowed = any_of(*self._allowing(self._names), Part(NO))
        if allowed.truth.holds is False or allowed.truth.gaps:
            allowed = any_of(allowed, *self._doubts(), self._nothing())
        denied = list(self._denying())
        return all_of(none_of(*denied), allowed) if denied and allowed.truth.holds is not False else allowed

    def _allowing(self, names: Sequence[str]) -> Iterator[Part]:
        for one in self._given():
            if one.target not in names:
                continue
            holds, statement = _holds(self._estate, one.policy, self._action)
            text = f"{one.policy}, given to {one.target} at {one.scope}"
            if holds == _YES:
                yield Part(self._conditions(one.conditions), (Why("identity", text, statement),))
            elif holds == _OPEN:
                yield _unread(f"whether {text}, allows it was not read and is not in the reference data")

    def _given(self) -> Iterator[Attachment]:
        return (one for node in self._chain for one in self._estate.given.get(node, ()))

    def _conditions(self, conditions: Sequence[Condition]) -> Truth:
        return every(condition_holds(one.values[0], self._asked) for one in conditions)

    def _denying(self) -> Iterator[Part]:
        for node in self._chain:
            for one in self._estate.denied.get(node, ()):
                if one.policy not in self._estate.statements:
                    yield _unread(f"what the deny policy {one.policy} at {node} denies was not read")
                for statement in self._estate.statements.get(one.policy, ()):
                    if statement.effect == "Deny" and _covers(statement, self._action):
                        truth = self._denied(statement)
                        if truth.holds is not False:
                            yield Part(truth, (Why("identity", f"the deny policy {one.policy} at {node}", statement),))

    def _denied(self, statement: Statement) -> Truth:
        """Say whether a deny rule is about the principal and its conditions hold; a group that was not read leaves it open."""
        named = {uid for _, uid in statement.principals}
        spared = {uid for _, uid in statement.not_principals}
        if any(name in spared for name in self._names):
            return NO
        who = Truth(any(name in named for name in self._names))
        if not who.holds and named & self._estate.unread_groups:
            who = unread(f"who is in {', '.join(sorted(named & self._estate.unread_groups))}, which is denied it, was not read")
        if who.holds and spared & self._estate.unread_groups:
            who = unread(f"who is in {', '.join(sorted(spared & self._estate.unread_groups))}, which is not denied it, was not read")
        return every((who, self._conditions(statement.conditions)))

    def _doubts(self) -> Iterator[Part]:
        """Yield what was not read and could allow it."""
        strangers = [one for one in self._given() if one.target in self._estate.unread_groups or _set(one)]
        for one in strangers:
            if one.target not in self._names and self._could(one):
                yield _unread(f"who is in {one.target}, which is given {one.policy} at {one.scope}, was not read")
        above = self._estate.unread_above(self._chain)
        if above:
            yield _unread(above)
        for gap in self._estate.missing_of(self._chain):
            yield _unread(f"{gap.call}: {gap.reason}: policies were not all read")
        if not self._estate.given:
            yield _unread("no IAM policy was read at all")

    def _could(self, one: Attachment) -> bool:
        return _holds(self._estate, one.policy, self._action)[0] != _NO and self._conditions(one.conditions).holds is not False

    def _nothing(self) -> Part:
        return Part(NO, (Why("default", f"no role bound at {self._chain[0]} or above allows {self._action}"),))


def _holds(estate: Estate, policy: str, action: str) -> tuple[str, Statement | None]:
    """Say whether a role has a permission, and by which statement; what a role of Google's has that is in no reference data is open."""
    said, google = estate.role(policy)
    if google is not None:
        (statement,) = google.statements
        return (_YES, statement) if action in google.permissions else (_NO if action in estate.reference.known else _OPEN, None)
    if said is None:
        return _OPEN, None
    held = next((one for one in said if one.effect == "Allow" and _covers(one, action)), None)
    return (_NO, None) if held is None else (_YES, held)


def _covers(statement: Statement, action: str) -> bool:
    return any(covered(one, action) for one in statement.actions) and not any(covered(one, action) for one in statement.not_actions)


def _set(one: Attachment) -> bool:
    """Say whether a member is a set of outside principals, of which nobody here knows who is in it."""
    return one.target.startswith("principalSet:")


def _unread(text: str) -> Part:
    return Part(unread(text), (Why("default", text),))


AUTHORIZER: Final = GcpAuthorizer
