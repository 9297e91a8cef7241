"""Bring every form in which Azure tells of a resource into one: a row of the Resource Graph.

The Resource Graph, the REST interface and exported templates keep what a type has of its own below ``properties``; lists of the command
line have it beside ``id`` and ``name``. Resource ids are compared without letter case, so uids are in lower case.
Source: Azure Resource Graph, "Table and resource type reference"; Azure CLI, output of ``az ... list -o json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Origin, Value

__all__ = ["SUBSCRIPTION", "Row", "as_row", "is_row", "mapping", "parent_of", "resource_group_of", "subscription_of", "text"]

SUBSCRIPTION: Final = "microsoft.resources/subscriptions"
_ENVELOPE: Final = frozenset(
    (
        *("id", "name", "type", "location", "resourceGroup", "tags", "kind", "sku", "identity", "managedBy", "plan", "zones"),
        *("subscriptionId", "tenantId", "extendedLocation", "apiVersion", "etag", "systemData", "createdTime", "changedTime"),
        "provisioningState",
    )
)
"""What a resource has beside what is of its type: a list that shows no more leaves everything of the type unknown."""
_ROOTS: Final = ("/subscriptions/", "/providers/microsoft.", "/tenants/")


@dataclass(frozen=True, slots=True)
class Row:
    """One resource as told. ``value`` has ``properties``; ``bare`` where the list that it is from does not show them."""

    uid: Uid
    type: str
    name: str
    value: dict[str, Value]
    origin: Origin
    bare: bool = False

    @property
    def properties(self) -> Mapping[str, Value]:
        """Return what is of its type."""
        return mapping(self.value.get("properties"))

    @property
    def account(self) -> str:
        """Return the id of the subscription that it is in."""
        return subscription_of(self.uid) or text(self.value.get("subscriptionId")).lower()

    @property
    def region(self) -> str:
        """Return its location."""
        return text(self.value.get("location"))

    @property
    def tags(self) -> dict[str, str]:
        """Return its tags."""
        return {name: value for name, value in mapping(self.value.get("tags")).items() if isinstance(value, str)}

    def above(self, of: str) -> tuple[Uid, ...]:
        """Return the uid of its subscription, or of what its id is below."""
        return (Uid(f"/subscriptions/{self.account}" if of == "subscription" else parent_of(self.uid)),)


def is_row(record: Mapping[str, Value]) -> bool:
    """Say whether a record is a resource of Azure, or a subscription as ``az account list`` shows it."""
    uid, kind = record.get("id"), record.get("type")
    if isinstance(uid, str) and uid.lower().startswith(_ROOTS):
        return isinstance(kind, str) or _typed(uid) != ""
    return isinstance(uid, str) and {"tenantId", "state", "cloudName"} <= record.keys()


def as_row(record: Mapping[str, Value], origin: Origin) -> Row:
    """Return a record as a row."""
    uid = text(record["id"]).lower().rstrip("/")
    if not uid.startswith("/"):
        uid = f"/subscriptions/{uid}"
    kind = text(record.get("type")).lower() or _typed(uid)
    own = record.get("properties")
    flat = not isinstance(own, dict)
    value = {**record, "properties": dict(record)} if flat else dict(record)
    if kind == "microsoft.resources/resourcegroups":
        kind = "microsoft.resources/subscriptions/resourcegroups"
    name = text(record.get("name")) or uid.rpartition("/")[2]
    bare = flat and record.keys() <= _ENVELOPE and kind != SUBSCRIPTION
    return Row(Uid(uid), kind, name, value, origin, bare=bare)


def _typed(uid: str) -> str:
    """Return the type that a resource id tells: ``/providers/A/b/NAME/c/NAME`` is of the type ``a/b/c``."""
    parts = uid.lower().strip("/").split("/")
    if "providers" in parts:
        at = len(parts) - 1 - parts[::-1].index("providers")
        named = parts[at + 1 :]
        return "/".join([*named[:1], *named[1::2]]) if len(named) > 1 else ""
    if len(parts) == 2 and parts[0] == "subscriptions":  # noqa: PLR2004 - subscriptions and an id
        return SUBSCRIPTION
    if len(parts) == 4 and parts[2] == "resourcegroups":  # noqa: PLR2004 - subscriptions, an id, resourcegroups and a name
        return f"{SUBSCRIPTION}/resourcegroups"
    return ""


def parent_of(uid: str) -> str:
    """Return what an id is below: of an extension what it extends, of a child its parent, of a resource its group."""
    above = uid.rpartition("/")[0].rpartition("/")[0]
    if above.rpartition("/")[0].endswith("/providers"):
        return above.rpartition("/providers/")[0]
    return above


def subscription_of(uid: str) -> str:
    """Return the id of the subscription in a resource id, or nothing."""
    parts = uid.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else ""  # noqa: PLR2004 - what is behind the second stroke


def resource_group_of(uid: str) -> str:
    """Return the uid of the resource group in a resource id, or nothing."""
    parts = uid.split("/")
    return "/".join(parts[:5]) if len(parts) > 4 and parts[3].lower() == "resourcegroups" else ""  # noqa: PLR2004 - the first five parts


def text(value: Value) -> str:
    """Return a text, or nothing for what is none."""
    return value if isinstance(value, str) else ""


def mapping(value: Value) -> Mapping[str, Value]:
    """Return a mapping, or an empty one for what is none."""
    return value if isinstance(value, dict) else {}
