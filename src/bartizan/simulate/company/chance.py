"""Let chance decide, from seeded randomness."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

__all__ = ["happens"]


def happens(rng: Random, share: float) -> bool:
    """Say whether something happens this time that happens in ``share`` of all cases."""
    return rng.random() < share
