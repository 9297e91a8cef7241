"""Hold what all modules of one folder share: its limits, what is given, and what could not be read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Origin, Uid
from bartizan.collect.inventory.declared.contract import Account, provider_of_type
from bartizan.collect.inventory.terraform.hcl.evaluation import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.collect.inventory.declared.contract import Declared
    from bartizan.collect.inventory.terraform.blocks import Source

__all__ = ["MAX_INSTANCES", "Estate", "fetched_modules"]

MAX_INSTANCES: Final = 50_000
"""Resources of one folder, each instance of ``count`` and ``for_each`` counted."""
_KEY: Final = re.compile(r"\bmodule\.|\[[^\]]*\]")
"""What an address has that the key of a fetched module has not: ``module.a["x"].module.b`` is ``a.b``."""


def fetched_modules(root: Path) -> Mapping[str, str]:
    """Return the folders of the modules that ``terraform init`` fetched, by key; nothing where it did not run."""
    try:
        told = json.loads((root / ".terraform" / "modules" / "modules.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    modules = told.get("Modules") if isinstance(told, dict) else None
    rows = [one for one in modules if isinstance(one, dict)] if isinstance(modules, list) else []
    return {one["Key"]: one["Dir"] for one in rows if isinstance(one.get("Key"), str) and isinstance(one.get("Dir"), str)}


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
    sources: dict[Path, Source] = field(default_factory=dict)
    """Modules that were read, by their folder."""
    _lost: list[tuple[str, str]] = field(default_factory=list)
    _fetched: Mapping[str, str] | None = None

    def shown(self, path: Path) -> str:
        """Return how a file is named: relative to the folder that was given."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.relative_to(self.within).as_posix()

    def gap(self, file: str, line: int, detail: str, *, type_: str = "", reason: str = "unresolved") -> None:
        """Tell what could not be read, where; ``type_`` is the one type of resources that it is about."""
        place = f"{file}:line {line}" if line else file
        kinds = (type_.partition("_")[2],) if type_ else ()
        self.gaps.append(Gap(provider=provider_of_type(type_), call=place, reason=reason, detail=detail, kinds=kinds))

    def lost(self, file: str, line: int, detail: str) -> None:
        """Tell that a file could not be read: any resource could be in it, or more of any other, whosever it is."""
        self._lost.append((f"{file}:line {line}" if line else file, f"the file is not read: {detail}"))

    def losses(self) -> list[Gap]:
        """Return a gap for each file that could not be read and each provider of which there are resources."""
        providers = sorted({provider_of_type(one.type) for one in self.declared} - {""}) or ["aws"]
        return [Gap(provider=name, call=call, reason="failed", detail=why) for call, why in self._lost for name in providers]

    def assume(self, file: str, line: int, subject: str, detail: str) -> None:
        """Tell once what a value was taken to be that nobody gave; it makes nothing else doubtful."""
        place = f"{file}:line {line}" if file else self.root.name
        gap = Gap(provider="", call=place, reason="assumed", detail=detail, uid=Uid(f"terraform:{subject}"))
        if gap not in self.gaps:
            self.gaps.append(gap)

    def fetched(self, address: str) -> Path | None:
        """Return where ``terraform init`` put a module that it fetched; None where it did not."""
        if self._fetched is None:
            self._fetched = fetched_modules(self.root)
        folder = self._fetched.get(_KEY.sub("", address))
        return None if folder is None else (self.root / folder).resolve()

    @staticmethod
    def origin(file: str, line: int) -> Origin:
        """Return where a fact stands."""
        return Origin("terraform", file, f"line {line}")
