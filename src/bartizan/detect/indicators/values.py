"""Bring values into the one form in which they are compared, and tell from a bare value what it is.

Sources: RFC 5891 (internationalised names are compared as their A-labels), RFC 5952 (IPv6), RFC 3986 section 6 (URLs), FoxIO's
description of JA4. The notations in which people defang values (``hxxp``, ``[.]``, ``(at)``) have no standard.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from bartizan.detect.indicators.contract import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LONGEST", "guess", "normal", "refanged"]

LONGEST: Final = 8192
"""Characters of a value; browsers and servers refuse longer URLs."""
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_LENGTHS: Final = frozenset({32, 40, 64, 128})
_IPV4: Final = re.compile(r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}")
"""An address as it is normally written: six times faster than reading it."""
_JA4: Final = re.compile(r"[a-z][0-9a-z]{2}[di][0-9]{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_DOTS: Final = re.compile(r"\s*(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[,\])\s*", re.IGNORECASE)
_AT: Final = re.compile(r"\s*(?:\[@\]|\(@\)|\[at\]|\(at\))\s*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"\A(?:h(?:xx|tt|XX|\*\*)p(s?)|f(?:x|t)p(s?))(?::|\[://\])(?:\[//\]|//)?", re.IGNORECASE)
_FANGS: Final = frozenset("[({")
_COLON: Final = re.compile(r"\[:\]")
_PORTS: Final = {"http": 80, "https": 443, "ftp": 21, "ftps": 990}
_MOST_NAME: Final = 253
_SAFE: Final = "/%:@!$&'()*+,;=~-._?#[]"


def refanged(text: str) -> str:
    """Return a value as it was before somebody made it harmless to click on."""
    text = text.strip().strip("\"'<>")
    if not _FANGS.isdisjoint(text):
        text = _COLON.sub(":", _AT.sub("@", _DOTS.sub(".", text)))
    match = _SCHEME.match(text) if ":" in text else None
    if match:
        scheme = ("ftp" if match[0][0] in "fF" else "http") + (match[1] or match[2] or "").lower()
        text = f"{scheme}://{text[match.end() :]}"
    return text


def guess(text: str) -> Kind | None:
    """Return what a refanged value is, None where it is nothing that can be looked for."""
    if _IPV4.fullmatch(text):
        return Kind.IP
    if "/" in text:
        return _with_slash(text)
    if "@" in text or "." in text:
        return Kind.EMAIL if "@" in text else Kind.DOMAIN if ":" not in text or _address(text) is None else Kind.IP
    return _bare(text)


def _bare(text: str) -> Kind | None:
    """Tell what has neither dot nor slash."""
    if ":" in text:
        return Kind.IP if _address(text) is not None else None
    if len(text) in _LENGTHS and _HEX.fullmatch(text):
        return Kind.HASH
    return Kind.JA4 if _JA4.fullmatch(text.lower()) else None


def _with_slash(text: str) -> Kind | None:
    if "://" in text:
        return Kind.URL
    if _network(text) is not None:
        return Kind.NETWORK
    return Kind.URL if "." in text.partition("/")[0] else None


def normal(kind: Kind, text: str) -> str | None:
    """Return the normal form of a value, None where it is no value of this kind."""
    return None if len(text) > LONGEST else _NORMAL[kind](text.strip())


def _ip(text: str) -> str | None:
    if _IPV4.fullmatch(text):
        return text
    address = _address(text)
    return None if address is None else str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address; one in brackets or of IPv4 written as IPv6 is what it means."""
    bare = text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _network(text: str) -> str | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return str(network)


@lru_cache(maxsize=1 << 12)
def _host(text: str) -> str | None:
    """Normalise a name: lower case, A-labels, no dot at either end. A wildcard for what is below a name is that name."""
    name = text.removeprefix("*.").rstrip(".").lower()
    if not name.isascii():
        try:
            name = ".".join(label.encode("idna").decode() if not label.isascii() else label for label in re.split("[.。．｡]", name))  # noqa: RUF001 - the dots of IDNA
        except UnicodeError:
            return None
    labels = name.split(".")
    good = len(name) <= _MOST_NAME and len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return name if good else None


def _url(text: str) -> str | None:
    """Normalise a URL: scheme and host in lower case, no usual port, no fragment, ``/`` for an empty path. Without a scheme: http."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port, name = parts.port, parts.hostname or ""
    except ValueError:
        return None
    host = _ip(name) or _host(name)
    if host is None or not parts.scheme:
        return None
    scheme = parts.scheme.lower()
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None or port == _PORTS.get(scheme) else f"{shown}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{scheme}://{place}{parts.path or '/'}{query}", safe=_SAFE)


def _hash(text: str) -> str | None:
    return text.lower() if len(text) in _LENGTHS and _HEX.fullmatch(text) else None


def _email(text: str) -> str | None:
    """Normalise an address of mail: all in lower case, as every large provider compares them."""
    local, at, name = text.removeprefix("mailto:").rpartition("@")
    host = _host(name)
    return f"{local.lower()}@{host}" if at and local and host and not any(map(str.isspace, local)) else None


def _ja3(text: str) -> str | None:
    return text.lower() if len(text) == 32 and _HEX.fullmatch(text) else None  # noqa: PLR2004 - an MD5


def _ja4(text: str) -> str | None:
    return text.lower() if _JA4.fullmatch(text.lower()) else None


_NORMAL: Final[Mapping[Kind, Callable[[str], str | None]]] = {
    Kind.IP: _ip,
    Kind.NETWORK: _network,
    Kind.DOMAIN: _host,
    Kind.URL: _url,
    Kind.HASH: _hash,
    Kind.EMAIL: _email,
    Kind.JA3: _ja3,
    Kind.JA4: _ja4,
}
