"""Hold all that a review comes to: the facts, what checks say of them, and the ways by which an attacker gets further."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.contract import Facts, Uid
    from bartizan.review.cloud.checks.contract import Checks
    from bartizan.review.cloud.checks.outcome import Review
    from bartizan.review.cloud.paths.answers import Path
    from bartizan.review.cloud.paths.choking import ChokePoints
    from bartizan.review.cloud.paths.contract import PathsFound

__all__ = ["Reviewed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review. ``now``: when, in nanoseconds UTC, which is what ages are counted to."""

    facts: Facts
    checks: Checks
    verdicts: Review
    paths: PathsFound
    ways: Sequence[Path] = ()
    """Those to crown jewels and to administration, the shortest and surest first."""
    goals: Sequence[Uid] = ()
    """What must not be reached."""
    more: int = 0
    """Ways that there are beside these."""
    chokes: Sequence[ChokePoints] = ()
    """By goal the statements without which the most starts no longer come to it."""
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By rule of paths the titles of the detections that fire on a log record of it, whoever does it."""
    perhaps: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By rule of paths those that may fire, each with what that hangs on."""
    now: int = 0
