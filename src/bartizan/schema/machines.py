"""Put an address that stands where a machine's name is expected where addresses belong: devices write either, in the same field."""

from __future__ import annotations

from array import array
from typing import Final, NamedTuple

from bartizan.schema.addresses import ip
from bartizan.schema.columns import ABSENT, Cell, Column

__all__ = ["MACHINES", "Machine", "addressed", "placed"]


class Machine(NamedTuple):
    """The attributes for the name and for the address of a machine that a record is about."""

    hostname: str
    ip: str


_KINDS: Final = ("device", "src_endpoint", "dst_endpoint", "proxy_endpoint")
_NAME: Final = ".hostname"
_ADDRESS: Final = ".ip"
MACHINES: Final = {name: machine for kind in _KINDS for machine in (Machine(kind + _NAME, kind + _ADDRESS),) for name in machine}
"""Each of these attributes -> both of its machine."""


def addressed(names: Column | None, known: Column | None) -> tuple[Column | None, Column | None]:
    """Return the columns of names and addresses of a machine with what is an address out of the names, and its address where it has none.

    None is a column that is absent in every row.
    """
    if names is None or not any(map(_may_be_address, names.values)):
        return names, known
    addresses = names.map(_address)
    if all(address is ABSENT for address in addresses.values):
        return names, known
    left = [name if address is ABSENT else ABSENT for name, address in zip(names.values, addresses.values, strict=True)]
    kept = None if all(name is ABSENT for name in left) else Column(names.codes, left)
    return kept, addresses if known is None else _filled(known, addresses)


def placed(name: str, cell: Cell) -> tuple[str, Cell]:
    """Return where a member of an object (``src_endpoint.hostname``) belongs: an address that is given for a name is an address."""
    machine, _, leaf = name.rpartition(".")
    if f".{leaf}" != _NAME or machine.rpartition(".")[2] not in _KINDS:
        return name, cell
    address = _address(cell)
    return (name, cell) if address is ABSENT else (machine + _ADDRESS, address)


def _may_be_address(cell: Cell) -> bool:
    """Say by a glance whether a text may be an address: names seldom end with a digit, and never hold a colon."""
    return isinstance(cell, str) and (cell[-1:].isdecimal() or ":" in cell)


def _address(cell: Cell) -> Cell:
    return ip(cell) if _may_be_address(cell) else ABSENT


def _filled(known: Column, other: Column) -> Column:
    """Return a column with the cells of another where it has none."""
    seen: dict[tuple[int, int], int] = {}
    codes = array("i", [seen.setdefault(pair, len(seen)) for pair in zip(known.codes, other.codes, strict=True)])
    return Column(codes, [other.values[spare] if known.values[own] in (ABSENT, None) else known.values[own] for own, spare in seen])
