"""Know OCSF: which classes, categories, activities and attributes there are and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bartizan.schema.ocsf.facts import VERSION, Attribute, Shape, classes, document, shape_of_class, shape_of_object

__all__ = [
    "EXTENSION",
    "EXTENSIONS",
    "SEVERITIES",
    "VERSION",
    "Attribute",
    "OcsfClass",
    "Shape",
    "activity_name",
    "attribute_at",
    "category_name",
    "category_of",
    "class_of",
    "class_uids",
    "shape_of_object",
    "type_name",
    "type_uid",
]

SEVERITIES: Final = {
    0: "Unknown",
    1: "Informational",
    2: "Low",
    3: "Medium",
    4: "High",
    5: "Critical",
    6: "Fatal",
    99: "Other",
}
"""``severity_id`` -> ``severity``."""

EXTENSION: Final = 100_000
"""The uids of an extension's classes start at its own uid times this."""
EXTENSIONS: Final = {2: "win"}
"""Extension uid -> name, of those that have classes."""
_CATEGORY: Final = 1000
_CLASS: Final = 100


@dataclass(frozen=True, slots=True)
class OcsfClass:
    """One class of events, findings or inventory: ``name`` as in paths (``process_activity``), ``caption`` as people read it."""

    uid: int
    name: str
    caption: str
    category_uid: int
    category_name: str
    shape: Shape


@lru_cache(maxsize=256)
def class_of(class_uid: int) -> OcsfClass | None:
    """Return what is known of a class; None where OCSF has no such class."""
    name = classes().get(class_uid)
    if name is None:
        return None
    shape = shape_of_class(name)
    category = category_of(class_uid)
    return OcsfClass(class_uid, name, shape.caption, category, category_name(category), shape)


def class_uids() -> tuple[int, ...]:
    """Return the uids of all classes that are known, ascending."""
    return tuple(sorted(classes()))


def category_of(class_uid: int) -> int:
    """Return the ``category_uid`` of a class; those of extensions (2xx xxx) belong to the same categories."""
    return class_uid % EXTENSION // _CATEGORY


def category_name(category_uid: int) -> str:
    """Return the ``category_name`` of a category, ``Unknown`` where OCSF has no such category."""
    return str(document()["categories"].get(str(category_uid), "Unknown"))


def type_uid(class_uid: int, activity_id: int) -> int:
    """Return the ``type_uid`` of an activity."""
    return class_uid * _CLASS + activity_id


def activity_name(class_uid: int, activity_id: int) -> str:
    """Return the ``activity_name``; ``Unknown`` where the class has no such activity."""
    known = class_of(class_uid)
    return "Unknown" if known is None else known.shape.attributes["activity_id"].enum.get(str(activity_id), "Unknown")


def type_name(class_uid: int, activity_id: int) -> str:
    """Return the ``type_name``, ``Process Activity: Launch``."""
    known = class_of(class_uid)
    return f"{'Unknown' if known is None else known.caption}: {activity_name(class_uid, activity_id)}"


@lru_cache(maxsize=1 << 16)
def attribute_at(class_uid: int, path: str) -> Attribute | None:
    """Return what OCSF says of a dotted path (``process.file.path``) in a class; None where it has no such attribute."""
    known = class_of(class_uid)
    if known is None:
        return None
    shape, attribute = known.shape, None
    for name in path.split("."):
        if attribute is not None and not attribute.is_object:
            return None
        shape = shape if attribute is None else shape_of_object(attribute.kind)
        attribute = shape.attributes.get(name)
        if attribute is None:
            return None
    return attribute
