"""Every join there is: modules with ``JOIN``, or several alike with ``JOINS``, below the folder of their provider."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from bartizan.review.cloud.checks.contract import Join

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["join", "joins"]


@cache
def joins() -> Mapping[tuple[str, str], Join]:
    """Return every join by provider and name."""
    found: dict[tuple[str, str], Join] = {}
    for module in walk_packages(__path__, f"{__name__}."):
        held = vars(import_module(module.name))
        for made in (held.get("JOIN"), *held.get("JOINS", ())):
            if isinstance(made, Join):
                found[made.provider, made.name] = made
    return found


def join(provider: str, name: str) -> Join | None:
    """Return a join, or None where there is none."""
    return joins().get((provider, name))
