"""Say of each account whether what is called in it is recorded, and which of what is recorded is watched for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    trails = tables.of("aws", "cloudtrail")
    groups = tables.of("aws", "cloudwatch_log_group")
    named = {one.name or one.uid: one for one in groups}
    working = _by_account(one for one in trails if _works(one))
    hidden = {
        "recorded": _reasons(tables, trails, ("logging", "multi_region", "management_events")),
        "recorded_data": _reasons(tables, trails, ("data_events",)),
        "watched": _reasons(tables, groups, ("metric_filters",)),
    }
    for account in tables.of("aws", "account"):
        mine = [*working.get(account.account, ()), *working.get("", ())]
        kinds = {kind for one in mine for kind in _texts(one, "data_events")}
        watched = {topic for one in mine for group in _logs(one, named) for topic in topics_in(_texts(group, "metric_filters"))}
        told: dict[str, Value] = {"recorded": bool(mine), "recorded_data": [*sorted(kinds)], "watched": [*sorted(watched)]}
        yield Row(account, told, _unknown(tables, account, hidden, recorded=bool(mine)))


def _unknown(tables: Tables, account: Resource, hidden: Mapping[str, Mapping[str, str]], *, recorded: bool) -> dict[str, str]:
    """Return what cannot be told because a trail may be there that was not read, or is not known well enough."""

    def near(name: str) -> str:
        return hidden[name].get(account.account) or hidden[name].get("", "")

    more = near("recorded") or tables.incomplete(account, "cloudtrail")
    found = {
        "recorded": "" if recorded else more,
        "recorded_data": more or near("recorded_data"),
        "watched": more or near("watched") or tables.incomplete(account, "cloudwatch_log_group"),
    }
    return {name: why for name, why in found.items() if why}


def _by_account(trails: Iterable[Resource]) -> dict[str, list[Resource]]:
    """Return trails by the account whose calls they record, "" for those of a whole organization."""
    found: dict[str, list[Resource]] = {}
    for one in trails:
        found.setdefault("" if one.properties.get("organization") is True else one.account, []).append(one)
    return found


def _reasons(tables: Tables, resources: Iterable[Resource], names: Sequence[str]) -> dict[str, str]:
    """Return why a property of some resource of an account is unknown; "" stands for things of a whole organization."""
    found: dict[str, str] = {}
    for one in resources:
        why = next((why for name in names if (why := tables.unknown(one, name))), "")
        if why:
            found.setdefault("" if one.properties.get("organization") is True else one.account, why)
    return found


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
