"""Say what a property is by what a section gives for it: see ``gives`` in ``sections``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.declared.searching import search
from bartizan.collect.inventory.declared.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.declared.contract import Declared
    from bartizan.collect.inventory.declared.index import Index

__all__ = ["given", "inherited", "listed"]


def given(told: str | list[str] | Mapping[str, Any], one: Declared, index: Index) -> Any:  # noqa: ANN401 - any value of a declaration
    """Return a value, None where it is not set."""
    if not isinstance(told, dict):
        return _first(told, one.values)  # type: ignore[arg-type]  # a Mapping that is no dict comes from no YAML
    found = _first(told["at"], one.values)
    if found is None or found == "":
        return Unknown(told["untold"]) if "untold" in told else told.get("absent")
    if "as" in told and isinstance(found, bool):
        return told["as"] if found else ""
    if "is" not in told:
        return found
    names = listed(found)
    drafts = [index.reach(told["is"], name, one.where, one.origin) if isinstance(name, str) and name else None for name in names]
    uids = [str(draft.uid) if draft else name for draft, name in zip(drafts, names, strict=True)]
    return uids if isinstance(found, list) else uids[0]


def inherited(told: Mapping[str, Any], one: Declared, index: Index) -> Any:  # noqa: ANN401 - any value of a declaration
    """Return what a property is that hangs on one of another resource: ``otherwise`` says of which kind, and what names it."""
    other = told["otherwise"]
    name = _first(other["at"], one.values)
    if name is None or name == "":
        value = other.get("absent")
    elif isinstance(name, Unknown):
        return Unknown(name.why)
    else:
        draft = index.reach(other["is"], str(name), one.where, one.origin)
        if draft is None or draft.foreign:
            return Unknown(f"it hangs on {name}, which is declared elsewhere")
        if other["property"] in draft.unknown:
            return Unknown(draft.unknown[other["property"]])
        value = draft.properties.get(other["property"], draft.entry.defaults.get(other["property"]))
    return (told["as"] if value else "") if "as" in told and isinstance(value, bool) else value


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - any value of a declaration
    """Return a list as it is, one value as a list of one, and nothing as none."""
    return value if isinstance(value, list) else [] if value is None or value == "" else [value]


def _first(paths: str | list[str], values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any value of a declaration
    """Return what the first path yields that yields anything."""
    for path in [paths] if isinstance(paths, str) else paths:
        found = search(path, values)
        if found is not None:
            return found
    return None
