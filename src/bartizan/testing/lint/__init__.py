"""Look rules over for what is wrong with them though they can be run."""

from __future__ import annotations

from bartizan.testing.lint.contract import LEVELS, Lint, LintRule
from bartizan.testing.lint.run import Linted, lint

__all__ = ["LEVELS", "Lint", "LintRule", "Linted", "lint"]
