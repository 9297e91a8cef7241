"""Read who can do what from the account authorization details of IAM, live or kept: principals, policies, attachments, memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Origin, Principal, Uid
from bartizan.collect.inventory.live.calls import Answer
from bartizan.collect.inventory.policies import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.live.aws.calls import Ask, Call

__all__ = ["CALL", "boundaries_missing", "details_facts", "in_use", "used_policies"]

CALL = "iam:GetAccountAuthorizationDetails"
_LISTS = (("UserDetailList", "user"), ("GroupDetailList", "group"), ("RoleDetailList", "role"))


def details_facts(document: Mapping[str, Any], origin: Origin, *, account: str = "", boundaries: Mapping[str, str] | None = None) -> Facts:
    """Return what authorization details say of who can do what; ``boundaries``, by ARN of user, are those that it does not tell."""
    facts = Facts()
    groups = {str(one.get("GroupName")): Uid(str(one.get("Arn"))) for one in _rows(document, "GroupDetailList")}
    for name, kind in _LISTS:
        for row in _rows(document, name):
            uid = Uid(str(row.get("Arn", "")))
            owner = uid.split(":")[4] if uid.count(":") > 4 else account  # noqa: PLR2004 - parts of an ARN
            told = str(row.get(f"{kind.capitalize()}Name", ""))
            facts.principals.append(Principal(uid=uid, provider="aws", kind=kind, account=owner, name=told, origin=origin))
            _policies(row, kind, uid, facts, origin)
            _boundary(row, uid, boundaries or {}, facts, origin)
            for group in row.get("GroupList") or ():
                member = groups.get(group, Uid(f"{uid.rpartition(':')[0]}:group/{group}"))
                facts.edges.append(Edge(uid, member, "member-of", origin))
            if kind == "role":
                _role(row, uid, facts, origin)
    used = used_policies(document)
    for row in _rows(document, "Policies"):
        uid = Uid(str(row.get("Arn", "")))
        if uid in used or ":aws:policy/" not in uid:
            facts.add(read_policy(_held(row), uid, origin=origin, account=account))
    return facts


def used_policies(document: Mapping[str, Any]) -> set[str]:
    """Return the ARNs of managed policies that anybody has or is bounded by."""
    rows = [row for name, _kind in _LISTS for row in _rows(document, name)]
    used = {str(one.get("PolicyArn")) for row in rows for one in row.get("AttachedManagedPolicies") or ()}
    return used | {str(row["PermissionsBoundary"].get("PermissionsBoundaryArn")) for row in rows if row.get("PermissionsBoundary")}


def in_use(ask: Ask) -> Ask:
    """Return what answers as another does, but for the policies of AWS that nobody has: 1,500 of them say nothing of an account."""

    def asked(call: Call) -> Answer:
        answer = ask(call)
        if call.name != CALL or answer.failure is not None:
            return answer
        used = used_policies(answer.document)
        held = [row for row in _rows(answer.document, "Policies") if ":aws:policy/" not in str(row.get("Arn")) or _is_used(row, used)]
        return Answer({**answer.document, "Policies": held})

    return asked


def _is_used(row: Mapping[str, Any], used: set[str]) -> bool:
    return bool(row.get("Arn") in used or row.get("AttachmentCount") or row.get("PermissionsBoundaryUsageCount"))


def boundaries_missing(document: Mapping[str, Any]) -> list[str]:
    """Return the names of users whose boundary the details may not tell: AWS tells it, and counts it, some that speak like it do not.

    A policy says how many it bounds. Where that is more than the boundaries that are told, or where it says nothing, users without
    one are to be asked for one by one.
    """
    policies, rows = _rows(document, "Policies"), [row for name, _kind in _LISTS for row in _rows(document, name)]
    told = sum(1 for row in rows if row.get("PermissionsBoundary"))
    counts = [one.get("PermissionsBoundaryUsageCount") for one in policies]
    if policies and all(isinstance(one, int) for one in counts) and sum(one for one in counts if one) <= told:
        return []
    if not policies:
        return []
    return [str(row.get("UserName")) for row in _rows(document, "UserDetailList") if not row.get("PermissionsBoundary")]


def _rows(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [row for row in document.get(name) or () if isinstance(row, dict)]


def _policies(row: Mapping[str, Any], kind: str, uid: Uid, facts: Facts, origin: Origin) -> None:
    for inline in row.get(f"{kind.capitalize()}PolicyList") or ():
        policy = Uid(f"{uid}#inline/{inline.get('PolicyName', '')}")
        facts.add(read_policy(inline.get("PolicyDocument"), policy, origin=origin))
        facts.attachments.append(Attachment(policy, uid, "identity", origin=origin))
    for attached in row.get("AttachedManagedPolicies") or ():
        facts.attachments.append(Attachment(Uid(str(attached.get("PolicyArn", ""))), uid, "identity", origin=origin))


def _boundary(row: Mapping[str, Any], uid: Uid, others: Mapping[str, str], facts: Facts, origin: Origin) -> None:
    policy = (row.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or others.get(uid)
    if policy:
        facts.attachments.append(Attachment(Uid(str(policy)), uid, "boundary", origin=origin))


def _role(row: Mapping[str, Any], uid: Uid, facts: Facts, origin: Origin) -> None:
    policy = Uid(f"{uid}#trust")
    facts.add(read_policy(row.get("AssumeRolePolicyDocument"), policy, origin=origin))
    facts.attachments.append(Attachment(policy, uid, "trust", origin=origin))
    for profile in row.get("InstanceProfileList") or ():
        facts.edges.append(Edge(Uid(str(profile.get("Arn", ""))), uid, "runs-as", origin))


def _held(row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    versions = list(_versions(row))
    held = [one for one in versions if one.get("IsDefaultVersion") or one.get("VersionId") == row.get("DefaultVersionId")]
    return (held or versions or [{}])[0].get("Document")


def _versions(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in row.get("PolicyVersionList") or () if isinstance(one, dict))
