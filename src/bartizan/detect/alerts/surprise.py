"""Say how surprising it is that a rule fires somewhere now, judged by what came before.

    bits = half of -log2((spans before in which the rule fired here + 1) / (spans before + 2))
         + half of the same with "anywhere" for "here"

Only spans in which anything was found count, so a record with a clock of 1970 makes nobody's present surprising. At most 12
bits, once in 4,096 spans (two weeks of 5 minutes): less can hardly be known.

Before 2^b - 2 spans nothing can be told from what is routine, which ends at b bits: what fires there for the first time is
given these b bits, neither routine nor remarkable. What has a grave rule is never beneath its
floor, so that an intruder who was there first is not taken for furniture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLOORS", "MOST_BITS", "SEEN_OFTEN", "Surprise", "surprise"]

MOST_BITS: Final = 12.0
FLOORS: Final = (0.0, 0.0, 1.0, 3.0, 6.0, 8.0)
"""Bits at the least, by ``severity_id``: high and critical stay above what is called routine (5 bits)."""
SEEN_OFTEN: Final = 3
"""Spans in which a rule must have fired at a place before it can be routine there: twice can be chance."""

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Surprise:
    """Columns of one row per cell: bits, and the counts that they follow from."""

    bits: NDArray[np.float64]
    here: _Ints
    anywhere: _Ints
    elapsed: _Ints


def surprise(span: _Ints, rule: _Ints, place: _Ints, *, routine_bits: float) -> Surprise:
    """Judge cells by their span, the number of their rule and that of their place; what is routine ends at ``routine_bits``."""
    elapsed = _earlier(np.zeros(len(span), np.int64), span)
    anywhere = _earlier(rule, span)
    places = int(place.max(initial=0)) + 1
    here = _earlier(rule * places + place, span)
    known = -np.log2((here + 1) / (elapsed + 2)) / 2 - np.log2((anywhere + 1) / (elapsed + 2)) / 2
    untold = (here == 0) & (elapsed + 2 < 2.0**routine_bits)
    bits = np.where(untold, np.maximum(known, routine_bits), known)
    return Surprise(np.minimum(bits, MOST_BITS), here, anywhere, elapsed)


def _earlier(kind: _Ints, span: _Ints) -> _Ints:
    """Count for each row the distinct spans before its own in rows of its kind."""
    order = np.lexsort((span, kind))
    kinds, spans = kind[order], span[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = kinds[1:] != kinds[:-1]
    new = first.copy()
    new[1:] |= spans[1:] != spans[:-1]
    running = np.cumsum(new)
    # What the running count was where the kind began is taken off.
    begun = running[np.flatnonzero(first)]
    counts = running - begun[np.cumsum(first) - 1]
    result = np.empty(len(order), np.int64)
    result[order] = counts
    return result
