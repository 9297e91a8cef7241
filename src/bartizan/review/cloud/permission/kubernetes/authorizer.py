"""Decide who may do what in a cluster, as its API server does: the group of masters, its other authorizers, RBAC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.kubernetes.names import named, uid
from bartizan.review.cloud.permission.contract import Answer, Decision, Why
from bartizan.review.cloud.permission.kubernetes.matching import Rule, compiled
from bartizan.review.cloud.permission.kubernetes.requests import request
from bartizan.review.cloud.permission.kubernetes.roles import MASTERS, Roles
from bartizan.review.cloud.permission.kubernetes.surveying import actions_in, expanded, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Facts, Uid
    from bartizan.review.cloud.permission.kubernetes.requests import Request

__all__ = ["AUTHORIZER", "GROUPS", "RbacAuthorizer"]

GROUPS: Final = "groups"
"""The key of a context that names groups of the principal which no file tells: those of a certificate or of an identity provider."""
_BINDINGS: Final = ("role_binding", "cluster_role_binding")
_OTHERS: Final = ("ABAC", "Webhook")


class RbacAuthorizer:
    """What decides over the facts of one or several clusters."""

    def __init__(self, facts: Facts) -> None:
        """Take facts; rules are compiled when they are first asked."""
        self._roles = Roles(facts)
        self._rules: dict[Uid, tuple[Rule, ...] | None] = {}
        self._modes: dict[str, tuple[str, ...]] = {}
        for one in facts.resources:
            modes = one.properties.get("authorization_modes")
            if one.kind == "api_server" and isinstance(modes, list):
                self._modes[one.account] = tuple(map(str, modes))
        self._gaps = [one for one in facts.gaps if one.provider == "kubernetes"]

    def decide(self, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]] | None = None) -> Decision:
        """Decide one question; ``requests.py`` says how actions and resources are written."""
        asked, parts = request(action, resource), named(principal)
        if asked is None or parts is None:
            what = f"'{action}' is no action of Kubernetes" if asked is None else f"{principal} is no principal of a cluster"
            return Decision(Answer.UNKNOWN, (Why("default", what),))
        more = tuple(one for key, values in (context or {}).items() if key.lower() == GROUPS for one in values)
        groups = self._roles.groups(principal, more)
        if uid(parts.cluster, "group", MASTERS) in (principal, *groups):
            return Decision(Answer.ALLOWED, (Why("default", f"the group {MASTERS} may do everything, which no binding can take away"),))
        if "AlwaysAllow" in self._modes.get(parts.cluster, ()):
            return Decision(Answer.ALLOWED, (Why("default", "the API server runs with --authorization-mode=AlwaysAllow"),))
        allowing = tuple(self._allowing(principal, groups, asked))
        return Decision(Answer.ALLOWED, allowing) if allowing else self._refused(principal, groups, asked)

    def may(self, principal: Uid, actions: Sequence[str]) -> Mapping[str, bool]:
        """Say which actions it could have on something, somewhere."""
        groups = self._roles.groups(principal)
        rules = [rule for one in self._roles.attachments(principal, groups) for rule in self._of(one.policy) or ()]
        parts = named(principal)
        open_ = parts is None or uid(parts.cluster, "group", MASTERS) in (principal, *groups) or self._unsure(parts.cluster)
        return {action: open_ or _any(rules, action) for action in actions}

    def could(self, principal: Uid) -> Sequence[str]:
        """Return the actions that it could have somewhere, sorted; stars are written out over the kinds that any rule names."""
        groups = self._roles.groups(principal)
        held = [rule for one in self._roles.attachments(principal, groups) for rule in self._of(one.policy) or ()]
        every = actions_in(self._roles.facts.statements)
        may = self.may(principal, sorted(every))
        return sorted({*(action for action, holds in may.items() if holds), *expanded(rule.statement for rule in held)})

    def asked_of(self, action: str) -> Sequence[str]:
        """Return what an action can be asked of: ``*``, each namespace, and names to which rules are limited."""
        return places(self._roles.facts, action)

    def _allowing(self, principal: Uid, groups: tuple[Uid, ...], asked: Request) -> Iterator[Why]:
        for one in self._roles.attachments(principal, groups):
            if one.scope not in ("", asked.namespace) or (one.scope and asked.path):
                continue
            for rule in self._of(one.policy) or ():
                if rule.allows(asked):
                    yield Why("identity", _told(one, principal), rule.statement)

    def _of(self, policy: Uid) -> tuple[Rule, ...] | None:
        if policy not in self._rules:
            given = self._roles.rules(policy)
            self._rules[policy] = None if given is None else tuple(map(compiled, given))
        return self._rules[policy]

    def _refused(self, principal: Uid, groups: tuple[Uid, ...], asked: Request) -> Decision:
        """Say no, or that it cannot be told since something was not read or something else decides too."""
        parts = named(principal)
        cluster = parts.cluster if parts else ""
        why = list(self._unread(principal, groups, cluster))
        why += [f"the authorizer {mode} of the API server decides too" for mode in self._modes.get(cluster, ()) if mode in _OTHERS]
        if uid(cluster, "group", "system:nodes") in groups:
            why.append("the node authorizer decides by what runs on the node")
        if why:
            return Decision(Answer.UNKNOWN, tuple(Why("default", one) for one in why))
        where = f" in {asked.namespace}" if asked.namespace else ""
        return Decision(Answer.DENIED, (Why("default", f"no rule of a role that is bound to it{where} allows it"),))

    def _unread(self, principal: Uid, groups: tuple[Uid, ...], cluster: str) -> Iterator[str]:
        missing = [one.policy for one in self._roles.attachments(principal, groups) if self._of(one.policy) is None]
        kinds = {*_BINDINGS, *(parts.kind for policy in missing if (parts := named(policy)))}
        for gap in self._gaps:
            if gap.account in ("", cluster) and not gap.uid and (not gap.kinds or kinds & set(gap.kinds)):
                yield f"not read: {', '.join(sorted(kinds & set(gap.kinds))) or gap.call} ({gap.detail or gap.reason})"

    def _unsure(self, cluster: str) -> bool:
        return "AlwaysAllow" in self._modes.get(cluster, ())


def _any(rules: Sequence[Rule], action: str) -> bool:
    asked = request(action)
    return asked is None or any(rule.allows_some(asked) for rule in rules)


def _told(one: Attachment, principal: Uid) -> str:
    role, target = named(one.policy), named(one.target)
    where = f"in the namespace {one.scope}" if one.scope else "everywhere"
    whom = "" if one.target == principal or target is None else f", to its group {target.name}"
    kind = "role" if role is None else role.kind.replace("_", " ")
    return f"the {kind} {role.name if role else one.policy} is bound to it {where}{whom}"


AUTHORIZER = RbacAuthorizer
