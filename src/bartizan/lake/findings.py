"""Bring findings, which are lines of nested JSON, into columns.

Findings repeat what their rule says and carry long evidence. So JSON is taken apart only down to where the table's columns
are: what repeats is decoded once, and what is kept as JSON text is never decoded at all.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.lake.values import JsonText, kept_as_json, shallow
from bartizan.schema import ocsf
from bartizan.schema.columns import ABSENT, Cell, Column, Frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.lake.contract import Declared

__all__ = ["findings_frame"]

_REPEATING: Final = 2048
"""Bytes; longer JSON is evidence, which no two findings share, and not worth remembering."""

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_items = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_anything = msgspec.json.Decoder().decode


def findings_frame(lines: Sequence[bytes], declared: Declared) -> Frame:
    """Return OCSF findings, one JSON object per line, as columns of dotted names that end where the table's columns do."""
    reader = _Reader({leaf.path: leaf.attribute for leaf in declared.leaves})
    cells: dict[str, list[Cell]] = {}
    for row, line in enumerate(lines):
        flat: dict[str, Cell] = {}
        reader.flatten(line, "", flat)
        for path, cell in flat.items():
            column = cells.setdefault(path, [])
            if len(column) < row:
                column.extend([ABSENT] * (row - len(column)))
            column.append(cell)
    codes = array("i", range(len(lines)))
    padded = ((path, [*column, *[ABSENT] * (len(lines) - len(column))]) for path, column in cells.items())
    return Frame(len(lines), {path: Column(codes, column) for path, column in padded})


class _Reader:
    """Reads one batch; equal JSON in the same place gives the same object."""

    def __init__(self, leaves: Mapping[str, ocsf.Attribute]) -> None:
        self._leaves = leaves
        self._known: dict[tuple[str, bytes], Cell] = {}

    def flatten(self, text: bytes, prefix: str, flat: dict[str, Cell]) -> None:
        """Put the members of a JSON object under their dotted names."""
        for name, raw in _members(text).items():
            path = f"{prefix}{name}"
            held = bytes(raw)
            if path not in self._leaves and held.startswith(b"{"):
                self.flatten(held, f"{path}.", flat)
            else:
                flat[path] = self._cell(path, held)

    def _cell(self, path: str, raw: bytes) -> Cell:
        if len(raw) > _REPEATING:
            return _read(raw, self._leaves.get(path))
        key = path, raw
        if key not in self._known:
            self._known[key] = _read(raw, self._leaves.get(path))
        return self._known[key]


def _read(raw: bytes, attribute: ocsf.Attribute | None) -> Cell:
    """Decode a value as far as its column goes."""
    if attribute is not None and attribute.is_array and shallow(attribute) and raw[:2] == b"[{":
        members = ocsf.shape_of_object(attribute.kind).attributes
        items = [{name: _member(part, members.get(name)) for name, part in item.items()} for item in _items(raw)]
        return tuple(items)
    value: Any = _anything(raw)
    return tuple(value) if type(value) is list else value


def _member(raw: msgspec.Raw, attribute: ocsf.Attribute | None) -> Cell:
    if attribute is not None and kept_as_json(attribute):
        return JsonText(bytes(raw).decode())
    value: Cell = _anything(raw)
    return value
