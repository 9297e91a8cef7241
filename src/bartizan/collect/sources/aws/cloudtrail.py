"""Read AWS CloudTrail: management, data, network-activity and insight events, from files with ``Records``, arrays or JSON lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Part, Source
from bartizan.collect.json_columns import decode
from bartizan.collect.json_texts import object_texts
from bartizan.collect.selection import select
from bartizan.collect.sources.aws.cloudtrail_routes import API, LOGIN, OBJECTS, ROUTES, is_login
from bartizan.schema.columns import ABSENT, Column, Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SOURCE"]

_IDENTITY: Final = (
    b'"userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:deploy","arn":"arn:aws:sts::111122223333:assumed-role/ci/deploy",'
    b'"accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","arn":'
    b'"arn:aws:iam::111122223333:role/ci","userName":"ci"},"attributes":{"mfaAuthenticated":"false"}}},'
)
_GIVEN_AWAY: Final = (
    (b"iam", b"UpdateAssumeRolePolicy", b'{"roleName":"ci","policyDocument":"{\\"Statement\\":[]}"}'),
    (
        b"ec2",
        b"ModifySnapshotAttribute",
        b'{"snapshotId":"snap-1","attributeType":"CREATE_VOLUME_PERMISSION","createVolumePermission":{"add":{"items":[{"group":"all"}]}}}',
    ),
    (b"ec2", b"ModifyImageAttribute", b'{"imageId":"ami-1","launchPermission":{"add":{"items":[{"group":"all"}]}}}'),
    (b"rds", b"ModifyDBSnapshotAttribute", b'{"dBSnapshotIdentifier":"s-1","attributeName":"restore","valuesToAdd":["444455556666"]}'),
    (b"rds", b"ModifyDBInstance", b'{"dBInstanceIdentifier":"db-1","masterUserPassword":"****","applyImmediately":true}'),
    (b"s3", b"PutBucketPolicy", b'{"bucketName":"example","bucketPolicy":{"Statement":[{"Effect":"Allow","Principal":"*"}]}}'),
    (b"s3", b"PutBucketAcl", b'{"bucketName":"example","x-amz-acl":"public-read"}'),
    (b"ec2", b"ModifyInstanceAttribute", b'{"instanceId":"i-1","userData":"<sensitiveDataRemoved>"}'),
    (
        b"ec2",
        b"AuthorizeSecurityGroupIngress",
        b'{"groupId":"sg-1","ipPermissions":{"items":[{"fromPort":22,"ipv6Ranges":{"items":[{"cidrIpv6":"::/0"}]}}]}}',
    ),
    (
        b"s3",
        b"PutBucketLifecycle",
        b'{"bucketName":"example","LifecycleConfiguration":{"Rule":{"ID":"one","Status":"Enabled","Expiration":{"Days":1}}}}',
    ),
    (b"s3", b"PutObject", b'{"bucketName":"example","key":"a","x-amz-server-side-encryption-customer-algorithm":"AES256"}'),
    (b"iam", b"CreateRole", b'{"roleName":"x","assumeRolePolicyDocument":"{\\"Statement\\":[]}"}'),
    (
        b"lambda",
        b"AddPermission20150331v2",
        b'{"functionName":"x","principal":"*","principalOrgID":"o-1","sourceAccount":"444455556666"}',
    ),
    (b"lambda", b"CreateFunctionUrlConfig", b'{"functionName":"x","authType":"NONE"}'),
    (b"sts", b"GetFederationToken", b'{"name":"x","policy":"{}","policyArns":[{"arn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]}'),
    (b"ec2", b"RunInstances", b'{"instancesSet":{"items":[{"imageId":"ami-1","minCount":8,"maxCount":8}]},"instanceType":"p4d.24xlarge"}'),
    (b"secretsmanager", b"BatchGetSecretValue", b'{"filters":[{"key":"name","values":["prod"]}]}'),
    (b"ssm", b"GetParameters", b'{"names":["/a","/b"],"withDecryption":true}'),
)
"""Service, call and parameters. CloudTrail keeps back what user data says."""
EXAMPLES: Final = (
    Example(
        title="a role opens a security group to the world; the call is refused the second time",
        raw=(
            b'{"eventVersion":"1.09",' + _IDENTITY + b'"eventTime":"2024-05-16T08:00:00Z","eventSource":"ec2.amazonaws.com",'
            b'"eventName":"AuthorizeSecurityGroupIngress","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2.15",'
            b'"requestParameters":{"groupId":"sg-1","ipPermissions":{"items":[{"fromPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}},'
            b'"responseElements":{"_return":true},"requestID":"r-1","eventID":"e-1","readOnly":false,"eventType":"AwsApiCall",'
            b'"recipientAccountId":"111122223333"}',
            b'{"eventVersion":"1.09",' + _IDENTITY + b'"eventTime":"2024-05-16T08:00:05Z","eventSource":"ec2.amazonaws.com",'
            b'"eventName":"DeleteFlowLogs","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.9","errorCode":"Client.UnauthorizedOperation"}',
        ),
        routes=("api", "api"),
        ocsf={
            "class_uid": 6003,
            "time": 1_715_846_400_000_000_000,
            "activity_id": 3,
            "status_id": 1,
            "api.operation": "AuthorizeSecurityGroupIngress",
            "api.service.name": "ec2.amazonaws.com",
            "actor.user.uid": "arn:aws:sts::111122223333:assumed-role/ci/deploy",
            "actor.user.name": "ci",
            "actor.session.issuer": "arn:aws:iam::111122223333:role/ci",
            "src_endpoint.ip": "203.0.113.9",
            "cloud.region": "eu-central-1",
        },
    ),
    Example(
        title="a login to the console fails",
        raw=(
            (
                b'{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","accountId":"111122223333","userName":"operator"},'
                b'"eventTime":"2024-05-16T08:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1",'
                b'"sourceIPAddress":"2001:db8::9","userAgent":"Mozilla/5.0","errorMessage":"Failed authentication",'
                b'"responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"No"},"eventID":"e-2"}'
            ),
        ),
        routes=("login",),
        ocsf={
            "class_uid": 3002,
            "activity_id": 1,
            "status_id": 2,
            "user.name": "operator",
            "is_mfa": False,
            "src_endpoint.ip": "2001:db8::9",
            "status_detail": "Failed authentication",
        },
    ),
    Example(
        title="calls that give access away, read secrets, or cost much",
        raw=tuple(
            b'{"eventVersion":"1.09",' + _IDENTITY + b'"eventTime":"2024-05-16T08:01:00Z","awsRegion":"eu-central-1",'
            b'"sourceIPAddress":"203.0.113.9","eventSource":"' + service + b'.amazonaws.com","eventName":"' + name + b'",'
            b'"requestParameters":' + parameters + b"}"
            for service, name, parameters in _GIVEN_AWAY
        ),
        routes=tuple("login" if name == b"GetFederationToken" else "api" for _, name, _ in _GIVEN_AWAY),
        ocsf={"class_uid": 6003, "api.operation": "UpdateAssumeRolePolicy"},
    ),
    Example(
        title="a service calls for somebody",
        raw=(
            (
                b'{"eventVersion":"1.09","userIdentity":{"type":"AWSService","invokedBy":"autoscaling.amazonaws.com"},'
                b'"eventTime":"2024-05-16T08:02:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-central-1",'
                b'"sourceIPAddress":"autoscaling.amazonaws.com","requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/scaling"}}'
            ),
        ),
        routes=("login",),
        ocsf={"class_uid": 3002, "activity_id": 7},
    ),
    Example(
        title="an event cut off, and an object that is no event",
        raw=(b'{"eventVersion":"1.08","eventName":"Conso', b'{"Records":[]}'),
        routes=(None, None),
    ),
)

_NAME: Final = re.compile(rb'"eventName"\s*:|"insightDetails"\s*:')
_ORIGIN: Final = re.compile(rb'"(?:eventSource|userIdentity|awsRegion)"\s*:')
_ROUTING: Final = ("eventName", "eventSource", "insightDetails.eventName")
_ROUTING_ONLY: Final = Context(wanted=lambda _route: frozenset())
_WHY_NOT: Final = "a JSON object, but no CloudTrail event: eventName is missing"


def recognise(records: Sequence[bytes]) -> int:
    """Count the objects that are read as events and name a service, a principal or a region."""
    likely = [record for record in records if _NAME.search(record) and _ORIGIN.search(record)]
    return len(likely) - len(parse(likely, _ROUTING_ONLY).unparsed)


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read events into a frame of logins and one of everything else, under the dotted names that CloudTrail's own fields have."""
    wanted = [context.wanted(route) for route in ROUTES]
    fields = None if None in wanted else {*_ROUTING, *(name for names in wanted for name in names or ())}
    objects = [name for name in OBJECTS if fields is None or name in fields]
    decoded = decode(records, None if fields is None else sorted(fields.difference(objects)))
    texts = object_texts([records[row] for row in decoded.rows], objects) if objects else {}
    frame = Frame(len(decoded.rows), {**decoded.columns, **texts})
    names, sources, insights = (frame.column(name) for name in _ROUTING)
    kinds = _kinds(names, sources, insights)
    unparsed = {**decoded.unparsed, **{decoded.rows[at]: _WHY_NOT for at, kind in enumerate(kinds) if kind < 0}}
    parts = []
    for number, route in ((0, API), (1, LOGIN)):
        at = [row for row, kind in enumerate(kinds) if kind == number]
        if at:
            parts.append(Part(route, [decoded.rows[row] for row in at], select(frame.columns, at, context.wanted(route))))
    return Parsed(parts, unparsed)


def _kinds(names: Column, sources: Column, insights: Column) -> list[int]:
    """Return for each row 0 (a call of an API), 1 (a login) or -1 (no event of CloudTrail)."""
    known: dict[tuple[int, int, int], int] = {}
    found: list[int] = []
    for key in zip(names.codes, sources.codes, insights.codes, strict=True):
        kind = known.get(key)
        if kind is None:
            name = names.values[key[0]]
            named = isinstance(name, str) or insights.values[key[2]] is not ABSENT
            kind = known[key] = -1 if not named else int(is_login(name, sources.values[key[1]]))
        found.append(kind)
    return found


SOURCE: Final = Source(
    name="cloudtrail",
    title="AWS CloudTrail",
    framings=(Framing.JSON,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "CloudTrail", "vendor_name": "AWS"},
    marks=(b'"eventName"', b'"insightDetails"'),
)
