"""Functions of one cell about HTTP requests: for the mappings of every source that sees some, and for the field names of Sigma."""

from __future__ import annotations

import re
from typing import Final

from bartizan.schema.cells import hostname, integer
from bartizan.schema.columns import ABSENT, Absent, Cell

__all__ = [
    "activity_name_of",
    "activity_of",
    "extension_of",
    "host_of",
    "host_port_of",
    "method_of",
    "path_of",
    "query_of",
    "scheme_of",
    "sigma_query",
    "status_of",
    "text_there",
]

_ACTIVITIES: Final = {
    "CONNECT": 1, "DELETE": 2, "GET": 3, "HEAD": 4, "OPTIONS": 5, "POST": 6, "PUT": 7, "TRACE": 8, "PATCH": 9, "ACL": 10,
    "BASELINE-CONTROL": 11, "BIND": 12, "CHECKIN": 13, "CHECKOUT": 14, "COPY": 15, "LABEL": 16, "LINK": 17, "LOCK": 18, "MERGE": 19,
    "MKACTIVITY": 20, "MKCALENDAR": 21, "MKCOL": 22, "MKREDIRECTREF": 23, "MKWORKSPACE": 24, "MOVE": 25, "ORDERPATCH": 26, "PRI": 27,
    "PROPFIND": 28, "PROPPATCH": 29, "QUERY": 30, "REBIND": 31, "REPORT": 32, "SEARCH": 33, "UNBIND": 34, "UNCHECKOUT": 35, "UNLINK": 36,
    "UNLOCK": 37, "UPDATE": 38, "UPDATEREDIRECTREF": 39, "VERSION-CONTROL": 40,
}  # fmt: skip
"""HTTP method -> ``activity_id`` of OCSF's HTTP Activity."""
_OTHER: Final = 99
_URL: Final = re.compile(
    r"(?:([a-zA-Z][a-zA-Z0-9+.-]*)://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d{1,5}))?)?([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL
)
_EXTENSION: Final = re.compile(r"\.([A-Za-z0-9]{1,10})$")
_FAILED: Final = 400


def text_there(cell: Cell) -> str | Absent:
    """Return text that is there: not empty and not the lone dash for nothing."""
    return cell if isinstance(cell, str) and cell not in {"", "-"} else ABSENT


def method_of(cell: Cell) -> str | Absent:
    """Return the method in upper case where OCSF knows it."""
    name = cell.upper() if isinstance(cell, str) else ""
    return name if name in _ACTIVITIES else ABSENT


def activity_of(cell: Cell) -> int:
    """Return the activity of a method: 99 of one that is not HTTP's, 0 where there is none."""
    return _ACTIVITIES.get(cell.upper(), _OTHER) if isinstance(cell, str) else 0


def activity_name_of(cell: Cell) -> str | Absent:
    """Return the method itself where it is none of HTTP's."""
    return cell if isinstance(cell, str) and activity_of(cell) == _OTHER else ABSENT


def status_of(cell: Cell) -> int | Absent:
    """Return 1 (success) or 2 (failure) of a response code."""
    code = integer(cell)
    return ABSENT if not isinstance(code, int) or not code else 1 if code < _FAILED else 2


def scheme_of(cell: Cell) -> Cell:
    """Return the scheme of an absolute URL."""
    return _part(cell, 1)


def host_of(cell: Cell) -> Cell:
    """Return the host of an absolute URL, without the brackets of an IPv6 address."""
    found = _part(cell, 2)
    return hostname(found.strip("[]")) if isinstance(found, str) else ABSENT


def path_of(cell: Cell) -> Cell:
    """Return the path of a URL or of a request's target (``cs-uri-stem``)."""
    return _part(cell, 4)


def query_of(cell: Cell) -> Cell:
    """Return what follows the question mark (``cs-uri-query`` as W3C means it)."""
    return _part(cell, 5)


def extension_of(cell: Cell) -> Cell:
    """Return what follows the last dot of the path (``c-uri-extension``)."""
    path = _part(cell, 4)
    match = _EXTENSION.search(path) if isinstance(path, str) else None
    return match[1] if match else ABSENT


def host_port_of(cell: Cell) -> tuple[str | Absent, int | Absent]:
    """Return host and port of ``host:port``, the target of CONNECT."""
    host, colon, port = cell.rpartition(":") if isinstance(cell, str) else ("", "", "")
    number = integer(port) if colon else ABSENT
    if not isinstance(number, int):
        return hostname(cell), ABSENT
    return hostname(host.strip("[]")), number


def sigma_query(target: Cell) -> Cell:
    """Return what Sigma's web rules mean by ``cs-uri-query``: the query, null where there is none, and the whole target.

    W3C means the part after the question mark; 100 of SigmaHQ's rules look for paths in that field. A list holds where any
    element does, so a rule written either way finds what it looks for, and ``cs-uri-query: null`` a request without a query.
    """
    if not isinstance(target, str):
        return target
    query = _part(target, 5)
    return (query if isinstance(query, str) else None, target)


def _part(cell: Cell, group: int) -> Cell:
    match = _URL.fullmatch(cell) if isinstance(cell, str) else None
    return ABSENT if match is None or not match[group] else match[group]
