"""Judge what is by checks: Sigma rules over the properties of resources, with three verdicts and reasons."""

from __future__ import annotations

from bartizan.review.cloud.checks.judging import review
from bartizan.review.cloud.checks.loading import load

__all__ = ["load", "review"]
