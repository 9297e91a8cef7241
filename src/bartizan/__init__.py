"""Bartizan, the security engineer's workbench: everything is a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.version import __version__

if TYPE_CHECKING:
    from bartizan.workbench import Asked, Hunt, hunt

__all__ = ["Asked", "Hunt", "__version__", "hunt"]


def __getattr__(name: str) -> object:
    """Import the use cases when they are asked for: the command line starts without them."""
    if name in {"Asked", "Hunt", "hunt"}:
        from bartizan import workbench  # noqa: PLC0415 - the point of this function

        return getattr(workbench, name)
    message = f"module 'bartizan' has no attribute '{name}'"
    raise AttributeError(message)
