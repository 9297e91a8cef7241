"""Say which attributes of mapped records can meet an indicator, of which kind, and with which values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from bartizan.detect.indicators.contract import Kind
from bartizan.detect.indicators.values import normal
from bartizan.schema.observables import object_kinds, observable_types, observables_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.schema.columns import Cell, Frame

__all__ = ["kind_of", "observed_in", "readers_of"]

_BY_TYPE: Final[Mapping[int, Kind]] = {1: Kind.DOMAIN, 2: Kind.IP, 5: Kind.EMAIL, 6: Kind.URL, 8: Kind.HASH, 30: Kind.HASH}
"""OCSF observable ``type_id`` -> what it is here; a hostname that is an address is one."""
_ANSWERS: Final = "answers"
_KEYS: Final = ("value", "rdata")


def kind_of(attribute: str, type_id: int) -> Kind | None:
    """Return the kind of an observable, None of one that no indicator names."""
    if "ja3" in attribute:
        return Kind.JA3
    if "ja4" in attribute:
        return Kind.JA4
    return Kind.DOMAIN if attribute == _ANSWERS else _BY_TYPE.get(type_id)


def readers_of(frame: Frame) -> dict[str, Callable[[Cell], Iterable[tuple[Kind, str]]]]:
    """Return the columns of a mapped frame that can meet an indicator, each with what finds the observables in a cell."""
    typed = observable_types(frame)
    kinds = ((name, kind_of(name, typed.get(name, 0))) for name in frame.columns)
    plain = {name: partial(observed_in, kind) for name, kind in kinds if kind is not None}
    held = {name: partial(_held_in, name, kind) for name, kind in object_kinds(frame).items() if name not in plain}
    return {**plain, **held}


def _held_in(name: str, kind: str, cell: Cell) -> Iterator[tuple[Kind, str]]:
    """Yield the normalised observables in the objects of a cell."""
    for one in observables_within(name, kind, cell):
        known = kind_of(str(one["name"]), int(str(one["type_id"])))
        if known is not None:
            yield from observed_in(known, one["value"])


def observed_in(kind: Kind, cell: Cell) -> Iterator[tuple[Kind, str]]:
    """Yield the normalised observables in a cell, which may be a text, an object or a list of either."""
    for item in cell if isinstance(cell, tuple) else (cell,):
        text = next((item[key] for key in _KEYS if key in item), None) if isinstance(item, Mapping) else item
        if not isinstance(text, str) or not text:
            continue
        address = normal(Kind.IP, text) if kind in {Kind.DOMAIN, Kind.IP} else None
        if address is not None:
            yield Kind.IP, address
            continue
        value = normal(kind, text)
        if value is not None:
            yield kind, value
