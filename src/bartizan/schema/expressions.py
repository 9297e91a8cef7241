"""Say how one attribute follows from native fields; a mapping to OCSF is a table of these.

A table reads ``{"process.cmd_line": field("CommandLine"), "process.pid": field("ProcessId", integer), "class_uid": 1007}``:
dotted OCSF attribute -> expression or constant. An expression is computed once per distinct value of its inputs.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bartizan.schema.columns import ABSENT, Cell, Column, Frame

__all__ = ["Expression", "Function", "Table", "combine", "evaluate", "field", "first", "inputs_of"]

Function: TypeAlias = Callable[[Cell], Cell]
"""A pure function of one cell. It is never called with ABSENT or None, and returns ABSENT where it cannot tell."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An attribute as a pure function of native fields. ``apply`` takes one cell per input, in order, and may get ABSENT."""

    inputs: tuple[str, ...]
    apply: Callable[..., Cell]


Table: TypeAlias = Mapping[str, Expression | str | int | bool]


def field(name: str, *functions: Function) -> Expression:
    """Take one field and pass it through functions in turn; an absent or null field stays absent."""

    def apply(cell: Cell) -> Cell:
        value: Cell = ABSENT if cell is None else cell
        for function in functions:
            if value is ABSENT or value is None:
                break
            value = function(value)
        return value

    return Expression((name,), apply)


def first(*choices: Expression | str) -> Expression:
    """Take the first choice that is there, not null and not the empty string or a lone dash; a string names a field."""
    expressions = [field(choice) if isinstance(choice, str) else choice for choice in choices]
    inputs = tuple(dict.fromkeys(name for expression in expressions for name in expression.inputs))

    def apply(*cells: Cell) -> Cell:
        at = dict(zip(inputs, cells, strict=True))
        for expression in expressions:
            value = expression.apply(*(at[name] for name in expression.inputs))
            if value is not ABSENT and value not in ("", "-", None):
                return value
        return ABSENT

    return Expression(inputs, apply)


def combine(function: Callable[..., Cell], *names: str) -> Expression:
    """Compute an attribute of several fields; the function gets one cell per field, ABSENT or None where there is none."""
    return Expression(names, function)


def inputs_of(table: Table) -> frozenset[str]:
    """Return the native fields that a table reads."""
    return frozenset(name for value in table.values() if isinstance(value, Expression) for name in value.inputs)


def evaluate(table: Table, frame: Frame) -> Frame:
    """Compute every attribute of a table; attributes that are absent in every row are left out."""
    columns: dict[str, Column] = {}
    for name, value in table.items():
        column = _column(value, frame) if isinstance(value, Expression) else Column.constant(value, frame.height)
        if any(cell is not ABSENT for cell in column.values):
            columns[name] = column
    return Frame(frame.height, columns)


def _column(expression: Expression, frame: Frame) -> Column:
    columns = [frame.column(name) for name in expression.inputs]
    if not columns:
        return Column.constant(expression.apply(), frame.height)
    varying = [at for at, column in enumerate(columns) if len(column.values) > 1]
    if len(varying) <= 1:
        cells = [column.values[0] if len(column.values) == 1 else ABSENT for column in columns]
        return _along(expression, cells, columns, varying[0] if varying else 0)
    seen: dict[tuple[int, ...], int] = {}
    codes = array("i", [seen.setdefault(key, len(seen)) for key in zip(*(columns[at].codes for at in varying), strict=True)])
    known: list[Cell] = [column.values[0] if column.values else ABSENT for column in columns]
    values: list[Cell] = []
    for key in seen:
        for at, code in zip(varying, key, strict=True):
            known[at] = columns[at].values[code]
        values.append(expression.apply(*known))
    return Column(codes, values)


def _along(expression: Expression, cells: list[Cell], columns: list[Column], varying: int) -> Column:
    """Compute an expression of which at most one input varies from row to row: once per distinct value of that one."""
    values: list[Cell] = []
    for value in columns[varying].values:
        cells[varying] = value
        values.append(expression.apply(*cells))
    return Column(columns[varying].codes, values)
