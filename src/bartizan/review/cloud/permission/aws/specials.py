"""What single services do otherwise: STS, KMS, S3, service-linked roles.

Sources: STS API Reference; KMS Developer Guide, "Key policies" and "Grants"; S3 User Guide, "Blocking public access", "ACL overview".
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Origin, Statement, Uid
from bartizan.review.cloud.permission.aws.reference import mask, reference
from bartizan.review.cloud.permission.aws.statements import Ready, ready
from bartizan.review.cloud.permission.aws.targets import Target, has_default_policy
from bartizan.review.cloud.permission.contract import Why
from bartizan.review.cloud.permission.truth import NO, NOTHING, Part, unread, yes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.review.cloud.permission.aws.estate import Estate
    from bartizan.review.cloud.permission.aws.request import Request

__all__ = ["TRUST", "UNSIGNED", "acl_actions", "beside_policies", "default_key_policy", "is_public", "is_under_rcp", "settled", "shut"]

TRUST: Final = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    },
)
"""Actions that the trust policy of a role has to allow."""
UNSIGNED: Final = frozenset({"sts:assumerolewithsaml", "sts:assumerolewithwebidentity"})
"""Actions that nobody signs: who asks is who the identity provider says."""
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


def settled(request: Request) -> Part | None:
    """Return what is decided before any policy is read, None where nothing is."""
    name, caller = request.action.name.lower(), request.caller
    if name == "sts:getcalleridentity" or (name == "sts:getsessiontoken" and caller.kind in ("user", "root")):
        return yes(Why("default", f"{request.action.name} needs no permission, and no policy takes it away."))
    if name == "sts:assumerole" and caller.kind == "root":
        return Part(NO, (Why("default", "A root user cannot take on a role."),))
    if name in UNSIGNED and caller.kind != "federated":
        return Part(NO, (Why("default", f"{request.action.name} is asked with the token of an identity provider, not as {caller.uid}."),))
    if request.target.service and not _is_asked_of(request):
        return Part(NO, (Why("default", f"{request.action.name} is not asked of what {request.target.name} is."),))
    return None


def _is_asked_of(request: Request) -> bool:
    """Say whether an action can be asked of a resource: of a bucket or an object, which policies mix up; and of roles alone."""
    if request.action.name.lower() in TRUST and request.target.service == "iam":
        return request.target.name.split(":", 5)[-1].startswith("role/")
    if request.action.service != "s3" or request.target.service != "s3" or request.target.account_in_name:
        return True
    kinds = {kind.rstrip("!") for kind in request.action.kinds}
    if not kinds & {"bucket", "object"}:
        return True
    return ("object" if "/" in request.target.bucket_and_key else "bucket") in kinds


def is_under_rcp(request: Request, management: str) -> bool:
    """Say whether resource control policies reach a request: not that of a service-linked role, not in the management account."""
    target = request.target
    if request.caller.linked or target.account == management or request.action.name == "kms:RetireGrant":
        return False
    of_aws = target.resource is not None and target.resource.kind == "kms_key" and target.resource.properties.get("manager") == "AWS"
    return request.action.service in reference().rcp and not of_aws


def beside_policies(estate: Estate, request: Request) -> Part:
    """Return what ACLs of S3 and grants of KMS allow."""
    if request.action.service == "kms":
        return _kms_grant(estate, request)
    if request.action.service == "s3" and request.target.resource is not None:
        return _acl(estate, request)
    return NOTHING


def _kms_grant(estate: Estate, request: Request) -> Part:
    wanted = request.action.name.partition(":")[2].lower()
    for grant in estate.grants.get(request.target.name, ()):
        operations = {one.strip().removeprefix("kms:").lower() for one in grant.permission.split(",")}
        if grant.grantee in request.caller.names and wanted in operations:
            return yes(Why("grant", f"A grant of {grant.resource} lets {grant.grantee} {request.action.name}."))
    return NOTHING


def _acl(estate: Estate, request: Request) -> Part:
    bucket = request.target.resource
    if bucket is None or bucket.kind != "s3_bucket" or bucket.properties.get("object_ownership") == "BucketOwnerEnforced":
        return NOTHING
    table = _ACL["object" if "/" in request.target.bucket_and_key else "bucket"]
    wanted = request.action.name.lower()
    gives = {permission for permission, actions in table.items() if wanted in actions}
    for grant in estate.grants.get(request.target.name, ()) if gives else ():
        if grant.permission.upper() not in gives | {"FULL_CONTROL"}:
            continue
        everyone = grant.grantee == "*" and not _says(estate, request, "ignore_public_acls")
        if everyone or (grant.grantee not in ("", "*") and grant.grantee in (*request.caller.names, request.caller.account)):
            return yes(Why("grant", f"The ACL of {grant.resource} gives {'everyone' if everyone else grant.grantee} {grant.permission}."))
    return NOTHING


def _says(estate: Estate, request: Request, name: str) -> bool:
    """Say whether a bucket, or the account it is in, blocks something of public access."""
    key = f"public_access_block.{name}"
    account = estate.resources.get(f"arn:aws:iam::{request.target.account}:root")
    return any(held is not None and held.properties.get(key) is True for held in (request.target.resource, account))


def default_key_policy(target: Target) -> Sequence[Ready]:
    """Return the statement of the policy that KMS gives a key for which none is declared, () for other keys."""
    if not has_default_policy(target):
        return ()
    account = (("AWS", f"arn:aws:iam::{target.account}:root"),)
    policy = Uid(f"{target.name}#policy")
    return (ready(Statement(policy=policy, number=0, actions=("kms:*",), resources=("*",), principals=account, origin=Origin("default"))),)


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
    held = target.resource
    why = next((why for name, why in held.unknown.items() if name == "*" or name.startswith("public_access_block")), None)
    return Part(unread(f"{held.uid}: public_access_block: {why}")) if why is not None else NOTHING


def is_public(statement: Statement) -> bool:
    """Say whether a statement of a bucket policy is public as S3 means it: for everybody, and no condition fixes from where or who."""
    if statement.effect != "Allow" or not (statement.not_principals or any(value == "*" for _, value in statement.principals)):
        return False
    return not any(
        condition.key.lower() in _FIXED
        and "Not" not in condition.operator
        and not any(
            ("*" in value and condition.key.lower() != "aws:userid" and value in ("*", "arn:*")) or "${" in value
            for value in condition.values
        )
        and not any(value in ("0.0.0.0/0", "::/0") for value in condition.values)
        for condition in statement.conditions
    )
