"""Lay out the statements of managed policies, and of inline ones, each with how much it grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.aws.granted import escalating
from bartizan.review.cloud.checks.joins.statements import actions_match, everything, whole_services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Resource, Statement, Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOINS"]

_OF_STATEMENT: Final = (
    ("effect", "string", "Allow or Deny"),
    ("everything", "boolean", "whether it allows all actions on all resources"),
    ("all_resources", "boolean", "whether it is about all resources"),
    ("all_but", "boolean", "whether it allows all actions but some"),
    ("whole_services", "strings", "services of which it allows all actions"),
    ("escalates", "strings", "actions on all resources that lead to every right"),
    ("passes_roles", "boolean", "whether it allows every role to be given to a service"),
    ("takes_roles", "boolean", "whether it allows every role to be taken on"),
    ("decrypts", "boolean", "whether it allows decryption with every key"),
    ("conditions", "integer", "how many conditions it has"),
)
_MANAGED: Final = declare(
    *_OF_STATEMENT, ("managed_by_aws", "boolean", "whether AWS wrote it"), ("attachments", "integer", "how many have it")
)
_INLINE: Final = declare(*_OF_STATEMENT)


def _managed(tables: Tables) -> Iterator[Row]:
    for policy in tables.of("aws", "iam_policy"):
        own = {name: policy.properties[name] for name in ("managed_by_aws", "attachments") if name in policy.properties}
        unknown = tables.unknowns(policy, {"managed_by_aws": "managed_by_aws", "attachments": "attachments"})
        hidden = tables.unread(policy.uid)
        if policy.uid not in tables.statements:
            hidden = hidden or tables.unknown(policy, "document")
        if hidden:
            yield Row(policy, own, {**unknown, **{name: hidden for name, _, _ in _OF_STATEMENT}})
        for statement in tables.statements.get(policy.uid, ()):
            yield Row(policy, {**own, **_told(statement)}, unknown)


def _inline(tables: Tables) -> Iterator[Row]:
    for principal in tables.of("aws", "iam_user", "iam_group", "iam_role"):
        own = [one.policy for one in tables.attachments.get(principal.uid, ()) if one.policy.startswith(f"{principal.uid}#")]
        hidden = tables.unknown(principal, "policies.inline") or tables.unread(*own)
        if hidden:
            yield Row(principal, {}, dict.fromkeys(_INLINE, hidden))
        for statement in _own(tables, principal):
            yield Row(principal, _told(statement))


def _own(tables: Tables, principal: Resource) -> Iterator[Statement]:
    for one in tables.attachments.get(principal.uid, ()):
        if one.kind == "identity" and one.policy.startswith(f"{principal.uid}#"):
            yield from tables.statements.get(one.policy, ())


def _told(statement: Statement) -> dict[str, Value]:
    allows = statement.effect == "Allow"
    wide = allows and "*" in statement.resources
    return {
        "effect": statement.effect,
        "everything": everything(statement),
        "all_resources": "*" in statement.resources,
        "all_but": allows and bool(statement.not_actions),
        "whole_services": list(whole_services(statement)) if wide else [],
        "escalates": list(escalating(statement)),
        "passes_roles": wide and not statement.conditions and actions_match(statement, "iam:PassRole"),
        "takes_roles": wide and not statement.conditions and actions_match(statement, "sts:AssumeRole"),
        "decrypts": wide and not statement.conditions and actions_match(statement, "kms:Decrypt"),
        "conditions": len(statement.conditions),
    }


JOINS = (
    Join(
        provider="aws",
        name="iam_policy_statement",
        about="A statement of a managed policy.",
        subjects=("iam_policy",),
        needs={"iam_policy": ("document",)},
        properties=_MANAGED,
        rows=_managed,
    ),
    Join(
        provider="aws",
        name="inline_policy_statement",
        about="A statement of an inline policy of a user, a group or a role.",
        subjects=("iam_user", "iam_group", "iam_role"),
        needs=dict.fromkeys(("iam_user", "iam_group", "iam_role"), ("policies.inline",)),
        properties=_INLINE,
        rows=_inline,
    ),
)
