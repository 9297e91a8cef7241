"""Keep what a mapping has no place for: native fields as one JSON text per record."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Mapping
from typing import Final

from bartizan.schema.columns import ABSENT, Cell, Column, Frame

__all__ = ["json_text", "unmapped"]

_PREFIX: Final = "unmapped."


def unmapped(columns: Mapping[str, Column], native: Frame, consumed: frozenset[str]) -> dict[str, Column]:
    """Return the columns with all of ``unmapped.*`` and every native field not consumed folded into one, ``unmapped``.

    Each distinct value is rendered once; per row the rendered pieces are joined. Text that is there already is added to.
    """
    kept = {name: column for name, column in columns.items() if not name.startswith(_PREFIX)}
    before = kept.pop("unmapped", None)
    parts = {name.removeprefix(_PREFIX): column for name, column in columns.items() if name.startswith(_PREFIX)}
    parts.update((name, column) for name, column in native.columns.items() if name not in consumed)
    pieces = [_pieces(name, column) for name, column in parts.items()]
    if before is not None:
        opened = before.map(lambda text: f"{text[1:-1]}," if isinstance(text, str) else "")
        pieces.insert(0, [str(text) for text in opened.cells()])
    if pieces:
        texts: list[Cell] = [f"{{{text[:-1]}}}" if text else ABSENT for text in map("".join, zip(*pieces, strict=True))]
        kept["unmapped"] = Column(array("i", range(len(texts))), texts)
    return kept


def json_text(value: object) -> str:
    """Render a cell as JSON in ASCII; a number that JSON does not have (NaN, infinity) becomes a string, what is absent is left out."""
    return json.dumps(_plain(value), separators=(",", ":"), allow_nan=False)


def _pieces(name: str, column: Column) -> list[str]:
    key = json.dumps(name)
    rendered = ["" if value is ABSENT else f"{key}:{json_text(value)}," for value in column.values]
    return [rendered[code] for code in column.codes]


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not ABSENT}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value if item is not ABSENT]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
