"""Turn cells into what a column of the lake can hold: types follow from OCSF's, what does not fit is counted.

Objects in lists keep their simple attributes as columns of a struct; objects within those are JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.schema import ocsf
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.unmapped import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

__all__ = ["Converter", "JsonText", "converter", "is_text", "kept_as_json", "shallow"]

_INTEGERS: Final = frozenset({"integer_t", "long_t", "port_t", "timestamp_t"})
_OBJECT: Final = "object"
"""The kind of ``unmapped`` and the like, which come as JSON text already."""
_JSON: Final = frozenset({"json_t", _OBJECT})
_LONG: Final = 1 << 63
_LEVELS: Final = {"attack": 2}
"""How deep objects in lists are taken apart; the tactic and technique of an attack are objects themselves."""
_SHOWN: Final = 100


class JsonText(str):
    """Text that is JSON already, for a column of JSON text."""

    __slots__ = ()


class MisfitError(ValueError):
    """A value that its column cannot hold."""


@dataclass(frozen=True, slots=True)
class Converter:
    """How the cells of one column become values of one polars type. ``convert`` raises ``MisfitError``."""

    dtype: pl.DataType
    convert: Callable[[Cell], object]
    simple: type | None = None
    """A Python type whose instances need no conversion."""
    items: Converter | None = None
    """Of a column of lists, how its items are converted; what does not fit there is one item."""
    misfits: dict[str, int] = field(default_factory=dict)
    """Example -> how many; at most one key, the first example."""

    def values(self, cells: Sequence[Cell]) -> list[object]:
        """Convert distinct cells; those that do not fit become null and are counted."""
        simple = self.simple
        return [cell if type(cell) is simple else self._one(cell) for cell in cells]

    def _one(self, cell: Cell) -> object:
        if cell is ABSENT or cell is None:
            return None
        try:
            return self.convert(cell)
        except MisfitError:
            example = next(iter(self.misfits), None) or _shown(cell)
            self.misfits[example] = self.misfits.get(example, 0) + 1
            return None


def converter(attribute: ocsf.Attribute) -> Converter:
    """Return how cells of an attribute are kept."""
    import polars as pl  # noqa: PLC0415 - 60 ms that only writing should cost

    convert, dtype = _single(attribute, _LEVELS.get(attribute.kind, 1))
    one = Converter(dtype, convert, str if is_text(attribute) else None)
    return Converter(pl.List(dtype), _items, items=one, misfits=one.misfits) if attribute.is_array else one


def shallow(attribute: ocsf.Attribute) -> bool:
    """Say whether the objects in a list keep objects within them as JSON text."""
    return attribute.is_object and attribute.kind != _OBJECT and attribute.kind not in _LEVELS


def kept_as_json(attribute: ocsf.Attribute) -> bool:
    """Say whether an attribute of such an object is kept as JSON text."""
    return (attribute.is_object or attribute.kind in _JSON) and not attribute.is_array


def is_text(attribute: ocsf.Attribute) -> bool:
    """Say whether values of an attribute are kept as the text that they are; of a list, its items."""
    return not (attribute.is_object or attribute.kind in _JSON | _INTEGERS | {"float_t", "boolean_t"})


def _single(attribute: ocsf.Attribute, levels: int) -> tuple[Callable[[Cell], object], pl.DataType]:
    import polars as pl  # noqa: PLC0415 - as above

    if attribute.kind in _JSON or (attribute.is_object and not levels):
        return (_object if attribute.kind == _OBJECT else _json), pl.String()
    if attribute.is_object:
        return _struct(ocsf.shape_of_object(attribute.kind), levels - 1)
    if attribute.kind in _INTEGERS:
        return _integer, pl.Int64()
    if attribute.kind == "float_t":
        return _float, pl.Float64()
    return (_boolean, pl.Boolean()) if attribute.kind == "boolean_t" else (_string, pl.String())


def _struct(shape: ocsf.Shape, levels: int) -> tuple[Callable[[Cell], object], pl.DataType]:
    import polars as pl  # noqa: PLC0415 - as above

    converts: dict[str, Callable[[Cell], object]] = {}
    fields = []
    for name, attribute in shape.attributes.items():
        if attribute.profiles:
            continue
        convert, dtype = _single(attribute, levels)
        converts[name] = _listed(convert) if attribute.is_array else convert
        fields.append(pl.Field(name, pl.List(dtype) if attribute.is_array else dtype))

    def struct(cell: Cell) -> object:
        if not isinstance(cell, Mapping) or not converts.keys() >= cell.keys():
            raise MisfitError
        return {name: converts[name](item) for name, item in cell.items() if item is not ABSENT and item is not None}

    return struct, pl.Struct(fields)


def _items(cell: Cell) -> object:
    if not isinstance(cell, tuple | list):
        raise MisfitError
    return cell


def _listed(convert: Callable[[Cell], object]) -> Callable[[Cell], object]:
    def listed(cell: Cell) -> object:
        if not isinstance(cell, tuple | list):
            raise MisfitError
        return [None if item is ABSENT or item is None else convert(item) for item in cell]

    return listed


def _json(cell: Cell) -> str:
    return str(cell) if type(cell) is JsonText else json_text(cell)


def _object(cell: Cell) -> str:
    return cell if isinstance(cell, str) else json_text(cell)


def _string(cell: Cell) -> str:
    text = text_of(cell)
    if text is None:
        raise MisfitError
    return text


def _integer(cell: Cell) -> int:
    if isinstance(cell, bool) or not isinstance(cell, int) or not -_LONG <= cell < _LONG:
        raise MisfitError
    return cell


def _float(cell: Cell) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise MisfitError
    return float(cell)


def _boolean(cell: Cell) -> bool:
    if not isinstance(cell, bool):
        raise MisfitError
    return cell


def _shown(cell: Cell) -> str:
    text = ascii(cell)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
