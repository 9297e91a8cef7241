"""Say of each bucket whether everybody gets in: by its policy or its ACL, as far as no block of public access stands before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.statements import open_to_anyone, writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

BLOCK: Final = "public_access_block."
_EVERYBODY: Final = ("*", "http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers")

_OPEN_ACLS: Final = ("public-read", "public-read-write", "authenticated-read")
"""Canned ACLs, as templates name them."""


def _rows(tables: Tables) -> Iterator[Row]:
    accounts = {one.account: one for one in tables.of("aws", "account")}
    for bucket in tables.of("aws", "s3_bucket"):
        yield _row(tables, bucket, accounts.get(bucket.account))


def _row(tables: Tables, bucket: Resource, account: Resource | None) -> Row:
    policy, policy_unknown = _by_policy(tables, bucket, account)
    acl, acl_unknown = _by_acl(tables, bucket, account)
    opened = [one for one in tables.policies(bucket.uid, "resource") if open_to_anyone(one)]
    unknown = {name: why for name, why in (("by_policy", policy_unknown), ("by_acl", acl_unknown)) if why}
    if unknown and not (policy or acl):
        unknown["public"] = next(iter(unknown.values()))
    canned = tables.value(bucket, "acl") == "public-read-write"
    grants = [one for one in tables.grants.get(bucket.uid, ()) if one.grantee in _EVERYBODY]
    by_grant = canned or any("WRITE" in one.permission or "FULL" in one.permission for one in grants)
    written = (policy and any(writes(one, "s3") for one in opened)) or (acl and by_grant)
    if "public" in unknown:
        unknown["writable"] = unknown["public"]
    return Row(bucket, {"by_policy": policy, "by_acl": acl, "public": policy or acl, "writable": written}, unknown)


def _by_policy(tables: Tables, bucket: Resource, account: Resource | None) -> tuple[bool, str]:
    """Say whether a policy lets everybody in, and why that is unknown: a block that is on decides, whatever the policy says."""
    on, unknown = _blocked(tables, bucket, account, "restrict_public_buckets")
    if on:
        return False, ""
    opened = any(open_to_anyone(one) for one in tables.policies(bucket.uid, "resource"))
    hidden = tables.unknown(bucket, "policy") or tables.unread(f"{bucket.uid}#policy")
    return (opened and not unknown), (unknown if opened else hidden)


def _by_acl(tables: Tables, bucket: Resource, account: Resource | None) -> tuple[bool, str]:
    if tables.value(bucket, "object_ownership") == "BucketOwnerEnforced":
        return False, ""
    on, unknown = _blocked(tables, bucket, account, "ignore_public_acls")
    if on:
        return False, ""
    hidden = tables.unknown(bucket, "grants")
    if hidden:
        return False, hidden
    opened = tables.value(bucket, "acl") in _OPEN_ACLS or any(one.grantee in _EVERYBODY for one in tables.grants.get(bucket.uid, ()))
    unsure = tables.unknown(bucket, "object_ownership") or unknown
    return (opened and not unsure), (unsure if opened else "")


def _blocked(tables: Tables, bucket: Resource, account: Resource | None, name: str) -> tuple[bool, str]:
    """Say whether the bucket or its account blocks, and why that is unknown."""
    why = ""
    for one in (bucket, account):
        if one is None:
            continue
        if tables.value(one, f"{BLOCK}{name}") is True:
            return True, ""
        why = why or tables.unknown(one, f"{BLOCK}{name}")
    return False, why


JOIN = Join(
    provider="aws",
    name="bucket_public",
    about="Whether everybody gets into a bucket.",
    subjects=("s3_bucket",),
    needs={"s3_bucket": ("policy", "grants", "public_access_block", "object_ownership"), "account": ("public_access_block",)},
    properties=declare(
        ("by_policy", "boolean", "whether a policy lets everybody in"),
        ("by_acl", "boolean", "whether an ACL does"),
        ("public", "boolean", "whether either does"),
        ("writable", "boolean", "whether everybody can change what is in it, or its settings"),
    ),
    rows=_rows,
)
