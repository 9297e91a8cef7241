"""Judge rows one by one, straight from the Sigma specification: slow, plain, and what the fast engine is held against."""

from __future__ import annotations

from bartizan.rules.reference.bound import ReferenceBound, reference_bound
from bartizan.rules.reference.compare import Difference, differences
from bartizan.rules.reference.matcher import Verdict, matches
from bartizan.rules.reference.partial import partial_truth
from bartizan.rules.reference.reading import ReferenceRule, reference_rule

__all__ = [
    "Difference",
    "ReferenceBound",
    "ReferenceRule",
    "Verdict",
    "differences",
    "matches",
    "partial_truth",
    "reference_bound",
    "reference_rule",
]
