"""Hold a batch of records as columns, each distinct value once.

Logs repeat themselves: of the cells in a day of Windows events about two in a hundred are distinct. A column here is a
list of distinct values and one code per row, so that a function of one field is computed once per distinct value and
costs nothing per row.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

__all__ = ["ABSENT", "Absent", "Cell", "Column", "Frame", "text_of"]


class Absent(Enum):
    """The type of ``ABSENT``: the record has no such field (``None`` means that it has the field and it is null)."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        """Return the name under which the module exports the value."""
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

Cell: TypeAlias = str | int | float | bool | Absent | tuple["Cell", ...] | Mapping[str, "Cell"] | None
"""What a field can hold. A list is a tuple, so that distinct values can be found by hashing."""


@dataclass(frozen=True, slots=True)
class Column:
    """One field of every row of a batch.

    ``codes`` has one signed 32-bit number per row, an index into ``values``. ``values`` may name a value twice and may
    hold values that no row uses. Codes are shared freely between columns, so nobody writes into them.
    """

    codes: array[int]
    values: Sequence[Cell]

    @classmethod
    def encode(cls, cells: Iterable[Cell]) -> Column:
        """Build a column from one cell per row; ``1``, ``1.0`` and ``True`` stay apart although Python calls them equal."""
        seen: dict[object, int] = {}
        values: list[Cell] = []
        codes = array("i")
        for cell in cells:
            key: object = cell if type(cell) is str or cell is None else (type(cell), repr(cell))
            code = seen.get(key)
            if code is None:
                code = seen[key] = len(values)
                values.append(cell)
            codes.append(code)
        return cls(codes, values)

    @classmethod
    def constant(cls, cell: Cell, height: int) -> Column:
        """Build a column in which every one of ``height`` rows holds ``cell``."""
        return cls(array("i", bytes(4 * height)), (cell,))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    def __getitem__(self, row: int) -> Cell:
        """Return the cell of one row."""
        return self.values[self.codes[row]]

    def cells(self) -> list[Cell]:
        """Return one cell per row."""
        return list(map(self.values.__getitem__, self.codes))

    def map(self, function: Callable[[Cell], Cell]) -> Column:
        """Return a column with ``function`` applied once to each distinct value."""
        return Column(self.codes, [function(value) for value in self.values])

    def take(self, rows: Iterable[int]) -> Column:
        """Return the column of the named rows, in the order given."""
        return Column(array("i", map(self.codes.__getitem__, rows)), self.values)

    def only(self, rows: Iterable[int]) -> Column:
        """Return what ``take`` returns, with no values but those that a row uses: for few rows of many."""
        codes_of: dict[int, int] = {}
        codes = array("i", [codes_of.setdefault(self.codes[row], len(codes_of)) for row in rows])
        return Column(codes, [self.values[code] for code in codes_of])


@dataclass(frozen=True, slots=True)
class Frame:
    """A batch of records of one shape: named columns, all ``height`` rows long. A column not held is absent in every row."""

    height: int
    columns: Mapping[str, Column]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Cell]]) -> Frame:
        """Build a frame from one mapping per row: for tests, examples and display."""
        names = dict.fromkeys(name for row in rows for name in row)
        return cls(len(rows), {name: Column.encode(row.get(name, ABSENT) for row in rows) for name in names})

    def column(self, name: str) -> Column:
        """Return a column, all absent where the frame does not hold it."""
        found = self.columns.get(name)
        return Column.constant(ABSENT, self.height) if found is None else found

    def row(self, number: int) -> dict[str, Cell]:
        """Return one row without its absent fields: for tests, examples and display."""
        cells = ((name, column[number]) for name, column in self.columns.items())
        return {name: cell for name, cell in cells if cell is not ABSENT}

    def take(self, rows: Sequence[int]) -> Frame:
        """Return the frame of the named rows, in the order given."""
        return Frame(len(rows), {name: column.take(rows) for name, column in self.columns.items()})

    def only(self, rows: Sequence[int]) -> Frame:
        """Return what ``take`` returns, with no values but those that a row uses: for few rows of many."""
        return Frame(len(rows), {name: column.only(rows) for name, column in self.columns.items()})


def text_of(cell: Cell) -> str | None:
    """Return the text that string comparisons see: digits of a number, ``true``/``false``; None where there is no scalar."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return str(cell)
    return None
