"""Say what to hunt for, where and how: a value that can be sent to worker processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bartizan.rules.contract import Rule

__all__ = ["LEVELS", "Request"]

LEVELS: Final = ("informational", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to hunt for. ``now`` and the bounds in nanoseconds UTC; ``since`` is inclusive, ``until`` exclusive."""

    rules: tuple[Path, ...]
    now: int
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None
    level: str = LEVELS[0]
    """The lowest level of the rules that are run."""
    tags: tuple[str, ...] = ()
    """Rules that carry one of these tags are run (``t1059`` means ``attack.t1059`` and what is below it); () all."""
    zone: tzinfo = UTC
    records: bool = False
    """Whether complete records are wanted, to be stored."""
    paranoid: bool = False
    """Whether the reference matcher judges everything too, and differences are reported."""
    cache: Path | None = None
    """Where compiled rules are kept; None is the user's cache folder."""

    def wants(self, rule: Rule) -> bool:
        """Say whether a rule is to be run; a rule whose level is none of Sigma's is run."""
        low = rule.level in LEVELS and LEVELS.index(rule.level) < LEVELS.index(self.level)
        return not low and (not self.tags or any(_carries(rule.tags, tag) for tag in self.tags))


def _carries(tags: tuple[str, ...], asked: str) -> bool:
    asked = asked.lower()
    wanted = asked if "." in asked and not asked.startswith("t") else f"attack.{asked}"
    return any(tag.lower() == wanted or tag.lower().startswith(f"{wanted}.") for tag in tags)
