"""Write a tiny subscription by hand: who may do what where, what there is, who is what.

```yaml
estate:
  may: {user/dev: [Microsoft.Compute/virtualMachines/write, "Microsoft.Web/sites/write to web_app/shop"]}   # the subscription if not said
  own: {user/dev: [Microsoft.Authorization/roleDefinitions/read]}   # by a role of the customer's own, a resource too: role_definition/dev
  resources: {virtual_machine/web: {system: true, identities: [app], properties: {...}, name: web, kind: functionapp}}
  rows: [{type: microsoft.network/..., id: "...", properties: {...}}]      # anything else, as the Resource Graph has it
  owns: {user/dev: [application/app]}
  holds: {user/dev: [directory-role/TEMPLATE, app-permission/ID]}          # roles of Entra ID, permissions of applications
  principals: [user/dev, team/ops, app/shop]                               # who has nothing in Azure itself
```

Names: ``user/NAME``, ``team/NAME``, ``app/NAME``, ``subscription``, ``resource_group/NAME``, ``management_group/NAME``, ``KIND/NAME`` of a
resource in the resource group ``prod``, ``KIND/NAME/self`` its own identity, ``user_assigned_identity/NAME/self`` the object id of one.
A ``{PLACE}`` in rows stands for the id of what is named. Operations that Azure knows as data are allowed as data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Edge, Facts, Origin, Principal, Uid
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.kinds import kind
from bartizan.review.cloud.permission.azure.operations import DATA, planes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ACCOUNT", "estate", "uid"]

ACCOUNT: Final = "0a0a0a0a-0000-0000-0000-000000000001"
_SUBSCRIPTION: Final = f"/subscriptions/{ACCOUNT}"
_GROUP: Final = f"{_SUBSCRIPTION}/resourcegroups/prod"
_ORIGIN: Final = Origin("recording", "case")
_PLACE: Final = re.compile(r"\{([a-z_]+(?:/[\w-]+)*)\}")
_ROLES: Final = "/providers/microsoft.authorization/roledefinitions/"
_SHAPES: Final = {
    "subscription": _SUBSCRIPTION,
    "user": "user-{}",
    "team": "team-{}",
    "app": "app-{}",
    "resource_group": f"{_SUBSCRIPTION}/resourcegroups/{{}}",
    "management_group": "/providers/microsoft.management/managementgroups/{}",
    "role_definition": f"{_SUBSCRIPTION}{_ROLES}own-{{}}",
}


def uid(name: str) -> Uid:
    """Return the uid that a name means."""
    head, _, rest = name.partition("/")
    if name.endswith("/self"):
        return Uid(f"self-{rest.removesuffix('/self')}")
    if head in _SHAPES:
        return Uid(_SHAPES[head].format(rest))
    known = kind("azure", head)
    if known is None or head == "application":
        return Uid(name)
    type_ = next(entry["type"] for entry in known.sections["export"] if "of" not in entry)
    return Uid(f"{_GROUP}/providers/{type_}/{rest}")


def estate(told: Mapping[str, Any]) -> Facts:
    """Read a subscription into facts; nothing of it is unread."""
    reading = AzureReading()
    for row in _rows(told):
        reading.take(row, _ORIGIN)
    facts = reading.facts()
    facts.gaps = []
    facts.edges += [Edge(uid(who), uid(what), "owns", _ORIGIN) for who, things in told.get("owns", {}).items() for what in things]
    facts.edges += [Edge(uid(who), Uid(what), "holds", _ORIGIN) for who, things in told.get("holds", {}).items() for what in things]
    known = {one.uid for one in facts.principals}
    for name in (*told.get("principals", ()), *told.get("holds", {})):
        if uid(name) not in known:
            kind_ = {"team": "group", "app": "service_account"}.get(name.partition("/")[0], "user")
            facts.principals.append(Principal(uid=uid(name), provider="azure", kind=kind_, name=name, origin=_ORIGIN))
    return facts


def _rows(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    chain = [{"name": "corp"}, {"name": "tenant"}]
    yield {"id": _SUBSCRIPTION, "type": "microsoft.resources/subscriptions", "properties": {"managementGroupAncestorsChain": chain}}
    for name in ("corp", "tenant"):
        yield {"id": uid(f"management_group/{name}"), "type": "microsoft.management/managementgroups", "properties": {}}
    yield {"id": _GROUP, "type": "microsoft.resources/subscriptions/resourcegroups", "properties": {}}
    for who, rights in told.get("may", {}).items():
        for number, right in enumerate(rights):
            action, _, where = right.partition(" to ")
            yield from _given(who, f"{who.replace('/', '-')}-{number}", [action], where or "subscription")
    for who, actions in told.get("own", {}).items():
        yield from _given(who, f"own-{who.partition('/')[2]}", actions, "subscription")
    for name, said in told.get("resources", {}).items():
        yield _resource(name, said or {})
    for row in told.get("rows", ()):
        yield _filled(row)


def _given(who: str, name: str, actions: list[str], where: str) -> Iterator[dict[str, Any]]:
    permission: dict[str, list[str]] = {"actions": [], "dataActions": []}
    for action in actions:
        permission["dataActions" if planes(action) == (DATA,) else "actions"].append(action)
    role = f"{_SUBSCRIPTION}{_ROLES}{name}"
    properties: dict[str, Any] = {
        "roleName": name,
        "type": "CustomRole" if name.startswith("own-") else "BuiltInRole",
        "permissions": [permission],
    }
    yield {"id": role, "type": "microsoft.authorization/roledefinitions", "properties": properties}
    kind_ = "Group" if who.startswith("team/") else "ServicePrincipal" if who.endswith("/self") else "User"
    given = {"roleDefinitionId": role, "principalId": uid(who), "principalType": kind_, "scope": uid(where)}
    yield {
        "id": f"/providers/microsoft.authorization/roleassignments/{name}",
        "type": "microsoft.authorization/roleassignments",
        "properties": given,
    }


def _resource(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    head, _, rest = name.partition("/")
    if head == "application":
        return {"id": f"object-{rest}", "appId": rest, "displayName": rest, "requiredResourceAccess": []}
    properties = dict(said.get("properties", {}))
    if head == "user_assigned_identity":
        properties["principalId"] = f"self-{rest}"
    row: dict[str, Any] = {
        "id": str(uid(name)),
        "type": str(uid(name)).rpartition("/providers/")[2].rpartition("/")[0],
        "name": rest,
        "properties": properties,
    }
    identity: dict[str, Any] = {"principalId": f"self-{rest}"} if said.get("system") else {}
    if said.get("identities"):
        identity["userAssignedIdentities"] = {
            uid(f"user_assigned_identity/{one}"): {"principalId": f"self-{one}"} for one in said["identities"]
        }
    return {**row, **({"identity": identity} if identity else {}), **({"kind": said["kind"]} if "kind" in said else {})}


def _filled(value: Any) -> Any:  # noqa: ANN401 - what YAML holds
    if isinstance(value, str):
        return _PLACE.sub(lambda found: str(uid(found[1])), value)
    if isinstance(value, dict):
        return {key: _filled(one) for key, one in value.items()}
    return [_filled(one) for one in value] if isinstance(value, list) else value
