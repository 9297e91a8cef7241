"""Decide by RBAC as its documentation says it, rule by rule: the twin that the authorizer must agree with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.inventory.kubernetes.names import named
from bartizan.review.cloud.permission.kubernetes.requests import request
from bartizan.review.cloud.permission.kubernetes.roles import Roles, implied

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Attachment, Facts, Statement, Uid
    from bartizan.review.cloud.permission.kubernetes.requests import Request

__all__ = ["allowed"]


def allowed(facts: Facts, principal: Uid, action: str, resource: str, groups: tuple[str, ...] = ()) -> tuple[Statement, ...]:
    """Return the rules by which RBAC allows a question, in the order of the bindings; () where none does."""
    asked = request(action, resource)
    roles = Roles(facts)
    if asked is None:
        return ()
    return tuple(
        rule
        for binding in roles.facts.attachments
        if _is_subject(binding, principal, groups) and _holds_there(binding, asked)
        for rule in roles.rules(binding.policy) or ()
        if any(_matches(pattern, asked) for pattern in rule.actions)
        and (rule.resources == ("*",) or (asked.name and asked.name in rule.resources))
    )


def _is_subject(binding: Attachment, principal: Uid, groups: tuple[str, ...]) -> bool:
    target, who = named(binding.target), named(principal)
    if target is None or who is None or target.cluster != who.cluster:
        return False
    if target.kind != "group" or who.kind == "group":
        return target == who or (target.kind == "group" and target.name in implied(who.kind, who.namespace, who.name))
    return target.name in (*groups, *implied(who.kind, who.namespace, who.name))


def _holds_there(binding: Attachment, asked: Request) -> bool:
    return not binding.scope or (not asked.path and binding.scope == asked.namespace)


def _matches(pattern: str, asked: Request) -> bool:
    """Compare a pattern, which may be of a path or of a thing, part by part."""
    verb, _, what = pattern.partition(" ")
    if verb not in ("*", asked.verb):
        return False
    if what.startswith("/") or asked.path:
        return bool(asked.path) and (
            what == asked.path or (what.endswith("*") and what.startswith("/") and asked.path.startswith(what[:-1]))
        )
    head, slash, subresource = what.partition("/")
    kind, _, group = head.partition(".")
    if group not in ("*", asked.group):
        return False
    if kind == "*" and not slash:
        return True
    return kind in ("*", asked.resource) and subresource == asked.subresource
