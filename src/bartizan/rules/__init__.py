"""Judge records by rules: load packs of Sigma rules, bind them to the views of a log, match batches."""

from __future__ import annotations

from bartizan.rules.loading import load

__all__ = ["load"]
