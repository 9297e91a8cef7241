"""Attack on purpose, with the truth written beside."""

from __future__ import annotations

from bartizan.simulate.day import company_day
from bartizan.simulate.estate.week import company_week
from bartizan.simulate.truth import Truth, read_truth

__all__ = ["Truth", "company_day", "company_week", "read_truth"]
