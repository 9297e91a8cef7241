"""Say what CloudTrail events mean: Sigma reads them under their own names; in OCSF they are API activity or authentication."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bartizan.collect.contract import Route
from bartizan.schema.cells import boolean, ip
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Expression, Table, combine, field, first
from bartizan.schema.logsource import Logsource, View
from bartizan.schema.time import nanoseconds
from bartizan.schema.verbs import ACTIVITY_OF_VERB

__all__ = ["API", "LOGIN", "OBJECTS", "ROUTES", "is_login"]

OBJECTS: Final = ("requestParameters", "responseElements", "additionalEventData")
"""Fields that rules read as text although they are objects."""

_LOGINS: Final = {
    "ConsoleLogin": 1,
    "SwitchRole": 7,
    "ExitRole": 7,
    "AssumeRole": 7,
    "AssumeRoleWithSAML": 7,
    "AssumeRoleWithWebIdentity": 7,
    "AssumeRoot": 7,
    "GetSessionToken": 3,
    "GetFederationToken": 3,
    "GetSigninToken": 3,
    "CheckMfa": 6,
    "CredentialChallenge": 6,
    "CredentialVerification": 1,
    "UserAuthentication": 1,
    "Authenticate": 1,
    "Federate": 1,
    "Logout": 2,
}
"""Operation -> OCSF authentication activity: 1 logon, 2 logoff, 3 ticket, 6 before the logon, 7 switch of account."""
_LOGIN_SOURCES: Final = ("signin.amazonaws.com", "sts.amazonaws.com", "sso.amazonaws.com")
_VERB: Final = re.compile(r"[A-Z][a-z]+")
_READS: Final = 2
_OTHER: Final = 99
_NAMED: Final = (
    "bucketName", "userName", "roleName", "groupName", "policyArn", "functionName", "instanceId", "secretId", "keyId", "name", "roleArn",
    "dBInstanceIdentifier", "snapshotId", "groupId", "trailName", "clusterName",
)  # fmt: skip
"""Request parameters that name what a call is about, where CloudTrail lists no ``resources``."""


def is_login(name: Cell, source: Cell) -> bool:
    """Say whether an event is about proving who one is, not about the use of an API."""
    return isinstance(name, str) and name in _LOGINS and (source is ABSENT or source in _LOGIN_SOURCES)


def _activity(name: Cell, read_only: Cell) -> Cell:
    match = _VERB.match(name) if isinstance(name, str) else None
    found = ACTIVITY_OF_VERB.get(match[0]) if match else None
    return _READS if boolean(read_only) is True else _OTHER if found is None else found


def _activity_name(name: Cell, insight: Cell, read_only: Cell) -> Cell:
    return (insight if name is ABSENT else name) if _activity(name, read_only) == _OTHER else ABSENT


def _status(error: Cell, answer: Cell = ABSENT) -> Cell:
    """Return success or failure: what a login answers, else whether an error code is there at all."""
    if answer in ("Success", "Failure"):
        return 1 if answer == "Success" else 2
    return 1 if error is ABSENT or error in (None, "", "Success") else 2


def _text(cell: Cell) -> Cell:
    """Return the JSON of an object as its record spells it and, where strings in it hold JSON, also without their backslashes.

    Rules look into ``requestParameters`` as text; policies stand there as strings of JSON, and rules are written for both.
    """
    return (cell, cell.replace('\\"', '"')) if isinstance(cell, str) and '\\"' in cell else cell


def _user_type(kind: Cell) -> Cell:
    known = {"Root": 2, "AWSService": 4, "AWSAccount": 99, "IAMUser": 1, "AssumedRole": 99, "FederatedUser": 99, "IdentityCenterUser": 1}
    return known.get(str(kind), 99)


def _last(cell: Cell) -> Cell:
    return str(cell).rpartition("/")[2] or ABSENT


def _resources(listed: Cell, *named: Cell) -> Cell:
    """Return the resources a call is about: those CloudTrail lists, and those the request names."""
    found: dict[str, Cell] = {}
    for item in listed if isinstance(listed, tuple) else ():
        uid = item.get("ARN", item.get("ARNPrefix")) if isinstance(item, Mapping) else None
        if isinstance(uid, str) and isinstance(item, Mapping):
            kind = item.get("type")
            found[uid] = {"uid": uid, "type": kind} if isinstance(kind, str) else {"uid": uid}
    for key, value in zip(_NAMED, named, strict=True):
        if isinstance(value, str) and value and not any(uid.endswith(value) for uid in found):
            found[value] = {"uid": value, "type": key}
    return tuple(found.values()) or ABSENT


def _service(address: Cell, source: Cell) -> Cell:
    """Return which service called, where no address is told: CloudTrail names it in the address's place, or nobody."""
    told = address if isinstance(address, str) and address else source
    return "AWS" if not isinstance(told, str) else told if ip(told) is ABSENT else ABSENT


def _nobody(*told: Cell) -> Cell:
    """Name AWS as who acted where an event, cut down by whoever passed it on, tells nothing of that."""
    return "AWS" if all(cell is ABSENT for cell in told) else ABSENT


def _milliseconds(cell: Cell) -> Cell:
    time = nanoseconds(cell)
    return time // 1_000_000 if isinstance(time, int) else ABSENT


_ID: Final = "userIdentity."
_SESSION: Final = "userIdentity.sessionContext."
_USER_NAME: Final = first(
    "userIdentity.userName",
    _SESSION + "sessionIssuer.userName",
    field(_ID + "arn", _last),
    _ID + "invokedBy",
    _ID + "principalId",
    _ID + "type",
    "eventSource",
)
_USER_UID: Final = first(_ID + "arn", _ID + "principalId", _ID + "accountId")


def _user(at: str) -> dict[str, Expression | str | int | bool]:
    return {
        f"{at}.name": _USER_NAME,
        f"{at}.uid": _USER_UID,
        f"{at}.type_id": field(_ID + "type", _user_type),
        f"{at}.type": field(_ID + "type", lambda cell: cell if _user_type(cell) == _OTHER else ABSENT),
        f"{at}.account.uid": field(_ID + "accountId"),
        f"{at}.credential_uid": field(_ID + "accessKeyId"),
    }


_COMMON: Final[Table] = {
    "severity_id": 1,
    "time": first(field("eventTime", nanoseconds), field("@timestamp", nanoseconds)),
    "cloud.provider": "AWS",
    "cloud.region": field("awsRegion"),
    "cloud.account.uid": first("recipientAccountId", _ID + "accountId"),
    "src_endpoint.ip": field("sourceIPAddress", ip),
    "src_endpoint.svc_name": combine(_service, "sourceIPAddress", "eventSource"),
    "http_request.user_agent": field("userAgent"),
    "metadata.original_event_uid": field("eventID"),
    "metadata.correlation_uid": field("sharedEventID"),
    "metadata.event_code": field("eventType"),
    "status_code": field("errorCode"),
    "status_detail": field("errorMessage"),
}
_VIEWS: Final = (
    View(
        Logsource("aws", "", "cloudtrail"),
        {
            **{name: field(name, _text) for name in OBJECTS},
            "src_ip": "sourceIPAddress",
            "status": combine(
                lambda *told: {1: "success", 2: "failure"}[int(str(_status(*told)))], "errorCode", "responseElements.ConsoleLogin"
            ),
        },
    ),
)
API: Final = Route(
    name="api",
    views=_VIEWS,
    ocsf={
        **_COMMON,
        **_user("actor.user"),
        "class_uid": 6003,
        "activity_id": combine(_activity, "eventName", "readOnly"),
        "activity_name": combine(_activity_name, "eventName", "insightDetails.eventName", "readOnly"),
        "status_id": combine(_status, "errorCode"),
        "actor.invoked_by": first(_ID + "invokedBy", combine(_nobody, _ID + "type", _ID + "arn", "eventSource")),
        "actor.session.issuer": field(_SESSION + "sessionIssuer.arn"),
        "actor.session.is_mfa": field(_SESSION + "attributes.mfaAuthenticated", boolean),
        "actor.session.created_time": field(_SESSION + "attributes.creationDate", _milliseconds),
        "actor.session.credential_uid": field(_ID + "accessKeyId"),
        "api.operation": first("eventName", "insightDetails.eventName"),
        "api.service.name": first("eventSource", "insightDetails.eventSource"),
        "api.version": field("apiVersion"),
        "api.request.uid": field("requestID"),
        "api.response.error": field("errorCode"),
        "api.response.error_message": field("errorMessage"),
        "resources": combine(_resources, "resources", *(f"requestParameters.{name}" for name in _NAMED)),
    },
)
LOGIN: Final = Route(
    name="login",
    views=_VIEWS,
    ocsf={
        **_COMMON,
        **_user("user"),
        "class_uid": 3002,
        "activity_id": field("eventName", lambda cell: _LOGINS.get(str(cell), _OTHER)),
        "status_id": combine(_status, "errorCode", "responseElements.ConsoleLogin"),
        "is_mfa": first(field("additionalEventData.MFAUsed", boolean), field(_SESSION + "attributes.mfaAuthenticated", boolean)),
        "service.name": first("eventSource", "eventName"),
        "actor.invoked_by": field(_ID + "invokedBy"),
        "session.uid": first("responseElements.credentials.accessKeyId", _ID + "accessKeyId"),
        "session.issuer": first("requestParameters.roleArn", _SESSION + "sessionIssuer.arn"),
    },
)
ROUTES: Final = (API, LOGIN)
