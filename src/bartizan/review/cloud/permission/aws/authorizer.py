"""Decide for AWS: each question by the few statements that speak of its action, found by bits."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.documents import suggestion
from bartizan.review.cloud.permission.assuming import ASSUMPTIONS
from bartizan.review.cloud.permission.aws import gaps, specials
from bartizan.review.cloud.permission.aws.buckets import shut
from bartizan.review.cloud.permission.aws.callers import caller_of
from bartizan.review.cloud.permission.aws.deciding import Layers, decided
from bartizan.review.cloud.permission.aws.estate import Estate
from bartizan.review.cloud.permission.aws.patterns import glob, wild
from bartizan.review.cloud.permission.aws.reference import reference
from bartizan.review.cloud.permission.aws.request import Request
from bartizan.review.cloud.permission.aws.superset import Superset
from bartizan.review.cloud.permission.aws.targets import target_of
from bartizan.review.cloud.permission.aws.unplaced import unplaced
from bartizan.review.cloud.permission.contract import Answer, Decision, Why
from bartizan.review.cloud.permission.truth import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Facts, Uid
    from bartizan.review.cloud.permission.aws.statements import Ready
    from bartizan.review.cloud.permission.truth import Part

__all__ = ["AUTHORIZER", "AwsAuthorizer"]

_VARIABLE: Final = re.compile(r"\$\{\w+\}")
_BOUND: Final = ("user", "role", "root", "federated-user")
"""Callers that service control policies reach."""


class AwsAuthorizer:
    """What decides for AWS over the facts it was made of."""

    def __init__(self, facts: Facts) -> None:
        """Index facts; they must not change while it is used."""
        self.estate = Estate(facts)
        self.reference = reference()
        self._caller = lru_cache(maxsize=None)(lambda uid: caller_of(self.estate, uid))
        self._target = lru_cache(maxsize=65_536)(lambda name: target_of(self.estate, name))
        self._speaking = lru_cache(maxsize=262_144)(self._speaking_of)
        self._superset = Superset(self.estate)
        self._octets = (self.reference.every.bit_length() + 7) // 8
        self._places = lru_cache(maxsize=64)(self._places_of)
        self._could = lru_cache(maxsize=4_096)(self._could_of)
        self._identity_gaps = lru_cache(maxsize=None)(lambda uid: gaps.of_identity(self.estate, self._caller(uid)))
        self._resource_gaps = lru_cache(maxsize=65_536)(
            lambda name, trust: gaps.of_resource(self.estate, self._target(name), trust=trust),
        )
        self._policies = lru_cache(maxsize=None)(self._policies_of)
        self._scp = lru_cache(maxsize=65_536)(self._scp_of)
        self._asked_of = lru_cache(maxsize=4096)(self._things_asked_of)
        self._rcp = lru_cache(maxsize=65_536)(self._rcp_of)
        self._unplaced = lru_cache(maxsize=65_536)(self._unplaced_of)
        self._path = lru_cache(maxsize=None)(self.estate.organization.path)
        self._unread_nodes = lru_cache(maxsize=None)(
            lambda account: gaps.unread_of_organization(self.estate, account, self._path(account)),
        )
        self._nodes_gaps = lru_cache(maxsize=None)(lambda account: gaps.of_organization(self.estate, account, self._path(account)))

    def decide(self, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]] | None = None) -> Decision:
        """Decide one question; see ``Authorizer.decide``.

        ``resource`` is an ARN, or ``*`` for a request that names none; an action that is asked of no resource is asked of ``*`` whatever
        is given. ``context`` may say ``aws:ResourceAccount`` where the facts do not hold the resource.
        """
        known = self.reference.actions.get(action.lower())
        if known is None:
            return Decision(Answer.UNKNOWN, (Why("default", self._no_action(action)),), reference=self.reference.date)
        request = Request(
            self._caller(principal),
            known,
            self._target(resource if known.resources else "*"),
            {key.lower(): values for key, values in context.items()} if context else {},
        )
        settled = specials.settled(request)
        if settled is not None:
            return verdict(settled, self.reference.date)
        return self._with_assumptions(request, verdict(self._decided(request), self.reference.date))

    def _with_assumptions(self, request: Request, decision: Decision) -> Decision:
        """Return a decision that says on what it rests, where policies that could not be read are assumed to forbid nothing."""
        if not self.estate.without_unread_scps or decision.answer not in (Answer.ALLOWED, Answer.CONDITIONAL):
            return decision
        accounts = [name for name, reached in self._reached(request) if reached and self._unread_nodes(name)]
        said = (Why("assumed", f"{ASSUMPTIONS['no-scps'].capitalize()} in {name}.") for name in dict.fromkeys(accounts))
        return replace(decision, why=(*decision.why, *said))

    def _reached(self, request: Request) -> tuple[tuple[str, bool], tuple[str, bool]]:
        """Return whether the organization bounds whoever asks, and what is asked for, each with its account."""
        caller, target, manager = request.caller, request.target, self.estate.organization.management
        bounded = caller.kind in _BOUND and not caller.linked and caller.account != manager
        return (caller.account, bounded), (target.account, bool(target.account) and specials.is_under_rcp(request, manager))

    def may(self, principal: Uid, actions: Sequence[str]) -> Mapping[str, bool]:
        """Say quickly which actions it could have on any resource at all; see ``Authorizer.may``."""
        return self._could(self._superset.of(self._caller(principal)).to_bytes(self._octets, "little"), tuple(actions))

    def _could_of(self, held: bytes, actions: tuple[str, ...]) -> Mapping[str, bool]:
        """Return which actions are among those whose bits are set; many principals have the same."""
        return {name: index is None or bool(held[index >> 3] >> (index & 7) & 1) for name, index in self._places(actions)}

    def _places_of(self, actions: tuple[str, ...]) -> tuple[tuple[str, int | None], ...]:
        """Return where the bit of each action stands, None for one that is in no reference data."""
        known = ((name, self.reference.actions.get(name.lower())) for name in actions)
        return tuple((name, None if one is None else one.index) for name, one in known)

    def superset(self, principal: Uid) -> int:
        """Return the actions that it could have, as bits of the reference data."""
        return self._superset.of(self._caller(principal))

    def could(self, principal: Uid) -> Sequence[str]:
        """Return the actions that it could have on any resource at all; see ``Surveyor.could``."""
        return self.reference.names(self.superset(principal))

    def asked_of(self, action: str) -> Sequence[str]:
        """Return what an action can be asked of; see ``Surveyor.asked_of``. Of objects and the like, all in a thing stand for each."""
        known = self.reference.actions.get(action.lower())
        if known is None:
            return ()
        return self._asked_of(known.resources, known.name.lower() in specials.TRUST or "key!" in known.kinds)

    def _things_asked_of(self, patterns: tuple[str, ...], named_only: bool) -> tuple[str, ...]:  # noqa: FBT001 - a key of the cache
        fits = [glob(wild(_VARIABLE.sub("*", pattern))) for pattern in patterns]
        found = [
            name
            for uid in (self.estate.resources | self.estate.principals)
            for name in (uid, f"{uid}/*")[: 1 + (":s3:::" in uid)]
            if any(one(name) for one in fits)
        ]
        return tuple(found if named_only else ("*", *found))

    def _no_action(self, action: str) -> str:
        service, _, _ = action.lower().partition(":")
        dated = f"the reference data of {self.reference.date}"
        if service not in self.reference.services:
            return f"{action}: {dated} has no service '{service}'{suggestion(service, self.reference.services)}"
        names = {one.name.lower(): one.name for one in self.reference.services[service]}
        return f"{action}: {dated} has no such action{suggestion(action, names)}"

    def _decided(self, request: Request) -> Part:
        caller, target, index = request.caller, request.target, request.action.index
        resource, must_name = self._on_resource(request)
        (_, bounded), (_, reached) = self._reached(request)
        unread = {
            "identity": self._identity_gaps(caller.uid),
            "session": gaps.of_session(self.estate, caller),
            "resource": self._resource_gaps(target.name, request.action.name.lower() in specials.TRUST),
            "scp": self._nodes_gaps(caller.account) if bounded else (),
            "rcp": self._nodes_gaps(target.account) if reached else (),
        }
        if _owner(request) and _owner(request) not in (caller.account, *self.estate.accounts):
            unread["resource"] += (f"nothing of the account {_owner(request)} was read",)
        if target.service == "s3":
            unread["resource"] += gaps.of_access_point(self.estate, caller, target)
        layers = Layers(
            identity=self._of(caller.holders, "identity", index) or (),
            boundary=self._of(caller.holders[:1], "boundary", index),
            session=self._of((caller.session, *caller.holders[:1]) if caller.session else caller.holders[:1], "session", index),
            scp=self._scp(caller.account, index) if bounded else (),
            rcp=self._rcp(target.account, index) if reached else (),
            unplaced=(
                *(self._unplaced("scp", caller.account, index) if bounded else ()),
                *(self._unplaced("rcp", target.account, index) if reached else ()),
            ),
            resource=resource,
            through="trust" if must_name and target.service == "iam" else "resource",
            must_name=must_name,
            owner=_owner(request),
            extra=specials.beside_policies(self.estate, request),
            shut=shut(self.estate, request, resource),
            unread=unread,
        )
        return decided(request, layers)

    def _of(self, targets: Sequence[str], kind: str, index: int) -> Sequence[Ready] | None:
        """Return the statements of what is attached to targets that speak of an action, None where nothing is attached."""
        held = self._policies(tuple(targets), kind)
        return self._speaking(held, index) if held else None

    def _policies_of(self, targets: tuple[str, ...], kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.policy for target in targets for one in self.estate.attached(kind, target)))

    def _speaking_of(self, policies: tuple[str, ...], index: int) -> tuple[Ready, ...]:
        bit = 1 << index
        return tuple(one for policy in policies for one in self.estate.statements(policy) if one.actions & bit)

    def _on_resource(self, request: Request) -> tuple[Sequence[Ready], bool]:
        """Return the statements of the policy on the resource that speak of the action, and whether it has to allow."""
        target, index = request.target, request.action.index
        if request.action.name.lower() in specials.TRUST and target.service == "iam":
            return self._speaking(target.trusts, index), True
        if target.service == "kms" and target.name.split(":", 5)[-1].startswith("key/"):
            return self._speaking(target.policies, index) or specials.default_key_policy(target), True
        return self._speaking(target.policies, index), False

    def _scp_of(self, account: str, index: int) -> tuple[tuple[str, tuple[Ready, ...]], ...]:
        levels = []
        for name in self._path(account):
            held = self.estate.attached("scp", name)
            if held:
                implied = self.estate.full_access() if self.estate.full_access_is_implied(held) else ()
                levels.append((name, (*self._speaking(tuple(one.policy for one in held), index), *implied)))
        return tuple(levels)

    def _rcp_of(self, account: str, index: int) -> tuple[Ready, ...]:
        policies = (one.policy for name in self._path(account) for one in self.estate.attached("rcp", name))
        return self._speaking(tuple(dict.fromkeys(policies)), index)

    def _unplaced_of(self, kind: str, account: str, index: int) -> tuple[tuple[str, str, Attachment, tuple[Ready, ...]], ...]:
        """Return what speaks of an action in policies of which it is not known whether they hold for an account."""
        found = ((one, self._speaking((one.policy,), index)) for one in unplaced(self.estate, kind, account))
        return tuple((kind, account, one, statements) for one, statements in found if statements)


def _owner(request: Request) -> str:
    """Return whose the resource is, '' where that is the caller's own account or not known."""
    told = request.context.get("aws:resourceaccount")
    return told[0] if told else "" if request.target.account == "aws" else request.target.account


AUTHORIZER: Final = AwsAuthorizer
