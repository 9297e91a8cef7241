"""List the observables of records: what a person would search for elsewhere, by name, OCSF type and value.

What is in a list of objects is listed too: its name is written as OCSF does, ``evidences[].src_endpoint.ip``.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from bartizan.schema import ocsf
from bartizan.schema.cells import ip
from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.names import NULL_LIKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["OBSERVED", "object_kinds", "observable_types", "observables", "observables_within"]

OBSERVED: Final = frozenset({1, 2, 3, 4, 5, 6, 8, 10, 18, 19, 31, 35, 39, 42, 45, 46, 49, 50})
"""The ``type_id`` listed: hosts, addresses, accounts and their keys, mail, URLs, hashes, resources, processes, paths, registry keys,
roles, CVE. Left out is what identifies nothing by itself: ports, process ids and names, command lines, countries."""
_IP: Final = 2
_HASH: Final = 8
_FINGERPRINT: Final = 30
"""What OCSF calls the object around a hash."""
_ANSWER: Final = "rdata"
"""The attribute of a DNS answer that is an address as often as not; OCSF types it as text."""
_FREE: Final = "object"
_DEEPEST: Final = 8
"""Levels of objects in lists that are looked into; mappings make three."""


def observables(frame: Frame) -> Column:
    """Return the column ``observables`` of completed columns: a list of {name, type_id, type, value}, absent where there is none."""
    columns = [frame.columns[name].map(partial(_observed, name, type_id)) for name, type_id in observable_types(frame).items()]
    columns += [frame.columns[name].map(partial(observables_within, name, kind)) for name, kind in object_kinds(frame).items()]
    if not columns:
        return Column.constant(ABSENT, frame.height)
    seen: dict[tuple[int, ...], int] = {}
    codes = array("i", [seen.setdefault(key, len(seen)) for key in zip(*(column.codes for column in columns), strict=True)])
    found = zip(*(_gathered(column, codes) for column, codes in zip(columns, zip(*seen, strict=True), strict=True)), strict=True)
    return Column(codes, [tuple(chain.from_iterable(cells)) or ABSENT for cells in found])


def observable_types(frame: Frame) -> dict[str, int]:
    """Return the columns of a mapped frame that hold observables, and their ``type_id``."""
    uids = tuple(uid for uid in frame.column("class_uid").values if isinstance(uid, int))
    typed = ((name, _type_of(name, uids)) for name in frame.columns)
    return {name: type_id for name, type_id in typed if type_id}


def _inside(name: str, kind: str, cell: Cell, levels: int) -> Iterator[Mapping[str, Cell]]:
    if kind == _FREE or not levels:
        return
    within = f"{name}[]" if isinstance(cell, tuple) else name
    shape = ocsf.shape_of_object(kind)
    for item in cell if isinstance(cell, tuple) else (cell,):
        for key, value in item.items() if isinstance(item, Mapping) else ():
            attribute = shape.attributes.get(key)
            if attribute is None:
                continue
            type_id = _HASH if attribute.observable == _FINGERPRINT else attribute.observable
            if key == _ANSWER and ip(value) is not ABSENT:
                type_id = _IP
            if type_id in OBSERVED:
                yield from _observed(f"{within}.{key}", type_id, value)
            elif attribute.is_object:
                yield from _inside(f"{within}.{key}", attribute.kind, value, levels - 1)


def object_kinds(frame: Frame) -> dict[str, str]:
    """Return the columns of a mapped frame that hold objects or lists of them, and their kind; hashes are observables themselves."""
    uids = tuple(uid for uid in frame.column("class_uid").values if isinstance(uid, int))
    found = ((name, ocsf.attribute_at(uid, name)) for name in frame.columns for uid in uids)
    return {name: one.kind for name, one in found if one is not None and one.is_object and one.observable != _FINGERPRINT}


def observables_within(name: str, kind: str, cell: Cell) -> tuple[Mapping[str, Cell], ...]:
    """Return the observables in the objects of one cell, each once; ``kind`` is what OCSF calls the objects."""
    found = _inside(name, kind, cell, _DEEPEST)
    return tuple({(one["name"], one["value"]): one for one in found}.values())


def _gathered(column: Column, codes: Iterable[int]) -> Iterator[tuple[Cell, ...]]:
    lists = [value if isinstance(value, tuple) else () for value in column.values]
    return map(lists.__getitem__, codes)


def _type_of(name: str, uids: tuple[int, ...]) -> int:
    """Return the ``type_id`` of an attribute, 0 where it is no observable."""
    found = (ocsf.attribute_at(uid, name) for uid in uids)
    types = {attribute.observable for attribute in found if attribute is not None}
    if _FINGERPRINT in types:
        return _HASH
    return max(types & OBSERVED, default=0)


def _observed(name: str, type_id: int, cell: Cell) -> tuple[Mapping[str, Cell], ...]:
    """Return the observables in one cell: none, one, or of a list of fingerprints as many as it has."""
    items = cell if isinstance(cell, tuple) else (cell,)
    values = [item.get("value") if isinstance(item, Mapping) else item for item in items]
    caption = ocsf.shape_of_object("observable").attributes["type_id"].enum.get(str(type_id), "")
    said: Mapping[str, Cell] = {"type": caption} if caption else {}
    good = (value for value in values if isinstance(value, str) and value.casefold() not in NULL_LIKE)
    return tuple({"name": name, "type_id": type_id, **said, "value": value} for value in good)
