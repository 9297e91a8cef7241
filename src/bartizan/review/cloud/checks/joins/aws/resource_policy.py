"""Say of each thing that has a policy of its own whom the policy lets in: for ``sqs_queue`` the join ``sqs_queue_policy``, and so on."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.statements import limits_who, open_to_anyone, refuses_plain, whole, writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Resource, Statement, Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOINS", "outsiders"]

KINDS: Final[Mapping[str, str]] = {
    "api_gateway_rest_api": "execute-api",
    "backup_vault": "backup",
    "cloudwatch_event_bus": "events",
    "codeartifact_repository": "codeartifact",
    "dynamodb_table": "dynamodb",
    "ecr_repository": "ecr",
    "efs_file_system": "elasticfilesystem",
    "glue_catalog": "glue",
    "kinesis_stream": "kinesis",
    "kms_key": "kms",
    "lambda_function": "lambda",
    "lambda_layer_version": "lambda",
    "opensearch_domain": "es",
    "s3_access_point": "s3",
    "s3_bucket": "s3",
    "secretsmanager_secret": "secretsmanager",
    "ses_identity": "ses",
    "sns_topic": "sns",
    "sqs_queue": "sqs",
    "vpc_endpoint": "",
}
"""What has a policy of its own, with the prefix of its actions."""
_ACCOUNT: Final = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?(\d{12})(?::.+)?", re.ASCII)
_PROPERTIES: Final = declare(
    ("anyone", "boolean", "whether everybody is let in, with no condition that says who"),
    ("anyone_acts", "boolean", "whether everybody can do more than look"),
    ("outsiders", "strings", "accounts of others that are let in"),
    ("outsiders_act", "boolean", "whether others can do everything with it"),
    ("services", "strings", "services that are let in on behalf of whoever asks them: no condition says of which account or thing"),
    ("refuses_plain", "boolean", "whether requests without TLS are refused"),
    ("statements", "integer", "how many statements it has"),
)


def outsiders(resource: Resource, statements: Sequence[Statement]) -> list[str]:
    """Return the accounts, other than its own, that statements let in to a resource."""
    own = resource.account or resource.uid.split(":")[4:5]
    allowed = (one for one in statements if one.effect == "Allow")
    found = {match[1] for one in allowed for kind, value in one.principals if kind == "AWS" and (match := _ACCOUNT.fullmatch(value))}
    return sorted(found - {own if isinstance(own, str) else next(iter(own), "")})


def _rows(tables: Tables, kind: str, service: str) -> Iterator[Row]:
    for resource in tables.of("aws", kind):
        hidden = tables.unknown(resource, "policy") or tables.unread(f"{resource.uid}#policy")
        hidden = hidden or tables.unread_of(resource.uid, "resource")
        statements = tables.policies(resource.uid, "resource")
        if hidden:
            yield Row(resource, {}, dict.fromkeys(_PROPERTIES, hidden))
        if statements or not hidden:
            yield Row(resource, _told(resource, statements, service))


def _told(resource: Resource, statements: Sequence[Statement], service: str) -> dict[str, Value]:
    opened = [one for one in statements if open_to_anyone(one)]
    others = outsiders(resource, statements)
    trusting = (one for one in statements if one.effect == "Allow" and not limits_who(one.conditions))
    services = sorted({value for one in trusting for named, value in one.principals if named == "Service"})
    return {
        "anyone": bool(opened),
        "anyone_acts": any(writes(one, service) for one in opened),
        "outsiders": list(others),
        "outsiders_act": any(whole(one, service) and outsiders(resource, [one]) for one in statements),
        "services": list(services),
        "refuses_plain": any(refuses_plain(one) for one in statements),
        "statements": len(statements),
    }


JOINS = tuple(
    Join(
        provider="aws",
        name=f"{kind}_policy",
        about=f"Whom the policy of a thing of the kind {kind} lets in.",
        subjects=(kind,),
        needs={kind: ("policy",)},
        properties=_PROPERTIES,
        rows=partial(_rows, kind=kind, service=service),
    )
    for kind, service in KINDS.items()
)
