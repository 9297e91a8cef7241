"""Show an outcome in a terminal, in a pipe or in a file: the balance first, then what happened."""

from __future__ import annotations

from bartizan.explain.terminal.page import as_text, show, wants_colour

__all__ = ["as_text", "show", "wants_colour"]
