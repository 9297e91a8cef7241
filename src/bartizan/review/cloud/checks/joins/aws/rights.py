"""Say of users, groups and roles, and of what runs as a role, whether they are granted everything."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.aws.granted import admin, escalating, identity_statements, unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Resource, Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOINS", "RUNNING"]

PRINCIPALS: Final = ("iam_user", "iam_group", "iam_role")
RUNNING: Final[Mapping[str, str]] = {
    "apprunner_service": "role",
    "batch_job_definition": "job_role",
    "bedrockagent_agent": "role",
    "codebuild_project": "role",
    "codepipeline": "role",
    "ecs_task_definition": "task_role",
    "eks_node_group": "role",
    "eks_pod_identity_association": "role",
    "glue_job": "role",
    "instance": "profile",
    "lambda_function": "role",
    "sagemaker_notebook_instance": "role",
    "sfn_state_machine": "role",
}
"""What runs as a role, with the property that names it."""
_PROPERTIES: Final = declare(
    ("admin", "boolean", "whether it is granted everything"),
    ("escalates", "strings", "actions on all resources, granted to it, that lead to every right"),
)
_RUNS: Final = {**_PROPERTIES, **declare(("role", "string", "the ARN of what it runs as"))}


def _principals(tables: Tables) -> Iterator[Row]:
    for one in tables.of("aws", *PRINCIPALS):
        yield _row(tables, one, one, {})


def _running(tables: Tables, kind: str, names: str) -> Iterator[Row]:
    for one in tables.of("aws", kind):
        hidden = tables.unknown(one, names)
        role, why = ("", hidden) if hidden else _role(tables, str(one.properties.get(names) or ""))
        if why:
            yield Row(one, {}, dict.fromkeys(_RUNS, why))
        elif role:
            yield _row(tables, one, tables.by_uid[role], {"role": role})


def _role(tables: Tables, named: str) -> tuple[str, str]:
    """Return the role that an ARN names, itself or as that of an instance profile, and why it is not known; both empty for none."""
    if ":instance-profile/" in named:
        profile = tables.by_uid.get(named)
        if profile is None:
            return "", f"the instance profile {named} was not read"
        named = str(profile.properties.get("role") or "")
        if not named:
            return "", tables.unknown(profile, "role")
    if named and named not in tables.by_uid:
        return "", f"the role {named} was not read"
    return named, ""


def _row(tables: Tables, judged: Resource, principal: Resource, more: Mapping[str, Value]) -> Row:
    told = sorted({action for one in identity_statements(tables, principal.uid) for action in escalating(one)})
    rights: dict[str, Value] = {"admin": admin(tables, principal.uid), "escalates": list(told)}
    hidden = unread(tables, principal)
    unknown = {} if not hidden else {name: hidden for name in ("admin", "escalates") if not rights[name]}
    return Row(judged, {**rights, **more}, unknown)


JOINS = (
    Join(
        provider="aws",
        name="principal_rights",
        about="What a user, a group or a role is granted by its policies and groups.",
        subjects=PRINCIPALS,
        needs=dict.fromkeys(PRINCIPALS, ("policies",)),
        properties=_PROPERTIES,
        rows=_principals,
    ),
    *(
        Join(
            provider="aws",
            name=f"{kind}_rights",
            about=f"What a thing of the kind {kind} is granted as the role that it runs as.",
            subjects=(kind,),
            needs={kind: (names,), "iam_role": ("policies",)},
            properties=_RUNS,
            rows=partial(_running, kind=kind, names=names),
        )
        for kind, names in RUNNING.items()
    ),
)
