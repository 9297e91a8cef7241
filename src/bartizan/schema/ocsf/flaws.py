"""Tell what is wrong with one OCSF record by what OCSF says of its class, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from bartizan.schema import ocsf
from bartizan.schema.ocsf.types import is_of
from bartizan.schema.time import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Flaw", "flaws"]

_CLASSIFICATION: Final = frozenset({"class_uid", "category_uid", "type_uid"})
"""Their values follow from the class and are checked by it, not by an enumeration."""
_FREE: Final = "object"
"""The kind of ``unmapped`` and the like: whatever stands there is right."""
_OTHER: Final = 99
_DEEPEST: Final = 32
"""Levels; the deepest of real records have 8. More is a loop or an attack."""
_MILLISECOND: Final = 1_000_000


class Flaw(NamedTuple):
    """One thing that is wrong: ``where`` (a dotted attribute) and ``what``, a sentence.

    ``grave`` are those by which a reader of the record can be misled, whoever wrote it and to whichever release of OCSF: a class
    that is none, what is required and missing, of another type, outside its enumeration, or against a constraint. The others are
    names that do not agree, and attributes that this release does not have.
    """

    where: str
    what: str
    grave: bool = True


def flaws(record: Mapping[str, object]) -> list[Flaw]:
    """Return everything wrong with a nested OCSF record; an empty list says that it is valid.

    Checked are: the class, attributes that are required, unknown, of a profile not declared in ``metadata.profiles``, of
    another type or outside their enumeration, captions beside numbers, constraints (at least one of, just one of), and
    that ``type_uid``, ``category_uid``, the names and ``time_dt`` agree with what they are derived from. Recommended
    attributes may be missing.
    """
    uid = record.get("class_uid")
    known = ocsf.class_of(uid) if isinstance(uid, int) and not isinstance(uid, bool) else None
    if known is None:
        return [Flaw("class_uid", f"{uid!r} is no class of OCSF")]
    metadata = record.get("metadata")
    said = metadata.get("profiles", ()) if isinstance(metadata, Mapping) else ()
    profiles = frozenset(name for name in said if isinstance(name, str)) if isinstance(said, list | tuple) else frozenset()
    return [*_agreement(record, known), *_Walk(profiles).through(known.shape, record, "")]


@dataclass(frozen=True, slots=True)
class _Walk:
    profiles: frozenset[str]

    def through(self, shape: ocsf.Shape, value: Mapping[str, object], where: str) -> Iterator[Flaw]:
        """Check one object and everything in it."""
        if where.count(".") > _DEEPEST:
            yield Flaw(where[:-1], f"is more than {_DEEPEST} levels deep")
            return
        for name, item in value.items():
            attribute = shape.attributes.get(name)
            if attribute is None:
                yield Flaw(f"{where}{name}", f"is no attribute of {shape.caption}", grave=False)
                continue
            if not self._declared(attribute):
                yield Flaw(f"{where}{name}", f"needs the profile {' or '.join(attribute.profiles)} in metadata.profiles", grave=False)
            yield from self._attribute(attribute, item, f"{where}{name}")
            yield from _caption(attribute, value, f"{where}{name}")
        for attribute in shape.attributes.values():
            if attribute.requirement == "required" and attribute.name not in value and self._declared(attribute):
                yield Flaw(f"{where}{attribute.name}", "is required and missing")
        yield from _constraints(shape, value, where.removesuffix("."))

    def _declared(self, attribute: ocsf.Attribute) -> bool:
        return not attribute.profiles or not self.profiles.isdisjoint(attribute.profiles)

    def _attribute(self, attribute: ocsf.Attribute, value: object, where: str) -> Iterator[Flaw]:
        if not attribute.is_array:
            yield from self._value(attribute, value, where)
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                yield from self._value(attribute, item, f"{where}[{number}]")
        else:
            yield Flaw(where, f"{_shown(value)} is no list")

    def _value(self, attribute: ocsf.Attribute, value: object, where: str) -> Iterator[Flaw]:
        if not attribute.is_object:
            if not is_of(attribute.kind, value):
                yield Flaw(where, f"{_shown(value)} is no {attribute.kind}")
            elif attribute.enum and attribute.name not in _CLASSIFICATION and str(value) not in attribute.enum:
                yield Flaw(where, f"{_shown(value)} is none of {', '.join(attribute.enum)}")
        elif not isinstance(value, Mapping):
            yield Flaw(where, f"{_shown(value)} is no object")
        elif attribute.kind != _FREE:
            yield from self.through(ocsf.shape_of_object(attribute.kind), value, f"{where}.")


def _caption(attribute: ocsf.Attribute, value: Mapping[str, object], where: str) -> Iterator[Flaw]:
    """Check the caption beside a number; 99 (Other) must have one and may have any."""
    number = value[attribute.name]
    if not attribute.sibling or attribute.is_array or attribute.name in _CLASSIFICATION:
        return
    said = value.get(attribute.sibling)
    caption = attribute.enum.get(str(number))
    if number == _OTHER and said is None:
        yield Flaw(where, f"is 99 (Other), so {attribute.sibling} must say what", grave=False)
    elif number != _OTHER and said is not None and caption and said != caption:
        yield Flaw(where, f"is {number} ({caption}), but {attribute.sibling} says {_shown(said)}", grave=False)


def _constraints(shape: ocsf.Shape, value: Mapping[str, object], where: str) -> Iterator[Flaw]:
    if shape.at_least_one and not any(_there(name, value) for name in shape.at_least_one):
        yield Flaw(where or "record", f"needs at least one of {', '.join(shape.at_least_one)}")
    if shape.just_one and sum(_there(name, value) for name in shape.just_one) != 1:
        yield Flaw(where or "record", f"needs just one of {', '.join(shape.just_one)}")


def _there(path: str, value: object) -> bool:
    """Say whether an object has an attribute, by a dotted path where the constraint is about what is in an object in it."""
    name, _, rest = path.partition(".")
    return isinstance(value, Mapping) and name in value and (not rest or _there(rest, value[name]))


def _agreement(record: Mapping[str, object], known: ocsf.OcsfClass) -> Iterable[Flaw]:
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
            yield Flaw(name, f"{_shown(record[name])} should be {_shown(right)}", grave=name in _CLASSIFICATION)
    metadata = record.get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("version", ocsf.VERSION) != ocsf.VERSION:
        yield Flaw("metadata.version", f"{_shown(metadata['version'])} should be {ocsf.VERSION!r}", grave=False)
    time, text = record.get("time"), record.get("time_dt")
    if isinstance(time, int) and isinstance(text, str):
        exact = nanoseconds(text)
        if isinstance(exact, int) and exact // _MILLISECOND != time:
            yield Flaw("time_dt", f"{text!r} is not the time {time}", grave=False)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of a terminal
