"""Read the ``live`` section of a kind of Azure: what is asked beside the Resource Graph, which has every resource.

::

    live:
      - of: Microsoft.Sql/servers              # asked for each resource of this type, and of subscriptions once for each
        get: auditingSettings/default          # below its id; an answer with ``value`` is a list, of any number of pages
        api: "2021-11-01"                      # the version of the interface
        where: "kind != 'FileStorage'"         # JMESPath of its row: only for these
        each: true                             # the list shows too little: each of it is asked for again
        absent: [NotFound]                     # this error means: there is none, which is a fact and no gap
        tells: [auditing]                      # what is unknown without it: if not all that export entries of its type give
        some: true                             # Azure always lists some: where it lists none, that is no fact
        to: below                              # it tells of resources of this kind below the one that is asked
        only: settings                         # asked where that is wanted alone; ``post`` in place of ``get``
      - {table: resources, tells: [flow_log]}  # rows of a table of the Resource Graph tell it, and where none does, it is not set

Answers are rows like those of the Resource Graph, and are understood by the same ``export`` entries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.expressions import evaluate
from bartizan.collect.inventory.live.sections import sections_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.kinds import Kind

__all__ = ["SUBSCRIPTION", "Asking", "Bulk", "askings", "bulks", "types_of"]

SUBSCRIPTION: Final = "microsoft.resources/subscriptions"
_ASKING: Final = frozenset({"of", "get", "post", "api", "where", "each", "absent", "tells", "to", "only", "some"})
_TO: Final = ("", "below")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request for each resource of a type."""

    kind: Kind
    of: str
    """The type as Azure writes it."""
    below: str
    """What stands behind the resource's id."""
    api: str
    method: str = "GET"
    where: str = ""
    each: bool = False
    some: bool = False
    absent: frozenset[str] = frozenset()
    tells: tuple[str, ...] = ()
    """Properties of the resource; () where it lists resources of the kind."""
    to_below: bool = False
    only: str = ""

    @property
    def action(self) -> str:
        """Return the operation that it needs a right to."""
        if self.method == "POST":
            *path, verb = self.below.split("/")
            return f"{self.of}/{'/'.join(_types(path))}/{verb}/action"
        parts = self.below.split("/")
        if parts[0] == "providers":
            return f"{'/'.join([parts[1], *_types(parts[2:])])}/read"
        return f"{self.of}/{'/'.join(_types(parts))}/read"

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Say whether it is asked for a resource."""
        return not self.where or bool(evaluate(self.where, row))


@dataclass(frozen=True, slots=True)
class Bulk:
    """Properties that rows of a table of the Resource Graph tell."""

    kind: Kind
    table: str
    tells: tuple[str, ...]


@cache
def askings() -> tuple[Asking, ...]:
    """Return every request, in the order of kinds; InputError where a file is wrong."""
    return tuple(one for one in _entries() if isinstance(one, Asking))


@cache
def bulks() -> tuple[Bulk, ...]:
    """Return what tables tell, in the order of kinds; InputError as above."""
    return tuple(one for one in _entries() if isinstance(one, Bulk))


def types_of(kind: Kind) -> tuple[str, ...]:
    """Return the types whose resources are of a kind, in lower case."""
    return tuple(entry["type"] for entry in kind.sections.get("export", ()) if "of" not in entry)


@cache
def _entries() -> tuple[Asking | Bulk, ...]:
    return tuple(sections_of("azure", _entry))


def _entry(kind: Kind, told: Mapping[str, Any]) -> Asking | Bulk:
    names = tuple(told.get("tells", ()))
    strange = sorted(set(names) - kind.properties.keys()) or sorted(told.keys() - (_ASKING if "of" in told else {"table", "tells"}))
    if strange:
        message = f"the kind has no property, or the section no member, {', '.join(strange)}"
        raise ValueError(message)
    if "table" in told:
        return Bulk(kind, told["table"], names)
    if ("get" in told) == ("post" in told) or told.get("to", "") not in _TO:
        message = "it needs either get or post, and knows 'to: below' alone"
        raise ValueError(message)
    asking = Asking(
        kind=kind,
        of=told["of"],
        below=told["get"] if "get" in told else told["post"],
        api=str(told["api"]),
        method="GET" if "get" in told else "POST",
        where=told.get("where", ""),
        each=told.get("each", False),
        some=told.get("some", False),
        absent=frozenset(told.get("absent", ())),
        to_below=told.get("to", "") == "below",
        only=told.get("only", ""),
    )
    return replace(asking, tells=names or _given(kind, asking))


def _given(kind: Kind, asking: Asking) -> tuple[str, ...]:
    """Return what the kind's entries take from answers of the type as properties of another resource."""
    type_ = asking.action.lower().removesuffix("/read")
    told = [entry for entry in kind.sections.get("export", ()) if entry["type"] == type_ and "of" in entry]
    return tuple(dict.fromkeys(name for entry in told for name in entry.get("gives", {})))


def _types(path: list[str]) -> list[str]:
    """Return the types of a path of types and names in turn."""
    return path[::2]
