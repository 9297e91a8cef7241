"""Hold calls to a pace that a service bears: a bucket of tokens that shrinks when the service throttles and grows again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "Pace"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that only grow, and a way to wait for some of them."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


class Pace:
    """Tokens for calls to one service in one place: ``rate`` a second at first, at most ``most`` saved up.

    The rate halves when the service throttles, and grows by a twentieth of what it first was with each call that it answers: additive
    increase, multiplicative decrease, as TCP finds its pace.
    """

    def __init__(self, rate: float, clock: Clock, *, most: float | None = None) -> None:
        """Begin with a full bucket."""
        self._first = self._rate = rate
        self._most = most or max(1.0, rate)
        self._clock = clock
        self._tokens = self._most
        self._at = clock.now()
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Calls a second that the service bears now, as far as it is known."""
        return self._rate

    def take(self) -> None:
        """Wait until a call may be made."""
        with self._lock:
            now = self._clock.now()
            self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate) - 1
            self._at = now
            wait = -self._tokens / self._rate if self._tokens < 0 else 0.0
        if wait:
            self._clock.sleep(wait)

    def throttled(self, wait: float = 0.0) -> None:
        """Go slower: the service has had enough, and asks to be left alone for so many seconds."""
        with self._lock:
            self._rate = max(self._rate / 2, min(0.2, self._first / 4))
            self._tokens = min(self._tokens, -wait * self._rate)

    def answered(self) -> None:
        """Go a little faster, up to where it began."""
        if self._rate < self._first:
            with self._lock:
                self._rate = min(self._first, self._rate + self._first / 20)
