"""Turn IAM policies of Google Cloud into attachments, and custom roles and deny policies into statements.

A binding gives a role to members at a node: one attachment for each member, its scope the node, its condition kept as written. Members
keep the words of the policy (``user:alice@example.com``, ``allUsers``); a service account is named by the uid of its resource.
Source: IAM documentation, "Allow policies", "Deny policies", "Principal identifiers".
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from bartizan.collect.inventory.contract import Attachment, Condition, Edge, Gap, Principal, Statement, Uid
from bartizan.collect.inventory.exports.gcp.assets import NODES, account_uid, items, mapping, text
from bartizan.collect.inventory.roles import roles

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts, Origin, Value
    from bartizan.collect.inventory.exports.gcp.assets import Asset

__all__ = ["EVERYONE", "bound", "boundary", "bounded", "custom_role", "denied", "member", "member_uid", "perimeter"]

EVERYONE: Final = ("allUsers", "allAuthenticatedUsers")
_KINDS: Final = {
    "user": "user",
    "serviceAccount": "service_account",
    "group": "group",
    "domain": "group",
    "projectOwner": "group",
    "projectEditor": "group",
    "projectViewer": "group",
    "principal": "federated",
    "principalSet": "federated",
}
_OWNER: Final = re.compile(
    r"@([^.]+)\.iam\.gserviceaccount\.com$|^([^@]+)@appspot\.gserviceaccount\.com$|^([0-9]+)(?:-compute)?@(?:developer|cloudbuild|cloudservices)"
    r"\.gserviceaccount\.com$"
)
"""Addresses of service accounts that tell their project, by id or number."""
_SUBJECTS: Final = (
    (re.compile(r"principal://goog/subject/(.+)"), "user:"),
    (re.compile(r"principalSet://goog/group/(.+)"), "group:"),
    (re.compile(r"principal://iam\.googleapis\.com/projects/-/serviceAccounts/(.+)"), "serviceAccount:"),
)
_SERVICES: Final = {"cloudresourcemanager.googleapis.com": "resourcemanager"}
"""Services whose permissions begin with another word than their name."""


def member_uid(member: str) -> Uid:
    """Return the uid of a member as policies and deny policies name it."""
    for pattern, kind in _SUBJECTS:
        found = pattern.fullmatch(member)
        if found:
            member = f"{kind}{found[1]}"
    if member == "principalSet://goog/public:all":
        return Uid("allUsers")
    kind, colon, name = member.partition(":")
    if kind == "serviceAccount" and colon:
        return account_uid(name)
    return Uid(f"{kind}:{name.lower()}") if colon and kind in ("user", "group", "domain") else Uid(member)


def bound(policy: Value, node: Uid, origin: Origin, facts: Facts) -> None:
    """Add what an IAM policy gives at a node."""
    if not isinstance(policy, dict):
        place = " ".join(filter(None, (origin.path, origin.place)))
        facts.gaps.append(Gap(provider="gcp", call=place, reason="failed", detail="this is no IAM policy", uid=node))
        return
    for binding in map(mapping, items(policy.get("bindings"))):
        role, condition = text(binding.get("role")), mapping(binding.get("condition"))
        asked = (Condition("CEL", text(condition.get("title")), (text(condition.get("expression")),)),) if condition else ()
        for member in map(text, items(binding.get("members"))):
            if role and member:
                uid = member_uid(member)
                facts.attachments.append(Attachment(Uid(role), uid, "identity", node, origin, asked))
                facts.principals.append(_principal(member, uid, origin))


def _principal(member: str, uid: Uid, origin: Origin) -> Principal:
    kind, colon, name = member.partition(":")
    told = "anyone" if member in EVERYONE else _KINDS.get(kind, "federated" if colon else "user")
    owner = _OWNER.search(name) if told == "service_account" else None
    account = next((group for group in owner.groups() if group), "") if owner is not None else ""
    return Principal(uid=uid, provider="gcp", kind=told, account=account, name=name.lstrip("/") or member, origin=origin)


def member(asset: Asset, facts: Facts) -> None:
    """Add that somebody is in a group of the directory."""
    kind = {"SERVICE_ACCOUNT": "serviceAccount", "GROUP": "group"}.get(text(asset.value.get("type")), "user")
    written = f"{kind}:{text(asset.value.get('member'))}"
    uid, group = member_uid(written), Uid(f"group:{text(asset.value.get('group')).lower()}")
    facts.principals.append(_principal(written, uid, asset.origin))
    facts.edges.append(Edge(uid, group, "member-of", asset.origin))


def custom_role(asset: Asset, facts: Facts) -> None:
    """Add what a custom role allows."""
    name = text(asset.value.get("name")) or asset.uid.partition("iam.googleapis.com/")[2]
    permissions = tuple(text(one) for one in items(asset.value.get("includedPermissions")) if text(one))
    gone = asset.value.get("deleted") is True or text(asset.value.get("stage")) == "DISABLED"
    statement = Statement(policy=Uid(name), number=0, sid="permissions", actions=() if gone else permissions, origin=asset.origin)
    facts.statements.append(statement)


def denied(asset: Asset, facts: Facts) -> None:
    """Add what a deny policy denies at the node that its name tells."""
    name = text(asset.value.get("name")) or asset.uid.partition("iam.googleapis.com/")[2]
    found = re.search(r"policies/([^/]+)/denypolicies/", name)
    node = Uid(f"//{unquote(found[1]).lstrip('/')}" if found else "")
    policy = Uid(name)
    for number, rule in enumerate(map(mapping, items(asset.value.get("rules")))):
        told = mapping(rule.get("denyRule")) or rule
        condition = mapping(told.get("denialCondition"))
        asked = (Condition("CEL", text(condition.get("title")), (text(condition.get("expression")),)),) if condition else ()
        statement = Statement(
            policy=policy,
            number=number,
            sid=text(rule.get("description")),
            effect="Deny",
            actions=_permissions(told.get("deniedPermissions")),
            not_actions=_permissions(told.get("exceptionPermissions")),
            principals=tuple(("Id", member_uid(text(one))) for one in items(told.get("deniedPrincipals"))),
            not_principals=tuple(("Id", member_uid(text(one))) for one in items(told.get("exceptionPrincipals"))),
            conditions=asked,
            origin=asset.origin,
        )
        facts.statements.append(statement)
    if "rules" not in asset.value:
        detail = "its rules are not told: whom it denies what is not known"
        facts.gaps.append(
            Gap(provider="gcp", call=asset.uid, reason="not-in-origin", detail=detail, kinds=("iam_deny_policy",), uid=asset.uid)
        )
    if node:
        facts.attachments.append(Attachment(policy, node, "resource", node, asset.origin))
    else:
        facts.gaps.append(
            Gap(provider="gcp", call=asset.uid, reason="failed", detail="the name of a deny policy tells no node", uid=policy)
        )


def boundary(asset: Asset, facts: Facts) -> None:
    """Add within which nodes a principal access boundary keeps who is bound to it."""
    policy = Uid(text(asset.value.get("name")) or asset.uid.partition("iam.googleapis.com/")[2])
    for number, rule in enumerate(map(mapping, items(mapping(asset.value.get("details")).get("rules")))):
        nodes = tuple(text(one) for one in items(rule.get("resources")))
        facts.statements.append(Statement(policy=policy, number=number, sid="boundary", resources=nodes, origin=asset.origin))


def bounded(asset: Asset, facts: Facts) -> None:
    """Add whom a principal access boundary is bound to."""
    told = asset.value
    if text(told.get("policyKind")) != "PRINCIPAL_ACCESS_BOUNDARY":
        return
    condition = mapping(told.get("condition"))
    asked = (Condition("CEL", text(condition.get("title")), (text(condition.get("expression")),)),) if condition else ()
    who = Uid(f"principalSet:{text(mapping(told.get('target')).get('principalSet'))}")
    facts.attachments.append(Attachment(Uid(text(told.get("policy"))), who, "boundary", origin=asset.origin, conditions=asked))


def perimeter(asset: Asset, facts: Facts) -> None:
    """Add which services of which projects a perimeter of VPC Service Controls is around; one only tried out, or a bridge, is none."""
    told = mapping(asset.value.get("status"))
    policy = Uid(text(asset.value.get("name")) or asset.uid.partition("accesscontextmanager.googleapis.com/")[2])
    services = [text(one) for one in items(told.get("restrictedServices"))]
    if text(asset.value.get("perimeterType")).endswith("BRIDGE") or not services:
        return
    actions = tuple(f"{_SERVICES.get(one, one.partition('.')[0])}.*" for one in services)
    facts.statements.append(Statement(policy=policy, number=0, sid="perimeter", actions=actions, origin=asset.origin))
    for node in (text(one) for one in items(told.get("resources"))):
        if node.startswith("projects/"):
            place = Uid(f"{NODES}{node}")
            facts.attachments.append(Attachment(policy, place, "perimeter", place, asset.origin))


def _permissions(value: Value) -> tuple[str, ...]:
    """Return permissions of deny policies (``iam.googleapis.com/roles.create``) as those of roles are written (``iam.roles.create``).

    Some are written with the address of their service in roles too, and stay so.
    """
    found = []
    for one in map(text, items(value)):
        service, stroke, rest = one.partition("/")
        found.append(f"{_SERVICES.get(service, service.partition('.')[0])}.{rest}" if stroke else one)
        if stroke and any(fnmatchcase(known, one) for known in _addressed()):
            found.append(one)
    return tuple(found)


@cache
def _addressed() -> tuple[str, ...]:
    """Return the permissions that roles write with the address of their service."""
    return tuple(one for one in roles("gcp").known if "/" in one)
