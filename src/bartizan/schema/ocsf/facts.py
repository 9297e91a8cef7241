"""Read the facts of OCSF that stand beside this file in ``facts.json``.

The file is derived from the schema sources by ``python -m bartizan.testing.ocsf_facts``; it says where they come from.
The sources are ahead of the release that records claim (``VERSION``): what they add to it is known here too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VERSION", "Attribute", "Shape", "classes", "document", "shape_of_class", "shape_of_object"]

VERSION: Final = "1.8.0"
"""What ``metadata.version`` of every record says: the last release of OCSF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What OCSF says of one attribute where it stands. ``kind`` is a type (``ip_t``) or the name of an object (``user``)."""

    name: str
    kind: str
    requirement: str = "optional"
    is_object: bool = False
    is_array: bool = False
    profiles: tuple[str, ...] = ()
    """The attribute is there only in records that declare one of these; () if always."""
    enum: Mapping[str, str] = field(default_factory=dict)
    """Number as text -> caption; empty where any value goes."""
    sibling: str = ""
    """The attribute that holds the caption of this one's value."""
    observable: int = 0
    """The ``type_id`` of an observable made of it, 0 if it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A class or an object: which attributes it has, and which of them it cannot be without."""

    name: str
    caption: str
    attributes: Mapping[str, Attribute]
    at_least_one: tuple[str, ...] = ()
    just_one: tuple[str, ...] = ()


@cache
def document() -> Mapping[str, Any]:
    """Return the file as read, once: ``Any`` because it is JSON as it stands."""
    read: dict[str, Any] = json.loads(Path(__file__).with_name("facts.json").read_bytes())
    return read


@cache
def classes() -> Mapping[int, str]:
    """Return the name of every class by its uid."""
    return {item["uid"]: name for name, item in document()["classes"].items()}


@cache
def shape_of_class(name: str) -> Shape:
    """Return a class by its name (``process_activity``)."""
    said = document()["classes"][name]
    base = document()["classes"]["base_event"]["attributes"]
    return _shape(name, said, {**base, **said["attributes"]})


@cache
def shape_of_object(name: str) -> Shape:
    """Return an object by its name (``user``)."""
    said = document()["objects"][name]
    return _shape(name, said, said["attributes"])


def _shape(name: str, said: Mapping[str, Any], attributes: Mapping[str, Any]) -> Shape:
    return Shape(
        name=name,
        caption=said["caption"],
        attributes={attribute: _attribute(attribute, own) for attribute, own in attributes.items()},
        at_least_one=tuple(said.get("at_least_one", ())),
        just_one=tuple(said.get("just_one", ())),
    )


def _attribute(name: str, own: str | Mapping[str, Any]) -> Attribute:
    general = document()["attributes"][name]
    special: Mapping[str, Any] = {"requirement": own} if isinstance(own, str) else own
    kind = special.get("type", general["type"])
    known = document()["types"].get(kind)
    thing = document()["objects"][kind] if known is None else known
    profile = special.get("profile", ())
    return Attribute(
        name=name,
        kind=kind,
        requirement=special.get("requirement", "optional"),
        is_object=known is None,
        is_array=bool(special.get("is_array", general.get("is_array", False))),
        profiles=(profile,) if isinstance(profile, str) else tuple(profile),
        enum={**general.get("enum", {}), **special.get("enum", {})},
        sibling=special.get("sibling", general.get("sibling", "")),
        observable=special.get("observable") or general.get("observable") or thing.get("observable", 0),
    )
