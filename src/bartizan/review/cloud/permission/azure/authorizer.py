"""Decide who may do what in Azure: deny assignments first, then roles given at the scope or above it, with their conditions.

A vault that does not go by roles asks its access policies for what is in it. A role that nobody read, a group whose members nobody read
and a tree of scopes that nobody read make an answer unknown where they could change it.
Source: Azure RBAC documentation, "How Azure RBAC determines if a user has access to a resource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.roles import Roles, roles
from bartizan.review.cloud.permission.azure.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.azure.estate import MANAGEMENT, ROOT, Estate
from bartizan.review.cloud.permission.azure.operations import CONTROL, DATA, planes
from bartizan.review.cloud.permission.contract import Answer, Decision, Why
from bartizan.review.cloud.permission.reaching import UNTOLD, Held
from bartizan.review.cloud.permission.truth import (
    NO,
    NOTHING,
    YES,
    Part,
    Truth,
    all_of,
    any_of,
    depends_on,
    every,
    none_of,
    unread,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bartizan.collect.inventory.contract import Attachment, Facts, Statement, Uid

__all__ = ["AUTHORIZER", "AzureAuthorizer"]

_VAULTS: Final = "microsoft.keyvault/vaults/"


class AzureAuthorizer:
    """What decides over the facts of the subscriptions of a tenant."""

    def __init__(self, facts: Facts, reference: Roles | None = None) -> None:
        """Index the facts; ``reference``: the roles that Azure defines, where they are not those that are known."""
        self._roles = reference or roles("azure")
        self._estate = Estate(facts, self._roles)
        self._given: dict[tuple[Uid, tuple[str, ...]], bool] = {}
        self._planes: dict[str, tuple[str, ...] | None] = {}
        self._reference = self._roles.date

    def decide(self, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]] | None = None) -> Decision:
        """Decide one question; ``resource`` is the id of a resource or a scope, ``*`` the root of the tenant."""
        if action not in self._planes:
            self._planes[action] = planes(action, self._estate.named, self._roles)
        sides = self._planes[action]
        if sides == ():
            return Decision(Answer.UNKNOWN, (Why("default", f"'{action}' is no operation of Azure"),), reference=self._reference)
        scope = _scope(resource)
        chain = self._estate.chain(scope)
        if self._estate.quiet(principal, chain):
            return Decision(Answer.DENIED, (Why("default", f"no role is given at {scope} or above"),), reference=self._reference)
        told = {key.lower(): values for key, values in (context or {}).items()}
        question = _Question(self._estate, principal, Asked(action, resource, told), chain)
        each = [question.plane(side) for side in sides or (CONTROL, DATA)]
        found = any_of(*each)
        if sides is None and len({part.truth.holds for part in each}) > 1:
            why = Why("default", f"it is not known whether {action} is an operation on data: a role allows one plane alone")
            found = Part(unread(why.text), (why, *found.why))
        return verdict(found, self._reference)

    def may(self, principal: Uid, actions: Sequence[str]) -> Mapping[str, bool]:
        """Say which operations it could have on something, somewhere, as far as its roles and groups were read."""
        allowing, unread = self._allowing(principal)
        return {one: bool(unread) or any(self._estate.covers(said, one) for said in allowing) for one in actions}

    def held(self, principal: Uid) -> Held:
        """Return the operations that what is given to a principal may allow: those that are known, and the patterns that mean more."""
        allowing, unread = self._allowing(principal)
        wide = dict.fromkeys(one for said in allowing for one in said.actions if "*" in one)
        named = {one for said in allowing for one in said.actions if "*" not in one}
        named |= {one for one in self._roles.known if any(self._estate.covers(said, one) for said in allowing)}
        found: dict[str, str] = {}
        for one in sorted(named):
            found.setdefault(one.lower(), one)
        return Held(tuple(found.values()), tuple(wide), (*unread, *self._estate.unread()))

    def _allowing(self, principal: Uid) -> tuple[list[Statement], list[str]]:
        """Return the statements that may allow something to a principal, and which roles of its were not read."""
        estate = self._estate
        names = estate.identities(principal)
        given = [(one, estate.statements(one.policy)) for one in estate.attachments(names)]
        own = [one for name in names for one in estate.vault_statements.get(name, ())]
        unread = [f"what {one.policy}, given at {one.scope}, allows was not read" for one, said in given if said is None]
        return [one for _, said in given for one in said or () if one.effect == "Allow"] + own, unread

    def scopes(self, resource: str) -> AbstractSet[str]:
        """Return the scopes at which something given would hold for a resource."""
        chain = self._estate.chain(_scope(resource))
        told = not self._estate.missing and self._estate.given and self._estate.whole(chain)
        return frozenset(chain if told else (*chain, UNTOLD))

    def reach(self, principal: Uid, actions: Sequence[str]) -> AbstractSet[str]:
        """Return the scopes at which one of some operations may be given, and all vaults that do not surely go by roles."""
        return self._estate.reach(principal, lambda policy: self._gives(policy, tuple(actions)))

    def _gives(self, policy: Uid, actions: tuple[str, ...]) -> bool:
        """Say whether a role could allow one of some operations; one that was not read may."""
        key = policy, actions
        if key not in self._given:
            said = self._estate.statements(policy)
            self._given[key] = said is None or any(
                one.effect == "Allow" and any(self._estate.covers(one, each) for each in actions) for one in said
            )
        return self._given[key]

    def rights(self, principal: Uid) -> Hashable | None:
        """Return the groups that are named anywhere and that a principal is in; None where it is named itself."""
        return self._estate.rights(principal)


class _Question:
    """One question, with the scopes at which something given would answer it."""

    def __init__(self, estate: Estate, principal: Uid, asked: Asked, chain: list[str]) -> None:
        self._estate = estate
        self._asked = asked
        self._chain = chain
        self._identities = estate.identities(principal)
        self._given = estate.given_at(principal, chain)

    def plane(self, plane: str) -> Part:
        """Decide on one plane: nothing may deny it, and something must allow it; a vault that goes by access policies asks nobody else."""
        vault = self._vault() if plane == DATA and self._asked.action.lower().startswith(_VAULTS) else None
        if vault is not None and self._estate.vaults[vault] is False:
            return self._by_policies(vault)
        allowed = self._allowed(plane, vault)
        if allowed.truth.holds is False:
            return allowed
        denied = [part for one in self._given for part in self._parts(one, plane, "Deny")]
        denied += self._elsewhere(plane, "Deny")
        return all_of(none_of(*denied), allowed) if denied else allowed

    def _allowed(self, plane: str, vault: str | None) -> Part:
        parts = [part for one in self._given for part in self._parts(one, plane, "Allow")]
        if vault is not None and self._estate.vaults[vault] is None:
            why = Why("resource", "it was not read whether the vault goes by roles or by access policies")
            parts = [all_of(Part(unread(why.text), (why,)), any_of(*parts, self._by_policies(vault)))]
        found = any_of(*parts) if parts else NOTHING
        settled = found.truth.holds is not False and not found.truth.gaps
        if settled:
            return found
        return any_of(found, *self._elsewhere(plane, "Allow"), *self._missing(), _nothing(self._asked.action, self._chain[0]))

    def _parts(self, one: Attachment, plane: str, effect: str) -> Iterator[Part]:
        """Yield what one assignment says of the operation."""
        said = self._estate.statements(one.policy)
        name = self._estate.title(one.policy)
        if said is None:
            if effect == "Allow":
                why = Why("identity", f"what the role {name}, given at {one.scope}, allows was not read and is not in the reference data")
                yield Part(unread(why.text), (why,))
            return
        for statement in said:
            if statement.sid == plane and statement.effect == effect and self._estate.covers(statement, self._asked.action):
                text = f"the {'deny assignment' if effect == 'Deny' else 'role'} {name}, given to {one.target} at {one.scope or ROOT}"
                yield Part(self._truth(statement, one), (Why("identity", text, statement),))

    def _truth(self, statement: Statement, one: Attachment) -> Truth:
        spared = [uid for _, uid in statement.not_principals]
        if any(uid in self._identities for uid in spared):
            return NO
        unread_groups = self._estate.unread_groups
        truths = [
            unread(f"who is in the group {unread_groups[uid]}, which is spared, was not read") for uid in spared if uid in unread_groups
        ]
        for condition in (*statement.conditions, *one.conditions):
            if condition.operator == "ABAC":
                truths.append(condition_holds(condition.values[0], self._asked))
            elif condition.operator == "ONLY":
                truths.append(YES if (one.scope or ROOT) == self._chain[0] else NO)
            else:
                truths.append(depends_on("pim:activation"))
        return every(truths)

    def _vault(self) -> str | None:
        return next((one for one in self._chain if one in self._estate.vaults), None)

    def _by_policies(self, vault: str) -> Part:
        """Decide by the access policies of a vault."""
        said = [(one, self._estate.statements(one.policy) or []) for one in self._estate.on.get(vault, ())]
        parts = [
            Part(YES, (Why("resource", f"an access policy of the vault for {uid}", statement),))
            for _, statements in said
            for statement in statements
            for _, uid in statement.principals
            if uid in self._identities and self._estate.covers(statement, self._asked.action)
        ]
        groups = {
            uid for _, statements in said for one in statements for _, uid in one.principals if self._estate.covers(one, self._asked.action)
        }
        doubts = [_group(self._estate.unread_groups[uid], "allow") for uid in sorted(groups) if uid in self._estate.unread_groups]
        return any_of(*parts, *doubts, Part(NO, (Why("default", "no access policy of the vault allows it"),)))

    def _elsewhere(self, plane: str, effect: str) -> Iterator[Part]:
        """Yield what would allow or deny it if a group had the principal as a member, or a management group the scope below it."""
        does = "allow" if effect == "Allow" else "deny"
        for scope in self._chain:
            for one in self._estate.strangers.get(scope, ()):
                if one.target not in self._identities and self._could(one, plane, effect):
                    yield _group(self._estate.unread_groups[one.target], does)
        if not self._estate.whole(self._chain):
            for one in self._estate.attachments(self._identities):
                if one.scope.startswith(MANAGEMENT) and one.scope not in self._chain and self._could(one, plane, effect):
                    yield _unread(f"it was not read whether {self._chain[0]} is below {one.scope}, where what is given would {does} it")

    def _could(self, one: Attachment, plane: str, effect: str) -> bool:
        return any(part.truth.holds is not False for part in self._parts(one, plane, effect))

    def _missing(self) -> Iterator[Part]:
        """Yield what was not read and could allow it."""
        for gap in self._estate.missing:
            yield _unread(f"{gap.call}: {gap.reason}: role assignments were not all read")
        if not self._estate.given:
            yield _unread("no role assignment was read at all")


def _scope(resource: str) -> str:
    return ROOT if resource in ("", "*") else resource.lower().rstrip("/") or ROOT


def _nothing(action: str, scope: str) -> Part:
    return Part(NO, (Why("default", f"no role given at {scope} or above allows {action}"),))


def _group(name: str, does: str) -> Part:
    return _unread(f"who is in the group {name}, of which what is given would {does} it, was not read")


def _unread(text: str) -> Part:
    return Part(unread(text), (Why("default", text),))


AUTHORIZER: Final = AzureAuthorizer
