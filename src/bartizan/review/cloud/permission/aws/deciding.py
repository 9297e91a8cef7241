"""Put the layers together as IAM does: an explicit deny first, then what bounds, then what grants.

Source: IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic", "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.layers import allows, denies, untold
from bartizan.review.cloud.permission.aws.principals import Named, excepted, named
from bartizan.review.cloud.permission.aws.unplaced import perhaps
from bartizan.review.cloud.permission.contract import Why
from bartizan.review.cloud.permission.truth import NO, NOTHING, Part, Truth, all_of, any_of, no, none_of, yes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment
    from bartizan.review.cloud.permission.aws.callers import Caller
    from bartizan.review.cloud.permission.aws.request import Request
    from bartizan.review.cloud.permission.aws.statements import Ready

__all__ = ["Layers", "decided"]

_IDENTIFIED: Final = ("user", "role", "group", "root", "federated-user")


@dataclass(frozen=True, slots=True)
class Layers:
    """The statements that speak of the action, by where they stand, and what was not read of each."""

    identity: Sequence[Ready] = ()
    boundary: Sequence[Ready] | None = None
    """None where there is no boundary."""
    session: Sequence[Ready] | None = None
    scp: Sequence[tuple[str, Sequence[Ready]]] = ()
    """By node of the organization, from its root down."""
    rcp: Sequence[Ready] = ()
    unplaced: Sequence[tuple[str, str, Attachment, Sequence[Ready]]] = ()
    """``scp`` or ``rcp``, account, attachment and statements of policies of which it is not known whether they hold for the account."""
    resource: Sequence[Ready] = ()
    """Of the resource policy, or the trust policy of a role."""
    through: str = "resource"
    must_name: bool = False
    """The resource's policy has to allow too, in its own account as well: keys, and trust policies."""
    owner: str = ""
    """The account whose the resource is; '' where it is the caller's or nobody's."""
    extra: Part = NOTHING
    """What is granted beside policies: ACLs and grants."""
    shut: Part = NOTHING
    """What closes the resource whatever its policy says: the block of public access."""
    unread: Mapping[str, tuple[str, ...]] | None = None
    """By identity, session, resource, scp and rcp: why it is not known wholly."""


def decided(request: Request, layers: Layers) -> Part:
    """Return whether a request is allowed."""
    return all_of(_not_denied(request, layers), _granted(request, layers), *_bounds(request, layers))


def _gaps(layers: Layers, *names: str) -> Part:
    told = layers.unread or {}
    return untold(*(gap for name in names for gap in told.get(name, ())))


def _not_denied(request: Request, layers: Layers) -> Part:
    def who(ready: Ready) -> Truth:
        return _names(ready, request.caller, Named.NOT)

    return none_of(
        *(denies(statements, request, "scp") for _, statements in layers.scp),
        denies(layers.rcp, request, "rcp", who),
        *(
            perhaps(denies(statements, request, kind, who if kind == "rcp" else None), one, account)
            for kind, account, one, statements in layers.unplaced
        ),
        denies(layers.resource, request, layers.through, who),
        denies(layers.identity, request, "identity"),
        denies(layers.boundary or (), request, "boundary"),
        denies(layers.session or (), request, "session"),
        layers.shut,
        _gaps(layers, "identity", "resource", "scp", "rcp"),
    )


def _bounds(request: Request, layers: Layers) -> list[Part]:
    """Return what every level of the organization allows."""
    return [
        any_of(
            allows(statements, request, "scp"),
            *(perhaps(allows(more, request, kind), one, account) for kind, account, one, more in layers.unplaced if kind == "scp"),
            _gaps(layers, "scp"),
            _refused("scp", f"No service control policy at {where} allows {request.action.name}."),
        )
        for where, statements in layers.scp
    ]


def _refused(through: str, text: str) -> Part:
    return Part(NO, (Why(through, text),))


def _names(ready: Ready, caller: Caller, how: Named) -> Truth:
    statement = ready.statement
    if not statement.not_principals:
        return named(statement.principals, caller, how)
    return no(excepted(statement.not_principals, caller)) if how in (Named.NOT, Named.ITSELF) else NO


def _granted(request: Request, layers: Layers) -> Part:
    caller, target = request.caller, request.target
    by_name = {how: _by_resource(request, layers, how) for how in (Named.ITSELF, Named.ROLE, Named.ACCOUNT)}
    itself, role, account = by_name[Named.ITSELF], by_name[Named.ROLE], by_name[Named.ACCOUNT]
    unknown = _gaps(layers, "resource")
    if caller.kind not in _IDENTIFIED:
        return any_of(
            layers.extra, itself, unknown, _refused("default", f"No policy on {target.name} allows {caller.uid} {request.action.name}.")
        )
    identity = _by_identity(request, layers)
    limits = [*_limit(request, layers, "boundary"), *_limit(request, layers, "session")]
    if _is_foreign(caller, layers.owner):
        onto = any_of(layers.extra, itself, role, account, unknown, _refused(layers.through, _nothing_lets_in(request)))
        return all_of(onto, identity, *limits)
    if layers.must_name:
        through_account = all_of(any_of(account, unknown, _refused(layers.through, _nothing_lets_in(request))), identity)
        return any_of(layers.extra, itself, unknown, all_of(any_of(role, through_account), *limits))
    return any_of(layers.extra, itself, unknown, all_of(any_of(role, identity), *limits))


def _is_foreign(caller: Caller, account: str) -> bool:
    return bool(account) and account != caller.account


def _nothing_lets_in(request: Request) -> str:
    return f"No policy on {request.target.name} allows {request.caller.uid} or its account {request.action.name}."


def _by_resource(request: Request, layers: Layers, how: Named) -> Part:
    def who(ready: Ready) -> Truth:
        return _names(ready, request.caller, how)

    return allows(layers.resource, request, layers.through, who)


def _by_identity(request: Request, layers: Layers) -> Part:
    caller = request.caller
    if caller.kind == "root":
        return yes(Why("identity", f"{caller.uid} is the root user, who may do everything in its account."))
    return any_of(
        allows(layers.identity, request, "identity"),
        _gaps(layers, "identity"),
        _refused("default", f"No policy of {caller.uid} allows {request.action.name} on {request.target.name}."),
    )


def _limit(request: Request, layers: Layers, through: str) -> list[Part]:
    statements = layers.boundary if through == "boundary" else layers.session
    if statements is None and not (layers.unread or {}).get(through):
        return []
    told = {"boundary": "The permissions boundary", "session": "The session policy"}[through]
    refused = _refused(through, f"{told} of {request.caller.uid} does not allow {request.action.name} on {request.target.name}.")
    return [any_of(allows(statements or (), request, through), _gaps(layers, "identity", through), refused)]
