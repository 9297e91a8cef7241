"""The match kinds of rules of paths: every module here offers its own in ``MATCHES``, by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.review.cloud.paths.contract import Match

__all__ = ["matches"]


@cache
def matches() -> Mapping[str, Match]:
    """Return every match kind by its name."""
    found: dict[str, Match] = {}
    for module in iter_modules(__path__):
        found.update(import_module(f"{__name__}.{module.name}").MATCHES)
    return found
