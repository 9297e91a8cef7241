"""Check a source: that users, addresses, machines, processes, sessions and things come out where they do from every other source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context
from bartizan.schema import ocsf
from bartizan.schema.cells import ip
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import evaluate
from bartizan.schema.names import NULL_LIKE
from bartizan.schema.observables import OBSERVED
from bartizan.schema.record import Details, Provenance, complete, nested
from bartizan.testing.meaning.looks import LOOKS
from bartizan.testing.meaning.table import Role, table
from bartizan.testing.ocsf_check import check_record
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.collect.contract import Example, Route, Source

__all__ = ["Told", "all_problems", "check_meaning", "judged", "told_by"]

_NOW: Final = 1_767_225_600_000_000_000
_HASH: Final = 8
_FINGERPRINT: Final = 30
_PROSE: Final = frozenset(("message", "status_detail", "status_code", "desc", "title", "data", "raw_data", "unmapped", "comment"))
"""Attributes that say what they like, wherever they stand."""
_COMMAND: Final = "cmd_line"
_MACHINES: Final = ("device", "src_endpoint", "dst_endpoint")
_STRANGER: Final = "198.51.100.7"
"""An address that no example has: put in place of a machine's name, as devices write it that know none."""
_OURS: Final = frozenset(("metadata", "observables", "raw_data", "unmapped", "enrichments"))
_MARKS: Final = re.compile(r"[^a-z0-9.]")
_PLACE: Final = re.compile(r"\.\d+(?=\.|$)")
_TIDY_MAC: Final = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True)
class Told:
    """One example record: its native fields, and the OCSF record that comes of it."""

    where: str
    row: int
    class_uid: int
    fields: Mapping[str, Cell]
    record: Mapping[str, object]


def check_meaning(source: Source) -> list[Problem]:
    """Return where a source says something elsewhere than ``meaning.yml`` says that all do; an empty list says that it agrees."""
    excepted = [one.about for one in table().exceptions if one.source == source.name]
    return [problem for problem in all_problems(source) if not any(about in problem.what for about in excepted)]


def all_problems(source: Source) -> list[Problem]:
    """Return the same with those that ``meaning.yml`` excepts."""
    problems = [problem for route in source.routes for problem in _places(source, route)]
    for told in told_by(source):
        problems += [*_values(told), *_observables(told), *_users(told), *_held(told), *_roles(told)]
    problems += [problem for example in source.examples for problem in _unnamed(source, example)]
    return list(dict.fromkeys(problems))


def judged(source: Source) -> dict[str, int]:
    """Count, for each role, the fields of a source's examples whose place was checked: a check that judges nothing says nothing."""
    found: dict[str, int] = {}
    for told in told_by(source):
        for role, _, paths in _played(told):
            found[role.what] = found.get(role.what, 0) + bool(paths)
    return found


def told_by(source: Source) -> Iterator[Told]:
    """Yield the example records of a source as they are kept."""
    for example in source.examples:
        yield from _told(source, example)


def _unnamed(source: Source, example: Example) -> Iterator[Problem]:
    """Check the records of an example with an address where they have the name of a machine: then that is where its address is."""
    named: dict[str, set[tuple[int, str]]] = {}
    for told in _told(source, example):
        for path, _, text in _texts(told):
            machine, _, leaf = path.rpartition(".")
            if leaf == "hostname" and machine in _MACHINES and text != "unknown":
                named.setdefault(text, set()).add((told.row, machine))
    for name, places in sorted(named.items()):
        other = [re.sub(rb"(?<![\w.-])%b(?![\w-])" % re.escape(name.encode()), _STRANGER.encode(), raw) for raw in example.raw]
        title = f"{example.title}, {_STRANGER} for {name}"
        for told in _told(source, replace(example, title=title, raw=other)):
            own = [machine for row, machine in places if row == told.row and other[row] != example.raw[row]]
            if own:
                yield from _values(told)
                yield from (Problem(told.where, f"is no valid OCSF: {flaw}") for flaw in check_record(told.record))
            said = {path for path, _, _ in _texts(told)}
            yield from (Problem(told.where, f"{machine}.ip is missing") for machine in own if f"{machine}.ip" not in said)


def _told(source: Source, example: Example) -> Iterator[Told]:
    provenance = Provenance(now=_NOW, product=source.product, log_provider=source.name)
    for part in source.parse(example.raw, Context(head=example.head)).parts:
        frame = complete(evaluate(part.route.ocsf, part.frame), provenance, Details(observables=True))
        for at, row in enumerate(part.rows):
            record = nested(frame.row(at))
            uid = record["class_uid"]
            where = f"{source.name}: example '{example.title}', record {row}"
            yield Told(where, row, uid if isinstance(uid, int) else 0, part.frame.row(at), record)


def _places(source: Source, route: Route) -> Iterator[Problem]:
    """Check where a route puts objects, by its table alone: examples do not show everything."""
    uid = route.ocsf["class_uid"]
    if not isinstance(uid, int):
        return
    where = f"{source.name}: route {route.name}"
    parents = {".".join(name.split(".")[:end]) for name in route.ocsf for end in range(1, name.count(".") + 2)}
    for path in sorted(parents):
        attribute = ocsf.attribute_at(uid, path)
        allowed = table().places.get(attribute.kind) if attribute is not None else None
        if attribute is not None and allowed is not None and path not in (right := (*allowed.get(0, ()), *allowed.get(uid, ()))):
            yield Problem(where, f"puts a {attribute.kind} into {path}; in class {uid} all sources put it into {' or '.join(right)}")
    for path in table().needs.get(uid, ()):
        if path not in parents:
            yield Problem(where, f"does not say {path}, which all sources say of class {uid}")


def _values(told: Told) -> Iterator[Problem]:
    """Check that each text that looks like something is in an attribute for such things."""
    for path, kind, text in _texts(told):
        if path.endswith(_COMMAND):
            continue
        for value in table().values:
            ends = tuple(end for also in value.also for end in (also, f".{also}"))
            if value.looks(text) and kind not in value.types and not path.replace("[]", "").endswith(ends):
                yield Problem(told.where, f"has the {value.what} {text!r} in {path}, which is a {kind}")
        if kind == "mac_t" and not _TIDY_MAC.fullmatch(text):
            yield Problem(told.where, f"{path}: {text!r} is not written as two digits and a colon, in lower case")
        if kind == "ip_t" and ip(text) != text:
            yield Problem(told.where, f"{path}: {text!r} is not how this address is written")


def _observables(told: Told) -> Iterator[Problem]:
    """Check that ``observables`` has everything that identifies something, by walking the record and not as they are made."""
    said = told.record.get("observables", ())
    listed = {(one["type_id"], one["value"]) for one in (said if isinstance(said, list) else ()) if isinstance(one, dict)}
    for path, attribute, text in _typed(told):
        type_id = _HASH if attribute.observable == _FINGERPRINT else attribute.observable
        if type_id in OBSERVED and (type_id, text) not in listed and text.casefold() not in NULL_LIKE:
            yield Problem(told.where, f"{path} {text!r} is not among the observables of type {type_id}")
    for path, kind, text in _texts(told):
        for value in (one for one in table().values if one.observable and kind in one.types and one.looks(text)):
            if (value.observable, text) not in listed and kind != "username_t":
                yield Problem(told.where, f"{path}: the {value.what} {text!r} is not among the observables of type {value.observable}")


def _users(told: Told) -> Iterator[Problem]:
    """Check what is so of every user: a name that is a mail address is in ``email_addr`` too, and no name has a domain in it."""
    for path, kind, thing in _objects(told):
        name = thing.get("name")
        if kind != "user" or not isinstance(name, str):
            continue
        if LOOKS["mail"](name) and thing.get("email_addr") != name:
            yield Problem(told.where, f"{path}.name is the mail address {name!r} and {path}.email_addr is {thing.get('email_addr')!r}")
        if "\\" in name:
            yield Problem(told.where, f"{path}.name {name!r} has a domain in it, which belongs into {path}.domain")


def _held(told: Told) -> Iterator[Problem]:
    """Check where objects in the evidence of a finding stand: as in the record of what was found."""
    for path, kind, _ in _objects(told):
        above, _, below = path.partition("evidences[].")
        allowed = table().places.get(kind)
        if below and not above and allowed is not None and below not in (right := (*allowed[0], *allowed.get(1007, ()))):
            yield Problem(told.where, f"puts a {kind} into {path}; in evidences[] all sources put it into {' or '.join(right)}")


def _roles(told: Told) -> Iterator[Problem]:
    """Check that fields that are called the same come out in the same place."""
    for role, name, paths in _played(told):
        right = role.at(told.class_uid)
        if paths and not any(fnmatchcase(path, place.replace("[", "[[]")) for path in paths for place in right):
            yield Problem(told.where, f"{name} ({role.what}) comes out in {', '.join(sorted(paths))} and not in {' or '.join(right)}")


def _played(told: Told) -> Iterator[tuple[Role, str, set[str]]]:
    """Yield each field that plays a role, and the attributes that its value comes out in."""
    out: dict[str, set[str]] = {}
    for path, _, text in _typed(told):
        out.setdefault(text.casefold(), set()).add(path)
    for name, text in _native(told.fields):
        path = _MARKS.sub("", _PLACE.sub("", name.lower()))
        for role in table().roles:
            if role.fields.fullmatch(path) and role.looks(text):
                yield role, name, out.get(_plain(text), set())


def _plain(text: str) -> str:
    address = ip(text)
    return (address if isinstance(address, str) else text).casefold()


def _native(fields: Mapping[str, Cell]) -> Iterator[tuple[str, str]]:
    """Yield the texts of native fields, those of objects by their paths."""
    for name, cell in fields.items():
        if name[:1] != "@" and cell is not ABSENT:
            yield from _leaves(name, cell)


def _leaves(path: str, cell: Cell) -> Iterator[tuple[str, str]]:
    if isinstance(cell, Mapping):
        for name, value in cell.items():
            yield from _leaves(f"{path}.{name}", value)
    elif isinstance(cell, tuple):
        for value in cell:
            yield from _leaves(path, value)
    elif isinstance(cell, str):
        yield path, cell


def _texts(told: Told) -> Iterator[tuple[str, str, str]]:
    """Yield path, OCSF type and text of what a record says, but for free text and what is the same of every record."""
    return ((path, attribute.kind, text) for path, attribute, text in _typed(told))


def _typed(told: Told) -> Iterator[tuple[str, ocsf.Attribute, str]]:
    for path, attribute, value in _walk(told):
        if _PROSE.intersection(path.replace("[]", "").split(".")):
            continue
        items: Iterable[object] = value if isinstance(value, list) else (value,)
        yield from ((path, attribute, item) for item in items if isinstance(item, str))


def _objects(told: Told) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    for path, attribute, value in _walk(told):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                yield path, attribute.kind, item


def _walk(told: Told) -> Iterator[tuple[str, ocsf.Attribute, object]]:
    """Yield everything in a record with its path and what OCSF says of it; a list's path ends with ``[]``."""
    known = ocsf.class_of(told.class_uid)
    own = {name: value for name, value in told.record.items() if name not in _OURS}
    yield from _within(known.shape, own, "") if known is not None else ()


def _within(shape: ocsf.Shape, value: Mapping[str, object], above: str) -> Iterator[tuple[str, ocsf.Attribute, object]]:
    for name, item in value.items():
        attribute = shape.attributes.get(name)
        if attribute is None:
            continue
        path = f"{above}{name}" + ("[]" if isinstance(item, list) else "")
        yield path, attribute, item
        if attribute.is_object and attribute.kind != "object":
            below = ocsf.shape_of_object(attribute.kind)
            for one in item if isinstance(item, list) else [item]:
                if isinstance(one, Mapping):
                    yield from _within(below, one, f"{path}.")
