"""Turn documents into plans: pySigma reads modifiers, values and conditions, and what it says is kept without it."""

from __future__ import annotations

from bartizan.rules.compile.document import Outcome, compiled

__all__ = ["Outcome", "compiled"]
