"""Tell the time of the simulated day: when people work, when machines work, and what a host believes the time to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

__all__ = ["BRANCH_ZONE", "DAY", "HEADQUARTERS_ZONE", "HOUR", "Clock", "second", "stamp", "utc_text"]

HOUR = 3600.0
DAY = 24 * HOUR
HEADQUARTERS_ZONE = 1.0
BRANCH_ZONE = -5.0
"""Offsets in hours, fixed so that the bytes do not hang on the time zone files of the machine."""

_OFFICE = (1, 1, 1, 1, 1, 2, 6, 25, 70, 90, 88, 80, 48, 72, 86, 82, 70, 42, 14, 7, 5, 4, 3, 2)
_MACHINE = (12, 14, 18, 16, 12, 9, 8, 9, 10, 11, 11, 11, 10, 11, 11, 11, 10, 10, 9, 9, 9, 10, 11, 12)
_VISITORS = (20, 14, 10, 8, 8, 12, 22, 38, 60, 75, 80, 82, 84, 80, 78, 76, 74, 72, 76, 82, 78, 60, 42, 28)
"""How busy each hour is: people at their desks, machines among themselves (a night batch), customers on the web."""


@lru_cache(maxsize=8192)
def second(moment: int) -> str:
    """Return a moment as ``yyyy-mm-dd hh:mm:ss``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def utc_text(moment: float) -> str:
    """Return a moment with milliseconds as Sysmon writes it."""
    whole = int(moment)
    return f"{second(whole)}.{int((moment - whole) * 1000):03d}"


def stamp(moment: float) -> str:
    """Return a moment as ISO 8601 with milliseconds and ``Z``."""
    return utc_text(moment).replace(" ", "T") + "Z"


@dataclass(frozen=True, slots=True)
class Clock:
    """One day in UTC. Moments are seconds since the epoch."""

    day: date

    @property
    def midnight(self) -> float:
        """Return the moment at which the day begins, UTC."""
        return datetime.combine(self.day, time(), UTC).timestamp()

    def at(self, text: str, *, zone: float = HEADQUARTERS_ZONE) -> float:
        """Return the moment of a wall clock ``hh:mm`` or ``hh:mm:ss`` in a zone given in hours."""
        hours, minutes, *seconds = (int(part) for part in text.split(":"))
        moment = self.midnight + timedelta(hours=hours, minutes=minutes).total_seconds() + sum(seconds)
        return moment - zone * HOUR

    def office(self, rng: Random, count: int, zone: float = HEADQUARTERS_ZONE) -> list[float]:
        """Return moments, in order, at which people at work in a zone do things."""
        return self._moments(rng, count, _OFFICE, zone)

    def machines(self, rng: Random, count: int) -> list[float]:
        """Return moments, in order, at which machines do things: all day, more in the night batch."""
        return self._moments(rng, count, _MACHINE, HEADQUARTERS_ZONE)

    def visitors(self, rng: Random, count: int) -> list[float]:
        """Return moments, in order, at which the public visits a web site."""
        return self._moments(rng, count, _VISITORS, HEADQUARTERS_ZONE)

    def every(self, period: float, *, first: float = 0.0) -> list[float]:
        """Return moments ``period`` seconds apart, from ``first`` seconds after midnight UTC to the end of the day."""
        return [self.midnight + first + period * turn for turn in range(max(0, int((DAY - first - 1) // period) + 1))]

    def _moments(self, rng: Random, count: int, weights: tuple[int, ...], zone: float) -> list[float]:
        hours = rng.choices(range(24), cum_weights=list(accumulate(weights)), k=count)
        start = self.midnight
        return sorted(start + (hour * HOUR + rng.random() * HOUR - zone * HOUR) % DAY for hour in hours)
