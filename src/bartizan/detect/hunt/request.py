"""Say what to hunt for, where and how: a value that can be sent to worker processes."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bartizan.detect.indicators.watch import Asked
    from bartizan.rules.contract import Rule

__all__ = ["LEVELS", "Request"]

_TECHNIQUE: Final = re.compile(r"t\d+\.\d+")
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
    flaws: bool = True
    """Whether everything of a record is mapped, so that all that is wrong with it is told; else only what somebody asks for."""
    paranoid: bool = False
    """Whether the reference matcher judges everything too, and differences are reported."""
    mappings: tuple[Path, ...] = ()
    """Mapping files, or folders of them, whose sources are asked beside all others."""
    indicators: Asked | None = None
    """Lists of indicators to watch for, beside the rules."""
    cache: Path | None = None
    """Where compiled rules are kept; None is the user's cache folder."""
    seed: int = field(default_factory=lambda: secrets.randbits(64), repr=False)
    """What the keys that tell duplicates depend on: nobody who writes logs may know it. No result depends on it."""

    def wants(self, rule: Rule) -> bool:
        """Say whether a rule is to be run; a rule whose level is none of Sigma's is run."""
        low = rule.level in LEVELS and LEVELS.index(rule.level) < LEVELS.index(self.level)
        return not low and (not self.tags or any(_carries(rule.tags, tag) for tag in self.tags))

    def idle_tags(self, rules: Iterable[Rule]) -> list[str]:
        """Return the tags asked for that no rule carries."""
        carried = {tag for rule in rules for tag in rule.tags}
        return [tag for tag in self.tags if not _carries(carried, tag)]


def _carries(tags: Iterable[str], asked: str) -> bool:
    """Say whether one of a rule's tags is the one asked for or below it; a tag without a namespace is one of ATT&CK."""
    asked = asked.lower().replace("_", "-")
    wanted = f"attack.{asked}" if "." not in asked or _TECHNIQUE.fullmatch(asked) else asked
    return any(tag == wanted or tag.startswith(f"{wanted}.") for tag in (tag.lower().replace("_", "-") for tag in tags))
