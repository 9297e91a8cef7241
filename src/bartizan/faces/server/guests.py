"""Say which connections may stay where more come than there is room for.

Whoever opens connections and says nothing would keep everybody else out if the door were shut when the house is full. So the one
that has waited longest without having shown that it may send makes room for the next; then the one that sent before and is waiting;
who is being listened to stays.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Guest", "Guests"]


@dataclass(slots=True, eq=False)
class Guest:
    """A connection. ``leave`` ends it from outside, at once."""

    address: str
    leave: Callable[[], None]
    known: bool = False
    """Whether it has shown that it may send."""
    heard: bool = False
    """Whether it is being listened to: a request that may be sent is under way."""


class Guests:
    """The connections that are open, in the order in which they came."""

    def __init__(self, most: int, most_of_address: int) -> None:
        """Let so many be open at a time, in all and from one address."""
        self._most, self._most_of_address = most, most_of_address
        self._here: dict[Guest, None] = {}
        self._by_address: Counter[str] = Counter()
        self.refused = 0
        """Connections closed at once: everybody was being listened to."""
        self.ended = 0
        """Connections that had to make room for another."""

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._here)

    def enter(self, address: str, leave: Callable[[], None]) -> Guest | None:
        """Let one in, if need be in the place of another; None where there is no room."""
        crowded = self._by_address[address] >= self._most_of_address
        if crowded or len(self._here) >= self._most:
            least = self._least(address if crowded else None)
            if least is None:
                self.refused += 1
                return None
            self.ended += 1
            least.leave()
            self.exit(least)
        guest = Guest(address, leave)
        self._here[guest] = None
        self._by_address[address] += 1
        return guest

    def exit(self, guest: Guest) -> None:
        """Forget one that is over; once more is no harm."""
        if guest not in self._here:
            return
        del self._here[guest]
        self._by_address[guest.address] -= 1
        if not self._by_address[guest.address]:
            del self._by_address[guest.address]

    def _least(self, address: str | None) -> Guest | None:
        """Return who has to go first, of one address or of all: a stranger, then one that is known, the longest here before others."""
        for known in (False, True):
            for guest in self._here:
                if guest.known is known and not guest.heard and address in {None, guest.address}:
                    return guest
        return None
