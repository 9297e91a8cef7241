"""Lay out each statement by which a role lets itself be taken on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.aws.resource_policy import outsiders
from bartizan.review.cloud.checks.joins.statements import is_anyone, limits_who

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Resource, Statement, Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

_EQUAL: Final = frozenset({"stringequals", "stringlike", "arnlike", "arnequals", "stringequalsignorecase"})
_PROPERTIES: Final = declare(
    ("anyone", "boolean", "whether everybody is let in, with no condition that says who"),
    ("outsiders", "strings", "accounts of others that are let in"),
    ("external_id", "boolean", "whether others must know an external id"),
    ("services", "strings", "services that take the role on"),
    ("limited", "boolean", "whether a condition says for whom or for what"),
    ("mfa", "boolean", "whether it needs a second factor"),
    ("federated", "strings", "identity providers that are trusted"),
    ("subject", "boolean", "whether a condition says which subject of the identity provider"),
    ("subject_open", "boolean", "whether that condition leaves more open than one owner"),
    ("audience", "boolean", "whether a condition says for whom the token must be"),
    ("service_linked", "boolean", "whether a service made the role and alone can use it"),
)


def _rows(tables: Tables) -> Iterator[Row]:
    for role in tables.of("aws", "iam_role"):
        linked: dict[str, Value] = {"service_linked": role.properties.get("service_linked")}
        hidden = tables.unknown(role, "trust") or tables.unread(f"{role.uid}#trust")
        if hidden:
            yield Row(role, linked, {name: hidden for name in _PROPERTIES if name != "service_linked"})
        for statement in tables.policies(role.uid, "trust"):
            if statement.effect == "Allow":
                yield Row(role, {**linked, **_told(role, statement)})


def _told(role: Resource, statement: Statement) -> dict[str, Value]:
    keys = {one.key.lower(): one.values for one in statement.conditions if _operator(one.operator) in _EQUAL}
    subjects = [value for key, values in keys.items() if key.endswith((":sub", ":job_workflow_ref", ":namespace_path")) for value in values]
    limited = limits_who(statement.conditions)
    return {
        "anyone": (is_anyone(statement.principals) or bool(statement.not_principals)) and not limited,
        "outsiders": list(outsiders(role, [statement])),
        "external_id": "sts:externalid" in keys,
        "services": [value for kind, value in statement.principals if kind == "Service"],
        "limited": limited,
        "mfa": any(one.key.lower() in {"aws:multifactorauthpresent", "aws:multifactorauthage"} for one in statement.conditions),
        "federated": [value for kind, value in statement.principals if kind == "Federated"],
        "subject": bool(subjects),
        "subject_open": any(_is_open(value) for value in subjects),
        "audience": any(key.endswith(":aud") for key in keys),
    }


def _operator(written: str) -> str:
    lowered = written.lower()
    return "" if lowered.endswith("ifexists") else lowered.rpartition(":")[2]


def _is_open(subject: str) -> bool:
    """Say whether a pattern of subjects takes in more than one owner: what names the owner has a wildcard.

    The owner stands before the first slash (``repo:OWNER/NAME:...``), or is all but the last of several parts
    (``system:serviceaccount:NAMESPACE:NAME``).
    """
    parts = subject.split(":")
    owner = subject.partition("/")[0] if "/" in subject else ":".join(parts[:-1] if len(parts) > 2 else parts)  # noqa: PLR2004 - as above
    return "*" in owner or "?" in owner


JOIN = Join(
    provider="aws",
    name="role_trust",
    about="A statement by which a role lets itself be taken on.",
    subjects=("iam_role",),
    needs={"iam_role": ("trust",)},
    properties=_PROPERTIES,
    rows=_rows,
)
