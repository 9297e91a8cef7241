"""Decide who may send, and how much: tokens with a scope, rates as buckets that fill with time. The clock is handed in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.collect.receivers.contract import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ANYBODY", "Gate", "Sender"]

_BURST: Final = 10.0
"""Seconds of its rate that a sender may use at once: shippers send in bursts after each of their flushes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Somebody who may send. ``token`` is secret; ``name`` is shown as the origin of the records.

    ``receivers``: protocols allowed, () all. ``rate``: bytes per second as they are unpacked, 0 without bound. ``size``: bytes of
    one body, unpacked, 0 as the server's own bound. ``silent``: seconds of silence after which that is a finding, 0 never.
    """

    name: str
    token: str = ""
    receivers: tuple[str, ...] = ()
    rate: int = 0
    size: int = 0
    silent: int = 0


ANYBODY: Final = Sender(name="local")
"""Who sends where no tokens are set up: only the machine itself is listened to then."""


@dataclass(slots=True)
class _Bucket:
    """What a sender may still send; it may be overdrawn by one body, and then waits longer."""

    level: float
    at: float


@dataclass(slots=True)
class Gate:
    """The senders, and what each has used."""

    senders: Sequence[Sender]
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def admit(self, token: str, receiver: str) -> Sender | Trouble:
        """Return whose token it is. Nothing in the time it takes, and nothing in the answer, tells which tokens are nearly right."""
        if not self.senders:
            return ANYBODY
        found = None
        for sender in self.senders:
            if hmac.compare_digest(sender.token.encode(), token.encode("utf-8", "surrogateescape")):
                found = sender
        if found is None:
            return Trouble(403 if token else 401, "no valid token was sent")
        if found.receivers and receiver not in found.receivers:
            return Trouble(403, "no valid token was sent")
        return found

    def spend(self, sender: Sender, size: int, now: float) -> Trouble | None:
        """Count bytes against a sender's rate. ``now``: seconds of any steady clock."""
        if not sender.rate:
            return None
        bucket = self._buckets.setdefault(sender.name, _Bucket(sender.rate * _BURST, now))
        bucket.level = min(sender.rate * _BURST, bucket.level + (now - bucket.at) * sender.rate)
        bucket.at = now
        if bucket.level <= 0:
            return Trouble(429, "too much was sent", max(1, int(-bucket.level / sender.rate) + 1))
        bucket.level -= size
        return None
