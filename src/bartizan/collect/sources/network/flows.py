"""Functions of cells that sensors of the network share: DNS answers, durations, TLS fingerprints, directions."""

from __future__ import annotations

from typing import Final

from bartizan.schema.cells import hostname, integer
from bartizan.schema.columns import ABSENT, Absent, Cell

__all__ = [
    "answers_of",
    "beside",
    "dns_name",
    "fingerprint_md5",
    "full_url",
    "milliseconds_of",
    "protocol_number",
    "rcode_name",
    "rcode_number",
    "size_or_nothing",
]

_RCODES: Final = (
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
)  # fmt: skip
"""Names of the DNS response codes 0 to 10 (RFC 6895)."""
_KNOWN_RCODES: Final = frozenset({*range(12), *range(16, 26)})
_OTHER: Final = 99
_PROTOCOLS: Final = {"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58, "ipv6-icmp": 58, "sctp": 132, "gre": 47, "igmp": 2, "esp": 50, "ah": 51}


def beside(witness: Cell, cell: Cell) -> Cell:
    """Return a cell where the witness is there too: a part of an object without the part that the object needs is left out."""
    return ABSENT if witness is ABSENT or witness is None or cell is None else cell


def dns_name(cell: Cell) -> str | Absent:
    """Return a name that was asked for; the root is ``.``; what holds a blank is no name."""
    if cell == ".":
        return "."
    name = hostname(cell)
    return ABSENT if name is ABSENT or any(letter.isspace() for letter in str(name)) else name


def answers_of(cell: Cell) -> Cell:
    """Return OCSF answers of a list of record data."""
    return tuple({"rdata": str(item)} for item in cell if isinstance(item, str)) or ABSENT if isinstance(cell, tuple) else ABSENT


def rcode_number(cell: Cell) -> Cell:
    """Return the response code of its number or name."""
    number = integer(cell)
    if not isinstance(number, int):
        name = str(cell).upper()
        return _RCODES.index(name) if name in _RCODES else _OTHER
    return number if number in _KNOWN_RCODES else _OTHER


def rcode_name(cell: Cell) -> Cell:
    """Return what a response code is called, where OCSF has no number for it."""
    return str(cell) if rcode_number(cell) == _OTHER else ABSENT


def milliseconds_of(cell: Cell) -> Cell:
    """Return a duration given in seconds as whole milliseconds."""
    try:
        return int(float(cell) * 1000) if isinstance(cell, str | int | float) else ABSENT
    except (ValueError, OverflowError):
        return ABSENT


def fingerprint_md5(cell: Cell) -> Cell:
    """Return a JA3 hash as an OCSF fingerprint."""
    return {"algorithm": "MD5", "algorithm_id": 1, "value": cell} if isinstance(cell, str) and cell else ABSENT


def protocol_number(cell: Cell) -> Cell:
    """Return the IANA number of a protocol above IP."""
    return _PROTOCOLS.get(str(cell).lower(), ABSENT)


def size_or_nothing(size: Cell, *others: Cell) -> Cell:
    """Return the size of a request; 0 where that is all there is to say of it, for OCSF wants a request or a response."""
    number = integer(size)
    return number if isinstance(number, int) else 0 if all(cell is ABSENT or cell is None for cell in others) else ABSENT


def full_url(host: Cell, target: Cell) -> Cell:
    """Return the target of a request, and the URL that it makes with the host: rules on proxies ask for either."""
    if not isinstance(target, str):
        return ABSENT
    whole = target if "://" in target[:12] or not isinstance(host, str) or not host else f"http://{host}{target}"
    return target if whole == target else (target, whole)
