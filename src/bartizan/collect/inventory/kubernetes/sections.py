"""Understand what the files of kinds say of Kubernetes: the section ``export``, a list of entries.

``kind`` and ``group`` (one, or several that it had over time) name the objects that an entry reads; ``gives`` has for each property a
JMESPath expression over the object. With ``items``, which gives a list, each of its items is a thing of its own, named by ``name``: its
expressions see the item, and the object as ``owner``. With ``of: pod`` or ``of: container`` they see what ``pods.py`` makes of a pod or
of a template.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.expressions import expression
from bartizan.collect.inventory.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Value
    from bartizan.collect.inventory.kinds import Kind

__all__ = ["PROVIDER", "Entry", "entries", "known_kinds", "parts", "properties"]

PROVIDER: Final = "kubernetes"
_LONGEST: Final = 4096
"""Of a text that is kept: annotations may hold a quarter of a megabyte."""
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "time": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "strings": (list,),
    "object": (dict,),
    "policy": (dict, list),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one kind."""

    kind: Kind
    gives: Mapping[str, Callable[[Any], Any]]
    items: Callable[[Any], Any] | None
    name: Callable[[Any], Any] | None
    row: str
    """What stands before the name of an item in its uid."""


@cache
def entries() -> Mapping[tuple[str, str], tuple[Entry, ...]]:
    """Return the entries by group and kind of the object that they read, in the order of the kinds' names."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for kind, told in _told():
        if "kind" in told:
            groups = told.get("group", "")
            for group in groups if isinstance(groups, list) else [groups]:
                found.setdefault((group, told["kind"]), []).append(_entry(kind, told))
    return {key: tuple(sorted(value, key=lambda one: one.items is not None)) for key, value in found.items()}


@cache
def parts(of: str) -> Entry:
    """Return the entry that reads ``pod`` or ``container``."""
    return next(_entry(kind, told) for kind, told in _told() if told.get("of") == of)


@cache
def known_kinds() -> tuple[str, ...]:
    """Return the names of all kinds of things of a cluster."""
    return tuple(name for provider, name in kinds() if provider == PROVIDER)


def properties(entry: Entry, value: object) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the properties of a thing that are set, and those that cannot be told, because they have another type, with why."""
    given: dict[str, Value] = {}
    unknown: dict[str, str] = {}
    for name, one in entry.gives.items():
        found = one(value)
        wanted = entry.kind.properties[name].type
        if found is None:
            continue
        if _fits(found, wanted):
            given[name] = found[:_LONGEST] if isinstance(found, str) else found
        else:
            unknown[name] = f"it is {type(found).__name__}, not {wanted}"
    return given, unknown


def _fits(value: object, wanted: str) -> bool:
    if wanted != "boolean" and isinstance(value, bool):
        return False
    if wanted == "strings":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, _TYPES[wanted])


def _told() -> list[tuple[Kind, Mapping[str, Any]]]:
    return [(kind, told) for (provider, _), kind in kinds().items() if provider == PROVIDER for told in kind.sections.get("export", ())]


def _entry(kind: Kind, told: Mapping[str, Any]) -> Entry:
    gives = {name: expression(text) for name, text in told["gives"].items()}
    items, name = (expression(told[key]) if key in told else None for key in ("items", "name"))
    return Entry(kind, gives, items, name, str(told.get("row", kind.name)))
