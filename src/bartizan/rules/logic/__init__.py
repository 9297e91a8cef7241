"""Prove things about what rules ask: what can never be true, what always is, what one rule's condition says of another's."""

from __future__ import annotations

from bartizan.rules.logic.branches import Dead, dead_branches
from bartizan.rules.logic.parts import fields_of, positive_tests, tests_in
from bartizan.rules.logic.proof import impossible

__all__ = ["Dead", "dead_branches", "fields_of", "impossible", "positive_tests", "tests_in"]
