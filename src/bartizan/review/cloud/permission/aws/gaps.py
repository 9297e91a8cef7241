"""What was not read and would have to be, to decide: each gap only where it covers what a decision needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.targets import has_default_policy, target_of
from bartizan.review.cloud.permission.aws.unplaced import unplaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Gap
    from bartizan.review.cloud.permission.aws.callers import Caller
    from bartizan.review.cloud.permission.aws.estate import Estate
    from bartizan.review.cloud.permission.aws.targets import Target

__all__ = ["of_access_point", "of_identity", "of_organization", "of_resource", "of_session", "unread_of_organization"]

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("iam_user", "iam_group", "iam_policy"),
    "role": ("iam_role", "iam_policy"),
    "group": ("iam_group", "iam_policy"),
    "federated-user": ("iam_user", "iam_group", "iam_policy"),
}
"""Where the policies of a principal stand."""
_BARE: Final = frozenset({"autoscaling", "cloudformation", "cognito-idp", "ecs", "eks", "elasticache", "rds", "states"})
"""Services whose resources have no policies on them (IAM User Guide, "AWS services that work with IAM")."""
_BARE_EC2: Final = (
    "image/",
    "instance/",
    "key-pair/",
    "launch-template/",
    "network-interface/",
    "security-group/",
    "snapshot/",
    "subnet/",
    "volume/",
    "vpc/",
)
"""Resources of EC2 that have none."""
_POLICIES: Final = ("polic", "permissions_boundary", "document", "groups", "members", "trust", "*")
"""How properties begin that tell of policies."""
_TARGETS: Final = ("targets",)
_ORGANIZATION: Final = ("organizations_policy", "organizations_organizational_unit", "organizations_account", "organizations_organization")


def of_identity(estate: Estate, caller: Caller) -> tuple[str, ...]:
    """Return why not all policies of a caller are known, () where they are."""
    kinds = _KINDS.get(caller.kind)
    if kinds is None:
        return ()
    if not caller.read:
        return (f"{caller.arn} was not read",)
    own = {*caller.holders, *_policies(estate, (*caller.holders, caller.session), ("identity", "boundary", "session"))}
    found = [*_told(estate, own, kinds, caller.account, "")]
    for uid in (*caller.holders, caller.session):
        for kind in ("identity", "boundary", "session"):
            found += [_unread(one.policy) for one in estate.attached(kind, uid) if not estate.statements(one.policy)]
        found += _unknown(estate, uid)
    found += _malformed(estate, sorted(own - {*caller.holders}), of_identity=True)
    return tuple(dict.fromkeys(found))


def of_session(estate: Estate, caller: Caller) -> tuple[str, ...]:
    """Return why it is not known what a session was left: a federated user has what both its user and the session policy allow.

    Source: STS API Reference, GetFederationToken: without a session policy the session has no permissions of its own.
    """
    if caller.kind != "federated-user" or estate.attached("session", caller.session):
        return ()
    return (f"the policy that the session {caller.session} was given was not read",)


def of_resource(estate: Estate, target: Target, *, trust: bool) -> tuple[str, ...]:
    """Return why the policy on a resource is not known, () where it is; ``trust``: who may take the role on is asked."""
    if not target.service:
        return ()
    if _is_bare(target) or (target.service == "iam" and not trust):  # of IAM only roles have a policy on them, and only for that
        return ()
    own = {target.name, *target.policies, *target.trusts}
    held = target.resource
    if held is not None:
        own.add(held.uid)
    kinds = (held.kind,) if held is not None else (f"{target.service}_",)
    found = [*_told(estate, own, kinds, target.account, target.region)]
    found += [_unread(policy) for policy in (*target.policies, *target.trusts) if not estate.statements(policy)]
    if held is not None:
        found += _unknown(estate, held.uid)
    found += _missing(target)
    found += _malformed(estate, target.trusts if trust else target.policies, of_identity=False)
    return tuple(dict.fromkeys(found))


def of_access_point(estate: Estate, caller: Caller, target: Target) -> tuple[str, ...]:
    """Return why an access point's own policy is not all: that of the bucket behind it counts as well, and is not weighed.

    Within an account nothing counts where the bucket has none. Source: S3 User Guide, "Configuring IAM policies for using access points".
    """
    if target.service != "s3" or not target.name.split(":", 5)[-1].startswith("accesspoint/"):
        return ()
    held = target.resource
    name = str(held.properties.get("bucket", "")) if held is not None else ""
    bucket = estate.resources.get(name if name.startswith("arn:") else f"arn:{target.name.split(':')[1]}:s3:::{name}")
    if bucket is None:
        return (f"the bucket behind {target.name} was not read",)
    bare = not estate.attached("resource", bucket.uid) and not of_resource(estate, target_of(estate, bucket.uid), trust=False)
    return () if bare and caller.account == bucket.account else (f"what {bucket.uid}, behind {target.name}, allows is not weighed",)


def _is_bare(target: Target) -> bool:
    return target.service in _BARE or (target.service == "ec2" and target.name.split(":", 5)[-1].startswith(_BARE_EC2))


def _missing(target: Target) -> Iterator[str]:
    """Yield what every resource of a kind has and this one was not read with."""
    if target.service == "iam" and not target.trusts:
        yield f"the trust policy of {target.name} was not read"
    if target.service == "kms" and not target.policies and not has_default_policy(target):
        yield f"the key policy of {target.name} was not read"
    if target.service == "s3" and target.resource is None and not target.account:
        yield f"whose {target.name} is, was not read"


def of_organization(estate: Estate, account: str, nodes: Sequence[str]) -> tuple[str, ...]:
    """Return why not all policies of an organization that reach an account are known, () where they are, or where that is assumed."""
    own = _of_nodes(estate, nodes)
    found = () if estate.without_unread_scps else unread_of_organization(estate, account, nodes)
    return tuple(dict.fromkeys((*found, *_malformed(estate, own, of_identity=None))))


def unread_of_organization(estate: Estate, account: str, nodes: Sequence[str]) -> tuple[str, ...]:
    """Return which policies that reach an account could not be read, whatever is assumed of them."""
    root = estate.resources.get(f"arn:aws:iam::{account}:root")
    if root is not None and root.properties.get("organization.member") is False:
        return ()
    own = _of_nodes(estate, nodes)
    found = [*_told(estate, {*own}, _ORGANIZATION, account, "")]
    perhaps = {one.policy for kind in ("scp", "rcp") for one in unplaced(estate, kind, account)}
    found += [_unread(policy) for policy in sorted({*own, *perhaps}) if not estate.statements(policy)]
    return tuple(dict.fromkeys(found))


def _of_nodes(estate: Estate, nodes: Sequence[str]) -> list[str]:
    return sorted({one.policy for name in nodes for kind in ("scp", "rcp") for one in estate.attached(kind, name)})


def _malformed(estate: Estate, policies: Iterable[str], *, of_identity: bool | None) -> Iterator[str]:
    """Yield which statements AWS would not take where they stand; ``of_identity`` None: in policies of an organization."""
    for policy in policies:
        for one in (ready.statement for ready in estate.statements(policy)):
            names = bool(one.principals or one.not_principals)
            if of_identity is not False and not (one.resources or one.not_resources):
                yield f"statement {one.number} of {policy} says no resource"
            if (of_identity is True and names) or (of_identity is False and not names):
                yield f"statement {one.number} of {policy} names {'somebody, which no policy of a principal does' if names else 'nobody'}"


def _policies(estate: Estate, holders: Iterable[str], kinds: Iterable[str]) -> Iterator[str]:
    return (one.policy for uid in holders for kind in kinds for one in estate.attached(kind, uid))


def _told(estate: Estate, own: set[str], kinds: tuple[str, ...], account: str, region: str) -> Iterator[str]:
    for gap in estate.gaps_of(own):
        if gap.properties == _TARGETS and ":organizations:" in gap.uid:
            continue  # its attachment stands without a target, and counts only for what it would change
        if gap.account not in ("", account) and account:
            continue
        if gap.region and region and gap.region != region:
            continue
        if gap.uid or _covers(gap, kinds):
            yield f"{gap.call}: {gap.reason}{f' ({gap.detail})' if gap.detail else ''}"


def _covers(gap: Gap, kinds: tuple[str, ...]) -> bool:
    of_kind = not gap.kinds or any(told == kind or (kind.endswith("_") and told.startswith(kind)) for told in gap.kinds for kind in kinds)
    return of_kind and (not gap.properties or any(name.startswith(_POLICIES) for name in gap.properties))


def _unknown(estate: Estate, uid: str) -> Iterator[str]:
    held = estate.resources.get(uid)
    if held is not None:
        yield from (f"{uid}: {name}: {why}" for name, why in held.unknown.items() if name.startswith(_POLICIES))


def _unread(policy: str) -> str:
    return f"the policy {policy} was not read"
