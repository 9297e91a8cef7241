"""Take from a ledger of findings the signals that are worth linking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bartizan.detect.alerts.contract import Policy
from bartizan.detect.alerts.grouping import identity, place_of
from bartizan.detect.alerts.surprise import FLOORS, surprise
from bartizan.investigate.contract import Signal

if TYPE_CHECKING:
    from bartizan.detect.alerts.ledger import Ledger

__all__ = ["signals_of"]


def signals_of(ledger: Ledger, *, least_bits: float) -> list[Signal]:
    """Return the signals of at least so many bits, by time, ties by id."""
    cells = ledger.cells
    if not len(cells):
        return []
    places = [place_of(subject, ()) for subject in ledger.subjects]
    place_codes = {place: code for code, place in enumerate(sorted(set(places)))}
    rule_codes = {rule: code for code, rule in enumerate(sorted(ledger.rules))}
    place = np.array([place_codes[one] for one in places], np.int64)[cells.subject]
    rule = np.array([rule_codes[subject.rule] for subject in ledger.subjects], np.int64)[cells.subject]
    floor = np.array([FLOORS[ledger.rules[subject.rule].severity_id] for subject in ledger.subjects])[cells.subject]
    bits = np.maximum(surprise(cells.span, rule, place, routine_bits=Policy().routine_bits).bits, floor)
    found = []
    for row in np.flatnonzero(bits >= least_bits).tolist():
        subject = ledger.subjects[int(cells.subject[row])]
        span = int(cells.span[row])
        found.append(
            Signal(
                id=identity(
                    "signal", subject.rule, (*subject.key, ("entities", " ".join(map(str, subject.entities))), ("span", str(span)))
                ),
                rule=subject.rule,
                entities=subject.entities,
                span=span,
                first=int(cells.first[row]),
                last=int(cells.last[row]),
                count=int(cells.count[row]),
                bits=float(bits[row]),
                sample=cells.uid(row),
            )
        )
    return sorted(found, key=lambda signal: (signal.first, signal.id))
