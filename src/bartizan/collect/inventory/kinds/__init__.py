"""Every kind of resource there is: one file each, with the properties that all origins give it and how each origin does."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from bartizan.documents import Refused, documents
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

__all__ = ["TYPES", "Kind", "Property", "kind", "kinds"]

TYPES: Final = ("string", "integer", "number", "boolean", "time", "strings", "policy", "object")
"""What a property can be; ``time`` is RFC 3339, ``policy`` a document whose statements are facts of their own."""
SECTIONS: Final = ("live", "terraform", "template", "export", "examples")
"""How origins read it; each is understood by the reader of that origin."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a kind."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource: ``sections`` holds what its file says to the readers of each origin."""

    provider: str
    name: str
    about: str
    properties: Mapping[str, Property]
    sections: Mapping[str, Any] = field(default_factory=dict)


@cache
def kinds() -> Mapping[tuple[str, str], Kind]:
    """Return every kind by provider and name; InputError where a file is none."""
    found: dict[tuple[str, str], Kind] = {}
    for provider in sorted(files(__name__).iterdir(), key=lambda one: one.name):
        if provider.is_dir() and not provider.name.startswith("_"):
            for file in sorted(provider.iterdir(), key=lambda one: one.name):
                if file.name.endswith(".yml"):
                    read = _read(provider.name, file)
                    found[read.provider, read.name] = read
    return found


def kind(provider: str, name: str) -> Kind | None:
    """Return a kind, or None where there is none."""
    return kinds().get((provider, name))


def _read(provider: str, file: Traversable) -> Kind:
    where = f"kinds/{provider}/{file.name}"
    try:
        (document,) = documents(file.read_bytes())
        if isinstance(document, Refused):
            raise document
        values: Any = document.value
        _must(isinstance(values, dict), "it is no mapping")
        _must({"kind", "about", "properties"} <= values.keys() <= {"kind", "about", "properties", *SECTIONS}, f"it has {sorted(values)}")
        _must(values["kind"] == file.name.removesuffix(".yml"), "the file has another name than the kind")
        properties = {name: _property(name, told) for name, told in values["properties"].items()}
        return Kind(provider, values["kind"], values["about"], properties, {name: values[name] for name in SECTIONS if name in values})
    except (Refused, ValueError) as error:
        message = f"{where}: {error}"
        raise InputError(message) from error


def _property(name: str, told: Mapping[str, str]) -> Property:
    _must(isinstance(told, dict) and told.keys() == {"type", "about"}, f"the property {name} needs a type and what it is about")
    _must(told["type"] in TYPES, f"the property {name} has the type {told['type']}, not one of {', '.join(TYPES)}")
    return Property(name, told["type"], told["about"])


def _must(holds: bool, why: str) -> None:  # noqa: FBT001 - a statement
    if not holds:
        raise ValueError(why)
