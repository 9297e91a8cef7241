"""Who asks, and what is known of every request of theirs.

Source: IAM User Guide, "AWS global condition context keys" and "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.arns import account_of, arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.review.cloud.permission.aws.estate import Estate

__all__ = ["SIGNED", "Caller", "caller_of"]

SIGNED: Final = ("user", "role", "group", "root", "federated-user")
"""Kinds of callers that have an account, whose own policies count."""
_SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_OF_SERVICES: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
"""Present only where a service calls for somebody."""
_NOBODY: Final = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceowner",
    "aws:username",
)
"""Absent where nobody has signed in."""
_BRING_TAGS: Final = ("rolesanywhere.amazonaws.com",)
"""Services that make tags of who asks of what it proves to be (IAM Roles Anywhere User Guide, "Trust policy")."""
_SERVICE_NAMES: Final = ("aws:principalservicename", "aws:principalservicenameslist")
_TAG: Final = "aws:principaltag/"


@dataclass(frozen=True, slots=True)
class Caller:
    """One principal. ``kind``: user, role, group, root, federated-user, service, federated or anyone."""

    uid: str
    """What was asked for."""
    kind: str
    arn: str
    """What ``aws:PrincipalArn`` is: of a session the ARN of its role."""
    account: str = ""
    session: str = ""
    """The ARN of the session, where one was asked for; '' for any session of the role."""
    read: bool = True
    """Whether it stands in the facts."""
    linked: bool = False
    """Whether it is a service-linked role."""
    bounded: bool = False
    """Whether it has a permissions boundary."""
    holders: tuple[str, ...] = ()
    """Whose identity policies it has: itself and its groups."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is known of its requests, by key in lower case; () for what is absent."""
    tags_are_all: bool = False
    """A tag that is not in ``keys`` is absent."""

    def known(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key in lower case, () for absent, None where nothing is known."""
        found = self.keys.get(key)
        if found is None and self.tags_are_all and key.startswith(_TAG):
            return ()
        return found

    @property
    def names(self) -> frozenset[str]:
        """The ARNs by which a policy can name it itself."""
        return frozenset(one for one in (self.uid, self.arn, self.session) if one)


def caller_of(estate: Estate, uid: str) -> Caller:
    """Return who a uid is: an ARN (of a user, role, session, root, group, provider), a service, an identity provider or ``*``."""
    found = arn(uid)
    if uid == "*" or estate.kind_of(uid) == "anyone":
        return Caller(uid, "anyone", "*", keys=_keys("Anonymous", none=_NOBODY))
    if found is None:
        return _outsider(uid)
    if found.service == "sts":
        return _session(estate, uid, found.account, found.name)
    if found.name == "root":
        return _root(estate, uid, found.account)
    kind = estate.kind_of(uid) or found.name.split("/", 1)[0]
    if kind in ("federated", "oidc-provider", "saml-provider"):
        return _outsider(uid)
    return _role(estate, uid, "") if kind == "role" else _user(estate, uid, "group" if kind == "group" else "user")


def _outsider(uid: str) -> Caller:
    """Return a service or an identity provider."""
    if _SERVICE.fullmatch(uid) and not uid.startswith("cognito-identity."):
        keys: dict[str, tuple[str, ...]] = dict.fromkeys(("aws:principalarn", "aws:principalaccount", "aws:username"), ())
        keys |= {"aws:principalisawsservice": ("true",), "aws:principalservicename": (uid,), "aws:principaltype": ()}
        keys |= {"aws:principalorgid": (), "aws:principalorgpaths": ()}
        return Caller(uid, "service", uid, keys=keys, tags_are_all=uid not in _BRING_TAGS)
    return Caller(uid, "federated", uid, keys=_keys(None) | {"aws:federatedprovider": (uid,), "aws:username": ()})


def _session(estate: Estate, uid: str, account: str, name: str) -> Caller:
    what, _, rest = name.partition("/")
    if what == "assumed-role":
        role = rest.split("/", 1)[0]
        named = f"arn:{uid.split(':')[1]}:iam::{account}:role/{role}"
        return _role(estate, estate.roles.get((account, role), named), uid)
    user = estate.users_of_sessions.get(uid, "")
    holders = (user, *estate.groups.get(user, ())) if user else ()
    keys = _keys("FederatedUser") | _of_account(estate, account) | {"aws:principalarn": (uid,), "aws:username": ()}
    return Caller(uid, "federated-user", uid, account, session=uid, read=bool(user), holders=holders, keys=keys)


def _root(estate: Estate, uid: str, account: str) -> Caller:
    keys = _keys("Account") | _of_account(estate, account) | {"aws:principalarn": (uid,), "aws:userid": (account,), "aws:username": ()}
    return Caller(uid, "root", uid, account, keys=keys, tags_are_all=True)


def _user(estate: Estate, uid: str, kind: str) -> Caller:
    account, name = account_of(uid), uid.rsplit("/", 1)[-1]
    keys = _keys("User") | _of_account(estate, account) | _tags(estate, uid)
    if kind == "user":
        keys |= {"aws:principalarn": (uid,), "aws:username": (name,), "aws:federatedprovider": (), "aws:sourceidentity": ()}
    resource = estate.resources.get(uid)
    return Caller(
        uid,
        kind,
        uid,
        account,
        read=bool(estate.kind_of(uid)),
        bounded=bool(estate.attached("boundary", uid)),
        holders=(uid, *estate.groups.get(uid, ())),
        keys=keys,
        tags_are_all=kind == "user" and resource is not None and not _unknown_tags(resource.unknown),
    )


def _role(estate: Estate, uid: str, session: str) -> Caller:
    account = account_of(uid)
    brought = _takes_session_tags(estate, uid)
    keys = _keys("AssumedRole") | _of_account(estate, account) | {"aws:principalarn": (uid,), "aws:username": ()}
    keys |= {} if brought else _tags(estate, uid)
    resource = estate.resources.get(uid)
    return Caller(
        session or uid,
        "role",
        uid,
        account,
        session=session,
        read=bool(estate.kind_of(uid)),
        linked="/aws-service-role/" in uid,
        bounded=bool(estate.attached("boundary", uid)),
        holders=(uid,),
        keys=keys,
        tags_are_all=resource is not None and not _unknown_tags(resource.unknown) and not brought,
    )


def _takes_session_tags(estate: Estate, uid: str) -> bool:
    """Say whether somebody can bring tags into a session of a role: they take the place of the role's own."""
    from bartizan.review.cloud.permission.aws.reference import mask  # noqa: PLC0415 - only roles need it

    bit = mask("sts:TagSession")
    trusts = estate.attached("trust", uid)
    ready = [one for attachment in trusts for one in estate.statements(attachment.policy)]
    return not ready or any(one.actions & bit and not one.denies for one in ready)


def _keys(kind: str | None, none: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Return what holds for all who are no service; ``kind`` is ``aws:PrincipalType``, None where it is not known."""
    keys: dict[str, tuple[str, ...]] = dict.fromkeys((*_OF_SERVICES, *_SERVICE_NAMES, *none), ())
    keys["aws:principalisawsservice"] = ("false",)
    if kind is not None:
        keys["aws:principaltype"] = (kind,)
    return keys


def _of_account(estate: Estate, account: str) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {"aws:principalaccount": (account,), "kms:calleraccount": (account,)}
    organization = estate.organization
    path = organization.path(account)
    if path and organization.id:
        keys["aws:principalorgid"] = (organization.id,)
        if len(path) > 1:
            keys["aws:principalorgpaths"] = ("/".join((organization.id, *path[:-1], "")),)
    return keys


def _tags(estate: Estate, uid: str) -> dict[str, tuple[str, ...]]:
    resource = estate.resources.get(uid)
    return {f"{_TAG}{name.lower()}": (value,) for name, value in resource.tags.items()} if resource is not None else {}


def _unknown_tags(unknown: Mapping[str, str]) -> bool:
    return any(name in ("*", "tags") for name in unknown)
