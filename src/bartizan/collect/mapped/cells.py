"""Functions of one cell that mapping files need beside those of the schema: parts of texts, lists of named values, other clocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec import DecodeError
from msgspec.json import decode

from bartizan.collect.json_columns import frozen
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.time import nanoseconds
from bartizan.schema.unmapped import json_text

if TYPE_CHECKING:
    from bartizan.schema.expressions import Function

__all__ = [
    "address_of",
    "after",
    "before",
    "colons",
    "country_code",
    "element",
    "email_address",
    "joined",
    "json",
    "label_name",
    "last",
    "listed",
    "milliseconds",
    "named",
    "size",
    "unquoted",
    "upper",
    "within",
]

_MAC: Final = 12
"""Hexadecimal digits of a hardware address."""
_EMAIL: Final = re.compile(r"[^@\s<>]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+")
_WITH_PORT: Final = re.compile(r"\[([^\]]+)\](?::\d{1,5})?|([^:]+):\d{1,5}")
_LABEL: Final = re.compile(r"\(\d+\)")
_NAMES: Final = ("name", "key", "displayname", "property", "id")
_VALUES: Final = ("value", "newvalue", "intvalue", "boolvalue", "multivalue", "multiintvalue", "stringvalue")


def milliseconds(cell: Cell) -> Cell:
    """Return the time that a cell tells in milliseconds since 1970, the unit of all of OCSF's times but a route's own ``time``."""
    found = nanoseconds(cell)
    return found // 1_000_000 if isinstance(found, int) else ABSENT


def address_of(cell: Cell) -> Cell:
    """Return an address or a name without the port behind it: of ``192.0.2.1:443``, ``[2001:db8::1]:443``, ``web-1:443``."""
    found = text_of(cell)
    met = _WITH_PORT.fullmatch(found) if found else None
    return (found or ABSENT) if met is None else met[1] or met[2]


def email_address(cell: Cell) -> Cell:
    """Return a text that is a mail address, without the name and the angle brackets that may stand around one."""
    found = (text_of(cell) or "").rpartition("<")[2].rstrip("> ").strip()
    return found if _EMAIL.fullmatch(found) else ABSENT


def country_code(cell: Cell) -> Cell:
    """Return a text that is the two capital letters of a country (ISO 3166-1 alpha-2), which is what OCSF takes for one."""
    found = text_of(cell) or ""
    return found if len(found) == 2 and found.isascii() and found.isalpha() and found.isupper() else ABSENT  # noqa: PLR2004 - alpha-2


def json(cell: Cell) -> Cell:
    """Return an object or a list as compact JSON text, anything else as it is."""
    return json_text(cell) if isinstance(cell, tuple | Mapping) else cell


def listed(cell: Cell) -> Cell:
    """Return the texts of a list, or of a lone value as a list of one."""
    found = (text_of(item) for item in (cell if isinstance(cell, tuple) else (cell,)))
    return tuple(item for item in found if item) or ABSENT


def upper(cell: Cell) -> Cell:
    """Return a text in capitals."""
    found = text_of(cell)
    return ABSENT if found is None else found.upper()


def unquoted(cell: Cell) -> Cell:
    """Return a text in which ``%20`` and the like are the characters that they stand for."""
    found = text_of(cell)
    return ABSENT if found is None else unquote(found)


def size(cell: Cell) -> Cell:
    """Return how many elements a list has."""
    return len(cell) if isinstance(cell, tuple) else ABSENT


def colons(cell: Cell) -> Cell:
    """Return a hardware address as twelve digits, with dashes or dots, as pairs with colons between them."""
    digits = "".join(char for char in (text_of(cell) or "") if char not in ":-.").lower()
    there = len(digits) == _MAC and not set(digits) - set("0123456789abcdef")
    return ":".join(digits[at : at + 2] for at in range(0, _MAC, 2)) if there else ABSENT


def label_name(cell: Cell) -> Cell:
    """Return the domain name that counted labels make: ``(3)www(7)example(3)com(0)``."""
    return ".".join(part for part in _LABEL.split(text_of(cell) or "") if part) or ABSENT


def element(number: str) -> Function:
    """Make the function that takes one element of a list, counted from 0, from the end where negative."""
    place = int(number)

    def pick(cell: Cell) -> Cell:
        there = isinstance(cell, tuple) and -len(cell) <= place < len(cell)
        return cell[place] if isinstance(cell, tuple) and there else ABSENT

    return pick


def named(key: str) -> Function:
    """Make the function that finds the value of a name in a list of objects such as ``{"name": …, "value": …}``, in any case."""
    wanted = key.casefold()

    def find(cell: Cell) -> Cell:
        for item in cell if isinstance(cell, tuple) else ():
            members = {name.casefold(): value for name, value in item.items()} if isinstance(item, Mapping) else {}
            if any(str(members.get(name, "")).casefold() == wanted for name in _NAMES):
                return next((members[name] for name in _VALUES if name in members), ABSENT)
        return ABSENT

    return find


def joined(mark: str) -> Function:
    """Make the function that writes the texts of a list one after the other, ``mark`` between them."""

    def join(cell: Cell) -> Cell:
        texts = (text_of(item) for item in (cell if isinstance(cell, tuple) else (cell,)))
        return mark.join(text for text in texts if text is not None) or ABSENT

    return join


def before(mark: str) -> Function:
    """Make the function that takes what stands before the first ``mark``; all of a text without one."""

    def cut(cell: Cell) -> Cell:
        return (text_of(cell) or "").partition(mark)[0] or ABSENT

    return cut


def after(mark: str) -> Function:
    """Make the function that takes what stands behind the first ``mark``; nothing of a text without one."""

    def cut(cell: Cell) -> Cell:
        return (text_of(cell) or "").partition(mark)[2] or ABSENT

    return cut


def last(mark: str) -> Function:
    """Make the function that takes what stands behind the last ``mark``; all of a text without one."""

    def cut(cell: Cell) -> Cell:
        return (text_of(cell) or "").rpartition(mark)[2] or ABSENT

    return cut


def within(path: str) -> Function:
    """Make the function that finds a path, such as ``user.username`` or ``sourceIPs.0``, in a text that is a JSON object.

    As in records that are JSON themselves, a path that meets a list gives what the list's objects hold, and a key may have dots in it.
    """
    keys = tuple(path.split("."))

    def find(cell: Cell) -> Cell:
        return _below(_document(cell) if isinstance(cell, str) else cell, keys)

    return find


def _below(at: Cell, keys: tuple[str, ...]) -> Cell:
    """Return what stands behind a path; ABSENT where nothing does."""
    if not keys:
        return at
    if isinstance(at, Mapping):
        parts = ((".".join(keys[:count]), keys[count:]) for count in range(1, len(keys) + 1))
        found = (_below(at[key], rest) for key, rest in parts if key in at)
        return next((one for one in found if one is not ABSENT), ABSENT)
    if not isinstance(at, tuple):
        return ABSENT
    if keys[0].isdecimal():
        return _below(at[int(keys[0])], keys[1:]) if int(keys[0]) < len(at) else ABSENT
    each = [one for one in (_below(inner, keys) for inner in at) if one is not ABSENT]
    return tuple(part for one in each for part in (one if isinstance(one, tuple) else (one,))) or ABSENT


@lru_cache(maxsize=256)
def _document(text: str) -> Cell:
    """Return what a JSON text holds: each attribute of a record asks for it again."""
    try:
        return frozen(decode(text))
    except (DecodeError, UnicodeEncodeError, RecursionError):
        return ABSENT
