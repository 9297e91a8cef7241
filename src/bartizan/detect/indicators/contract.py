"""What an indicator is, and what became of everything that a list of them held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

__all__ = ["UNSAID", "HeldQuiet", "Indicator", "Kind", "ListBalance", "Read", "Refused", "Watched"]

UNSAID = 50
"""The confidence of an indicator whose list gives none: as likely right as wrong."""


class Kind(StrEnum):
    """What an indicator names; the value is what users type and files carry. Texts, because those are hashed fastest."""

    IP = "ip"
    NETWORK = "network"
    DOMAIN = "domain"
    URL = "url"
    HASH = "hash"
    """MD5, SHA-1, SHA-256 or SHA-512 of a file: their lengths tell them apart."""
    EMAIL = "email"
    JA3 = "ja3"
    JA4 = "ja4"


class Indicator(NamedTuple):
    """One value that somebody says is bad. A tuple, because a million of them are held. Times in nanoseconds UTC.

    ``value`` is normalised, ``source`` says who says so, ``confidence`` is from 0 to 100. ``since``: when it was last known to
    be so, from which it decays (None: it does not); ``until``: from when on it no longer holds. ``uid`` and ``name`` are those
    of the list, where it has such; ``path`` and ``place`` say where it stands: the line of a text, the object of a JSON document.
    """

    kind: Kind
    value: str
    source: str
    path: str
    place: int
    confidence: int = UNSAID
    since: int | None = None
    until: int | None = None
    uid: str = ""
    name: str = ""


class Refused(NamedTuple):
    """What a list held and nobody can look for: where (line or object, from 1; 0 the whole file), what, and why."""

    place: int
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBalance:
    """What became of one list: ``read == kept + duplicate + refused``. ``reasons`` counts the refused by why."""

    path: str
    form: str
    """``stix``, ``misp``, ``csv``, ``list``; "" where it is none of these."""
    read: int = 0
    kept: int = 0
    duplicate: int = 0
    refused: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    examples: tuple[Refused, ...] = ()
    """The first few that were refused."""
    problems: tuple[str, ...] = ()
    """What was wrong with the file itself: cut off, packed too deep, not to be opened."""


@dataclass(frozen=True, slots=True)
class Read:
    """The indicators of some lists, each value once per list, and the balance of every list."""

    indicators: tuple[Indicator, ...]
    balance: tuple[ListBalance, ...]


@dataclass(frozen=True, slots=True)
class HeldQuiet:
    """Meetings with indicators that are not told: why, how many, and a few of the values that were seen."""

    why: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a hunt says of its indicators: the lists, the findings, what was held back, and what was wrong with warning lists."""

    balance: tuple[ListBalance, ...]
    findings: int
    held: tuple[HeldQuiet, ...]
    problems: tuple[str, ...] = ()
