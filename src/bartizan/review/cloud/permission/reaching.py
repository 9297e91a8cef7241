"""Say where a principal can have anything at all, and which principals have the same: for clouds whose rights hold down a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from bartizan.review.cloud.permission.contract import Authorizer

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from collections.abc import Set as AbstractSet

    from bartizan.collect.inventory.contract import Uid

__all__ = ["UNTOLD", "Held", "Reaching"]

UNTOLD: Final = "?"
"""Among the scopes of a resource, where what was not read could decide about it for anybody."""


@dataclass(frozen=True, slots=True)
class Held:
    """What roles that are given to a principal may allow."""

    actions: tuple[str, ...]
    """Those that are known by their names, sorted."""
    beyond: tuple[str, ...] = ()
    """Patterns that may allow more than the actions that are known."""
    unread: tuple[str, ...] = ()
    """Why it may have others too: what was not read."""


@runtime_checkable
class Reaching(Authorizer, Protocol):
    """An authorizer that knows at which scopes something is given."""

    def scopes(self, resource: str) -> AbstractSet[str]:
        """Return the scopes at which something given would hold for a resource, ``UNTOLD`` among them where that could be anywhere."""
        ...

    def reach(self, principal: Uid, actions: Sequence[str]) -> AbstractSet[str]:
        """Return the scopes at which one of some actions may be given to a principal: where a resource has none of them, all are denied."""
        ...

    def rights(self, principal: Uid) -> Hashable | None:
        """Return what is equal for principals of which every answer and reason is the same; None where it is named itself."""
        ...

    def held(self, principal: Uid) -> Held:
        """Return what may be allowed to a principal somewhere, by roles or by policies of things, and what of that cannot be told."""
        ...
