"""Tell whether a value is of an OCSF type."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["is_of"]

_LONG: Final = 1 << 63
_LAST_MILLISECOND: Final = 253_402_300_799_999
"""Of the year 9999. A larger timestamp counts in micro- or nanoseconds, which OCSF's does not."""
_PORTS: Final = 65_536

_DATETIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?")
_MAC: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_EMAIL: Final = re.compile(r"[^@\s]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_HOST: Final = re.compile(r"\S+")


def is_of(kind: str, value: object) -> bool:
    """Say whether a value is of the OCSF type ``kind``; text where the type asks for no form of its own."""
    test = _TESTS.get(kind)
    return _text(value) if test is None else test(value)


def _text(value: object) -> bool:
    return isinstance(value, str)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_LONG <= value < _LONG


def _real(value: object) -> bool:
    return isinstance(value, float) or _whole(value)


def _timestamp(value: object) -> bool:
    return isinstance(value, int) and _whole(value) and value <= _LAST_MILLISECOND


def _port(value: object) -> bool:
    return isinstance(value, int) and _whole(value) and 0 <= value < _PORTS


def _json(_value: object) -> bool:
    return True


def _address(value: object) -> bool:
    return _parsed(ipaddress.ip_address, value)


def _subnet(value: object) -> bool:
    return _parsed(lambda text: ipaddress.ip_network(text, strict=False), value)


def _parsed(parse: Callable[[str], object], value: object) -> bool:
    try:
        return isinstance(value, str) and parse(value) is not None
    except ValueError:
        return False


def _like(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_TESTS: Final[Mapping[str, Callable[[object], bool]]] = {
    "boolean_t": lambda value: isinstance(value, bool),
    "bytestring_t": _like(_BASE64),
    "datetime_t": _like(_DATETIME),
    "email_t": _like(_EMAIL),
    "float_t": _real,
    "hostname_t": _like(_HOST),
    "integer_t": _whole,
    "ip_t": _address,
    "json_t": _json,
    "long_t": _whole,
    "mac_t": _like(_MAC),
    "port_t": _port,
    "subnet_t": _subnet,
    "timestamp_t": _timestamp,
    "uuid_t": _like(_UUID),
}
