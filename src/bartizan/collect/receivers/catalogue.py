"""Find every protocol over HTTP: modules under ``http/`` with ``make``."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from bartizan.collect.receivers import http

if TYPE_CHECKING:
    from bartizan.collect.receivers.contract import Receiver

__all__ = ["receivers"]


def receivers() -> tuple[Receiver, ...]:
    """Make a receiver of each protocol: they hold what their senders' connections share."""
    names = sorted(module.name for module in pkgutil.iter_modules(http.__path__))
    return tuple(import_module(f"{http.__name__}.{name}").make() for name in names)
