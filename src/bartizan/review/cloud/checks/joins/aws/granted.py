"""Say what principals are granted by the policies that they have, as far as it can be seen without deciding single requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.joins.statements import actions_match, everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Resource, Statement
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["ESCALATING", "admin", "escalating", "identity_statements", "unread"]

ESCALATING: Final = (
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
)
"""What, on all resources, gives whoever may do it every right of the account."""


def identity_statements(tables: Tables, uid: str) -> Iterator[Statement]:
    """Yield what the policies of a principal say, those of its groups too."""
    yield from tables.policies(uid, "identity")
    for edge in tables.edges_from.get(uid, ()):
        if edge.kind == "member-of":
            yield from tables.policies(edge.dst, "identity")


def admin(tables: Tables, uid: str) -> bool:
    """Say whether a principal is granted everything."""
    return any(everything(one) for one in identity_statements(tables, uid))


def escalating(statement: Statement) -> list[str]:
    """Return the actions of a statement that lead to every right, where it grants them on all resources without condition."""
    if statement.effect != "Allow" or statement.conditions or not _on_all(statement):
        return []
    return [action for action in ESCALATING if actions_match(statement, action)]


def unread(tables: Tables, one: Resource) -> str:
    """Say which policy of a principal was not read, "" if all were."""
    marked = tables.unknown(one, "policies.attached") or tables.unknown(one, "policies.inline")
    if marked:
        return marked
    attached = one.properties.get("policies.attached")
    held = {each.policy for each in tables.attachments.get(one.uid, ())} | set(attached if isinstance(attached, list) else ())
    groups = [edge.dst for edge in tables.edges_from.get(one.uid, ()) if edge.kind == "member-of"]
    held |= {each.policy for group in groups for each in tables.attachments.get(group, ())}
    missing = (policy for policy in sorted(map(str, held)) if policy not in tables.statements)
    return next((f"the policy {policy} was not read" for policy in missing), "") or tables.unread(*sorted(map(str, held)))


def _on_all(statement: Statement) -> bool:
    return "*" in statement.resources or bool(statement.not_resources)
