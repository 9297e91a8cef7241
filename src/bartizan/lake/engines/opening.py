"""Find the engine that an address names: modules under ``kinds/``."""

from __future__ import annotations

import pkgutil
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from bartizan.errors import UsageError
from bartizan.lake.engines import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from bartizan.lake.engines.contract import Engine

__all__ = ["open_engine", "schemes"]


def schemes() -> dict[str, ModuleType]:
    """Return how addresses begin, with the module of each: a name alone (``local``), or what stands before ``://``."""
    modules = (import_module(f"{kinds.__name__}.{found.name}") for found in pkgutil.iter_modules(kinds.__path__))
    return {scheme: module for module in modules for scheme in module.SCHEMES}


@contextmanager
def open_engine(address: str, *, workers: int = 1) -> Iterator[Engine]:
    """Give the engine at an address for as long as it is used; ``workers`` counts where the engine starts its own processes.

    UsageError where no engine has such an address, MissingExtra where it is not installed.
    """
    known = schemes()
    scheme = address.partition("://")[0]
    found = known.get(scheme)
    if found is None:
        message = f"--engine {address}: there is no such engine; there are {', '.join(sorted(known))}"
        raise UsageError(message)
    engine: Engine = found.make(address, workers)
    try:
        yield engine
    finally:
        engine.close()
