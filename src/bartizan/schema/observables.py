"""List the observables of records: what a person would search for elsewhere, by name, OCSF type and value."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Final

from bartizan.schema import ocsf
from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.names import NULL_LIKE

__all__ = ["OBSERVED", "observables"]

OBSERVED: Final = frozenset({1, 2, 3, 4, 5, 6, 8, 10, 31, 35, 39, 45, 46, 49, 50})
"""The ``type_id`` listed: hosts, addresses, accounts, mail, URLs, hashes, resources, processes, paths, registry keys, roles.
Left out is what identifies nothing by itself: ports, process ids and names, command lines, countries."""


def observables(frame: Frame) -> Column:
    """Return the column ``observables`` of completed columns: a list of {name, type_id, type, value}, absent where there is none."""
    uids = {uid for uid in frame.column("class_uid").values if isinstance(uid, int)}
    made = (_column(name, column, uids) for name, column in frame.columns.items())
    columns = [column for column in made if column is not None]
    if not columns:
        return Column.constant(ABSENT, frame.height)
    seen: dict[tuple[int, ...], int] = {}
    codes = array("i", [seen.setdefault(key, len(seen)) for key in zip(*(column.codes for column in columns), strict=True)])
    values = [tuple(column.values[code] for column, code in zip(columns, key, strict=True)) for key in seen]
    return Column(codes, [tuple(item for item in row if item is not ABSENT) or ABSENT for row in values])


def _column(name: str, column: Column, uids: set[int]) -> Column | None:
    types = {attribute.observable for uid in uids if (attribute := ocsf.attribute_at(uid, name)) is not None and not attribute.is_array}
    type_id = max(types & OBSERVED, default=0)
    if not type_id:
        return None
    return column.map(lambda cell: _observable(name, type_id, cell))


def _observable(name: str, type_id: int, cell: Cell) -> Cell:
    if not isinstance(cell, str) or cell.casefold() in NULL_LIKE:
        return ABSENT
    made: Mapping[str, Cell] = {"name": name, "type_id": type_id, "value": cell}
    return made
