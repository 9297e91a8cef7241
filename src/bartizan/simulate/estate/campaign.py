"""What an intrusion of several days is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.simulate.contract import Attack

__all__ = ["Campaign", "campaigns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """An intrusion by one actor. ``days`` says what is done on which day of the week (0 is the first)."""

    name: str
    title: str
    days: Mapping[int, Sequence[Callable[[Attack], None]]]


def campaigns() -> list[Campaign]:
    """Return every campaign of the folder, by name."""
    package = "bartizan.simulate.estate.campaigns"
    folder = import_module(package)
    found = (getattr(import_module(f"{package}.{entry.name}"), "CAMPAIGN", None) for entry in iter_modules(folder.__path__))
    return sorted((one for one in found if isinstance(one, Campaign)), key=lambda one: one.name)
