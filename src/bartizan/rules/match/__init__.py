"""Judge batches: each predicate once per distinct value, each rule once per distinct combination of what its values are."""

from __future__ import annotations

from bartizan.rules.match.binding import places_of
from bartizan.rules.match.bound import FastBound
from bartizan.rules.match.memory import Memory
from bartizan.rules.match.missing import is_absent
from bartizan.rules.match.partial import Judged, Partial, PartialBound, unjudgeable

__all__ = ["FastBound", "Judged", "Memory", "Partial", "PartialBound", "is_absent", "places_of", "unjudgeable"]
