"""Say which permission an event of CloudTrail used: names of events are mostly, and not always, those of actions.

Sources: CloudTrail User Guide, "Logging data events"; S3 API Reference (the permission that each operation needs); Service
Authorization Reference (service prefixes).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.reference import reference

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["action_of", "is_visible", "service_of"]

_SERVICES: Final[Mapping[str, str]] = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "eventbridge": "events",
    "streams.dynamodb": "dynamodb",
    "runtime.lex": "lex",
    "bedrock-runtime": "bedrock",
    "tagging": "tag",
    "iotdata": "iot",
    "models.lex": "lex",
    "opensearch": "es",
    "aps-workspaces": "aps",
}
"""Event sources whose start is not the prefix of their actions."""
_NAMES: Final[Mapping[str, str]] = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:SelectObjectContent": "s3:GetObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""Events that are named otherwise than the permission that they use."""
_METHODS: Final = (("Get", "GET"), ("Update", "PATCH"), ("Put", "PUT"), ("Delete", "DELETE"))
"""How API Gateway calls its permissions, by how its events begin; POST for all others."""
_DATED: Final = re.compile(r"(?<=[a-zA-Z])20\d{6}(?:v\d+)?$")
"""Lambda and CloudFront name their events with the date of the API: ``CreateFunction20150331``."""
_OBJECTS: Final = frozenset({"object", "accesspointobject"})
"""What actions of S3 are asked of that make data events."""
_DATA_NAMES: Final = re.compile(
    r"s3:ListBucket(?:Versions|MultipartUploads)?|lambda:Invoke\w*|dynamodb:(?:(?:Batch)?(?:Get|Put|Write|Update|Delete|Condition)\w*Item\w*|Query|Scan|GetRecords|PartiQL\w+)"
    r"|sqs:(?:Send|Receive|Delete|Change)Message\w*|sns:Publish\w*|kinesis:(?:Put|Get)Record\w*|kinesis:GetShardIterator|execute-api:\w+"
    r"|cognito-identity:\w+|sagemaker:Invoke\w+|sagemaker:(?:Get|Put|Delete|BatchGet)Record|bedrock:(?:Invoke|Converse|Retrieve|Apply)\w*"
    r"|ebs:\w+|rds-data:\w+|codewhisperer:\w+|timestream:(?:Select|WriteRecords)\w*|kinesisvideo:\w+"
    r"|logs:(?:PutLogEvents|GetLogEvents|FilterLogEvents|StartLiveTail|Unmask)|cloudwatch:(?:PutMetricData|GetMetric(?:Data|WidgetImage))"
    r"|xray:Put\w+|s3express:\w+|s3-object-lambda:\w+|s3-outposts:\w+Object\w*|neptune-db:\w+|aoss:APIAccessAll",
)
"""Actions that CloudTrail records as data events, which nobody gets without asking (listing a bucket is one), or not at all."""
_NEVER: Final = frozenset({"iam:PassRole", "iam:CreateServiceLinkedRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"})
"""Permissions that are used within other calls and make no event of their own."""
_UNSEEN: Final = re.compile(
    r"es:ESHttp\w+|rds-db:connect|elasticfilesystem:Client\w+|kafka-cluster:\w+|iot:(?:Connect|Publish|Receive|Subscribe)"
    r"|elasticache:Connect|memorydb:Connect|dax:\w+|ssmmessages:\w+|ec2messages:\w+",
)
"""Actions of protocols of their own, which CloudTrail never sees."""


def action_of(source: str, name: str) -> str | None:
    """Return the action that an event used, given ``eventSource`` and ``eventName``; None where no action is known for it."""
    service = source.removesuffix(".amazonaws.com").removesuffix(".aws.internal")
    service = _SERVICES.get(service, service)
    if service == "apigateway":
        return f"apigateway:{next((method for start, method in _METHODS if name.startswith(start)), 'POST')}"
    wanted = f"{service}:{_DATED.sub('', name)}"
    found = reference().actions.get(_NAMES.get(wanted, wanted).lower())
    return None if found is None else found.name


def service_of(source: str) -> str | None:
    """Return the prefix of the actions of an event's service, given ``eventSource``; None where no service is known for it."""
    service = source.removesuffix(".amazonaws.com").removesuffix(".aws.internal")
    service = _SERVICES.get(service, service)
    return service if service in reference().services else None


def is_visible(action: str, *, data_events: bool) -> bool:
    """Say whether CloudTrail shows it when an action is used; ``data_events``: whether those are recorded too."""
    if action in _NEVER or _UNSEEN.fullmatch(action):
        return False
    return data_events or not _is_data(action)


def _is_data(action: str) -> bool:
    if _DATA_NAMES.fullmatch(action):
        return True
    known = reference().actions.get(action.lower())
    return known is not None and known.service == "s3" and bool({kind.rstrip("!") for kind in known.kinds} & _OBJECTS)
