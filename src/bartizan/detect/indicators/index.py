"""Find which of many values are indicators: one filter of a byte per slot, then a search in sorted hashes, then the values themselves.

A list of a million indicators and a batch of some million distinct values meet in columns. Of what is looked for nearly nothing
is there, so nearly all of it ends at the filter, which costs one hash and one look into memory. ``naive`` is the same in three lines.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from bartizan.detect.indicators.contract import Indicator, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Index", "Keys"]

_SEED: Final = 0x5EED
_SPARSE: Final = 64
"""Slots of the filter per value: two of a hundred values that are not there pass it by chance."""
_MOST_BITS: Final = 26
_FEWEST_BITS: Final = 10
_STEP: Final = 1 << 20
_PREFIX: Final = {
    Kind.IP: "i",
    Kind.NETWORK: "n",
    Kind.DOMAIN: "d",
    Kind.URL: "u",
    Kind.HASH: "h",
    Kind.EMAIL: "e",
    Kind.JA3: "3",
    Kind.JA4: "4",
}
_SIMPLE: Final = frozenset({Kind.HASH, Kind.EMAIL, Kind.JA3, Kind.JA4, Kind.NETWORK})
"""Kinds that are met by the same value only."""
_NO_NAME: Final = 1 << 30
_FOLDERS: Final = 32
"""Folders of a URL that are looked for, from the host down."""


class Keys:
    """A set of distinct texts that finds which of many others are among them."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Take the texts, which must be distinct."""
        self._texts = pl.Series(texts, dtype=pl.String)
        hashes = self._texts.hash(_SEED).to_numpy()
        order = np.argsort(hashes)
        self._hashes, self._order = hashes[order], order
        bits = min(max((len(texts) * _SPARSE).bit_length(), _FEWEST_BITS), _MOST_BITS)
        self._shift = np.uint64(64 - bits)
        self._filter = np.zeros(1 << bits, np.bool_)
        self._filter[(hashes >> self._shift).view(np.int64)] = True

    def find(self, asked: pl.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the places in ``asked`` that are among the texts, ascending, and beside each the place of the text."""
        places: list[np.ndarray] = []
        texts: list[np.ndarray] = []
        for begin in range(0, len(asked), _STEP):
            some = asked.slice(begin, _STEP)
            hashes = some.hash(_SEED).to_numpy()
            near = np.flatnonzero(self._filter[(hashes >> self._shift).view(np.int64)])
            at, which = self._search(some, hashes, near)
            places.append(at + begin)
            texts.append(which)
        empty = np.empty(0, np.int64)
        return (np.concatenate(places), np.concatenate(texts)) if places else (empty, empty)

    def _search(self, asked: pl.Series, hashes: np.ndarray, near: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Look up those that passed the filter; where hashes are equal the texts decide."""
        if not len(near) or not len(self._hashes):
            return near[:0], near[:0]
        sought = hashes[near]
        at = np.searchsorted(self._hashes, sought)
        at[at == len(self._hashes)] = 0
        hit = self._hashes[at] == sought
        near, which = near[hit], self._order[at[hit]]
        same = (asked.gather(near) == self._texts.gather(which)).to_numpy()
        return near[same], which[same]


def _folders(url: str) -> Iterator[str]:
    """Yield the keys of the folders above a URL; a URL that ends with a slash stands for what is below it."""
    bare = url.partition("?")[0]
    at = bare.find("/", bare.find("://") + 3)
    for _ in range(_FOLDERS):
        if at < 0:
            return
        if at + 1 < len(url):
            yield "u" + bare[: at + 1]
        at = bare.find("/", at + 1)


class Index:
    """Indicators, ready to be asked for. ``subdomains``: whether a domain stands for the names below it."""

    def __init__(self, indicators: Sequence[Indicator], *, subdomains: bool = True) -> None:
        """Take every indicator; several lists may name one value."""
        self._indicators = indicators
        rows: dict[str, list[int] | int] = {}
        self._networks: dict[tuple[int, int], dict[int, list[int]]] = {}
        for row, one in enumerate(indicators):
            if one.kind is Kind.NETWORK:
                network = ipaddress.ip_network(one.value)
                place = self._networks.setdefault((network.version, network.prefixlen), {})
                place.setdefault(int(network.network_address), []).append(row)
                continue
            key = _PREFIX[one.kind] + one.value
            known = rows.setdefault(key, row)
            if known != row:
                rows[key] = [*known, row] if isinstance(known, list) else [known, row]
        self._keys = Keys(list(rows))
        self._rows = list(rows.values())
        self._depths = sorted({key.count(".") + 1 for key in rows if key[0] == "d"}) if subdomains else []
        self._fewest = min(self._depths, default=_NO_NAME)
        self._folders = any(key[0] == "u" and key[-1] == "/" for key in rows)

    def match(self, observed: Sequence[tuple[Kind, str]]) -> dict[int, list[Indicator]]:
        """Return, by place in ``observed`` (kinds and normalised values), the indicators that each meets; absent where none."""
        keys = [_PREFIX[kind] + value for kind, value in observed]
        owners = list(range(len(keys)))
        found: dict[int, list[Indicator]] = {}
        for place, (kind, value) in enumerate(observed):
            if kind in _SIMPLE:
                continue
            if kind is Kind.IP:
                if self._networks and (rows := list(self._around(value))):
                    found[place] = [self._indicators[row] for row in rows]
                continue
            more = self._names(value) if kind is Kind.DOMAIN else self._around_url(value)
            if more:
                keys += more
                owners += [place] * len(more)
        places, texts = self._keys.find(pl.Series(keys, dtype=pl.String))
        for at, text in zip(places.tolist(), texts.tolist(), strict=True):
            rows_of = self._rows[text]
            named = rows_of if isinstance(rows_of, list) else [rows_of]
            found.setdefault(owners[at], []).extend(self._indicators[row] for row in named)
        return found

    def _names(self, name: str) -> Sequence[str]:
        """Return the keys of the names above a name, of as many labels as any domain that is listed."""
        dots = name.count(".")
        if dots < self._fewest:
            return ()
        labels = name.split(".")
        return ["d" + ".".join(labels[-depth:]) for depth in self._depths if depth <= dots]

    def _around_url(self, url: str) -> Sequence[str]:
        """Return the keys of what is around a normalised URL: its host, the names above that, its folders."""
        host = url.split("/", 3)[2]
        if ":" in host:
            bracket = host.find("]")
            host = host[1:bracket] if bracket > 0 else host.partition(":")[0]
        numeric = ":" in host or (host[-1].isdigit() and host.rpartition(".")[2].isdigit())
        keys = ["i" + host] if numeric else ["d" + host, *self._names(host)]
        return [*keys, *_folders(url)] if self._folders else keys

    def _around(self, value: str) -> Iterator[int]:
        """Yield the networks around an address."""
        address = ipaddress.ip_address(value)
        number, bits = int(address), address.max_prefixlen
        for (version, length), known in self._networks.items():
            if version == address.version:
                yield from known.get(number >> (bits - length) << (bits - length), ())
