"""What a principal could do to anything at all: a set of actions that holds every one it can do, in a few operations on bits.

It leaves out conditions and resources, so that it is never too small; explicit denies count only where nothing can take them back.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bartizan.review.cloud.permission.aws import gaps
from bartizan.review.cloud.permission.aws.buckets import acl_actions
from bartizan.review.cloud.permission.aws.callers import SIGNED
from bartizan.review.cloud.permission.aws.reference import mask, reference
from bartizan.review.cloud.permission.aws.unplaced import unplaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bartizan.review.cloud.permission.aws.callers import Caller
    from bartizan.review.cloud.permission.aws.estate import Estate
    from bartizan.review.cloud.permission.aws.statements import Ready

__all__ = ["Superset"]

_FREE = ("sts:GetCallerIdentity", "sts:GetSessionToken")
"""What needs no permission."""
_EVERYBODY = "*"


class Superset:
    """The sets of actions of all principals; those with the same policies share one."""

    def __init__(self, estate: Estate) -> None:
        """Hold the facts; sets are made when they are asked for."""
        self._estate = estate
        self._made: dict[str, int] = {}
        self._grouped: dict[tuple[tuple[str, ...], ...], int] = {}
        self._bounds: dict[str, int] = {}

    def of(self, caller: Caller) -> int:
        """Return the actions that a caller could have, as bits."""
        found = self._made.get(caller.uid)
        if found is None:
            found = self._made[caller.uid] = self._of(caller)
        return found

    def _of(self, caller: Caller) -> int:
        everything = reference().every
        if gaps.of_identity(self._estate, caller):
            return everything
        own = 0
        if caller.kind == "root":
            own = everything
        elif caller.kind in SIGNED:
            own = self._own(caller)
        free = mask(_FREE[0]) | mask(_FREE[1])
        found = own | self._given(caller)
        if caller.kind in SIGNED and not caller.linked:
            found &= self._bound(caller.account)
        return found | free

    def _own(self, caller: Caller) -> int:
        held = tuple(tuple(self._policies(kind, caller)) for kind in ("identity", "boundary", "session"))
        found = self._grouped.get(held)
        if found is None:
            identity, boundary, session = held
            found = self._allowed(identity)
            for limit in (boundary, session):
                if limit:
                    found &= self._allowed(limit)
            self._grouped[held] = found
        return found

    def _policies(self, kind: str, caller: Caller) -> Iterable[str]:
        holders = caller.holders if kind == "identity" else (*caller.holders[:1], *([caller.session] if kind == "session" else []))
        return dict.fromkeys(one.policy for uid in holders for one in self._estate.attached(kind, uid))

    def _allowed(self, policies: Iterable[str]) -> int:
        return allowed(one for policy in policies for one in self._estate.statements(policy))

    def _bound(self, account: str) -> int:
        """Return what the service control policies over an account leave."""
        found = self._bounds.get(account)
        if found is not None:
            return found
        found = reference().every
        organization = self._estate.organization
        path = organization.path(account)
        if account != organization.management and not gaps.of_organization(self._estate, account, path):
            more = allowed([one for each in unplaced(self._estate, "scp", account) for one in self._estate.statements(each.policy)])
            for name in path:
                held = self._estate.attached("scp", name)
                if held:
                    implied = self._estate.full_access() if self._estate.full_access_is_implied(held) else ()
                    found &= allowed([*(one for each in held for one in self._estate.statements(each.policy)), *implied]) | more
        self._bounds[account] = found
        return found

    def _given(self, caller: Caller) -> int:
        """Return what policies on resources, ACLs and grants give it by name, or give everybody."""
        found = self._by_name.get(_EVERYBODY, 0)
        for name in (*caller.names, *caller.holders[:1], caller.account):
            found |= self._by_name.get(name, 0)
        if caller.kind == "role":
            found |= self._by_role.get((caller.account, caller.arn.rsplit("/", 1)[-1]), 0)
        return found

    @cached_property
    def _by_role(self) -> Mapping[tuple[str, str], int]:
        """What sessions of roles are given by name, by account and role."""
        found: dict[tuple[str, str], int] = {}
        for name, bits in self._by_name.items():
            fields = name.split(":", 5)
            if len(fields) == 6 and fields[5].startswith("assumed-role/"):  # noqa: PLR2004 - the fields of an ARN
                key = (fields[4], fields[5].split("/")[1])
                found[key] = found.get(key, 0) | bits
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for one in self._estate.facts.attachments:
            if one.kind not in ("resource", "trust"):
                continue
            for ready in self._estate.statements(one.policy):
                if ready.denies:
                    continue
                for name in _names(ready):
                    found[name] = found.get(name, 0) | ready.actions
        for held in self._estate.grants.values():
            for grant in held:
                bits = acl_actions() if grant.resource.startswith("arn:aws:s3") or ":s3:" in grant.resource else 0
                for operation in grant.permission.split(","):
                    bits |= mask(f"kms:{operation.strip().removeprefix('kms:')}")
                name = _EVERYBODY if _is_group(grant.grantee) else grant.grantee
                found[name] = found.get(name, 0) | bits
        return found


def _is_group(grantee: str) -> bool:
    """Say whether a grantee of an ACL stands for people of whom nobody knows here who they are: a group of S3, a canonical user id."""
    return grantee.startswith("http") or not (grantee.isdigit() or ":" in grantee or "." in grantee)


def _names(ready: Ready) -> Iterable[str]:
    statement = ready.statement
    if statement.not_principals:
        return (_EVERYBODY,)
    # an account's root stands for the account; of a canonical user id nobody knows whose it is
    return (
        _EVERYBODY if kind == "CanonicalUser" else value.split(":")[4] if value.endswith(":root") and value.count(":") >= 5 else value  # noqa: PLR2004 - as above
        for kind, value in statement.principals
    )


def allowed(statements: Iterable[Ready]) -> int:
    """Return the actions that statements allow on anything, without those that one denies whatever the request is."""
    allow = deny = 0
    for one in statements:
        if not one.denies:
            allow |= one.actions
        elif one.unbound and not one.statement.principals and not one.statement.not_principals:
            deny |= one.actions
    return allow & ~deny
