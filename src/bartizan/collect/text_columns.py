"""Turn lines of text into columns: decode them, gather the fields of differing shapes, number the distinct values."""

from __future__ import annotations

from array import array
from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, Cell, Column, Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

__all__ = ["Gatherer", "coded", "lines_of", "lookup"]

_MOST_FIELDS: Final = 1_000
"""Fields kept of one batch. Real logs have a few hundred; lines that each invent their own names would fill the memory."""


def lines_of(records: Sequence[bytes]) -> list[str]:
    r"""Return one text per record. Bytes that are no UTF-8 stay visible as ``\xhh``; a byte order mark and line ends go."""
    text = b"\n".join(records).decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    if len(lines) == len(records) and "\r" not in text and "\ufeff" not in text:
        return lines
    return [record.decode("utf-8", "backslashreplace").lstrip("\ufeff").rstrip("\r\n") for record in records]


def coded(cells: Iterable[str | None]) -> Column:
    """Encode texts, one per row; None is a cell that is absent."""
    seen: defaultdict[str | None, int] = defaultdict(count().__next__)
    codes = array("i", map(seen.__getitem__, cells))
    return Column(codes, [ABSENT if cell is None else cell for cell in seen])


def lookup(column: Column, rows: Iterable[int]) -> Column:
    """Return the cells of the named rows; row -1 is no row, its cell absent."""
    codes, absent = column.codes, len(column.values)
    return Column(array("i", [codes[row] if row >= 0 else absent for row in rows]), [*column.values, ABSENT])


class Gatherer:
    """Gather blocks of rows that each have their own fields into one frame; a field a block lacks is absent in its rows.

    ``wanted`` names the fields to keep (None: all); ``decode`` gives the function that turns a field's text into its
    cell, called once per distinct text (None: the text is the cell).
    """

    def __init__(self, wanted: Collection[str] | None, decode: Callable[[str], Callable[[str], Cell] | None]) -> None:
        """Start with no row."""
        self.rows: list[int] = []
        self._wanted = wanted
        self._decode = decode
        self._codes: dict[str, array[int]] = {}
        self._seen: dict[str, defaultdict[str | None, int]] = {}

    def add(self, rows: Sequence[int], names: Sequence[str], cells: Iterable[Sequence[str | None]]) -> None:
        """Add a block: which records its rows are, its fields, and for each field one text per row, None where it is absent."""
        height = len(self.rows)
        self.rows.extend(rows)
        for name, texts in zip(names, cells, strict=True):
            if name not in self._codes:
                if (self._wanted is not None and name not in self._wanted) or len(self._codes) == _MOST_FIELDS:
                    continue
                self._codes[name], self._seen[name] = array("i"), defaultdict(count(1).__next__, {None: 0})
            seen, codes = self._seen[name], self._codes[name]
            codes.extend(_absent(height - len(codes)))
            codes.extend(map(seen.__getitem__, texts))

    def frame(self, more: Mapping[str, Column] | None = None) -> Frame:
        """Return the frame of all rows, with ``more`` columns beside those gathered."""
        height = len(self.rows)
        columns: dict[str, Column] = {}
        for name, codes in self._codes.items():
            codes.extend(_absent(height - len(codes)))
            decode = self._decode(name)
            columns[name] = Column(codes, [ABSENT if text is None else decode(text) if decode else text for text in self._seen[name]])
        return Frame(height, {**columns, **(more or {})})


def _absent(count: int) -> array[int]:
    return array("i", bytes(4 * max(count, 0)))
