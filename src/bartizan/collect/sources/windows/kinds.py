"""A kind of Windows event: which route its records take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.contract import Route

__all__ = ["Kind"]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Records of one channel and event id. Where one id means several things, the field ``by`` tells them apart."""

    route: Route
    """The route of all of them, or of those that ``by`` does not tell apart."""
    by: str = ""
    among: Mapping[str, Route] = field(default_factory=dict)

    def routes(self) -> tuple[Route, ...]:
        """Return every route that a record of this kind may take."""
        return (self.route, *self.among.values())
