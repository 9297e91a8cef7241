"""Match kinds of AWS: who trusts whom, and which policies are whose.

``passable-role``: roles that trust one of the ``service`` principals: ``{role}``, ``{role_name}``, ``{service}``.
``assumable-role``: roles, each for the principals that its trust policy could let in: ``{role}``, ``{role_name}``.
``federated-role``: roles that trust an identity provider; it moves from the provider to ``{role}``. With ``loose: true`` those alone whose
trust policy does not say whose tokens it takes, and it moves from the internet; ``action`` is AssumeRoleWithWebIdentity or -SAML.
``open-role``: roles that let everybody in; it moves from the internet to ``{role}``.
``foreign-principal``: roles that trust a principal or an account that is not in the estate; it moves from there to ``{role}``.
``managed-policy``: customer managed policies with each principal they are attached to, to which they apply unbounded: ``{policy}``,
``{target}``, ``{target_name}``, ``{target_kind}``; ``whose: own`` for those of who moves alone.
``group-member``: users who have all that their group has, since no boundary and no Deny of their own stands against it; it moves from the
user to ``{group}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.paths.contract import INTERNET, Binding
from bartizan.review.cloud.paths.matches.general import listed
from bartizan.review.cloud.paths.patterns import glob
from bartizan.review.cloud.permission.contract import Answer, Decision, Why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Principal, Statement
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES", "matches_pattern"]

_ACCOUNT: Final = re.compile(r"arn:[^:]*:iam::(\d{12}):root|(\d{12})")
_NUMBER: Final = re.compile(r"\d{12}")
_KNOWN_OF_SERVICES: Final = ("aws:sourceaccount", "aws:sourceorgid", "aws:sourceowner")
"""Conditions on trust in a service that hold where it works for the role's own account."""
_SUBJECT: Final = re.compile(r":(sub|repository|repository_owner|job_workflow_ref|project_path|namespace_path)$", re.IGNORECASE)
"""Claims of a token that say whose it is (GitHub, GitLab, Terraform Cloud, EKS and so on)."""


def matches_pattern(pattern: str, text: str) -> bool:
    """Say whether a pattern of a policy (``*``, ``?``) matches a text, in any letter case."""
    return glob(pattern.lower())(text.lower())


def _trust(world: World, role: Uid, action: str) -> list[Statement]:
    """Return the statements of a role's trust policy that are about an action."""
    found = []
    for attachment in world.attached.get(role, ()):
        if attachment.kind == "trust":
            for one in world.statements.get(attachment.policy, ()):
                named = any(matches_pattern(pattern, action) for pattern in one.actions)
                left_out = bool(one.not_actions) and not any(matches_pattern(pattern, action) for pattern in one.not_actions)
                if named or left_out:
                    found.append(one)
    return found


def _roles(world: World) -> Iterator[Principal]:
    return (one for one in world.principals.values() if one.kind == "role")


def _role_values(role: Principal) -> dict[str, str]:
    return {"role": str(role.uid), "role_name": role.name}


def _trusted_services(world: World) -> Mapping[str, Sequence[tuple[Principal, Decision]]]:
    """Return, for each service, the roles that it may take on for their own account, with what decides it."""
    found: dict[str, list[tuple[Principal, Decision]]] = {}
    for role in _roles(world):
        if ":role/aws-service-role/" in role.uid:
            continue  # nobody passes the role that a service made for itself
        told = _trust(world, role.uid, "sts:AssumeRole")
        for service in dict.fromkeys(value.lower() for one in told for kind, value in one.principals if kind == "Service"):
            decision = _trusts(role, told, service)
            if decision is not None:
                found.setdefault(service, []).append((role, decision))
    return found


def _trusts(role: Principal, told: Sequence[Statement], service: str) -> Decision | None:
    best: Decision | None = None
    for one in told:
        if not any(value == "*" or (kind == "Service" and value.lower() == service) for kind, value in one.principals):
            continue
        if one.effect == "Deny" and not one.conditions:
            return None
        if one.effect == "Allow":
            depends = tuple(sorted({condition.key for condition in one.conditions if condition.key.lower() not in _KNOWN_OF_SERVICES}))
            if best is None or (best.depends and not depends):
                answer = Answer.CONDITIONAL if depends else Answer.ALLOWED
                best = Decision(answer, (Why("trust", f"{role.uid} trusts {service}.", one),), depends)
    return best


def _passable_role(world: World, rule: PathRule) -> Iterator[Binding]:
    trusted = world.once("trusted services", _trusted_services)
    seen: set[Uid] = set()
    for service in listed(rule.options["service"]):
        for role, decision in trusted.get(service, ()):
            if role.uid not in seen:
                seen.add(role.uid)
                values = {**_role_values(role), "service": service}
                yield Binding(values=values, account=role.account, decisions=(decision,), depends=decision.depends)


def _assumable_role(world: World, _: PathRule) -> Iterator[Binding]:
    for role in _roles(world):
        only: set[str] | None = set()
        named = False
        told = _trust(world, role.uid, "sts:AssumeRole")
        for one in told:
            if one.effect != "Allow":
                continue
            if one.not_principals:
                only = None
            for kind, value in one.principals:
                if value == "*":
                    only = None
                elif kind == "AWS" and only is not None:
                    account = _ACCOUNT.fullmatch(value)
                    named = named or account is None
                    only.add((account[1] or account[2]) if account else value)
        if only is None or only:
            yield Binding(
                values=_role_values(role),
                account=role.account,
                only=None if only is None else frozenset(only),
                own=None if only is None else ("sts:AssumeRole", role.uid),
                policies=None if only is None or named or any(one.conditions or one.effect == "Deny" for one in told) else tuple(told),
            )


def _open_role(world: World, _: PathRule) -> Iterator[Binding]:
    for role in _roles(world):
        for one in _trust(world, role.uid, "sts:AssumeRole"):
            if one.effect == "Allow" and not one.conditions and any(value == "*" for kind, value in one.principals if kind in ("*", "AWS")):
                decision = Decision(Answer.ALLOWED, (Why("trust", f"{role.uid} lets everybody in.", one),))
                yield Binding(src=INTERNET, values=_role_values(role), account=role.account, decisions=(decision,))
                break


def _foreign_principal(world: World, _: PathRule) -> Iterator[Binding]:
    accounts = {one.account for one in world.principals.values()}
    for role in _roles(world):
        for one in _trust(world, role.uid, "sts:AssumeRole"):
            for kind, value in one.principals if one.effect == "Allow" else ():
                account = _NUMBER.search(value) if kind == "AWS" else None
                whole = _ACCOUNT.fullmatch(value)
                if account is None or Uid(value) in world.principals or (whole and account[0] in accounts):
                    continue
                depends = tuple(sorted({condition.key for condition in one.conditions}))
                answer = Answer.CONDITIONAL if depends else Answer.ALLOWED
                decision = Decision(answer, (Why("trust", f"{role.uid} trusts {value}.", one),), depends)
                src = Uid(f"arn:aws:iam::{account[0]}:root") if whole else Uid(value)
                yield Binding(src=src, values=_role_values(role), account=role.account, decisions=(decision,), depends=depends)


def _federated_role(world: World, rule: PathRule) -> Iterator[Binding]:
    action = rule.options.get("action", "AssumeRoleWithWebIdentity")
    loose = bool(rule.options.get("loose"))
    for role in _roles(world):
        for one in _trust(world, role.uid, f"sts:{action}"):
            for kind, value in one.principals if one.effect == "Allow" else ():
                if kind == "Federated" and _is_provider(value, action) and (not loose or _loose(one, value)):
                    depends = () if loose else tuple(sorted({condition.key for condition in one.conditions}))
                    decision = Decision(
                        Answer.CONDITIONAL if depends else Answer.ALLOWED,
                        (Why("trust", f"{role.uid} trusts {value}.", one),),
                        depends,
                    )
                    src = INTERNET if loose else Uid(value)
                    values = {**_role_values(role), "idp": value}
                    yield Binding(src=src, values=values, account=role.account, decisions=(decision,), depends=depends)


def _is_provider(value: str, action: str) -> bool:
    return (":saml-provider/" in value) == (action == "AssumeRoleWithSAML")


def _loose(statement: Statement, provider: str) -> bool:
    """Say whether anybody who has an account at a public identity provider has a token that fits."""
    if ":oidc-provider/oidc.eks." in provider:
        return False
    if provider == "cognito-identity.amazonaws.com":
        # Whose tokens they are is the pool's to say, and who gets one of a pool is what the pool itself says.
        return not any(condition.key.lower().endswith(":aud") for condition in statement.conditions)
    for condition in statement.conditions:
        operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
        positive = operator in ("stringequals", "stringlike", "stringequalsignorecase")
        if positive and _SUBJECT.search(condition.key) and all(_owned(value) for value in condition.values):
            return False
    return True


def _owned(value: str) -> bool:
    """Say whether a pattern of a subject names whose it is: ``repo:OWNER/...``, not ``repo:*`` or ``*``."""
    start = value.partition("*")[0]
    owner = start.partition(":")[2] if start.lower().startswith(("repo:", "repository:", "project_path:", "organization:")) else start
    return bool(owner.strip("/:?")) and ("/" in owner or "*" not in value or ":" in owner)


def _managed_policy(world: World, rule: PathRule) -> Iterator[Binding]:
    own = rule.options.get("whose") == "own"
    for policy, attachments in world.attachments_of.items():
        if ":iam::aws:" in policy or ":policy/" not in policy:
            continue
        for attachment in attachments:
            target = world.principals.get(attachment.target)
            if attachment.kind == "identity" and target is not None:
                values = {"policy": str(policy), "target": str(target.uid), "target_name": target.name, "target_kind": target.kind}
                yield Binding(values=values, account=target.account, only=frozenset(_holders(world, target)) if own else None)


def _holders(world: World, target: Principal) -> list[str]:
    if target.kind != "group":
        return [target.uid]
    return [target.uid, *(member for member, groups in world.edges["member-of"].items() if target.uid in groups)]


def _group_member(world: World, _: PathRule) -> Iterator[Binding]:
    for member, groups in world.edges["member-of"].items():
        denied = any(one.effect == "Deny" for one in world.held(member, "identity"))
        if not denied and not world.bounded(member):
            yield from (Binding(src=member, values={"group": group}) for group in groups)


MATCHES: Final[Mapping[str, Match]] = {
    "group-member": _group_member,
    "passable-role": _passable_role,
    "assumable-role": _assumable_role,
    "federated-role": _federated_role,
    "foreign-principal": _foreign_principal,
    "managed-policy": _managed_policy,
    "open-role": _open_role,
}
