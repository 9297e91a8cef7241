"""Say what an indicator is still worth at the time of a record.

The age counts from when the indicator was last known to hold to the time of the record; a record from before is judged as if
it were of that moment, because what is published today was often true last week. Half-lives are by kind: an address is let to
somebody else within weeks, a hash never names another file.
The polynomial form is that of MISP (Mokaddem et al., "Taxonomy driven indicator scoring in MISP threat intelligence platforms",
2019) with decay speed 2 and a lifetime of four half-lives, which makes both forms meet at the half-life.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from bartizan.detect.indicators.contract import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.detect.indicators.contract import Indicator

__all__ = ["FLOOR", "HALF_LIVES", "Decay", "level_of", "score"]

_DAY: Final = 86_400_000_000_000
HALF_LIVES: Final[Mapping[Kind, int]] = {
    Kind.IP: 30,
    Kind.NETWORK: 90,
    Kind.DOMAIN: 90,
    Kind.URL: 30,
    Kind.HASH: 3650,
    Kind.EMAIL: 180,
    Kind.JA3: 365,
    Kind.JA4: 365,
}
"""Days in which a score halves."""
FLOOR: Final = 10.0
"""A score below this is no longer told to anybody, only counted."""
_LEVELS: Final = ((75.0, "high"), (50.0, "medium"), (25.0, "low"))
_LIFETIME: Final = 4
_SPEED: Final = 2


class Decay(Enum):
    """How a score falls with age."""

    HALVING = "halving"
    POLYNOMIAL = "polynomial"
    NONE = "none"


def score(indicator: Indicator, time: int, decay: Decay = Decay.HALVING) -> float:
    """Return the score (0 to 100) at a time in nanoseconds UTC; 0 from ``until`` on."""
    if indicator.until is not None and time >= indicator.until:
        return 0.0
    if indicator.since is None:
        return float(indicator.confidence)
    halves = max(time - indicator.since, 0) / (_DAY * HALF_LIVES[indicator.kind])
    return indicator.confidence * _FALLS[decay](halves)


def level_of(worth: float) -> str:
    """Return the level of a finding by the score of its best indicator."""
    return next((level for least, level in _LEVELS if worth >= least), "informational")


def _halving(halves: float) -> float:
    return float(0.5 ** min(halves, 1000.0))


def _polynomial(halves: float) -> float:
    return float(max(0.0, 1.0 - (halves / _LIFETIME) ** (1 / _SPEED)))


_FALLS: Final[Mapping[Decay, Callable[[float], float]]] = {
    Decay.HALVING: _halving,
    Decay.POLYNOMIAL: _polynomial,
    Decay.NONE: lambda _halves: 1.0,
}
