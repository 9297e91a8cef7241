"""Say what a principal must be allowed to do for all calls of the collector, and nothing more: derived from the kind files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.aws import accounts, organizations, principals
from bartizan.collect.inventory.live.aws.sections import sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["action_of", "actions", "calls", "policies"]

_ALWAYS: Final = ("ec2:DescribeRegions", "iam:GenerateCredentialReport", "sts:GetCallerIdentity")
_PREFIXES: Final[Mapping[str, str]] = {
    "accessanalyzer": "access-analyzer",
    "apigatewayv2": "apigateway",
    "bedrock-agent": "bedrock",
    "docdb": "rds",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "neptune": "rds",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "sesv2": "ses",
    "sso-admin": "sso",
    "stepfunctions": "states",
}
"""What IAM calls a service, where it is not what botocore calls it."""
_ACTIONS: Final[Mapping[str, str]] = {
    "accessanalyzer:ListFindingsV2": "access-analyzer:ListFindings",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}
"""What IAM calls an operation, where it is not its name. Source: Service Authorization Reference."""
_LONGEST: Final = 6_144
"""Letters of a managed policy that AWS takes, white space not counted."""


def calls(kinds: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return every call that reads some kinds, or all of them, as ``service:Operation``; in order."""
    wanted = None if kinds is None else set(kinds)
    used = [one for one in sections() if wanted is None or one.kind.name in wanted]
    found = {step.call for section in used for telling in (section.listing, *section.each) for step in telling.steps if step.call}
    return tuple(sorted({*found, *_ALWAYS, *principals.CALLS, *organizations.CALLS, *accounts.CALLS}))


def action_of(call: str) -> str:
    """Return the action of IAM that a call needs."""
    service, _, operation = call.partition(":")
    if service in ("apigateway", "apigatewayv2"):
        return "apigateway:GET"
    return _ACTIONS.get(call) or f"{_PREFIXES.get(service, service)}:{operation}"


def actions(kinds: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return the actions that reading some kinds, or all of them, needs; in order."""
    return tuple(sorted({action_of(call) for call in calls(kinds)}))


def policies(kinds: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return policy documents that allow those actions: as many as it takes for each to fit into one managed policy."""
    documents: list[dict[str, Any]] = []
    for action in actions(kinds):
        if not documents or _length(documents[-1]) + len(action) + 3 > _LONGEST:
            statement = {"Sid": f"BartizanReads{len(documents) + 1}", "Effect": "Allow", "Action": [], "Resource": "*"}
            documents.append({"Version": "2012-10-17", "Statement": [statement]})
        documents[-1]["Statement"][0]["Action"].append(action)
    return documents


def _length(document: Mapping[str, Any]) -> int:
    return len(json.dumps(document, separators=(",", ":")))
