r"""What an identity fact is: two identities that a record ties together, where that holds, and when.

``10.0.0.7`` was ``ws-1`` from nine to noon; ``S-1-5-21-…-1105`` is ``corp\alice``; process 4312 on ``ws-1`` was this GUID until
its number was given to another. A fact names the row of the table that made it and one record as evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

__all__ = ["CONTESTED", "EXPIRED", "HOUR", "NEVER", "TABLE", "UNKNOWN", "Fact", "IdentityKind", "Scope", "Side", "Tie", "order_of"]

TABLE: Final = "identities"
"""The name of the table, and of its folder beside ``ext`` in what a hunt keeps."""
UNKNOWN: Final = "unknown"
"""The fact was true at least from ``first_seen`` to ``last_seen``; nothing tells when it ended."""
NEVER: Final = "never"
"""What is named is never given to another."""
CONTESTED: Final = "contested"
"""Another holder was seen in between: at one time at most one of them can be right, or one has two names."""

EXPIRED: Final = "expired"
"""The time is over for which it was given."""
HOUR: Final = 3_600_000
"""Milliseconds; sightings of a pair within one hour are kept as one, so what alternates faster is ``contested``: leases last longer."""


class IdentityKind(Enum):
    """The kinds of identity; the value is what users type and files carry."""

    HOST = "host"
    IP = "ip"
    MAC = "mac"
    AGENT = "agent"
    """What a product calls a machine on which it runs (``device.uid``)."""
    INSTANCE = "instance"
    INTERFACE = "interface"
    USER = "user"
    SID = "sid"
    ARN = "arn"
    UID = "uid"
    """What a directory or product calls an account, where it is no SID and no ARN."""
    EMAIL = "email"
    SESSION = "session"
    ACCESS_KEY = "access-key"
    PROCESS = "process"
    """What tells a process from all others that there ever were: a GUID."""
    PID = "pid"
    START = "pid-start"
    """A process id and when that process began, epoch milliseconds: ``4312@1795392010000``."""
    FILE = "file"
    HASH = "hash"


class Scope(Enum):
    """Where a fact holds."""

    EVERYWHERE = "everywhere"
    HOST = "host"
    """On the machine that the record is about; a record that names none makes no fact."""
    PLACE = "place"
    """On the machine, else in the cloud account or tenant, else in the logs of the source."""
    REALM = "realm"
    """In the cloud account or tenant, else on the machine, else in the logs of the source."""
    TENANT = "tenant"
    """In the cloud account or tenant, else in the logs of the source."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two identities: its kind and the attributes that tell it. A leading dot stands for the place (``.name``)."""

    kind: IdentityKind
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A row of the table: what ties a ``left`` to a ``right`` identity, in each of ``places`` of a record.

    At one time a ``left`` belongs to one ``right`` in a scope where ``passes_on`` says how that ends when another comes.
    """

    rule: str
    left: Side
    right: Side
    scope: Scope
    places: tuple[str, ...] = ("",)
    classes: frozenset[int] = frozenset()
    """The OCSF classes whose records tell it; empty is all."""
    asks: tuple[tuple[str, frozenset[int]], ...] = ()
    """(attribute, numbers): records tell it whose attribute is one of these; empty is any number from 0 on."""
    passes_on: str = ""
    """How it ends when ``left`` is seen with another ``right``."""
    closed_by: frozenset[tuple[int, int]] = frozenset()
    """(``class_uid``, ``activity_id``) of records that end it."""
    closed: str = ""
    """How it ends then."""
    lasts: str = ""
    """The attribute that says for how many seconds it holds from its record on."""
    ends: str = UNKNOWN
    """How it ends where nothing else tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row of the table ``identities``. Times in epoch milliseconds UTC, None where the records tell none."""

    rule: str
    left_kind: str
    left: str
    right_kind: str
    right: str
    scope: str
    """``kind:value`` of where it holds; "" is everywhere."""
    source: str
    first_seen: int | None
    last_seen: int | None
    valid_from: int | None
    valid_to: int | None
    """When it ended; None where it is not known to have."""
    ends: str
    """How it ended: ``passes_on`` or ``closed`` of the row, ``expired``, ``contested``, ``never``, ``unknown``."""
    count: int
    """Records that say so."""
    record_id: str = field(default="")
    """The first of them."""


def order_of(fact: Fact) -> tuple[str, str, str, str, int, str]:
    """Return the key by which facts are sorted: what it is of, then when."""
    return fact.rule, fact.scope, fact.left, fact.source, -1 if fact.valid_from is None else fact.valid_from, fact.right
