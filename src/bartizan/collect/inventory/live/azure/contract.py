"""What the collector of Azure is handed: what understands rows of Azure, wherever they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bartizan.collect.inventory.contract import Facts, Origin

__all__ = ["Reading"]


class Reading(Protocol):
    """Takes rows as the Resource Graph, the REST interface and Microsoft Graph give them, and makes facts of them."""

    def take(self, record: Mapping[str, Any], origin: Origin) -> None:
        """Take one row; what cannot be read of it becomes a ``Gap``."""
        ...

    def answered(self, uid: str, names: Iterable[str], why: str = "") -> None:
        """Note that what tells some properties of a resource was read to its end; with ``why``, that it could not be read."""
        ...

    def facts(self) -> Facts:
        """Return what all rows said, once, after the last."""
        ...
