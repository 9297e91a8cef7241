"""Check one OCSF record against what OCSF says of its class, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.schema import ocsf
from bartizan.schema.time import nanoseconds
from bartizan.testing.ocsf_types import is_of
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["check_record"]

_CLASSIFICATION: Final = frozenset({"class_uid", "category_uid", "type_uid"})
"""Their values follow from the class and are checked by it, not by an enumeration."""
_FREE: Final = "object"
"""The kind of ``unmapped`` and the like: whatever stands there is right."""
_OTHER: Final = 99
_DEEPEST: Final = 32
"""Levels; the deepest of real records have 8. More is a loop or an attack."""
_MILLISECOND: Final = 1_000_000


def check_record(record: Mapping[str, object]) -> list[Problem]:
    """Return everything wrong with a nested OCSF record; an empty list says that it is valid.

    Checked are: the class, attributes that are required, unknown, of a profile not declared in ``metadata.profiles``, of
    another type or outside their enumeration, captions beside numbers, constraints (at least one of, just one of), and
    that ``type_uid``, ``category_uid``, the names and ``time_dt`` agree with what they are derived from. Recommended
    attributes may be missing.
    """
    uid = record.get("class_uid")
    known = ocsf.class_of(uid) if isinstance(uid, int) and not isinstance(uid, bool) else None
    if known is None:
        return [Problem("class_uid", f"{uid!r} is no class of OCSF")]
    metadata = record.get("metadata")
    said = metadata.get("profiles", ()) if isinstance(metadata, Mapping) else ()
    profiles = frozenset(name for name in said if isinstance(name, str)) if isinstance(said, list | tuple) else frozenset()
    return [*_agreement(record, known), *_Walk(profiles).through(known.shape, record, "")]


@dataclass(frozen=True, slots=True)
class _Walk:
    profiles: frozenset[str]

    def through(self, shape: ocsf.Shape, value: Mapping[str, object], where: str) -> Iterator[Problem]:
        """Check one object and everything in it."""
        if where.count(".") > _DEEPEST:
            yield Problem(where[:-1], f"is more than {_DEEPEST} levels deep")
            return
        for name, item in value.items():
            attribute = shape.attributes.get(name)
            if attribute is None:
                yield Problem(f"{where}{name}", f"is no attribute of {shape.caption}")
                continue
            if not self._declared(attribute):
                yield Problem(f"{where}{name}", f"needs the profile {' or '.join(attribute.profiles)} in metadata.profiles")
            yield from self._attribute(attribute, item, f"{where}{name}")
            yield from _caption(attribute, value, f"{where}{name}")
        for attribute in shape.attributes.values():
            if attribute.requirement == "required" and attribute.name not in value and self._declared(attribute):
                yield Problem(f"{where}{attribute.name}", "is required and missing")
        yield from _constraints(shape, value, where.removesuffix("."))

    def _declared(self, attribute: ocsf.Attribute) -> bool:
        return not attribute.profiles or not self.profiles.isdisjoint(attribute.profiles)

    def _attribute(self, attribute: ocsf.Attribute, value: object, where: str) -> Iterator[Problem]:
        if not attribute.is_array:
            yield from self._value(attribute, value, where)
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                yield from self._value(attribute, item, f"{where}[{number}]")
        else:
            yield Problem(where, f"{_shown(value)} is no list")

    def _value(self, attribute: ocsf.Attribute, value: object, where: str) -> Iterator[Problem]:
        if not attribute.is_object:
            if not is_of(attribute.kind, value):
                yield Problem(where, f"{_shown(value)} is no {attribute.kind}")
            elif attribute.enum and attribute.name not in _CLASSIFICATION and str(value) not in attribute.enum:
                yield Problem(where, f"{_shown(value)} is none of {', '.join(attribute.enum)}")
        elif not isinstance(value, Mapping):
            yield Problem(where, f"{_shown(value)} is no object")
        elif attribute.kind != _FREE:
            yield from self.through(ocsf.shape_of_object(attribute.kind), value, f"{where}.")


def _caption(attribute: ocsf.Attribute, value: Mapping[str, object], where: str) -> Iterator[Problem]:
    """Check the caption beside a number; 99 (Other) must have one and may have any."""
    number = value[attribute.name]
    if not attribute.sibling or attribute.is_array or attribute.name in _CLASSIFICATION:
        return
    said = value.get(attribute.sibling)
    caption = attribute.enum.get(str(number))
    if number == _OTHER and said is None:
        yield Problem(where, f"is 99 (Other), so {attribute.sibling} must say what")
    elif number != _OTHER and said is not None and caption and said != caption:
        yield Problem(where, f"is {number} ({caption}), but {attribute.sibling} says {_shown(said)}")


def _constraints(shape: ocsf.Shape, value: Mapping[str, object], where: str) -> Iterator[Problem]:
    if shape.at_least_one and not any(name in value for name in shape.at_least_one):
        yield Problem(where or "record", f"needs at least one of {', '.join(shape.at_least_one)}")
    if shape.just_one and sum(name in value for name in shape.just_one) != 1:
        yield Problem(where or "record", f"needs just one of {', '.join(shape.just_one)}")


def _agreement(record: Mapping[str, object], known: ocsf.OcsfClass) -> Iterable[Problem]:
    """Check what follows from something else in the record."""
    activity = record.get("activity_id")
    expected: dict[str, object] = {
        "category_uid": known.category_uid,
        "category_name": known.category_name,
        "class_name": known.caption,
    }
    if isinstance(activity, int):
        expected["type_uid"] = ocsf.type_uid(known.uid, activity)
        if activity != _OTHER:
            expected["type_name"] = ocsf.type_name(known.uid, activity)
    for name, right in expected.items():
        if name in record and record[name] != right:
            yield Problem(name, f"{_shown(record[name])} should be {_shown(right)}")
    metadata = record.get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("version", ocsf.VERSION) != ocsf.VERSION:
        yield Problem("metadata.version", f"{_shown(metadata['version'])} should be {ocsf.VERSION!r}")
    time, text = record.get("time"), record.get("time_dt")
    if isinstance(time, int) and isinstance(text, str):
        exact = nanoseconds(text)
        if isinstance(exact, int) and exact // _MILLISECOND != time:
            yield Problem("time_dt", f"{text!r} is not the time {time}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of a terminal
