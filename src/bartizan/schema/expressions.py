"""Say how one attribute follows from native fields; a mapping to OCSF is a table of these.

A table reads ``{"process.cmd_line": field("CommandLine"), "process.pid": field("ProcessId", integer), "class_uid": 1007}``:
dotted OCSF attribute -> expression or constant. An expression is computed once per distinct value of its inputs.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, ItemsView, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.machines import MACHINES, addressed

__all__ = ["Expression", "Function", "Table", "combine", "evaluate", "field", "first", "inputs_of", "on_demand", "with_structures"]

_SCALARS: Final = frozenset({str, int, float, bool, type(None), type(ABSENT)})

Function: TypeAlias = Callable[[Cell], Cell]
"""A pure function of one cell. It is never called with ABSENT or None, and returns ABSENT where it cannot tell."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An attribute as a pure function of native fields. ``apply`` takes one cell per input, in order, and may get ABSENT."""

    inputs: tuple[str, ...]
    apply: Callable[..., Cell]
    plain: bool = False
    """Whether it is its one input as it stands, null aside: then nothing has to be computed."""
    through: tuple[Function, ...] | None = None
    """The functions that its one input goes through, one after the other; None where it is made in another way."""
    choices: tuple[Expression, ...] = ()
    """Of these the first that is there; () where it is made in another way."""


Table: TypeAlias = Mapping[str, Expression | str | int | bool]


def field(name: str, *functions: Function) -> Expression:
    """Take one field and pass it through functions in turn; an absent or null field stays absent."""
    if len(functions) == 1:
        only = functions[0]
        return Expression((name,), lambda cell: ABSENT if cell is ABSENT or cell is None else only(cell), through=functions)

    def apply(cell: Cell) -> Cell:
        value: Cell = ABSENT if cell is None else cell
        for function in functions:
            if value is ABSENT or value is None:
                break
            value = function(value)
        return value

    return Expression((name,), apply, plain=not functions, through=functions)


def first(*choices: Expression | str) -> Expression:
    """Take the first choice that is there, not null and not the empty string or a lone dash; a string names a field."""
    expressions = [field(choice) if isinstance(choice, str) else choice for choice in choices]
    inputs = tuple(dict.fromkeys(name for expression in expressions for name in expression.inputs))
    calls = [(expression.apply, [inputs.index(name) for name in expression.inputs]) for expression in expressions]

    def apply(*cells: Cell) -> Cell:
        for function, places in calls:
            value = function(*[cells[place] for place in places])
            if value is not ABSENT and value not in ("", "-", None):
                return value
        return ABSENT

    return Expression(inputs, apply, choices=tuple(expressions))


def combine(function: Callable[..., Cell], *names: str) -> Expression:
    """Compute an attribute of several fields; the function gets one cell per field, ABSENT or None where there is none."""
    return Expression(names, function)


def inputs_of(table: Table) -> frozenset[str]:
    """Return the native fields that a table reads."""
    return frozenset(name for value in table.values() if isinstance(value, Expression) for name in value.inputs)


class _Fault(str):
    """What an expression said when it failed, in the place of its value."""

    __slots__ = ()


def evaluate(table: Table, frame: Frame, faults: MutableMapping[int, str] | None = None) -> Frame:
    """Compute every attribute of a table; attributes that are absent in every row are left out, and addresses are no host names.

    ``faults`` takes the rows on which an expression fails (index -> attribute and error); the attribute is absent there, the
    others are not touched. Without it what an expression raises is raised.
    """
    return Frame(frame.height, dict(_Columns(table, frame, faults).items()))


def on_demand(table: Table, frame: Frame, faults: MutableMapping[int, str]) -> Frame:
    """Return what ``evaluate`` returns, each attribute computed when somebody first asks for it: of most records nobody asks for most.

    ``faults`` is complete only when everything was asked for.
    """
    return Frame(frame.height, _Columns(table, frame, faults))


class _Columns(Mapping[str, Column]):
    """The columns of a table. Which there are is known when all were computed."""

    __slots__ = ("_all", "_constants", "_faults", "_found", "_frame", "_table")

    def __init__(self, table: Table, frame: Frame, faults: MutableMapping[int, str] | None) -> None:
        self._table, self._frame, self._faults = table, frame, faults
        self._found: dict[str, Column | None] = {}
        self._constants: dict[tuple[type, Cell], Column] = {}
        self._all: dict[str, Column] | None = None

    def __getitem__(self, name: str) -> Column:
        column = self._column(name)
        if column is None:
            raise KeyError(name)
        return column

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self.items()])

    def __len__(self) -> int:
        return len(self.items())

    def items(self) -> ItemsView[str, Column]:
        if self._all is None:
            machines = (names for names in MACHINES.values() if names.hostname in self._table)
            names = dict.fromkeys((*self._table, *(names.ip for names in machines)))
            columns = ((name, self._column(name)) for name in names)
            self._all = {name: column for name, column in columns if column is not None}
        return self._all.items()

    def _column(self, name: str) -> Column | None:
        if name not in self._found:
            machine = MACHINES.get(name)
            if machine is not None and machine.hostname in self._table:
                known = self._computed(machine.ip) if machine.ip in self._table else None
                both = addressed(self._computed(machine.hostname), known)
                self._found[machine.hostname], self._found[machine.ip] = both
            else:
                self._found[name] = self._computed(name)
        return self._found[name]

    def _computed(self, name: str) -> Column | None:
        value, frame = self._table[name], self._frame
        found: Column | None
        if isinstance(value, Expression):
            found = _column(value, frame) if self._faults is None else _spared(name, value, frame, self._faults)
            if found is not None and all(cell is ABSENT for cell in found.values):
                found = None
        else:
            key = (type(value), value)
            found = self._constants.get(key) or self._constants.setdefault(key, Column.constant(value, frame.height))
        return found


def _spared(name: str, expression: Expression, frame: Frame, faults: MutableMapping[int, str]) -> Column | None:
    """Compute an expression; where it fails on some rows, compute it for the others."""
    try:
        return _column(expression, frame)
    except Exception:  # noqa: BLE001 - one cell that breaks an expression must cost neither the record nor the batch

        def apply(*cells: Cell) -> Cell:
            try:
                return expression.apply(*cells)
            except Exception as error:  # noqa: BLE001 - as above; it is told
                return _Fault(f"{name} failed: {type(error).__name__}: {error}")

        column = _column(replace(expression, apply=apply), frame)
    if column is not None:
        for row, code in enumerate(column.codes):
            if isinstance(told := column.values[code], _Fault):
                faults.setdefault(row, str(told))
        column = column.map(lambda cell: ABSENT if isinstance(cell, _Fault) else cell)
    return column


def with_structures(table: Table, frame: Frame, mapped: Frame) -> Frame:
    """Return what a table gave for a frame, with lists and objects as they are where functions gave nothing for them.

    No attribute of text can hold them, and whoever stores the records counts them. Else null would say that the record has none.
    """
    structured = {name for name, column in frame.columns.items() if not _SCALARS.issuperset(map(type, column.values))}
    columns = dict(mapped.columns)
    for name, value in table.items() if structured else ():
        if isinstance(value, Expression) and value.through and value.inputs[0] in structured:
            there, native = mapped.column(name).cells(), frame.columns[value.inputs[0]].cells()
            both = zip(there, native, strict=True)
            columns[name] = Column.encode(cell if found is ABSENT and type(cell) not in _SCALARS else found for found, cell in both)
    return Frame(mapped.height, columns)


def _column(expression: Expression, frame: Frame) -> Column | None:
    """Compute an expression, once per distinct value where at most one input varies from row to row; None is absent in every row."""
    columns = [frame.columns.get(name) for name in expression.inputs]
    cells: list[Cell] = []
    varying: list[tuple[int, Column]] = []
    for at, column in enumerate(columns):
        if column is not None and len(column.values) > 1:
            varying.append((at, column))
            cells.append(ABSENT)
        else:
            cells.append(column.values[0] if column is not None and column.values else ABSENT)
    if len(varying) > 1:
        return _combined(expression, cells, varying)
    if not varying:
        cell = expression.apply(*cells)
        return None if cell is ABSENT else Column.constant(cell, frame.height)
    at, column = varying[0]
    if expression.plain:
        return Column(column.codes, [ABSENT if cell is None else cell for cell in column.values]) if None in column.values else column
    apply = expression.apply
    if len(cells) == 1:
        return Column(column.codes, list(map(apply, column.values)))
    values: list[Cell] = []
    for value in column.values:
        cells[at] = value
        values.append(apply(*cells))
    return Column(column.codes, values)


def _combined(expression: Expression, cells: list[Cell], varying: Sequence[tuple[int, Column]]) -> Column:
    """Compute an expression once per distinct combination of the inputs that vary."""
    seen: dict[tuple[int, ...], int] = {}
    codes = array("i", [seen.setdefault(key, len(seen)) for key in zip(*(column.codes for _, column in varying), strict=True)])
    values: list[Cell] = []
    for key in seen:
        for (at, column), code in zip(varying, key, strict=True):
            cells[at] = column.values[code]
        values.append(expression.apply(*cells))
    return Column(codes, values)
