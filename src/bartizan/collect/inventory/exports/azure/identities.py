"""Say as whom workloads act, and who is in Entra ID.

A workload ``runs-as`` the object id of its own (system-assigned) identity; it ``uses-profile`` an identity that it was given, which
``runs-as`` an object id of its own. Users, groups, service principals and applications are told by ``az ad ... list`` and Microsoft Graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Attachment, Edge, Principal, Statement, Uid
from bartizan.collect.inventory.exports.azure.rows import Row, mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts, Origin, Value

__all__ = ["app_permission", "application", "directory_kind", "directory_role", "identified", "person"]

IDENTITY: Final = "microsoft.managedidentity/userassignedidentities"
_TOLD: Final = (
    ("user", frozenset({"userPrincipalName"})),
    ("service_account", frozenset({"servicePrincipalType"})),
    ("group", frozenset({"securityEnabled", "displayName"})),
    ("application", frozenset({"appId", "requiredResourceAccess"})),
    ("directory_role", frozenset({"roleTemplateId", "members"})),
    ("app_permission", frozenset({"appRoleId", "principalId", "resourceId"})),
)
"""Which members tell what an object of the directory is, the first that fits."""
_PERSONS: Final = ("user", "service_account", "group")
_GLOBAL: Final = "62e90394-69f5-4237-9190-012177145e10"
_ADMINISTRATORS: Final = Uid("/providers/microsoft.directory/roles/global administrator")
_ELEVATE: Final = "Microsoft.Authorization/elevateAccess/action"


def identified(row: Row, facts: Facts) -> None:
    """Add the edges and principals of the identities of a resource."""
    if row.type == IDENTITY:
        _acts(row.uid, text(row.properties.get("principalId")), row, facts)
        return
    identity = mapping(row.value.get("identity"))
    _acts(row.uid, text(identity.get("principalId")), row, facts)
    for uid, told in mapping(identity.get("userAssignedIdentities")).items():
        given = Uid(uid.lower())
        facts.edges.append(Edge(row.uid, given, "uses-profile", row.origin))
        _acts(given, text(mapping(told).get("principalId")), row, facts)
    kubelet = mapping(mapping(row.properties.get("identityProfile")).get("kubeletidentity"))
    if kubelet:
        _acts(row.uid, text(kubelet.get("objectId")), row, facts)


def _acts(uid: Uid, principal: str, row: Row, facts: Facts) -> None:
    if principal:
        acts = Uid(principal.lower())
        name = uid.rpartition("/")[2]
        facts.edges.append(Edge(uid, acts, "runs-as", row.origin))
        facts.principals.append(
            Principal(uid=acts, provider="azure", kind="managed_identity", account=row.account, name=name, origin=row.origin),
        )


def directory_kind(record: Mapping[str, Value]) -> str:
    """Return what an object of Entra ID is, as user, service_account, group, application, directory_role; nothing for what is none."""
    if not isinstance(record.get("id"), str):
        return ""
    return next((kind for kind, names in _TOLD if names <= record.keys()), "")


def person(record: Mapping[str, Value], kind: str, origin: Origin, facts: Facts) -> None:
    """Add an object of the directory as a principal, and its members and owners where they are told."""
    uid = Uid(text(record.get("id")).lower())
    managed = text(record.get("servicePrincipalType")) == "ManagedIdentity"
    name = text(record.get("userPrincipalName")) or text(record.get("displayName"))
    facts.principals.append(
        Principal(uid=uid, provider="azure", kind="managed_identity" if managed else kind, name=name, origin=origin),
    )
    client = text(record.get("appId")).lower()
    if kind == "service_account" and client:
        facts.edges.append(Edge(Uid(f"application/{client}"), uid, "runs-as", origin))
    for member in _ids(record.get("members")):
        facts.edges.append(Edge(Uid(member), uid, "member-of", origin))
    for owner in _ids(record.get("owners")):
        facts.edges.append(Edge(Uid(owner), uid, "owns", origin))


def directory_role(record: Mapping[str, Value], origin: Origin, facts: Facts) -> None:
    """Say who holds a role of the directory, and of global administrators what they may do in Azure: elevate their access.

    Other roles of the directory hold nothing there; what they lead to are ways (``content/paths/azure/azure-entra-*``).

    Source: Azure RBAC documentation, "Elevate access to manage all Azure subscriptions and management groups".
    """
    told = record.get("members")
    for member in map(mapping, told if isinstance(told, list) else []):
        kind = directory_kind(member)
        if kind in _PERSONS:
            person(member, kind, origin, facts)
    template = text(record.get("roleTemplateId")).lower()
    facts.edges += [Edge(Uid(one), Uid(f"directory-role/{template}"), "holds", origin) for one in _ids(told)]
    if template == _GLOBAL:
        facts.statements.append(Statement(policy=_ADMINISTRATORS, number=0, sid="actions", actions=(_ELEVATE,), origin=origin))
        facts.attachments += [Attachment(_ADMINISTRATORS, Uid(one), "identity", "/", origin) for one in _ids(told)]


def app_permission(record: Mapping[str, Value], origin: Origin, facts: Facts) -> None:
    """Say that a service principal holds a permission of an application, as Microsoft Graph's are, by the id of the permission.

    Source: Microsoft Graph v1.0, "List appRoleAssignments granted to a service principal".
    """
    holder, permission = text(record.get("principalId")).lower(), text(record.get("appRoleId")).lower()
    facts.edges.append(Edge(Uid(holder), Uid(f"app-permission/{permission}"), "holds", origin))


def application(record: Mapping[str, Value], origin: Origin, facts: Facts) -> Row:
    """Return an application as a row, and add who owns it."""
    uid = Uid(f"application/{text(record.get('appId')).lower()}")
    for owner in _ids(record.get("owners")):
        facts.edges.append(Edge(Uid(owner), uid, "owns", origin))
    return Row(uid, "application", text(record.get("displayName")), {**record, "properties": dict(record)}, origin)


def _ids(value: Value) -> list[str]:
    found = [text(mapping(one).get("id")).lower() for one in (value if isinstance(value, list) else [])]
    return [uid for uid in found if uid]
