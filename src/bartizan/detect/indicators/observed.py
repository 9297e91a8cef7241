"""Say which attributes of mapped records can meet an indicator, of which kind, and with which values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from bartizan.detect.indicators.contract import Kind
from bartizan.detect.indicators.values import normal
from bartizan.schema.observables import observable_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.schema.columns import Cell, Frame

__all__ = ["columns_of", "kind_of", "observed_in"]

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


def columns_of(frame: Frame) -> dict[str, Kind]:
    """Return the columns of a mapped frame that can meet an indicator."""
    typed = observable_types(frame)
    kinds = ((name, kind_of(name, typed.get(name, 0))) for name in frame.columns)
    return {name: kind for name, kind in kinds if kind is not None}


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
