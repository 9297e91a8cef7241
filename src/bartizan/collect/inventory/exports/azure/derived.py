"""Work out what several records together tell of a resource: owners of a subscription, settings of an application, logs of traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.credentials import MARK, looks_like
from bartizan.collect.inventory.exports.azure.access import role_uid
from bartizan.collect.inventory.exports.azure.rows import mapping, text

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts, Uid
    from bartizan.collect.inventory.exports.azure.rows import Row
    from bartizan.collect.inventory.exports.drafts import Draft, Drafts

__all__ = ["derived", "settings_of"]

_OWNER: Final = role_uid("8e3af657-a8ff-443c-a75c-2fe8c4bcb635")
_SITES: Final = ("web_app", "function_app")


def settings_of(row: Row) -> dict[str, str] | None:
    """Return the settings that a record of an application shows, None where it shows none; they are looked at and not kept."""
    if row.type == "microsoft.web/sites":
        told = mapping(row.properties.get("siteConfig")).get("appSettings")
        pairs = [mapping(one) for one in told] if isinstance(told, list) else None
        return None if pairs is None else {text(one.get("name")): text(one.get("value")) for one in pairs}
    if row.type == "microsoft.web/sites/config" and row.name.lower().endswith("appsettings"):
        return {name: text(value) for name, value in row.properties.items()}
    return None


def derived(drafts: Drafts, facts: Facts, settings: dict[Uid, dict[str, str]]) -> None:
    """Set the properties that several records tell together."""
    owners: dict[str, set[str]] = {}
    for one in facts.attachments:
        if one.policy == _OWNER and not any(condition.operator == "ELIGIBLE" for condition in one.conditions):
            owners.setdefault(one.scope, set()).add(one.target)
    logs = [draft for draft in drafts.held.values() if draft.kind == "network_watcher_flow_log"]
    for draft in drafts.held.values():
        if draft.kind == "subscription":
            why = drafts.untold(draft.uid, "owners", "" if facts.attachments else "no role assignment is in the export")
            if why:
                draft.unknown["owners"] = why
            else:
                draft.properties["owners"] = len(owners.get(draft.uid, ()))
        elif draft.kind == "network_security_group":
            _logged(draft, logs, drafts.untold(draft.uid, "flow_log", "" if logs else "no logs of traffic are in the export"))
        elif draft.kind in _SITES:
            _set(draft, settings.get(draft.uid), drafts.untold(draft.uid, "settings.names", "its settings are not in the export"))


def _logged(draft: Draft, logs: list[Draft], why: str) -> None:
    if why:
        draft.unknown |= dict.fromkeys(("flow_log", "flow_log.retention_days"), why)
        return
    mine = [one for one in logs if one.properties.get("enabled") is True and text(one.properties.get("target")).lower() == draft.uid]
    draft.properties["flow_log"] = bool(mine)
    if mine:
        draft.properties["flow_log.retention_days"] = mine[0].properties.get("retention_days")


def _set(draft: Draft, settings: dict[str, str] | None, why: str) -> None:
    if settings is None:
        draft.unknown |= dict.fromkeys(("settings.names", "settings.secrets"), why)
        return
    draft.properties["settings.names"] = list(settings)
    draft.properties["settings.secrets"] = [name for name, value in settings.items() if _secret(name, value)]


def _secret(name: str, value: str) -> bool:
    """Say whether a setting looks like a credential; where its value was not kept, what stands in its place tells."""
    return value != MARK if value.startswith(MARK) else looks_like(value, name=name) != ""
