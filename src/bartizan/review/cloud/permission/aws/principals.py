"""Whether a policy's Principal or NotPrincipal names a caller, and how: that decides what else has to allow.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "...: NotPrincipal", "Policy evaluation logic".
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from bartizan.review.cloud.permission.aws.arns import arn
from bartizan.review.cloud.permission.truth import NO, YES, Truth, depends_on, some, unread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.review.cloud.permission.aws.callers import Caller

__all__ = ["Named", "excepted", "named"]


class Named(IntEnum):
    """How a caller is named, the strongest last."""

    NOT = 0
    """Not at all; of a question: in whatever way."""
    ACCOUNT = 1
    """Through its account: it may be given the permission by its own policies."""
    ROLE = 2
    """As a role, or as the user who made the session: boundary and session policies must allow it too."""
    ITSELF = 3
    """As the user or session that asks, as a service, or as anyone: nothing else has to allow it in the same account."""


def named(principals: Iterable[tuple[str, str]], caller: Caller, how: Named = Named.NOT) -> Truth:
    """Return whether one of the principals names a caller, in one way or, with ``Named.NOT``, in any."""
    truths = (_named(kind, value, caller) for kind, value in principals)
    return some(truth for as_, truth in truths if how in (Named.NOT, as_))


def _named(kind: str, value: str, caller: Caller) -> tuple[Named, Truth]:
    if kind == "CanonicalUser":
        return Named.ITSELF, unread(f"whose canonical user id {value} is was not read") if caller.account else NO
    if value == "*" or kind in ("Service", "Federated"):
        fits = kind in ("*", "AWS") or (caller.kind == kind.lower() and value in ("*", caller.uid))
        return Named.ITSELF, YES if fits else NO
    how = _how(value, caller)
    if not how and caller.kind == "role" and not caller.session and _is_session_of(value, caller):
        return Named.ITSELF, depends_on("sts:RoleSessionName")
    return how, YES if how else NO


def _how(value: str, caller: Caller) -> Named:
    """Return how a principal of the kind AWS names a caller."""
    if _is_account(value, caller):
        return Named.ACCOUNT
    if value in ((caller.arn,) if caller.kind == "role" else caller.holders[:1] if caller.kind == "federated-user" else ()):
        return Named.ROLE
    return Named.ITSELF if value in (caller.uid, caller.session) else Named.NOT


def _is_account(value: str, caller: Caller) -> bool:
    """Say whether a principal is the account of a caller, told by its id or by its root."""
    if not caller.account:
        return False
    found = arn(value)
    return value == caller.account or (found is not None and found.name == "root" and found.account == caller.account)


def _is_session_of(value: str, caller: Caller) -> bool:
    found = arn(value)
    role = caller.arn.rsplit("/", 1)[-1]
    return (
        found is not None and found.service == "sts" and found.account == caller.account and found.name.startswith(f"assumed-role/{role}/")
    )


def excepted(principals: Iterable[tuple[str, str]], caller: Caller) -> Truth:
    """Return whether a NotPrincipal leaves a caller out.

    Its account has to be named beside it, and of a role both the role and the session: what is not named is meant. Whoever has a
    permissions boundary is meant whatever is named.
    """
    values = {value for _, value in principals}
    own = caller.kind == "root" or caller.arn in values
    of_account = any(_is_account(value, caller) for value in values)
    if "*" in values or (not caller.account and caller.uid in values):
        return YES
    if caller.bounded or not (own and of_account and caller.account):
        return NO
    if caller.kind == "role" and not caller.session:
        return depends_on("sts:RoleSessionName") if any(_is_session_of(value, caller) for value in values) else NO
    return YES if caller.kind != "role" or caller.session in values else NO
