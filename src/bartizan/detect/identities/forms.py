"""Bring identities into the one form in which they are compared, and leave out what identifies nobody.

Null-like ids, the fillers of mappings, well-known SIDs, addresses that every machine has, masked values: each would tie
together what has nothing to do with each other.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Final, TypeAlias

from bartizan.detect.identities.contract import IdentityKind
from bartizan.schema.columns import Cell, text_of
from bartizan.schema.names import NULL_LIKE, distinguishes, normal_account, normal_name

__all__ = ["Reader", "identities", "reader"]

LONGEST: Final = 1024
"""Characters; what is longer is content, not an identity."""
_REMEMBERED: Final = 1 << 14
_NOTHING: Final = NULL_LIKE | {
    *("unknown", "none", "nil", "undefined", "unset", "anonymous", "not available", "n/d", "?", "0", "-1", "0x0"),
    "4294967295",
}
"""Beside what is null-like everywhere: fillers of mappings and products, and what auditd and Windows write for no session."""
_SID: Final = re.compile(r"s-1-(?:5-21(?:-\d+){3,}|12-1(?:-\d+){4})", re.IGNORECASE)
"""Of a domain or machine, or of Entra ID. All others are the same on every machine, or masked."""
_NO_DOMAIN: Final = re.compile(r"s-1-5-21-0-0-0-\d+", re.IGNORECASE)
_ARN: Final = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+")
_HEXADECIMAL: Final = re.compile(r"(?:0x)?[0-9a-fA-F-]+")
_MAC: Final = re.compile(r"[0-9a-f]{12}")
_SEPARATORS: Final = re.compile(r"[:.\-]")
_FILE_HASHES: Final = frozenset({1, 2, 3, 4})
"""OCSF ``algorithm_id`` of MD5, SHA-1, SHA-256 and SHA-512: of one content. An import hash is of many."""
_EVERY_PROCESS: Final = frozenset({0, 4})
"""The idle process and Windows' kernel: on every machine."""

Reader: TypeAlias = Callable[[tuple[Cell, ...]], tuple[str, ...]]


def identities(kind: IdentityKind, cells: tuple[Cell, ...]) -> tuple[str, ...]:
    """Return the identities of a kind that the cells of its attributes name; () where they name none."""
    return reader(kind)(cells)


@cache
def reader(kind: IdentityKind) -> Reader:
    """Return the function that reads the identities of a kind; it remembers what it read."""
    read = _READERS[kind]

    @lru_cache(maxsize=_REMEMBERED, typed=True)
    def remembered(*cells: Cell) -> tuple[str, ...]:
        # One by one: of a tuple only its own type would be looked at, and True is 1.
        return read(cells)

    def identities_of(cells: tuple[Cell, ...]) -> tuple[str, ...]:
        try:
            return remembered(*cells)
        except TypeError:
            # A cell that is an object, or a list of them, cannot be looked up by hashing.
            return read(cells)

    return identities_of


def _text(cell: Cell) -> str:
    """Return a cell as text without what surrounds it, "" where it says nothing."""
    found = (text_of(cell) or "").strip()
    return "" if len(found) > LONGEST or found.casefold() in _NOTHING or not found.isprintable() else found


def _named(kind: str) -> Reader:
    def named(cells: tuple[Cell, ...]) -> tuple[str, ...]:
        found = normal_name(kind, _text(cells[0]))
        good = found is not None and found.kind == kind and distinguishes(kind, found.value)
        return (found.value,) if found is not None and good else ()

    return named


def _address(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    found = normal_name("ip", _text(cells[0]))
    return () if found is None or ipaddress.ip_address(found.value).is_link_local else (found.value,)


def _hardware(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    """Return a hardware address in lower case with colons; those of groups, of nobody and of everybody are none."""
    digits = _SEPARATORS.sub("", _text(cells[0]).lower())
    if not _MAC.fullmatch(digits) or int(digits[1], 16) & 1 or not digits.strip("0"):
        return ()
    return (":".join(digits[at : at + 2] for at in range(0, 12, 2)),)


def _user(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    """Return an account's name with its domain. That of a machine (``ws-1$``) is one of a kind; SYSTEM is everywhere."""
    found = next((name.value for name in normal_account(_text(cells[0]), _text(cells[1]), "") if name.kind == "user"), "")
    return (found,) if found and (found.endswith("$") or distinguishes("user", found)) else ()


def _sid(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    text = _text(cells[0])
    return (text.upper(),) if _SID.fullmatch(text) and not _NO_DOMAIN.fullmatch(text) else ()


def _arn(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    found = normal_name("cloud-principal", _text(cells[0]))
    return (found.value,) if found is not None and _ARN.fullmatch(found.value) else ()


def _uid(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    text = _text(cells[0])
    return () if text[:2].casefold() == "s-" or text.startswith("arn:") or not text else (text.lower(),)


def _email(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    name, at, domain = _text(cells[0]).lower().partition("@")
    return (f"{name}@{domain}",) if name and at and "." in domain and not set(" @<>") & set(name + domain) else ()


def _identifier(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    text = _text(cells[0]).strip("{}").lower()
    return (text,) if text.strip("0-") else ()


def _session(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    """Return a session's id as written; of a number in hexadecimal the case says nothing."""
    text = _text(cells[0]).strip("{}")
    found = text.lower() if _HEXADECIMAL.fullmatch(text) else text
    return (found,) if found.removeprefix("0x").strip("0-") else ()


def _as_written(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    text = _text(cells[0])
    return (text,) if text else ()


def _pid(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    pid = cells[0]
    return (str(pid),) if type(pid) is int and pid > 0 and pid not in _EVERY_PROCESS else ()


def _start(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    pid, start = _pid(cells), cells[1]
    return (f"{pid[0]}@{start}",) if pid and type(start) is int and start > 0 else ()


def _hashes(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    found = []
    for item in cells[0] if isinstance(cells[0], tuple) else ():
        if isinstance(item, Mapping) and item.get("algorithm_id") in _FILE_HASHES:
            name = normal_name("hash", _text(item.get("value")))
            found += [] if name is None else [name.value]
    return tuple(dict.fromkeys(found))


_READERS: Final[Mapping[IdentityKind, Reader]] = {
    IdentityKind.HOST: _named("host"),
    IdentityKind.IP: _address,
    IdentityKind.MAC: _hardware,
    IdentityKind.AGENT: _identifier,
    IdentityKind.INSTANCE: _identifier,
    IdentityKind.INTERFACE: _identifier,
    IdentityKind.USER: _user,
    IdentityKind.SID: _sid,
    IdentityKind.ARN: _arn,
    IdentityKind.UID: _uid,
    IdentityKind.EMAIL: _email,
    IdentityKind.SESSION: _session,
    IdentityKind.ACCESS_KEY: _as_written,
    IdentityKind.PROCESS: _identifier,
    IdentityKind.PID: _pid,
    IdentityKind.START: _start,
    IdentityKind.FILE: _named("file"),
    IdentityKind.HASH: _hashes,
}
