"""Prove that rules can fire: write a record that each asks for in the form of a source that serves it, and hunt for it."""

from __future__ import annotations

from bartizan.testing.proving.prove import prove

__all__ = ["prove"]
