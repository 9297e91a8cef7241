"""Build the expression of an attribute from what a mapping file says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import TYPE_CHECKING, Final

from bartizan.collect.mapped.conditions import holds, pattern_of
from bartizan.collect.mapped.functions import function_of
from bartizan.collect.mapped.plan import All, Constant, Each, Field, First, Guarded, Join, Lookup, Made, Value
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.expressions import Expression, field, first
from bartizan.schema.machines import placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["expression_of", "walked"]

_NOTHING: Final[tuple[Cell, ...]] = (ABSENT, None, "", "-")


@singledispatch
def expression_of(value: Value) -> Expression:
    """Return the expression that computes a value."""
    message = f"{value!r} is no value of a mapping file"
    raise TypeError(message)


def walked(cell: Cell, name: str) -> Cell:
    """Return the field of an object: the key of that very name, else the path that its dots make; ``.`` is the object itself."""
    if name == ".":
        return cell
    if isinstance(cell, Mapping) and name in cell:
        return cell[name]
    key, dot, rest = name.partition(".")
    if not dot:
        return ABSENT
    if isinstance(cell, tuple):
        return walked(cell[int(key)], rest) if key.isdecimal() and int(key) < len(cell) else ABSENT
    return walked(cell[key], rest) if isinstance(cell, Mapping) and key in cell else ABSENT


@expression_of.register
def _constant(value: Constant) -> Expression:
    return Expression((), lambda: value.value)


@expression_of.register
def _field(value: Field) -> Expression:
    return field(value.name, *map(function_of, value.steps))


@expression_of.register
def _first(value: First) -> Expression:
    return first(*map(expression_of, value.choices))


@expression_of.register
def _lookup(value: Lookup) -> Expression:
    of = expression_of(value.of)
    other = None if value.other is None else expression_of(value.other)
    exact = {key.casefold(): found for key, found in value.table if "*" not in key}
    wild = [((key,), found) for key, found in value.table if "*" in key]
    inputs = of.inputs if other is None else tuple(dict.fromkeys((*of.inputs, *other.inputs)))
    places = None if other is None else [inputs.index(name) for name in other.inputs]

    def look(*cells: Cell) -> Cell:
        text = text_of(of.apply(*cells[: len(of.inputs)]))
        if text is not None:
            folded = text.strip().casefold()
            if folded in exact:
                return exact[folded]
            for keys, found in wild:
                if pattern_of(keys).fullmatch(text):
                    return found
        return ABSENT if other is None or places is None else other.apply(*(cells[at] for at in places))

    return Expression(inputs, look)


@expression_of.register
def _join(value: Join) -> Expression:
    expressions = [expression_of(part) for part in value.of]
    functions = [function_of(step) for step in value.steps]
    told = [at for at, part in enumerate(value.of) if type(part) is not Constant]

    def join(*results: Cell) -> Cell:
        if all(results[at] in _NOTHING for at in told):
            return ABSENT
        texts = [text_of(cell) for cell in results if cell not in _NOTHING]
        cell: Cell = value.between.join(text for text in texts if text is not None) or ABSENT
        for function in functions:
            cell = ABSENT if cell is ABSENT or cell is None else function(cell)
        return cell

    return _over(expressions, join)


@expression_of.register
def _all(value: All) -> Expression:
    def gather(*results: Cell) -> Cell:
        lists = (cell if isinstance(cell, tuple) else (cell,) for cell in results if cell not in _NOTHING)
        return tuple(item for items in lists for item in items) or ABSENT

    return _over([expression_of(part) for part in value.of], gather)


@expression_of.register
def _each(value: Each) -> Expression:
    attributes = [(name, expression_of(inner)) for name, inner in value.attributes]
    names = [name for name, _ in attributes]

    def make(cell: Cell) -> Cell:
        items = cell if isinstance(cell, tuple) else (cell,)
        made = (_object((name, inner.apply(*(walked(item, at) for at in inner.inputs))) for name, inner in attributes) for item in items)
        return tuple(item for item in made if item and _is_named(item, names)) or ABSENT

    return field(value.of, make)


@expression_of.register
def _made(value: Made) -> Expression:
    names = [name for name, _ in value.attributes]
    constant = [type(inner) is Constant for _, inner in value.attributes]

    def make(*results: Cell) -> Cell:
        told = any(cell not in _NOTHING and not fixed for cell, fixed in zip(results, constant, strict=True))
        made = _object(zip(names, results, strict=True))
        return (made,) if told and _is_named(made, names) else ABSENT

    return _over([expression_of(inner) for _, inner in value.attributes], make)


@expression_of.register
def _guarded(value: Guarded) -> Expression:
    inner = expression_of(value.value)
    checks = [holds(test) for test in value.when]
    names = [test.field for test in value.when]
    inputs = tuple(dict.fromkeys((*inner.inputs, *names)))
    places = [inputs.index(name) for name in names]

    def guard(*cells: Cell) -> Cell:
        good = all(check(cells[at]) for check, at in zip(checks, places, strict=True))
        return inner.apply(*cells[: len(inner.inputs)]) if good else ABSENT

    return Expression(inputs, guard)


def _is_named(made: Mapping[str, Cell], names: Sequence[str]) -> bool:
    """Say whether an object has one of the names that it should have: without one, it is nothing in particular."""
    wanted = [name for name in ("uid", "name") if name in names]
    return not wanted or any(name in made for name in wanted)


def _over(expressions: Sequence[Expression], function: Callable[..., Cell]) -> Expression:
    """Return the expression that passes the results of several to a function."""
    inputs = tuple(dict.fromkeys(name for expression in expressions for name in expression.inputs))
    places = [[inputs.index(name) for name in expression.inputs] for expression in expressions]

    def apply(*cells: Cell) -> Cell:
        return function(*(inner.apply(*(cells[at] for at in own)) for inner, own in zip(expressions, places, strict=True)))

    return Expression(inputs, apply)


def _object(members: Iterable[tuple[str, Cell]]) -> dict[str, Cell]:
    """Return an object of the members that are there; dotted names make objects inside it."""
    made: dict[str, Cell] = {}
    for told, said in members:
        name, cell = placed(told, said)
        if cell in _NOTHING:
            continue
        *parents, leaf = name.split(".")
        at = made
        for parent in parents:
            inner = at.setdefault(parent, {})
            at = inner if isinstance(inner, dict) else {}
        if name == told:
            at[leaf] = cell
        else:
            at.setdefault(leaf, cell)
    return made
