"""Hold a place for a value that a file does not tell: an expression that only the cloud could compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Value

__all__ = ["Unresolved", "unresolved_at", "unresolved_in"]

_MOST: Final = 10_000
"""How many values are looked through for one that is not resolved."""


class Unresolved(dict[str, "Value"]):
    """A value that is not told; whatever is asked of it is not told either, so that nobody takes it for one that is not there."""

    __slots__ = ("expression",)

    def __init__(self, expression: str) -> None:
        """Hold what stands in its place."""
        super().__init__()
        self.expression = expression

    def get(self, _key: str, _default: object = None) -> Unresolved:
        """Return itself: what a member would be is as little known."""
        return self


def unresolved_at(value: Value, names: tuple[str, ...]) -> Unresolved | None:
    """Return what is not resolved on the way along some names, or anywhere below their end."""
    here: Value = value
    for name in names:
        if isinstance(here, Unresolved):
            return here
        if not isinstance(here, dict):
            return None if not isinstance(here, list) else unresolved_in(here)
        here = here.get(name)
    return unresolved_in(here)


def unresolved_in(value: Value | Mapping[str, Value]) -> Unresolved | None:
    """Return the first of the values in a value that is not resolved; None where all are."""
    left: list[Value | Mapping[str, Value]] = [value]
    for _ in range(_MOST):
        if not left:
            return None
        here = left.pop()
        if isinstance(here, Unresolved):
            return here
        if isinstance(here, dict):
            left.extend(here.values())
        elif isinstance(here, list):
            left.extend(here)
    return Unresolved("more values than are looked through")
