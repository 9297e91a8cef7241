"""Functions of one cell, for mapping tables: each gives what the cell says in OCSF's terms, or ABSENT where it cannot tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.schema.addresses import ip
from bartizan.schema.columns import ABSENT, Absent, Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.expressions import Function

__all__ = [
    "account",
    "basename",
    "boolean",
    "domain",
    "fingerprint",
    "fingerprints",
    "folder",
    "guid",
    "hostname",
    "integer",
    "ip",
    "lookup",
    "lower",
    "matched",
    "port",
    "present",
    "text",
]

_NOTHING: Final = frozenset({"", "-", "n/a", "(null)", "null"})
_LONGEST: Final = max(map(len, _NOTHING))
_ALGORITHMS: Final = {
    "MD5": ("MD5", 1),
    "SHA1": ("SHA-1", 2),
    "SHA256": ("SHA-256", 3),
    "SHA512": ("SHA-512", 4),
    "IMPHASH": ("IMPHASH", 99),
}
_BY_LENGTH: Final = {32: "MD5", 40: "SHA1", 64: "SHA256", 128: "SHA512"}
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})
_PORTS: Final = 65_536


def text(cell: Cell) -> str | Absent:
    """Return the text of a scalar."""
    found = text_of(cell)
    return ABSENT if found is None else found


def present(cell: Cell) -> Cell:
    """Return the cell, but ABSENT for the ways logs write nothing: empty, ``-``, ``N/A``, ``(null)``."""
    if not isinstance(cell, str) or (len(cell) > _LONGEST and not (cell[0].isspace() or cell[-1].isspace())):
        return cell
    return ABSENT if cell.strip().lower() in _NOTHING else cell


def lower(cell: Cell) -> str | Absent:
    """Return the text in lower case."""
    found = text_of(cell)
    return ABSENT if found is None else found.lower()


def integer(cell: Cell) -> int | Absent:
    """Return the whole number that a number or text (decimal, or hexadecimal by ``0x``) tells."""
    if isinstance(cell, bool):
        return ABSENT
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else ABSENT
    try:
        return int(cell, 16 if cell[:2].lower() == "0x" else 10) if isinstance(cell, str) else ABSENT
    except ValueError:
        return ABSENT


def port(cell: Cell) -> int | Absent:
    """Return a port number."""
    number = integer(cell)
    return number if isinstance(number, int) and 0 <= number < _PORTS else ABSENT


def boolean(cell: Cell) -> bool | Absent:
    """Return the truth that ``true``/``false``, ``yes``/``no``, ``1``/``0`` tell, in any case."""
    found = text_of(cell)
    known = "" if found is None else found.lower()
    return True if known in _TRUE else False if known in _FALSE else ABSENT


def basename(cell: Cell) -> str | Absent:
    """Return the last part of a Windows or POSIX path."""
    found = text_of(cell)
    name = "" if found is None else found.rstrip("\\/").replace("\\", "/").rpartition("/")[2]
    return name or ABSENT


def folder(cell: Cell) -> str | Absent:
    """Return a Windows or POSIX path without its last part."""
    found = text_of(cell) or ""
    cut = max(found.rfind("\\"), found.rfind("/"))
    return ABSENT if cut < 0 else found[:cut] or found[: cut + 1]


def account(cell: Cell) -> str | Absent:
    r"""Return the name in ``DOMAIN\name``; text without a backslash is the name."""
    found = text_of(cell) or ""
    name = found.rpartition("\\")[2]
    return ABSENT if name in {"", "-"} else name


def domain(cell: Cell) -> str | Absent:
    r"""Return the domain in ``DOMAIN\name``."""
    found = text_of(cell) or ""
    name = found.rpartition("\\")[0]
    return ABSENT if name in {"", "-"} else name


def hostname(cell: Cell) -> str | Absent:
    """Return a host name as written, without leading backslashes and the trailing dot."""
    found = (text_of(cell) or "").strip().lstrip("\\").rstrip(".")
    return ABSENT if found.lower() in _NOTHING else found


def guid(cell: Cell) -> str | Absent:
    """Return a GUID in lower case without braces; the null GUID identifies nothing."""
    found = (text_of(cell) or "").strip().strip("{}").lower()
    return ABSENT if found in _NOTHING or not found.strip("0-") else found


def lookup(table: Mapping[str, Cell], default: Cell = ABSENT) -> Function:
    """Make the function that looks a cell's text up, in lower case: a table's keys are written so."""

    def look(cell: Cell) -> Cell:
        found = text_of(cell)
        return default if found is None else table.get(found.strip().lower(), default)

    return look


def matched(pattern: str) -> Function:
    """Make the function that finds a regular expression in a cell's text and gives its first group."""
    find = re.compile(pattern, re.IGNORECASE).search

    def match(cell: Cell) -> Cell:
        found = text_of(cell)
        met = None if found is None else find(found)
        return ABSENT if met is None else met[1]

    return match


def fingerprints(cell: Cell) -> Cell:
    """Return the hashes in ``SHA1=…,MD5=…,IMPHASH=…`` or ``SHA1=…|MD5=…``, or a bare hash, as OCSF fingerprints."""
    found = _hashes(cell)
    prints: list[Mapping[str, Cell]] = [
        {"algorithm": _ALGORITHMS[name][0], "algorithm_id": _ALGORITHMS[name][1], "value": value}
        for name, value in found.items()
        if name in _ALGORITHMS
    ]
    return tuple(prints) or ABSENT


def fingerprint(algorithm: str) -> Function:
    """Make the function that takes one hash (``MD5``, ``SHA1``, ``SHA256``, ``IMPHASH``) out of a list of them."""

    def pick(cell: Cell) -> Cell:
        return _hashes(cell).get(algorithm, ABSENT)

    return pick


def _hashes(cell: Cell) -> dict[str, str]:
    found = (text_of(cell) or "").strip()
    if "=" not in found:
        name = _BY_LENGTH.get(len(found), "")
        return {name: found} if name and all(digit in "0123456789abcdefABCDEF" for digit in found) else {}
    pairs = (part.partition("=") for part in found.replace("|", ",").split(","))
    return {name.strip().upper(): value.strip() for name, _, value in pairs if value.strip().strip("0")}
