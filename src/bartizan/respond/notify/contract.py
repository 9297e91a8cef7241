"""What notifying is: a notice goes to a channel, and the channel says whether it was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Channel", "Notice", "Refusal"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A finding to be told: its id (the same however often it is sent), its level as in Sigma, the OCSF Detection Finding as JSON."""

    uid: str
    level: str
    line: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a notice was not taken, and whether to try again: a channel that does not know us will not know us later."""

    why: str
    again: bool = True


class Channel(Protocol):
    """One place to tell."""

    @property
    def name(self) -> str:
        """Return the user's own name for it."""

    def send(self, notice: Notice, now: float) -> Refusal | None:
        """Send; None where it was taken. ``now``: seconds since 1970. It raises nothing."""
