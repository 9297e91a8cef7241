"""Find what decides for a provider: each folder beside this file that has an ``authorizer.py`` with ``AUTHORIZER`` is one."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

from bartizan.documents import suggestion
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.permission.contract import Authorizer

__all__ = ["authorizer", "providers"]

_HERE = "bartizan.review.cloud.permission"


@cache
def providers() -> tuple[str, ...]:
    """Return the providers for which something decides, sorted."""
    return tuple(sorted(one.name for one in files(_HERE).iterdir() if one.is_dir() and one.joinpath("authorizer.py").is_file()))


def authorizer(provider: str, facts: Facts) -> Authorizer:
    """Return what decides for a provider (aws, azure, gcp, kubernetes) over facts; UsageError where nothing does."""
    if provider not in providers():
        near = suggestion(provider, providers())
        message = f"'{provider}': nothing decides who can do what there{near}; there is {', '.join(providers())}"
        raise UsageError(message)
    made: Authorizer = import_module(f"{_HERE}.{provider}.authorizer").AUTHORIZER(facts)
    return made
