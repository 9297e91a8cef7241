"""Bound what a sender, however hostile, can cost."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds and bytes. Tests pass tiny ones."""

    connections: int = 2_000
    """Connections at a time; each costs some 30 kB while it waits."""
    connections_per_address: int = 500
    head: float = 10.0
    """Seconds in which the head of a request must have come, from its first byte or from the connection's beginning."""
    idle: float = 75.0
    """Seconds for which a connection may wait between requests; shippers keep theirs for a minute."""
    body: float = 20.0
    """Seconds in which a body must have come, and ..."""
    slowest: int = 16_384
    """... bytes per second that each gives it more: a slow line may take its time, a hostile one gets little of ours."""
    packed_bytes: int = 16 << 20
    """Bytes of a body as it is sent."""
    body_bytes: int = 64 << 20
    """Bytes of a body unpacked."""
    held_bytes: int = 256 << 20
    """Bytes of all bodies that are being read or written at a time."""
    backlog_bytes: int = 2 << 30
    """Bytes of the journal that may wait to be judged; beyond, senders are told to wait."""
    head_bytes: int = 32 << 10
    drain: float = 10.0
    """Seconds that requests under way have when the server ends."""
