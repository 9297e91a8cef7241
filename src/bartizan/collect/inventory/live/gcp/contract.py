"""What the collector of Google Cloud is handed: what understands assets, wherever they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bartizan.collect.inventory.contract import Facts, Gap, Origin, Value

__all__ = ["Reading"]


class Reading(Protocol):
    """Takes assets as the Cloud Asset Inventory writes them, and makes facts of them."""

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take one asset; what cannot be read of it becomes a ``Gap``."""
        ...

    def missed(self, gap: Gap) -> None:
        """Note what could not be read, so that its absence is not taken for a fact."""
        ...

    def wholly(self, project: str, types: Iterable[str]) -> None:
        """Note that all things of some types were read of a project, by id."""
        ...

    def facts(self) -> Facts:
        """Return what all assets said, once, after the last."""
        ...
