"""Spell values as Windows itself does where an exporter spells them in its own way."""

from __future__ import annotations

import re
from typing import Final

from bartizan.schema.columns import ABSENT, Cell

__all__ = ["braced", "keywords", "unwrapped"]

_GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_AUDITS: Final = {"audit failure": "0x8010000000000000", "audit success": "0x8020000000000000"}
_WORD: Final = 1 << 64


def keywords(cell: Cell) -> Cell:
    """Write the keywords mask as hexadecimal text; exporters write it as a signed number or by the names of its bits."""
    if isinstance(cell, tuple):
        names = [_AUDITS.get(str(item).lower(), str(item)) for item in cell]
        return names[0] if len(names) == 1 else tuple(names) or ABSENT
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell % _WORD:#x}"
    if isinstance(cell, str):
        return f"{int(cell) % _WORD:#x}" if cell.lstrip("-").isdecimal() else _AUDITS.get(cell.lower(), cell)
    return cell


def braced(name: str, cell: Cell) -> Cell:
    """Put a GUID into the braces that Windows writes, where a field by its name holds one."""
    if isinstance(cell, str) and "guid" in name.lower() and _GUID.fullmatch(cell):
        return f"{{{cell.lower()}}}"
    return cell


def unwrapped(cell: Cell) -> Cell:
    """Take a value out of the object that an XML converter made of an element with attributes."""
    if not isinstance(cell, dict):
        return cell
    for key in ("#text", "$text", "_", "text"):
        if key in cell:
            inner: Cell = cell[key]
            return inner
    return ABSENT if all(key.startswith(("#", "@")) for key in cell) else cell
