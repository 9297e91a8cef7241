"""Say why a document is no runnable rule."""

from __future__ import annotations

from bartizan.documents import Refused, suggestion

__all__ = ["Refused", "suggestion"]
