"""What S3 does otherwise: ACLs, who owns objects, and the block of public access.

Sources: S3 User Guide, "Access control list (ACL) overview", "Blocking public access to your Amazon S3 storage" (the meaning of "public").
"""

from __future__ import annotations

import re
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.arns import account_of
from bartizan.review.cloud.permission.aws.reference import mask
from bartizan.review.cloud.permission.contract import Why
from bartizan.review.cloud.permission.truth import NOTHING, Part, any_of, unread, yes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.contract import Condition, Grant, Resource, Statement
    from bartizan.review.cloud.permission.aws.estate import Estate
    from bartizan.review.cloud.permission.aws.request import Request
    from bartizan.review.cloud.permission.aws.statements import Ready

__all__ = ["acl", "acl_actions", "is_public", "shut"]

_FIXED: Final = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:accesspointarn",
)
"""Keys that take the public out of a bucket policy, where their values are fixed ones."""
_NARROW: Final = {4: 8, 6: 32}
"""The shortest prefix of a network that is a fixed value, by version of IP."""
_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_EVERYBODY: Final = ("*", "http://acs.amazonaws.com/groups/global/AllUsers")
_CANONICAL: Final = re.compile(r"[0-9a-f]{64}")
_SIGNED_IN: Final = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
"""Groups that ACLs name: whoever asks, and whoever asks as somebody of any account."""
_ACL: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "bucket": {
        "READ": ("s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"),
        "WRITE": ("s3:putobject", "s3:deleteobject", "s3:deleteobjectversion"),
        "READ_ACP": ("s3:getbucketacl",),
        "WRITE_ACP": ("s3:putbucketacl",),
    },
    "object": {
        "READ": ("s3:getobject", "s3:getobjectversion"),
        "READ_ACP": ("s3:getobjectacl", "s3:getobjectversionacl"),
        "WRITE_ACP": ("s3:putobjectacl", "s3:putobjectversionacl"),
    },
}
"""What the permissions of ACLs allow, as the S3 User Guide maps them to actions."""


@cache
def acl_actions() -> int:
    """Return all that ACLs can allow, as bits."""
    return sum({mask(name) for table in _ACL.values() for names in table.values() for name in names})


def acl(estate: Estate, request: Request) -> Part:
    """Return what the ACL of a bucket or an object allows."""
    bucket = request.target.resource
    if bucket is None or bucket.kind != "s3_bucket" or bucket.properties.get("object_ownership") == "BucketOwnerEnforced":
        return NOTHING
    table = _ACL["object" if "/" in request.target.bucket_and_key else "bucket"]
    wanted = request.action.name.lower()
    gives = {permission for permission, actions in table.items() if wanted in actions}
    given = []
    for grant in estate.grants.get(request.target.name, ()) if gives else ():
        if grant.permission.upper() not in gives | {"FULL_CONTROL"}:
            continue
        given.append(_given(estate, request, grant))
    return any_of(*given)


def _given(estate: Estate, request: Request, grant: Grant) -> Part:
    """Return what a grant of an ACL is for a caller: canonical user ids are of accounts, and which is whose was not read."""
    caller, grantee = request.caller, grant.grantee
    why = Why("grant", f"The ACL of {grant.resource} gives {'everyone' if grantee in _EVERYBODY else grantee} {grant.permission}.")
    if grantee in _EVERYBODY or grantee == _SIGNED_IN:
        if (grantee == _SIGNED_IN and not caller.account) or _says(estate, request, "ignore_public_acls"):
            return NOTHING
        hidden = _hidden(request.target.resource, "public_access_block", "object_ownership")
        return yes(why) if hidden is None else Part(unread(hidden), (why,))
    if grantee and grantee in (*caller.names, caller.account):
        return yes(why)
    foreign = caller.account and caller.account != request.target.account
    return (
        Part(unread(f"whose canonical user id {grantee} is, was not read"), (why,))
        if foreign and _CANONICAL.fullmatch(grantee)
        else NOTHING
    )


def _says(estate: Estate, request: Request, name: str) -> bool:
    """Say whether a bucket, or the account it is in, blocks something of public access."""
    key = f"public_access_block.{name}"
    account = estate.resources.get(f"arn:aws:iam::{request.target.account}:root")
    return any(held is not None and held.properties.get(key) is True for held in (request.target.resource, account))


def shut(estate: Estate, request: Request, resource: Sequence[Ready]) -> Part:
    """Return whether the block of public access keeps a caller from outside out of a bucket whose policy is public."""
    caller, target = request.caller, request.target
    if request.action.service != "s3" or target.resource is None or caller.kind == "service" or caller.account == target.account:
        return NOTHING
    if not any(is_public(one.statement) for one in resource):
        return NOTHING
    if _says(estate, request, "restrict_public_buckets"):
        return yes(
            Why("default", f"The policy of {target.resource.uid} is public, and its block of public access lets only its account in.")
        )
    hidden = _hidden(target.resource, "public_access_block")
    return NOTHING if hidden is None else Part(unread(hidden))


def _hidden(bucket: Resource | None, *starts: str) -> str | None:
    """Return why a property of a bucket is not known, None where it is."""
    told = bucket.unknown.items() if bucket is not None else ()
    return next((f"{bucket.uid}: {name}: {why}" for name, why in told if bucket and (name == "*" or name.startswith(starts))), None)


def is_public(statement: Statement) -> bool:
    """Say whether a statement of a bucket policy is public as S3 means it: for everybody, and no condition fixes from where or who."""
    if statement.effect != "Allow" or not (statement.not_principals or any(value == "*" for _, value in statement.principals)):
        return False
    return not any(_is_fixed(condition) for condition in statement.conditions)


def _is_fixed(condition: Condition) -> bool:
    key, operator = condition.key.lower(), condition.operator.lower()
    if key not in _FIXED or "not" in operator or operator.endswith(("ifexists", "null")) or operator.startswith("forallvalues:"):
        return False
    if key == "s3:dataaccesspointarn":  # of these the account must be fixed
        return all(account_of(value).isdigit() for value in condition.values)
    if key == "aws:sourceip":
        return all(map(_is_narrow, condition.values))
    return not any(mark in value for value in condition.values for mark in ("*", "?", "${"))


def _is_narrow(value: str) -> bool:
    """Say whether a network is no broader than S3 takes for a fixed one."""
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _NARROW[network.version] or any(
        network.subnet_of(one) for one in _PRIVATE if one.version == network.version
    )
