"""What is asked for: the resource, whose it is, and the policies on it or on what it is part of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.arns import arn
from bartizan.review.cloud.permission.aws.estate import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.permission.aws.estate import Estate

__all__ = ["Target", "has_default_policy", "target_of"]

_GLOBAL: Final = frozenset({"iam", "organizations", "cloudfront", "route53"})
"""Services of one place, whose requests go to us-east-1."""


@dataclass(frozen=True, slots=True)
class Target:
    """One resource. ``resource``: its facts, or those of what it is part of (of an object its bucket); None where none were read."""

    name: str
    service: str
    account: str
    """Whose it is; '' where that is not known."""
    region: str
    resource: Resource | None
    exact: bool
    """The facts are of itself and not of what it is part of."""
    policies: tuple[str, ...]
    """The resource policies on it."""
    trusts: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags_are_all: bool = False

    @property
    def bucket_and_key(self) -> str:
        """Of S3 what stands behind ``arn:aws:s3:::``: a bucket, or a bucket, a slash and a key."""
        return self.name.split(":", 5)[-1]

    @property
    def account_in_name(self) -> bool:
        """Say whether the ARN names an account: of S3 then it is an access point or the like and no bucket."""
        return self.service != "" and bool(self.name.split(":", 5)[4])

    def known(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key in lower case, () for absent, None where nothing is known."""
        found = self.keys.get(key)
        if found is None and self.tags_are_all and key.partition(":")[2].startswith("resourcetag/"):
            return ()
        return found


def target_of(estate: Estate, name: str) -> Target:
    """Return what a resource is: an ARN, or ``*`` for a request that names none."""
    found = arn(name)
    if found is None:
        return Target(name, "", "", "", None, exact=False, policies=(), trusts=())
    holder = next((one for one in _parts_of(name) if one in estate.resources), "")
    resource = estate.resources.get(holder)
    account = (resource.account if resource is not None else "") or found.account
    region = found.region or (resource.region if resource is not None else "") or ("us-east-1" if found.service in _GLOBAL else "")
    policies = next((held for one in _parts_of(name) if (held := estate.attached("resource", one))), ())
    exact = holder == name and resource is not None
    return Target(
        name,
        found.service,
        account,
        region,
        resource,
        exact=exact,
        policies=tuple(one.policy for one in policies),
        trusts=tuple(one.policy for one in estate.attached("trust", name)),
        keys=_keys(estate, found.service, account, region) | (_tags(found.service, resource) if exact and resource is not None else {}),
        tags_are_all=exact and resource is not None and found.service != "s3" and not {"*", "tags"} & resource.unknown.keys(),
    )


def has_default_policy(target: Target) -> bool:
    """Say whether a key that was declared without a policy has that which KMS gives it: its account may use its own policies."""
    held = target.resource
    return held is not None and held.kind == "kms_key" and held.origin.how in DECLARED and not target.policies


def _parts_of(name: str) -> Iterator[str]:
    """Yield an ARN, then those of what it is part of: of an object its bucket, of a version its function, of a stage its API."""
    found = arn(name)
    if found is None:
        return
    yield name
    if found.service == "execute-api":
        yield f"arn:{found.partition}:apigateway:{found.region}::/restapis/{found.name.split('/', 1)[0]}"
        yield f"arn:{found.partition}:apigateway:{found.region}::/apis/{found.name.split('/', 1)[0]}"
    start, rest = name[: len(name) - len(found.name)], found.name
    while (cut := max(rest.rfind("/"), rest.rfind(":"))) > 0:
        rest = rest[:cut]
        yield start + rest


def _keys(estate: Estate, service: str, account: str, region: str) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    if account:
        keys["aws:resourceaccount"] = keys[f"{service}:resourceaccount"] = (account,)
        organization = estate.organization
        path = organization.path(account)
        if path and organization.id:
            keys["aws:resourceorgid"] = (organization.id,)
            if len(path) > 1:
                keys["aws:resourceorgpaths"] = ("/".join((organization.id, *path[:-1], "")),)
    if region:
        keys["aws:requestedregion"] = (region,)
    return keys


def _tags(service: str, resource: Resource) -> dict[str, tuple[str, ...]]:
    """Return the keys of a resource's tags; those of a bucket count only where it was told so, which no origin tells.

    Source: S3 User Guide, "Using tags with S3 general purpose buckets" (enabling ABAC).
    """
    if service == "s3":
        return {}
    return {f"{scope}:resourcetag/{name.lower()}": (value,) for name, value in resource.tags.items() for scope in ("aws", service)}
