"""Hold the blocks of one module by what they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.collect.inventory.terraform.hcl.syntax import Block

__all__ = ["Source"]


@dataclass(slots=True)
class Source:
    """The blocks of a module, by type and labels."""

    held: dict[str, dict[tuple[str, ...], Block]] = field(default_factory=dict)

    def blocks(self, form: str) -> list[Block]:
        """Return the blocks of a type in the order of the files."""
        return list(self.held.get(form, {}).values())

    def find(self, form: str, labels: tuple[str, ...]) -> Block | None:
        """Return a block by its labels."""
        return self.held.get(form, {}).get(labels)
