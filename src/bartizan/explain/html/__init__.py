"""Show an outcome as one HTML file that needs nothing else: no network, no script, nothing that a strict policy refuses."""

from __future__ import annotations

from bartizan.explain.html.page import report

__all__ = ["report"]
