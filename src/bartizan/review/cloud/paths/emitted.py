"""Write the log record that a hop leaves, as the log of its provider writes it: once done by a person, once by a workload.

What a rule of paths declares (source, name, and what its ``record`` says beside) stands in a record of which everything else is what
every such record has: it was done, not refused, by somebody of the estate, from an address. What no rule of paths says is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bartizan.review.cloud.paths.contract import Event

__all__ = ["ACTORS", "ANYTHING", "NOBODYS", "SETTLED", "Emitted", "emitted", "nobodys"]

ACTORS: Final = ("a person", "a workload")
ANYTHING: Final = "*"
"""Source and name of an event that any call leaves, told by its ``record`` alone."""
NOBODYS: Final = "no-such-event-by-any-name"
SETTLED: Final = frozenset({"errorCode", "errorMessage", "userIdentity.invokedBy", "protoPayload.status.code", "objectRef.subresource"})
"""Fields whose absence says something: that the call was answered, that no service made it, that it is about the thing itself."""
_ADDRESS: Final = "203.0.113.9"
_TIME: Final = "2026-03-02T08:00:00Z"
_ACCOUNT: Final = "111122223333"


@dataclass(frozen=True, slots=True)
class Emitted:
    """A record: the source that reads it, who did it (of ``ACTORS``), and its bytes."""

    source: str
    actor: str
    raw: bytes


def emitted(provider: str, event: Event) -> tuple[Emitted, ...]:
    """Return the record of an event, by each actor."""
    write = _WRITERS[provider]
    made = ((actor, *write(event, person=actor == ACTORS[0])) for actor in ACTORS)
    return tuple(Emitted(source, actor, json.dumps(_joined(record, event.record)).encode()) for actor, source, record in made)


def nobodys(provider: str, event: Event) -> tuple[Emitted, ...]:
    """Return the same records as far as they are of no event at all: what fires on them fires on everything."""
    names_log = provider == "azure" and event.source in _ENTRA
    return emitted(provider, replace(event, source=event.source if names_log else NOBODYS, name=NOBODYS, record={}))


def _joined(record: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with more in it; objects are joined, everything else is replaced."""
    found = dict(record)
    for key, value in more.items():
        old = found.get(key)
        found[key] = _joined(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return found


def _cloudtrail(event: Event, *, person: bool) -> tuple[str, dict[str, Any]]:
    arn = f"arn:aws:iam::{_ACCOUNT}"
    user = {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": f"{arn}:user/dev", "accountId": _ACCOUNT, "userName": "dev"}
    issuer = {"type": "Role", "principalId": "AROAEXAMPLE", "arn": f"{arn}:role/app", "accountId": _ACCOUNT, "userName": "app"}
    session = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:i-0123456789abcdef0",
        "arn": f"arn:aws:sts::{_ACCOUNT}:assumed-role/app/i-0123456789abcdef0",
        "accountId": _ACCOUNT,
        "sessionContext": {"sessionIssuer": issuer},
    }
    return "cloudtrail", {
        "eventVersion": "1.11",
        "userIdentity": user if person else session,
        "eventTime": _TIME,
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": _ADDRESS,
        "eventType": "AwsApiCall",
        "managementEvent": not event.data,
        "eventCategory": "Data" if event.data else "Management",
        "recipientAccountId": _ACCOUNT,
    }


def _azure(event: Event, *, person: bool) -> tuple[str, dict[str, Any]]:
    if event.source in _ENTRA:
        return _ENTRA[event.source](event, person=person)
    who = {"name": "Dev", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "dev@example.com"} if person else {"idtyp": "app"}
    resource = f"/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG/PROVIDERS/{event.source.upper()}"
    return "azure-activity", {
        "time": _TIME,
        "resourceId": resource,
        "operationName": event.name,
        "category": "Administrative",
        "resultType": "Success",
        "resultSignature": "Succeeded.",
        "callerIpAddress": _ADDRESS,
        "identity": {"claims": {"appid": "a-1", "http://schemas.microsoft.com/identity/claims/objectidentifier": "o-1", **who}},
        "level": "Information",
        "tenantId": "t-1",
    }


def _directory(event: Event, *, person: bool) -> tuple[str, dict[str, Any]]:
    user = {"user": {"id": "o-1", "userPrincipalName": "dev@example.com", "ipAddress": _ADDRESS}}
    return "entra-audit", {
        "time": _TIME,
        "resourceId": "/tenants/t-1/providers/Microsoft.aadiam",
        "operationName": event.name,
        "category": "AuditLogs",
        "tenantId": "t-1",
        "properties": {
            "result": "success",
            "activityDisplayName": event.name,
            "activityDateTime": _TIME,
            "loggedByService": event.source,
            "initiatedBy": user if person else {"app": {"appId": "a-1", "displayName": "app", "servicePrincipalId": "o-1"}},
            "targetResources": [],
        },
    }


def _sign_in(event: Event, *, person: bool) -> tuple[str, dict[str, Any]]:
    who = (
        {"userPrincipalName": "dev@example.com", "userId": "o-1"}
        if person
        else {"servicePrincipalName": "app", "servicePrincipalId": "o-1"}
    )
    return "entra-sign-in", {
        "time": _TIME,
        "resourceId": "/tenants/t-1/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "category": "SignInLogs" if person else "ServicePrincipalSignInLogs",
        "resultType": "0",
        "tenantId": "t-1",
        "callerIpAddress": _ADDRESS,
        "properties": {"createdDateTime": _TIME, "ipAddress": _ADDRESS, "status": {"errorCode": 0}, "appDisplayName": event.name, **who},
    }


def _google(event: Event, *, person: bool) -> tuple[str, dict[str, Any]]:
    who = "dev@example.com" if person else "app@shop-prod.iam.gserviceaccount.com"
    log = "data_access" if event.data else "activity"
    return "gcp-audit", {
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": who},
            "requestMetadata": {"callerIp": _ADDRESS},
            "serviceName": event.source,
            "methodName": event.name,
        },
        "insertId": "1",
        "resource": {"labels": {"project_id": "shop-prod"}},
        "timestamp": _TIME,
        "severity": "INFO" if event.data else "NOTICE",
        "logName": f"projects/shop-prod/logs/cloudaudit.googleapis.com%2F{log}",
    }


def _kubernetes(event: Event, *, person: bool) -> tuple[str, dict[str, Any]]:
    kind, _, part = ("widgets" if event.source == ANYTHING else event.source).partition("/")
    groups = ["developers"] if person else ["system:serviceaccounts", "system:serviceaccounts:shop"]
    return "kubernetes-audit", {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "RequestResponse" if "requestObject" in event.record else "Metadata",
        "auditID": "1",
        "stage": "ResponseComplete",
        "verb": "get" if event.name == ANYTHING else event.name,
        "user": {
            "username": "dev@example.com" if person else "system:serviceaccount:shop:web",
            "groups": [*groups, "system:authenticated"],
        },
        "sourceIPs": [_ADDRESS],
        "objectRef": {"resource": kind, **({"subresource": part} if part else {})},
        "responseStatus": {"code": 201 if event.name in ("create", "patch") else 200},
        "requestReceivedTimestamp": _TIME,
    }


_ENTRA: Final = {"Core Directory": _directory, "Sign-in": _sign_in}
"""What Azure has in logs of its directory, by what says so: the service that wrote the record, or that somebody signed in."""
_WRITERS: Final = {"aws": _cloudtrail, "azure": _azure, "gcp": _google, "kubernetes": _kubernetes}
