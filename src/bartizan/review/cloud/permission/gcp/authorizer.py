"""Decide who may do what in Google Cloud: deny policies and boundaries of principals, then roles bound at the resource or above it.

A role that nobody read, a group whose members nobody read, a node above that nobody read and deny policies that could not be listed make
an answer unknown where they could change it; the last are a person's to assume away.
Source: IAM documentation, "Policy types", "Deny policies", "Principal access boundary policies", "Resource hierarchy".
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.exports.gcp.access import member_uid
from bartizan.collect.inventory.roles import Roles, roles
from bartizan.review.cloud.permission.assuming import ASSUMPTIONS
from bartizan.review.cloud.permission.contract import Answer, Decision, Why
from bartizan.review.cloud.permission.gcp.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.gcp.estate import NO_POLICY, Estate
from bartizan.review.cloud.permission.gcp.names import covered
from bartizan.review.cloud.permission.reaching import UNTOLD, Held
from bartizan.review.cloud.permission.truth import NO, YES, Part, Truth, all_of, any_of, depends_on, every, no, none_of, unread, verdict

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bartizan.collect.inventory.contract import Attachment, Condition, Facts, Statement, Uid

__all__ = ["AUTHORIZER", "GcpAuthorizer"]

_PERMISSION: Final = re.compile(r"[a-z][a-zA-Z0-9]*\.[a-zA-Z][a-zA-Z0-9]*\.[a-zA-Z][a-zA-Z0-9]*")
_PERIMETER: Final = "vpc-service-controls"
_ENFORCED: Final = "iam:principal-access-boundary"
_YES, _NO, _OPEN = "yes", "no", "open"


class GcpAuthorizer:
    """What decides over the facts of the projects of an organization."""

    def __init__(self, facts: Facts, reference: Roles | None = None) -> None:
        """Index the facts; ``reference``: the roles that Google defines, where they are not those that are known."""
        reference = reference or roles("gcp")
        self._estate = Estate(facts, reference)
        self._reference = reference.date
        self._given: dict[tuple[Uid, tuple[str, ...]], bool] = {}

    def decide(self, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]] | None = None) -> Decision:
        """Decide one question; ``resource`` is the full name of a resource or of a node of the tree."""
        if _PERMISSION.fullmatch(action) is None and action not in self._estate.reference.known:
            return Decision(Answer.UNKNOWN, (Why("default", f"'{action}' is no permission of Google Cloud"),), reference=self._reference)
        told = {key.lower(): values for key, values in (context or {}).items()}
        question = _Question(self._estate, member_uid(principal), action, Asked(resource, told), self._estate.chain(resource))
        decision = verdict(question.answer(), self._reference)
        if not self._estate.without_unlisted_denials or decision.answer not in (Answer.ALLOWED, Answer.CONDITIONAL):
            return decision
        nodes = [node for node, _ in self._estate.unlisted_denials(self._estate.chain(resource))]
        said = (Why("assumed", f"{ASSUMPTIONS['no-deny-policies'].capitalize()} at {node}.") for node in nodes)
        return replace(decision, why=(*decision.why, *said))

    def may(self, principal: Uid, actions: Sequence[str]) -> Mapping[str, bool]:
        """Say which permissions it could have on something, somewhere, as far as its roles and groups were read."""
        estate = self._estate
        given = {one.policy for held in estate.held(member_uid(principal)).values() for one in held}
        return {action: any(_holds(estate, policy, action)[0] != _NO for policy in given) for action in actions}

    def scopes(self, resource: str) -> AbstractSet[str]:
        """Return a resource and the nodes above it."""
        chain = self._estate.chain(resource)
        untold = not self._estate.given or self._estate.unread_above(chain) or self._estate.missing_of(chain)
        return frozenset((*chain, UNTOLD) if untold else chain)

    def reach(self, principal: Uid, actions: Sequence[str]) -> AbstractSet[str]:
        """Return the nodes and resources at which one of some permissions may be given to a principal."""
        held, asked = self._estate.held(member_uid(principal)), tuple(actions)
        return {node for node, given in held.items() if any(self._gives(one.policy, asked) for one in given)}

    def _gives(self, policy: Uid, actions: tuple[str, ...]) -> bool:
        """Say whether a role could have one of some permissions."""
        key = policy, actions
        if key not in self._given:
            self._given[key] = any(_holds(self._estate, policy, one)[0] != _NO for one in actions)
        return self._given[key]

    def rights(self, principal: Uid) -> Hashable | None:
        """Return the names by which policies mean a principal, or may mean it; None where they name it itself."""
        return self._estate.rights(member_uid(principal))

    def held(self, principal: Uid) -> Held:
        """Return the permissions of the roles that are given to a principal, or to a group that it may be in."""
        actions: set[str] = set()
        unread: dict[str, None] = {}
        for node, given in self._estate.held(member_uid(principal)).items():
            for one in given:
                said, google = self._estate.role(one.policy)
                if google is not None:
                    actions |= google.permissions
                elif said is None:
                    unread[f"what {one.policy}, given to {one.target} at {node}, allows was not read"] = None
                for statement in said or ():
                    actions |= _named(statement, self._estate.reference) if statement.effect == "Allow" else set()
        unread.update(dict.fromkeys(self._estate.unread()))
        return Held(tuple(sorted(actions)), unread=tuple(unread))


class _Question:
    """One question, with the nodes at which something given would answer it."""

    def __init__(self, estate: Estate, principal: Uid, action: str, asked: Asked, chain: list[str]) -> None:
        self._estate = estate
        self._action = action
        self._asked = asked
        self._chain = chain
        self._names = estate.identities(principal)
        held = estate.held(principal)
        self._given = [one for node in chain if node in held for one in held[node]]

    def answer(self) -> Part:
        """Decide: nothing may deny it, no boundary leave it out, and something must allow it."""
        allowed = any_of(*self._allowing(), Part(NO))
        if allowed.truth.holds is False or allowed.truth.gaps:
            allowed = any_of(allowed, *self._doubts(), self._nothing())
        if allowed.truth.holds is False:
            return allowed
        denied = list(self._denying())
        parts = [none_of(*denied)] if denied else []
        return all_of(*parts, *self._bounded(), *self._within_perimeters(), allowed)

    def _allowing(self) -> Iterator[Part]:
        for one in self._given:
            if one.target not in self._names.sure:
                continue
            holds, statement = _holds(self._estate, one.policy, self._action)
            text = f"{one.policy}, given to {one.target} at {one.scope}"
            if holds == _YES:
                yield Part(self._conditions(one.conditions), (Why("identity", text, statement),))
            elif holds == _OPEN:
                yield _unread(f"whether {text}, allows it was not read and is not in the reference data")

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
        for node, gap in () if self._estate.without_unlisted_denials else self._estate.unlisted_denials(self._chain):
            yield _unread(f"{gap.call}: {gap.reason}: whether deny policies at {node} deny it was not read")

    def _denied(self, statement: Statement) -> Truth:
        """Say whether a deny rule is about the principal and its conditions hold; a group that was not read leaves it open."""
        named = self._among({uid for _, uid in statement.principals}, "is denied it")
        spared = self._among({uid for _, uid in statement.not_principals}, "is not denied it")
        return every((named, no(spared), self._conditions(statement.conditions)))

    def _among(self, uids: set[str], what: str) -> Truth:
        """Say whether the principal is meant by one of some names."""
        if not uids.isdisjoint(self._names.sure):
            return YES
        open_ = sorted(uids & self._names.open)
        return unread(f"who is in {', '.join(open_)}, which {what}, was not read") if open_ else NO

    def _bounded(self) -> Iterator[Part]:
        """Yield whether the resource is within the principal access boundaries of the principal, where it has any.

        Which permissions a boundary keeps back hangs on its enforcement version: what is outside depends on that.
        """
        bounds = self._estate.bounds
        held = [(name, one) for name in (*self._names.sure, *sorted(self._names.open)) for one in bounds.get(name, ())]
        if any(self._within(one) for name, one in held if name in self._names.sure):
            return
        for name, one in held:
            if self._within(one):
                continue
            why = Why("boundary", f"{self._chain[0]} is not within the boundary {one.policy} of {name}")
            applies = YES if name in self._names.sure else unread(f"who is in {name}, which {one.policy} bounds, was not read")
            said = self._estate.statements.get(one.policy)
            gap = unread(f"within what {one.policy} bounds {name} was not read") if said is None else depends_on(_ENFORCED)
            yield none_of(Part(every((applies, self._conditions(one.conditions), gap)), (why,)))

    def _within_perimeters(self) -> Iterator[Part]:
        """Yield what hangs on from where it is asked, since a perimeter of VPC Service Controls is around the service there."""
        for one in (one for node in self._chain for one in self._estate.perimeters.get(node, ())):
            for statement in self._estate.statements.get(one.policy, ()):
                if _covers(statement, self._action):
                    yield Part(depends_on(_PERIMETER), (Why("boundary", f"the perimeter {one.policy} around {one.scope}", statement),))

    def _within(self, one: Attachment) -> bool:
        said = self._estate.statements.get(one.policy, ())
        return any(self._estate.known(resource) in self._chain for statement in said for resource in statement.resources)

    def _doubts(self) -> Iterator[Part]:
        """Yield what was not read and could allow it."""
        for one in self._given:
            if one.target in self._names.open and self._could(one):
                yield _unread(f"who is in {one.target}, which is given {one.policy} at {one.scope}, was not read")
        above = self._estate.unread_above(self._chain)
        if above:
            yield _unread(above)
        for gap in self._estate.missing_of(self._chain):
            yield _unread(f"{gap.call}: {gap.reason}: policies were not all read")
        if not self._estate.given:
            yield _unread(NO_POLICY)

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


def _named(statement: Statement, reference: Roles) -> set[str]:
    """Return the permissions that a statement allows, by their names."""
    patterns = any("*" in one for one in statement.actions)
    return {one for one in (*statement.actions, *(reference.known if patterns else ())) if "*" not in one and _covers(statement, one)}


def _covers(statement: Statement, action: str) -> bool:
    return any(covered(one, action) for one in statement.actions) and not any(covered(one, action) for one in statement.not_actions)


def _unread(text: str) -> Part:
    return Part(unread(text), (Why("default", text),))


AUTHORIZER: Final = GcpAuthorizer
