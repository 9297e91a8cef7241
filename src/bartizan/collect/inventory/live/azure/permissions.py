"""Say what a principal must be allowed to do for all calls of the collector, and nothing more: derived from the kind files."""

from __future__ import annotations

from typing import Any, Final

from bartizan.collect.inventory.kinds import kinds
from bartizan.collect.inventory.live.azure.directory import PERMISSION
from bartizan.collect.inventory.live.azure.rights import CALL
from bartizan.collect.inventory.live.azure.sections import askings

__all__ = ["actions", "custom_role"]

_ALWAYS: Final = (CALL.lower(), "microsoft.resourcegraph/resources/read", "microsoft.resources/subscriptions/read")
_NOT_READ: Final = frozenset({"application", "microsoft.resources/resourcegroups"})
"""Types that no operation of Azure reads: those of the directory, and a second name that exports have for one."""


def actions(*, settings: bool = False) -> tuple[str, ...]:
    """Return the operations that reading every kind needs, in lower case and in order; with ``settings`` also what shows those.

    The Resource Graph shows only what one may read otherwise: the type of each kind, and of each part of one, needs its own.
    """
    entries = [entry for (provider, _), kind in kinds().items() if provider == "azure" for entry in kind.sections.get("export", ())]
    read = {f"{entry['type']}/read" for entry in entries if entry["type"] not in _NOT_READ}
    asked = {one.action.lower() for one in askings() if settings or one.only != "settings"}
    return tuple(sorted({*_ALWAYS, *read, *asked}))


def custom_role(*, settings: bool = False) -> dict[str, Any]:
    """Return a role with nothing but these operations, as `az role definition create --role-definition` takes it."""
    return {
        "Name": "Bartizan reader",
        "IsCustom": True,
        "Description": f"Reads what a review of Azure needs. In Microsoft Graph it needs the application permission {PERMISSION} as well.",
        "Actions": list(actions(settings=settings)),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": ["/providers/Microsoft.Management/managementGroups/ID-OF-THE-ROOT-GROUP"],
    }
