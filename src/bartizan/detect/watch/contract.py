"""What watching is: entries come out of a journal in their order, findings go into a ledger once, whatever is killed in between.

An entry is durable before its sender is answered. What the watch knows (its state) is stored in the ledger together with the
findings and with the place in the journal up to which they are of; after a crash everything behind that place is judged again,
in the same pieces, and findings that are there already are known by their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Alert", "Entry", "Feed", "Place"]


class Place(NamedTuple):
    """A place in the journal: the number of a segment, counted from 1, and bytes from its beginning."""

    segment: int = 1
    offset: int = 0


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """Records of one stream of a sender, or, without records, that time has passed.

    ``stream`` is shown as the origin of its records (``splunk/web-01/linux_secure``); ``framing`` is the value of a ``Framing``.
    ``received``: nanoseconds UTC. ``quiet``: nanoseconds since any record was received, in an entry without records.
    """

    stream: str
    received: int
    framing: str = ""
    records: list[bytes] = []
    head: list[bytes] = []
    unreadable: dict[int, str] = {}
    quiet: int = 0


class Alert(NamedTuple):
    """A finding as it is told: its id, its rule's id and level, event time in nanoseconds UTC, the OCSF Detection Finding as JSON."""

    uid: str
    rule: str
    level: str
    time: int
    line: bytes


class Feed(Protocol):
    """Where entries come from."""

    def after(self, place: Place, *, most: int) -> Iterator[tuple[Entry, Place]]:
        """Yield durable entries behind a place, each with the place behind it, until there are no more or ``most`` bytes were read."""
