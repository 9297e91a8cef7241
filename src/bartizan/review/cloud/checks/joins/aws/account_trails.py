"""Say of each account whether what is called in it is recorded, and which of what is recorded is watched for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Resource, Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN", "topics_in"]

TOPICS: Final[Mapping[str, Sequence[str]]] = {
    "refused-calls": ("AccessDenied", "UnauthorizedOperation"),
    "sign-in-without-mfa": ("ConsoleLogin", "MFAUsed"),
    "root-use": ("userIdentity.type", "Root"),
    "iam-changes": ("PutUserPolicy|AttachRolePolicy|CreatePolicyVersion|AttachUserPolicy",),
    "trail-changes": ("StopLogging|DeleteTrail|UpdateTrail",),
    "sign-in-failures": ("ConsoleLogin", "Failed authentication"),
    "key-deletion": ("DisableKey|ScheduleKeyDeletion",),
    "bucket-policy-changes": ("PutBucketPolicy|PutBucketAcl|DeleteBucketPolicy",),
    "config-changes": ("StopConfigurationRecorder|DeleteDeliveryChannel|PutConfigurationRecorder",),
    "security-group-changes": ("AuthorizeSecurityGroupIngress|RevokeSecurityGroupIngress|CreateSecurityGroup",),
    "network-acl-changes": ("CreateNetworkAcl|ReplaceNetworkAcl|DeleteNetworkAcl",),
    "gateway-changes": ("CreateCustomerGateway|AttachInternetGateway|DeleteInternetGateway",),
    "route-changes": ("CreateRoute|ReplaceRoute|DeleteRoute",),
    "vpc-changes": ("CreateVpc|DeleteVpc|ModifyVpcAttribute|AcceptVpcPeeringConnection",),
    "organization-changes": ("organizations.amazonaws.com",),
}
"""What is watched for, with words that a filter of logs for it holds (one of each)."""
_PROPERTIES: Final = declare(
    ("recorded", "boolean", "whether a trail that works records what manages things, in all regions"),
    ("recorded_data", "strings", "kinds of resources whose use such a trail records"),
    ("watched", "strings", "what filters of the logs of such a trail look for"),
)


def _rows(tables: Tables) -> Iterator[Row]:
    trails = [one for one in tables.of("aws", "cloudtrail") if _works(one)]
    groups = {one.name or one.uid: one for one in tables.of("aws", "cloudwatch_log_group")}
    for account in tables.of("aws", "account"):
        mine = [one for one in trails if one.account == account.account or one.properties.get("organization") is True]
        kinds = {kind for one in mine for kind in _texts(one, "data_events")}
        watched = {topic for one in mine for group in _logs(one, groups) for topic in topics_in(_texts(group, "metric_filters"))}
        told: dict[str, Value] = {"recorded": bool(mine), "recorded_data": [*sorted(kinds)], "watched": [*sorted(watched)]}
        yield Row(account, told, _unknown(tables, account, told))


def _unknown(tables: Tables, account: Resource, told: Mapping[str, object]) -> dict[str, str]:
    """Return what cannot be told because a trail may be there that was not read, or is not known well enough."""
    trails = tables.of("aws", "cloudtrail")
    names = ("logging", "multi_region", "management_events")
    unsure = next((why for one in trails for name in names if (why := tables.unknown(one, name))), "")
    more = unsure or tables.incomplete(account, "cloudtrail")
    events = more or next((why for one in trails if (why := tables.unknown(one, "data_events"))), "")
    groups = tables.of("aws", "cloudwatch_log_group")
    filters = more or tables.incomplete(account, "cloudwatch_log_group")
    filters = filters or next((why for one in groups if (why := tables.unknown(one, "metric_filters"))), "")
    found = {"recorded": "" if told["recorded"] else more, "recorded_data": events, "watched": filters}
    return {name: why for name, why in found.items() if why}


def _works(trail: Resource) -> bool:
    properties = trail.properties
    return (
        properties.get("logging") is True
        and properties.get("multi_region") is True
        and properties.get("management_events") not in {"None", "ReadOnly", "WriteOnly"}
    )


def _logs(trail: Resource, groups: Mapping[str, Resource]) -> Iterator[Resource]:
    named = str(trail.properties.get("log_group") or "")
    found = groups.get(named) or groups.get(named.removesuffix(":*").rpartition(":log-group:")[2])
    if found is not None:
        yield found


def topics_in(patterns: Sequence[str]) -> Iterator[str]:
    """Yield what filters look for, by the words that they hold."""
    for topic, words in TOPICS.items():
        if any(all(re.search(word, pattern) for word in words) for pattern in patterns):
            yield topic


def _texts(one: Resource, name: str) -> list[str]:
    value = one.properties.get(name)
    return [str(each) for each in value] if isinstance(value, list) else []


JOIN = Join(
    provider="aws",
    name="account_trails",
    about="Whether what is called in an account is recorded and watched.",
    subjects=("account",),
    needs={"cloudtrail": ("logging", "multi_region", "management_events")},
    properties=_PROPERTIES,
    rows=_rows,
)
