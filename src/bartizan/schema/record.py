"""Complete mapped columns into OCSF records, and show one record as the nested object that it is.

A source's mapping says what is special about its records. What every record has alike follows from it and is added here,
once per distinct value: names beside numbers, ``type_uid``, ``metadata``, the time in OCSF's unit, profiles.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.schema import ocsf
from bartizan.schema.columns import ABSENT, Absent, Cell, Column, Frame
from bartizan.schema.observables import observables
from bartizan.schema.required import fill_required
from bartizan.schema.stamps import stamps
from bartizan.schema.unmapped import unmapped

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

__all__ = ["HEAD", "Details", "Provenance", "complete", "nested", "profiles_of", "unread"]

HEAD: Final = "log_head"
"""Where ``unmapped`` keeps the head of a log (its ``#`` lines) for records that say nothing without it."""
_NANO: Final = 1_000_000_000
_OTHER: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What all records of one file have in common. Where a mapping says it too, the mapping is believed."""

    now: int
    """When the hunt is, nanoseconds since 1970 UTC."""
    modified: float = 0.0
    """When the file was last written, seconds since 1970 UTC."""
    product: Mapping[str, str] = field(default_factory=dict)
    """``metadata.product``: ``name`` and ``vendor_name`` of what wrote the log."""
    log_name: str = ""
    log_provider: str = ""
    log_source: str = ""
    """``metadata.log_source``: the path of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of each row beside its mapped columns. What is not given is not put into the record."""

    ids: Sequence[bytes] = ()
    """``metadata.uid``, one record id per row."""
    numbers: Sequence[int] = ()
    """``metadata.sequence``: which record of its file a row is, counted from 1."""
    raw: Sequence[bytes] = ()
    """``raw_data``; bytes that are no UTF-8 are shown as ``\\xNN``."""
    native: Frame | None = None
    """The frame that the source parsed: its fields that are not in ``consumed`` go into ``unmapped``, as JSON text."""
    consumed: frozenset[str] = frozenset()
    observables: bool = False
    """Whether to list the record's observables; costs about a microsecond per row."""


def complete(mapped: Frame, provenance: Provenance, details: Details | None = None) -> Frame:
    """Add to mapped columns (dotted OCSF names, ``time`` in nanoseconds) what every OCSF record has.

    ``unmapped`` is one column of JSON text where ``details.native`` is given, else there is at most
    ``unmapped.time_flag`` and what the mapping itself put under ``unmapped.``.
    """
    details = details or Details()
    columns = dict(mapped.columns)
    _classify(columns, mapped)
    _enumerate(columns)
    _stamp(columns, mapped, provenance)
    _describe(columns, mapped.height, provenance)
    for uid in dict.fromkeys(columns["class_uid"].values):
        columns.update(fill_required(Frame(mapped.height, columns), _int(uid)))
    _identify(columns, details)
    names = tuple(columns)
    columns["metadata.profiles"] = columns["class_uid"].map(lambda uid: profiles_of(uid, names) if isinstance(uid, int) else ABSENT)
    if details.observables:
        columns["observables"] = observables(Frame(mapped.height, columns))
    if details.native is not None:
        columns = unmapped(columns, details.native, details.consumed)
    return Frame(mapped.height, columns)


def unread(reasons: Sequence[str], provenance: Provenance, details: Details) -> Frame:
    """Return records that no source reads as OCSF base events: ``message`` says why, ``time`` when the file was written."""
    table: dict[str, Cell] = {"class_uid": 0, "activity_id": 0, "severity_id": 0}
    columns = {name: Column.constant(value, len(reasons)) for name, value in table.items()}
    columns["message"] = Column.encode(reasons)
    return complete(Frame(len(reasons), columns), provenance, details)


def nested(row: Mapping[str, Cell]) -> dict[str, object]:
    """Return a row of dotted names as a JSON object: for display, NDJSON and validation. Absent and null attributes are left out."""
    record: dict[str, object] = {}
    for name, cell in row.items():
        if cell is ABSENT or cell is None:
            continue
        *parents, leaf = name.split(".")
        at = record
        for parent in parents:
            below = at.setdefault(parent, {})
            if not isinstance(below, dict):
                message = f"{name}: {parent} holds a value and cannot hold attributes too"
                raise TypeError(message)
            at = below
        value, there = _json_of(name, cell), at.get(leaf)
        at[leaf] = {**value, **there} if isinstance(value, dict) and isinstance(there, dict) else value
    return record


@lru_cache(maxsize=4096)
def profiles_of(class_uid: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the profiles that a record of a class must declare to have attributes of these dotted names."""
    found: set[str] = set()
    for name in names:
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            attribute = ocsf.attribute_at(class_uid, ".".join(parts[:end]))
            if attribute is not None and attribute.profiles:
                found.add(attribute.profiles[0])
    return tuple(sorted(found))


def _classify(columns: dict[str, Column], mapped: Frame) -> None:
    """Add the classification: numbers that are missing are 0 (Unknown), names follow from numbers unless the mapping gave them."""
    uids = columns["class_uid"] = mapped.column("class_uid").map(_number)
    activities = columns["activity_id"] = mapped.column("activity_id").map(_number)
    severities = columns["severity_id"] = mapped.column("severity_id").map(_number)
    kinds = _pairs(uids, activities)
    if (known := [(uid, _known(uid, activity)) for uid, activity in kinds.values]) != kinds.values:
        kinds = _Pairs(kinds.codes, known)
        columns["activity_id"] = Column(kinds.codes, [activity for _, activity in known])
    columns["category_uid"] = uids.map(lambda uid: ocsf.category_of(_int(uid)))
    columns["type_uid"] = Column(kinds.codes, [ocsf.type_uid(*pair) for pair in kinds.values])
    names = {
        "class_name": uids.map(_class_name),
        "category_name": uids.map(lambda uid: ocsf.category_name(ocsf.category_of(_int(uid)))),
        "activity_name": Column(kinds.codes, [ocsf.activity_name(*pair) for pair in kinds.values]),
        "type_name": Column(kinds.codes, [ocsf.type_name(*pair) for pair in kinds.values]),
        "severity": severities.map(lambda number: ocsf.SEVERITIES.get(_int(number), "Other")),
    }
    for name, column in names.items():
        columns[name] = _said(columns.get(name), column)
    if any(_int(uid) >= ocsf.EXTENSION for uid in uids.values):
        columns["metadata.extensions"] = uids.map(_extensions)


def _enumerate(columns: dict[str, Column]) -> None:
    """Make a number that an enumeration does not have Other: a record that is OCSF already may say anything."""
    for name in [name for name in columns if name.endswith("_id")]:
        for uid in columns["class_uid"].values:
            attribute = ocsf.attribute_at(_int(uid), name)
            if attribute is not None and not attribute.is_array and str(_OTHER) in attribute.enum:
                columns[name] = _within(columns[name], attribute.enum.keys())


def _within(column: Column, known: Container[str]) -> Column:
    told = [_OTHER if type(value) is int and str(value) not in known else value for value in column.values]
    return column if told == column.values else Column(column.codes, told)


def _stamp(columns: dict[str, Column], mapped: Frame, provenance: Provenance) -> None:
    """Put the time into OCSF's unit, beside its exact text; a flag of the mapping and one of ours stand together."""
    modified = int(provenance.modified * _NANO)
    result = stamps(mapped.column("time"), modified=modified, now=provenance.now)
    columns["time"], columns["time_dt"] = result.time, result.time_dt
    if result.flag is not None:
        theirs = columns.get("unmapped.time_flag", Column.constant(ABSENT, mapped.height))
        both = zip(theirs.cells(), result.flag.cells(), strict=True)
        joined = [", ".join(str(flag) for flag in flags if flag is not ABSENT) or ABSENT for flags in both]
        columns["unmapped.time_flag"] = Column.encode(joined)


def _describe(columns: dict[str, Column], height: int, provenance: Provenance) -> None:
    """Add what is the same for every record of the file."""
    product = dict(provenance.product) or {"name": "Unknown"}
    same = {
        "metadata.version": ocsf.VERSION,
        **{f"metadata.product.{key}": value for key, value in product.items()},
        "metadata.log_name": provenance.log_name,
        "metadata.log_provider": provenance.log_provider,
        "metadata.log_source": provenance.log_source,
    }
    for name, value in same.items():
        if value and name not in columns:
            columns[name] = Column.constant(value, height)


def _identify(columns: dict[str, Column], details: Details) -> None:
    """Add what differs from row to row."""
    if details.ids:
        columns["metadata.uid"] = _rowwise([identity.hex() for identity in details.ids])
    if details.numbers:
        columns["metadata.sequence"] = _rowwise(list(details.numbers))
    if details.raw:
        columns["raw_data"] = _rowwise([raw.decode("utf-8", "backslashreplace") for raw in details.raw])


def _rowwise(cells: Sequence[Cell]) -> Column:
    return Column(array("i", range(len(cells))), cells)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Two columns of integers as one of pairs."""

    codes: array[int]
    values: Sequence[tuple[int, int]]


def _pairs(left: Column, right: Column) -> _Pairs:
    if len(left.values) == 1:
        return _Pairs(right.codes, [(_int(left.values[0]), _int(value)) for value in right.values])
    if len(right.values) == 1:
        return _Pairs(left.codes, [(_int(value), _int(right.values[0])) for value in left.values])
    seen: dict[tuple[int, int], int] = {}
    codes = array("i", [seen.setdefault(pair, len(seen)) for pair in zip(left.codes, right.codes, strict=True)])
    return _Pairs(codes, [(_int(left.values[one]), _int(right.values[two])) for one, two in seen])


def _number(cell: Cell) -> int:
    return cell if type(cell) is int else 0


def _int(cell: object) -> int:
    return cell if isinstance(cell, int) else 0


def _said(theirs: Column | None, ours: Column) -> Column:
    """Return the names that the mapping gave, and ours in the rows where it gave none."""
    if theirs is None:
        return ours
    if not any(value is ABSENT for value in theirs.values):
        return theirs
    both = zip(theirs.cells(), ours.cells(), strict=True)
    return Column.encode([name if said is ABSENT else said for said, name in both])


def _known(class_uid: int, activity: int) -> int:
    """Return an activity of a class: Other for one that the class does not have, as in a record that says itself what it is."""
    known = ocsf.class_of(class_uid)
    return activity if known is None or str(activity) in known.shape.attributes["activity_id"].enum else _OTHER


def _class_name(uid: Cell) -> str | Absent:
    known = ocsf.class_of(_int(uid))
    return ABSENT if known is None else known.caption


def _extensions(uid: Cell) -> Cell:
    number = _int(uid) // ocsf.EXTENSION
    name = ocsf.EXTENSIONS.get(number)
    return ({"name": name, "uid": str(number), "version": ocsf.VERSION},) if name else ABSENT


def _json_of(name: str, cell: Cell) -> object:
    """Return a cell as JSON has it; the text of ``unmapped`` is the object that it spells."""
    if isinstance(cell, tuple):
        return [_json_of("", item) for item in cell]
    if isinstance(cell, Mapping):
        return {key: _json_of("", value) for key, value in cell.items() if value is not ABSENT}
    return json.loads(cell) if name == "unmapped" and isinstance(cell, str) else cell
