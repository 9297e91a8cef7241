"""Correlate what rules saw: one definition with three ways to its answer.

``naive`` is the definition, written straight from the guide; ``batch`` works on sorted columns; ``stream`` takes sightings as
they come and keeps a state that can be stored. Tests and ``--paranoid`` say that they agree.
"""

from __future__ import annotations
