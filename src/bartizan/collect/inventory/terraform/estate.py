"""Hold what all modules of one folder share: its limits, what is given, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Origin, Uid
from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.terraform.hcl.evaluation import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.collect.inventory.declared.contract import Declared

__all__ = ["MAX_INSTANCES", "Estate"]

MAX_INSTANCES: Final = 50_000
"""Resources of one folder, each instance of ``count`` and ``for_each`` counted."""


@dataclass(slots=True)
class Estate:
    """One folder that is read."""

    root: Path
    within: Path
    """No file outside of it is read; a real path."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Values of variables of the root module."""
    where: Account = field(default_factory=Account)
    declared: list[Declared] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    files: int = 0

    def shown(self, path: Path) -> str:
        """Return how a file is named: relative to the folder that was given."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.relative_to(self.within).as_posix()

    def gap(self, file: str, line: int, detail: str, *, kinds: tuple[str, ...] = (), reason: str = "unresolved") -> None:
        """Tell what could not be read, where."""
        place = f"{file}:line {line}" if line else file
        self.gaps.append(Gap(provider="", call=place, reason=reason, detail=detail, kinds=kinds))

    def assume(self, file: str, line: int, subject: str, detail: str) -> None:
        """Tell once what a value was taken to be that nobody gave; it makes nothing else doubtful."""
        place = f"{file}:line {line}" if file else self.root.name
        gap = Gap(provider="", call=place, reason="assumed", detail=detail, uid=Uid(f"terraform:{subject}"))
        if gap not in self.gaps:
            self.gaps.append(gap)

    @staticmethod
    def origin(file: str, line: int) -> Origin:
        """Return where a fact stands."""
        return Origin("terraform", file, f"line {line}")
