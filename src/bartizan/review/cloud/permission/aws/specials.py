"""What single services do otherwise: STS, KMS, service-linked roles.

Sources: STS API Reference; KMS Developer Guide, "Key policies" and "Grants".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Origin, Statement, Uid
from bartizan.review.cloud.permission.aws.buckets import acl
from bartizan.review.cloud.permission.aws.reference import reference
from bartizan.review.cloud.permission.aws.statements import Ready, ready
from bartizan.review.cloud.permission.aws.targets import Target, has_default_policy
from bartizan.review.cloud.permission.contract import Why
from bartizan.review.cloud.permission.truth import NO, NOTHING, Part, yes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.review.cloud.permission.aws.estate import Estate
    from bartizan.review.cloud.permission.aws.request import Request

__all__ = ["TRUST", "UNSIGNED", "beside_policies", "default_key_policy", "is_under_rcp", "settled"]

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
        return acl(estate, request)
    return NOTHING


def _kms_grant(estate: Estate, request: Request) -> Part:
    wanted = request.action.name.partition(":")[2].lower()
    for grant in estate.grants.get(request.target.name, ()):
        operations = {one.strip().removeprefix("kms:").lower() for one in grant.permission.split(",")}
        if grant.grantee in request.caller.names and wanted in operations:
            return yes(Why("grant", f"A grant of {grant.resource} lets {grant.grantee} {request.action.name}."))
    return NOTHING


def default_key_policy(target: Target) -> Sequence[Ready]:
    """Return the statement of the policy that KMS gives a key for which none is declared, () for other keys."""
    if not has_default_policy(target):
        return ()
    account = (("AWS", f"arn:aws:iam::{target.account}:root"),)
    policy = Uid(f"{target.name}#policy")
    return (ready(Statement(policy=policy, number=0, actions=("kms:*",), resources=("*",), principals=account, origin=Origin("default"))),)
