"""Turn roles of Azure into statements, and who has them where into attachments.

The policy of a role has one statement for what it allows of the control plane (``sid`` ``actions``) and one for data (``dataActions``),
each less its ``not_actions``. A role is named by ``/providers/microsoft.authorization/roledefinitions/GUID`` wherever it was made: the
GUID is unique. Who has a role is named by the object id in Entra ID, ``*`` is everybody. An assignment that must be activated first
(Privileged Identity Management) has the condition ``ELIGIBLE``.
Source: Azure RBAC documentation, "Understand role definitions", "Understand deny assignments".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Attachment, Condition, Gap, Principal, Statement, Uid
from bartizan.collect.inventory.exports.azure.rows import mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Facts, Value
    from bartizan.collect.inventory.exports.azure.rows import Row

__all__ = ["ACCESS", "EVERYBODY", "role_uid"]

EVERYBODY: Final = "00000000-0000-0000-0000-000000000000"
"""The object id that deny assignments have for all principals."""
_KINDS: Final = {
    "user": "user",
    "group": "group",
    "foreigngroup": "group",
    "serviceprincipal": "service_account",
    "managedidentity": "managed_identity",
    "device": "user",
}
_PLANES: Final = (("actions", "notActions"), ("dataActions", "notDataActions"))


def role_uid(uid: str) -> Uid:
    """Return the uid of a role, given any id of it."""
    return Uid(f"/providers/microsoft.authorization/roledefinitions/{uid.lower().rstrip('/').rpartition('/')[2]}")


def _definition(row: Row, facts: Facts) -> None:
    policy = role_uid(row.uid)
    told = row.properties.get("permissions")
    permissions = told if isinstance(told, list) else []
    if not isinstance(told, list):
        facts.gaps.append(_gap(row, policy, "the permissions of the role are not in the export"))
    number = 0
    for permission in map(mapping, permissions):
        for plane, less in _PLANES:
            actions, not_actions = _strings(permission.get(plane)), _strings(permission.get(less))
            asked = _condition(permission)
            if actions:
                statement = Statement(
                    policy=policy,
                    number=number,
                    sid=plane,
                    actions=actions,
                    not_actions=not_actions,
                    conditions=asked,
                    origin=row.origin,
                )
                facts.statements.append(statement)
                number += 1


def _assignment(row: Row, facts: Facts) -> None:
    told = row.properties
    principal, role = text(told.get("principalId")).lower(), text(told.get("roleDefinitionId"))
    if not principal or not role:
        facts.gaps.append(_gap(row, row.uid, "an assignment without principal or role"))
        return
    kind = _KINDS.get(text(told.get("principalType")).lower(), "")
    facts.principals.append(_principal(principal, kind, text(told.get("principalName")), row))
    asked = _condition(told)
    if row.type.endswith(("roleeligibilityschedules", "roleeligibilityscheduleinstances")):
        asked = (*asked, Condition("ELIGIBLE", "activation", ()))
    facts.attachments.append(Attachment(role_uid(role), Uid(principal), "identity", _scope(row), row.origin, asked))


def _denial(row: Row, facts: Facts) -> None:
    told = row.properties
    excluded = tuple(("Id", uid) for uid in _ids(told.get("excludePrincipals")))
    asked = [*_condition(told)]
    if told.get("doNotApplyToChildScopes") is True:
        asked.append(Condition("ONLY", "scope", ()))
    number = 0
    permissions = told.get("permissions")
    for permission in map(mapping, permissions if isinstance(permissions, list) else []):
        for plane, less in _PLANES:
            if actions := _strings(permission.get(plane)):
                statement = Statement(
                    policy=row.uid,
                    number=number,
                    sid=plane,
                    effect="Deny",
                    actions=actions,
                    not_actions=_strings(permission.get(less)),
                    not_principals=excluded,
                    conditions=tuple(asked),
                    origin=row.origin,
                )
                facts.statements.append(statement)
                number += 1
    for principal in _ids(told.get("principals")):
        target = "*" if principal == EVERYBODY else principal
        facts.attachments.append(Attachment(row.uid, Uid(target), "identity", _scope(row), row.origin))


def _vault(row: Row, facts: Facts) -> None:
    """Read the access policies of a vault as a policy on it, in the words of operations on data."""
    told = row.properties.get("accessPolicies")
    policy = Uid(f"{row.uid}#policy")
    number = 0
    for one in map(mapping, told if isinstance(told, list) else []):
        holder, permissions = text(one.get("objectId")).lower(), mapping(one.get("permissions"))
        actions = tuple(
            action for kind in _IN_VAULTS for said in _strings(permissions.get(kind)) for action in _operations(kind, said.lower())
        )
        if holder and actions:
            facts.statements.append(
                Statement(
                    policy=policy, number=number, sid="dataActions", actions=actions, principals=(("Id", holder),), origin=row.origin
                ),
            )
            facts.principals.append(_principal(holder, "", "", row))
            number += 1
    if number:
        facts.attachments.append(Attachment(policy, row.uid, "resource", row.uid, row.origin))


def _operations(kind: str, said: str) -> list[str]:
    """Return what a permission of an access policy is as operations on data."""
    below = f"Microsoft.KeyVault/vaults/{kind}"
    if said == "all":
        return [f"{below}/*"]
    if said == "get" and kind == "secrets":
        return [f"{below}/getSecret/action", f"{below}/readMetadata/action"]
    if said == "set" and kind == "secrets":
        return [f"{below}/setSecret/action"]
    return [f"{below}/{_WORDS.get(said, said + '/action')}"]


_IN_VAULTS: Final = ("keys", "secrets", "certificates")
_WORDS: Final = {
    "get": "read",
    "list": "readMetadata/action",
    "delete": "delete",
    "update": "update/action",
    "create": "create/action",
    "unwrapkey": "unwrap/action",
    "wrapkey": "wrap/action",
}

ACCESS: Final[Mapping[str, Callable[[Row, Facts], None]]] = {
    "microsoft.authorization/roledefinitions": _definition,
    "microsoft.authorization/roleassignments": _assignment,
    "microsoft.authorization/roleassignmentscheduleinstances": _assignment,
    "microsoft.authorization/roleeligibilityschedules": _assignment,
    "microsoft.authorization/roleeligibilityscheduleinstances": _assignment,
    "microsoft.authorization/denyassignments": _denial,
    "microsoft.keyvault/vaults": _vault,
}
"""What tells of rights, by type."""


def _scope(row: Row) -> str:
    """Return where an assignment holds, in lower case; ``/`` is the root of the tenant."""
    told = text(row.properties.get("scope")).lower().rstrip("/")
    return told or row.uid.rpartition("/providers/microsoft.authorization/")[0] or "/"


def _condition(told: Mapping[str, Value]) -> tuple[Condition, ...]:
    expression = text(told.get("condition"))
    return (Condition("ABAC", text(told.get("conditionVersion")) or "2.0", (expression,)),) if expression else ()


def _principal(uid: str, kind: str, name: str, row: Row) -> Principal:
    return Principal(uid=Uid(uid), provider="azure", kind=kind or "user", name=name, origin=row.origin)


def _ids(value: Value) -> list[str]:
    found = [text(mapping(one).get("id")).lower() for one in (value if isinstance(value, list) else [])]
    return [uid for uid in found if uid]


def _strings(value: Value) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _gap(row: Row, uid: Uid, detail: str) -> Gap:
    place = " ".join(filter(None, (row.origin.path, row.origin.place)))
    return Gap(provider="azure", call=place, reason="failed", detail=detail, account=row.account, uid=uid)
