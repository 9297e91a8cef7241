"""Keep account of what one file given has cost, so that an archive bomb ends itself."""

from __future__ import annotations

from bartizan.collect.limits import Limits
from bartizan.collect.transports.bytestream import Broken

__all__ = ["Budget"]


class Budget:
    """What was read of one file given, what was unpacked from it, and how many members that were."""

    def __init__(self, limits: Limits | None = None) -> None:
        """Start with nothing spent."""
        self.limits = limits or Limits()
        self.read = 0
        self.unpacked = 0
        self.members = 0
        self.spent = ""
        """Why nothing more may be unpacked, "" while it may."""

    def unpack(self, size: int) -> None:
        """Count bytes that were unpacked; Broken when that is too much."""
        self.unpacked += size
        limits = self.limits
        if self.unpacked > limits.unpacked:
            self._stop(f"unpacks to more than {limits.unpacked} bytes")
        if self.unpacked > limits.ratio_free and self.unpacked > limits.ratio * self.read:
            self._stop(f"{self.read} bytes unpack to {self.unpacked}, more than {limits.ratio} times as much, as no log does")

    def member(self) -> None:
        """Count a member of an archive; Broken when there are too many."""
        if self.spent:
            raise Broken(self.spent)
        self.members += 1
        if self.members > self.limits.members:
            self._stop(f"has more than {self.limits.members} members")

    def _stop(self, why: str) -> None:
        self.spent = f"{why}: given up here, what came before was read"
        raise Broken(self.spent)
