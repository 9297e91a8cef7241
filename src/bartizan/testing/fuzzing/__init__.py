"""Fuzz what reads foreign bytes: make inputs of good ones that keep their form, and say what is wrong with what comes out."""

from __future__ import annotations

from bartizan.testing.fuzzing.contract import Target, Verdict
from bartizan.testing.fuzzing.mutation import mutated
from bartizan.testing.fuzzing.targets import targets

__all__ = ["Target", "Verdict", "mutated", "targets"]
