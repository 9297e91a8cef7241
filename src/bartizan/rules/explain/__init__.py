"""Say why a rule fired on a record or did not, and what it asks, in plain words."""

from __future__ import annotations

from bartizan.rules.explain.lines import describe, lines
from bartizan.rules.explain.steps import Explanation, Group, Leaf, Step, explain

__all__ = ["Explanation", "Group", "Leaf", "Step", "describe", "explain", "lines"]
