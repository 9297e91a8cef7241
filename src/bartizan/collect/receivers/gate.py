"""Decide who may send, and how much: tokens with a scope, rates as buckets that fill with time. The clock is handed in."""

from __future__ import annotations

import hashlib
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
    """Somebody who may send. ``token`` is secret, ``digest`` its SHA-256; ``name`` is shown as the origin of the records.

    ``receivers``: protocols allowed, () all. ``rate``: bytes per second as they are unpacked, 0 without bound. ``size``: bytes of
    one body, unpacked, 0 as the server's own bound. ``silent``: seconds of silence after which that is a finding, 0 never.
    """

    name: str
    token: str = field(default="", repr=False)
    digest: bytes = field(default=b"", repr=False)
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
    open: bool = False
    """Whether anybody is let in, where there are no senders."""
    _digests: list[bytes] = field(default_factory=list)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let anybody in where there is nobody who was given a token, until somebody is."""
        self.open = True
        self.replace(self.senders)

    def replace(self, senders: Sequence[Sender]) -> None:
        """Let in others from now on. Who was let in keeps what he has used of his rate."""
        self.senders = senders
        self._digests = [sender.digest or hashlib.sha256(sender.token.encode()).digest() for sender in senders]
        self.open = self.open and not senders

    def admit(self, token: str, receiver: str) -> Sender | Trouble:
        """Return whose token it is. Nothing in the time it takes, and nothing in the answer, tells which tokens are nearly right."""
        if self.open:
            return ANYBODY
        found = None
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        for sender, known in zip(self.senders, self._digests, strict=True):
            if hmac.compare_digest(known, digest):
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
