"""Know what is good although somebody lists it as bad: such matches are held back, counted and explained.

Facts: RFC 1918, 4193, 6598, 3927, 5737 and 3849 (addresses that mean something else everywhere), the addresses that the public resolvers
publish, and the hashes of no bytes at all. Lists of the user's own are plain texts, or JSON in the form of MISP's warning lists.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.indicators.contract import Kind
from bartizan.detect.indicators.files import documents_in, is_json, leaves_of, text_of
from bartizan.detect.indicators.lines import cut
from bartizan.detect.indicators.values import guess, normal, refanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.collect.transports.bytestream import ByteStream

__all__ = ["KnownGood", "WarningList", "known_good"]

_BUILT_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "private and special addresses": (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/4"),
        *("255.255.255.255/32", "::1/128", "::/128", "fc00::/7", "fe80::/10", "ff00::/8"),
    ),
    "public resolvers": (
        *("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220"),
        *("2606:4700:4700::1111", "2606:4700:4700::1001", "2001:4860:4860::8888", "2001:4860:4860::8844", "2620:fe::fe", "2620:fe::9"),
    ),
    "hashes of an empty file": (
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ),
}
_READABLE: Final = frozenset({"string", "hostname", "cidr"})


@dataclass(slots=True)
class WarningList:
    """One list of what is good: exact values, names with all below them, networks. ``refused`` counts what it held and nobody reads."""

    name: str
    values: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = field(default_factory=list)
    refused: int = 0
    problem: str = ""

    def add(self, text: str, *, below: bool = False) -> None:
        """Take in a value; ``below``: a name stands for those below it."""
        plain = refanged(text)
        kind = guess(plain)
        value = None if kind is None else normal(kind, plain)
        if kind is None or value is None:
            self.refused += 1
        elif kind is Kind.NETWORK:
            self.networks.append(ipaddress.ip_network(value))
        elif kind is Kind.DOMAIN and (below or text.startswith(".")):
            self.names.add(value)
        else:
            self.values.add(value)

    def knows(self, kind: Kind, value: str) -> bool:
        """Say whether a normalised value is on the list."""
        if value in self.values:
            return True
        if kind is Kind.DOMAIN and self.names:
            labels = value.split(".")
            return any(".".join(labels[at:]) in self.names for at in range(len(labels)))
        if kind is Kind.IP and self.networks:
            address = ipaddress.ip_address(value)
            return any(address in network for network in self.networks)
        return False


@dataclass(frozen=True, slots=True)
class KnownGood:
    """Every warning list of a hunt, our own first."""

    lists: tuple[WarningList, ...]

    def of(self, kind: Kind, value: str) -> str:
        """Return the name of the first list that knows a value, "" where none does."""
        return next((one.name for one in self.lists if one.knows(kind, value)), "")


def known_good(paths: Sequence[str] = (), *, built_in: bool = True) -> KnownGood:
    """Read warning lists. InputError where a path names nothing; a file that cannot be read is a list with a ``problem``."""
    lists = [_filled(WarningList(name), values) for name, values in _BUILT_IN.items()] if built_in else []
    for leaf in leaves_of(paths) if paths else ():
        one = WarningList(PurePath(leaf.name.rpartition("!")[2]).name, problem=leaf.problem)
        lists.append(one)
        if leaf.stream is not None:
            _read(text_of(leaf.stream), one)
            one.problem = one.problem or leaf.stream.problem
    return KnownGood(tuple(lists))


def _read(stream: ByteStream, one: WarningList) -> None:
    if is_json(stream.peek(4096)):
        document, one.problem = documents_in(stream)
        if not one.problem:
            _misp(document, one)
        return
    for _, line in cut(stream.blocks()):
        text = "" if line is None else line.strip()
        one.refused += line is None
        if text and not text.startswith("#"):
            # A list of top domains is often a table of rank and name.
            one.add(text.rpartition(",")[2] if text.partition(",")[0].isdigit() else text)


def _misp(document: Any, one: WarningList) -> None:  # noqa: ANN401 - JSON
    """Read a warning list of MISP: ``{name, type, list}``."""
    if not isinstance(document, Mapping) or not isinstance(document.get("list"), list):
        one.problem = "JSON that is no warning list: it has no 'list'"
        return
    one.name = str(document.get("name") or one.name)[:200]
    kind = document.get("type", "string")
    if kind not in _READABLE:
        one.problem = f"warning lists of type '{str(kind)[:40]}' are not read: string, hostname and cidr are"
        one.refused += len(document["list"])
        return
    for entry in document["list"]:
        one.add(str(entry), below=kind == "hostname")


def _filled(one: WarningList, values: Iterable[str]) -> WarningList:
    for value in values:
        one.add(value)
    return one
