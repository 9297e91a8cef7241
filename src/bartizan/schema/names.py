"""Bring names into the one form in which they are compared, and know those that name nothing or nobody in particular."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NULL_LIKE", "Name", "distinguishes", "normal_account", "normal_name"]

NULL_LIKE: Final = frozenset(
    {"", "-", "--", "n/a", "null", "(null)", "<null>", "0.0.0.0", "::", "s-1-0-0"}  # noqa: S104 - no address to bind to
    | {"00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}"}
)
"""How logs write that there is nothing, in lower case."""

LONGEST: Final = 4096
"""Characters; what is longer is content, not a name. Paths, ARNs and sensible URLs are shorter."""

REMEMBERED: Final = 1 << 12
"""Names whose normal form is kept at hand, per function: with the longest names that is 50 MB, with real ones 1 MB."""

_SHARED_NAMES: Final = re.compile(r"(?:system|local service|network service|anonymous logon|iusr|root|nobody|dwm-\d+|umfd-\d+|.*\$)")
_SHARED_SIDS: Final = re.compile(r"s-1-(?:[0-4]|5-(?:\d{1,2}|32-\d+|90-0-\d+|96-0-\d+))(?:-0)?|0", re.IGNORECASE)
"""Well-known security identifiers and root: the same on every machine."""
_SHARED_HOSTS: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
_WINDOWS_PATH: Final = re.compile(r"[A-Za-z]:|\\|.*\\")
_SDK_SESSION: Final = re.compile(r"(arn:[^:]*:sts::\d*:assumed-role/[^/]+)/(?:botocore-session|aws-go-sdk|aws-sdk-[a-z]+)-\d+")
"""Session names that an SDK makes of the clock: the role is the principal. Names that say who or what took the role stay."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in its normal form; ``part`` says which part of an account it was taken from."""

    kind: str
    value: str
    part: str = ""


def normal_name(kind: str, text: str) -> Name | None:
    """Return the normal form of a name of a kind (``EntityKind.value``); None where it names nothing.

    Text that is an IP address is an ``ip`` even where a host or domain was expected. Addresses that are the same on every
    machine (loopback, unspecified, link-wide multicast and broadcast) name nothing.
    """
    return None if len(text) > LONGEST else _normal_name(kind, text)


@lru_cache(maxsize=REMEMBERED)
def _normal_name(kind: str, text: str) -> Name | None:
    text = text.strip()
    if text.casefold() in NULL_LIKE:
        return None
    if kind in {"ip", "host", "domain"}:
        return _place(kind, text)
    form = _FORMS.get(kind)
    value = text if form is None else form(text)
    return Name(kind, value) if value else None


def normal_account(name: str, domain: str, uid: str) -> tuple[Name, ...]:
    r"""Return the names of an account: its cloud principal (an ARN), and ``domain\name``, or the uid where there is no name."""
    name, domain, uid = ("" if len(part) > LONGEST else part for part in (name, domain, uid))
    return _normal_account(name, domain, uid)


@lru_cache(maxsize=REMEMBERED)
def _normal_account(name: str, domain: str, uid: str) -> tuple[Name, ...]:
    name, domain, uid = ("" if part.strip().casefold() in NULL_LIKE else part.strip() for part in (name, domain, uid))
    found = []
    if uid.startswith("arn:"):
        found.append(Name("cloud-principal", _principal(uid), "uid"))
        uid = ""
    if name.startswith("arn:"):
        found.append(Name("cloud-principal", _principal(name), "name"))
    elif name:
        whole = f"{domain}\\{name}" if domain and domain != "." and not set("\\@") & set(name) else name
        found.append(Name("user", whole.lower(), "name"))
    elif uid:
        found.append(Name("user", uid, "uid"))
    return tuple(found)


@lru_cache(maxsize=REMEMBERED)
def distinguishes(kind: str, value: str) -> bool:
    """Say whether a normal name tells one thing from another; SYSTEM, machine accounts and localhost are everywhere."""
    if kind == "user":
        return not (_SHARED_NAMES.fullmatch(value.rpartition("\\")[2]) or _SHARED_SIDS.fullmatch(value))
    return not (kind == "host" and value in _SHARED_HOSTS)


def _principal(arn: str) -> str:
    match = _SDK_SESSION.fullmatch(arn)
    return arn if match is None else match[1]


def _path(text: str) -> str:
    """Return a path; a bare word (``System``, ``Registry``) is none. Windows does not tell upper case from lower."""
    if "\\" not in text and "/" not in text:
        return ""
    return text.lower() if _WINDOWS_PATH.match(text) else text


def _identifier(text: str) -> str:
    return text.strip("{}").lower()


def _digest(text: str) -> str:
    return text.lower() if text.strip("0") else ""


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "file": _path,
    "process": _identifier,
    "hash": _digest,
    "cloud-principal": _principal,
}


def _place(kind: str, text: str) -> Name | None:
    """Return the normal form of an address, or of a host or domain."""
    bare = text.strip("[]").partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        host = text.lstrip("\\").rstrip(".").lower()
        return Name(kind, host) if host and kind != "ip" and not any(char.isspace() for char in host) else None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    nowhere = address.is_loopback or address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255"
    return None if nowhere else Name("ip", str(address))
