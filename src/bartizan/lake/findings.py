"""Bring findings, which are lines of nested JSON, into columns."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import msgspec

from bartizan.schema.columns import ABSENT, Cell, Column, Frame

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bartizan.lake.contract import Declared

__all__ = ["findings_frame"]


def findings_frame(lines: Sequence[bytes], declared: Declared) -> Frame:
    """Return OCSF findings, one JSON object per line, as columns of dotted names that end where the table's columns do."""
    leaves = frozenset(leaf.path for leaf in declared.leaves)
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    cells: dict[str, list[Cell]] = {}
    for row, line in enumerate(lines):
        flat: dict[str, Cell] = {}
        _flatten(decode(line), "", leaves, flat)
        for path, cell in flat.items():
            column = cells.setdefault(path, [])
            if len(column) < row:
                column.extend([ABSENT] * (row - len(column)))
            column.append(cell)
    codes = array("i", range(len(lines)))
    padded = ((path, [*column, *[ABSENT] * (len(lines) - len(column))]) for path, column in cells.items())
    return Frame(len(lines), {path: Column(codes, column) for path, column in padded})


def _flatten(value: dict[str, Any], prefix: str, leaves: Container[str], flat: dict[str, Cell]) -> None:
    for name, item in value.items():
        path = f"{prefix}{name}"
        if type(item) is dict and path not in leaves:
            _flatten(item, f"{path}.", leaves, flat)
        else:
            flat[path] = tuple(item) if type(item) is list else item
