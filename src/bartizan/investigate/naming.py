r"""Bring what findings name into one form, by rules that each say why two names are one thing, and at what time.

``host-label``: the only full name that begins with this label. ``address``: an identity fact that held then. ``log-folder``:
the folder of a log that names no machine is called like one that other records name. ``same-sid``: two names with one SID.
``upn``: ``alice@corp.example.com`` is ``corp\alice``. ``site``: a domain's last three labels. ``named-in-text``: the words of a record.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Final

from bartizan.investigate.contract import Finding, Named
from bartizan.schema.entities import Entity, EntityKind, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from bartizan.detect.identities.contract import Fact

__all__ = ["ADDRESS_RULES", "NAME_RULES", "Names"]

ADDRESS_RULES: Final = ("host-address", "outbound-address-host", "dhcp-lease-host")
"""Rules of identity facts that say whose an address is."""
NAME_RULES: Final = ("user-sid",)
_MILLI: Final = 1_000_000
_LABELS: Final = 3
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{2,}[A-Za-z0-9]")
_OF_SYSTEM: Final = re.compile(r"(?i)(?:[a-z]:\\(?:windows|program files)|/(?:usr|bin|sbin|lib)|/opt)[\\/]?.*")
"""Where programs lie that every machine has: neither their paths nor their hashes tell machines apart."""
_OWN: Final = frozenset({EntityKind.HOST})


class Names:
    """What is known of names. ``hosts``: every host that some record names."""

    def __init__(self, hosts: Collection[str], facts: Iterable[Fact] = ()) -> None:
        """Learn names from hosts and from identity facts of ``ADDRESS_RULES`` and ``NAME_RULES``."""
        self._full = _fullest(hosts)
        self._labels = {label.partition(".")[0]: name for label, name in self._full.items()}
        self._suffixes = {name.partition(".")[2] for name in self._full.values() if "." in name}
        self._addresses: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
        by_sid: defaultdict[str, set[str]] = defaultdict(set)
        for fact in facts:
            if fact.rule in NAME_RULES:
                by_sid[fact.left].add(fact.right)
            elif fact.valid_from is not None and fact.ends != "contested":
                end = fact.valid_to if fact.valid_to is not None else 1 << 62
                self._addresses[fact.left].append((fact.valid_from, end, self.host(fact.right)))
        self._accounts = {name.lower(): _chosen(names) for sid, names in by_sid.items() for name in (sid, *names)}

    def host(self, name: str) -> str:
        """Return the full name of a host where only one begins with its label; else the name."""
        return self._full.get(name, name)

    def account(self, name: str) -> tuple[str, str]:
        r"""Return an account as ``domain\name`` and the rule that led there, "" for none."""
        known = self._accounts.get(name.lower())
        if known is not None and known != name:
            return known, "same-sid"
        local, at, domain = (known or name).partition("@")
        return (f"{domain.partition('.')[0]}\\{local}", "upn") if at and "." in domain else (known or name, "")

    def holder(self, address: str, time: int) -> str:
        """Return the host that had an address at a time (nanoseconds UTC); "" where no fact says so, or two differ."""
        milli = time // _MILLI
        # An address is held from a bit before it is first seen: what began with it is what told of it.
        found = {host for start, end, host in self._addresses.get(address, ()) if start - 86_400_000 <= milli <= end + 86_400_000}
        exact = {host for start, end, host in self._addresses.get(address, ()) if start <= milli <= end}
        best = exact or found
        return next(iter(best)) if len(best) == 1 else ""

    def folder_host(self, path: str) -> str:
        """Return the host after which one folder of a path is called; "" where there is none, or two."""
        return next(self._of_folder(path), "")

    def resolve(self, finding: Finding) -> Finding:
        """Return a finding with its names in one form, without those that tell nothing apart, and with the host of its log's folder."""
        named = dict.fromkeys(self._resolved(finding))
        system = {one.entity.value for one in named if one.entity.kind is EntityKind.FILE and _OF_SYSTEM.fullmatch(one.entity.value)}
        kept = [one for one in named if not (one.entity.value in system or (system and one.entity.kind is EntityKind.HASH))]
        if not any(one.entity.kind is EntityKind.HOST and one.role is Role.DEVICE for one in kept):
            kept += [Named(Entity(EntityKind.HOST, host), Role.DEVICE, "log-folder") for host in self._of_folder(finding.origin)]
        present = {one.entity for one in kept}
        words = " ".join(value for _, value in finding.matched)
        told = [Entity(EntityKind.HOST, host) for host in self._in_text(words)]
        kept += [Named(entity, Role.OBJECT, "named-in-text") for entity in dict.fromkeys(told) if entity not in present]
        return replace(finding, named=tuple(kept))

    def _resolved(self, finding: Finding) -> Iterator[Named]:
        for one in finding.named:
            kind, value = one.entity.kind, one.entity.value
            if kind is EntityKind.HOST:
                full = self.host(value)
                yield Named(Entity(kind, full), one.role, one.rule if full == value else "host-label")
            elif kind is EntityKind.USER:
                name, rule = self.account(value)
                yield Named(Entity(kind, name), one.role, rule or one.rule)
            elif kind is EntityKind.IP:
                host = self.holder(value, finding.time)
                yield Named(Entity(EntityKind.HOST, host), one.role, "address") if host else one
            elif kind is EntityKind.DOMAIN:
                yield from self._site(one)
            elif kind is not EntityKind.URL:
                yield one

    def _site(self, one: Named) -> Iterator[Named]:
        """Yield a domain by its last labels; one of our own names nobody."""
        labels = one.entity.value.split(".")
        if any(one.entity.value == suffix or one.entity.value.endswith(f".{suffix}") for suffix in self._suffixes):
            return
        short = ".".join(labels[-_LABELS:])
        yield one if short == one.entity.value else Named(Entity(EntityKind.DOMAIN, short), one.role, "site")

    def _of_folder(self, path: str) -> Iterator[str]:
        """Yield the host after which one folder of a path is called; none where there are two."""
        parts = (PureWindowsPath(path) if "\\" in path else PurePosixPath(path)).parts[:-1]
        found = {self._labels[part.lower()] for part in parts if part.lower() in self._labels}
        found |= {self._full[part.lower()] for part in parts if part.lower() in self._full}
        if len(found) == 1:
            yield next(iter(found))

    def _in_text(self, text: str) -> Iterator[str]:
        for word in _WORD.findall(text):
            label = word.lower().rstrip(".")
            if label in self._full and (set(label) & set("-0123456789")):
                yield self._full[label]
            elif label in self._labels and (set(label) & set("-0123456789")):
                yield self._labels[label]


def _fullest(hosts: Collection[str]) -> dict[str, str]:
    """Return for each name the one name that stands for it: a label's only full name."""
    full: defaultdict[str, set[str]] = defaultdict(set)
    for host in hosts:
        if "." in host:
            full[host.partition(".")[0]].add(host)
    found = {host: host for host in hosts}
    for label, names in full.items():
        if len(names) == 1:
            found[label] = next(iter(names))
    return found


def _chosen(names: Collection[str]) -> str:
    r"""Return the name that stands for several of one account: ``domain\name`` before others, then the shortest, then by letters."""
    return min(names, key=lambda name: ("\\" not in name, len(name), name))
