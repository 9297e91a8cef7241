"""Read the tiny estates of the cases of rules: each provider's module offers ``estate``, ``uid`` and says how it is written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Uid
from bartizan.errors import InputError
from bartizan.review.cloud.paths.contract import INTERNET, administration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from bartizan.collect.inventory.contract import Facts

__all__ = ["PROVIDERS", "estate", "named"]

PROVIDERS: Final = ("aws", "azure", "gcp", "kubernetes")


def estate(provider: str, told: Mapping[str, Any]) -> Facts:
    """Read an estate as the cases of a provider's rules write it."""
    facts: Facts = _module(provider).estate(told)
    return facts


def named(provider: str, name: str) -> Uid:
    """Return the uid that a case means: ``internet``, ``administration``, a whole uid, or what the provider's module makes of it."""
    if name == INTERNET:
        return INTERNET
    module = _module(provider)
    if name.partition(" ")[0] == "administration":
        return administration(provider, name.partition(" of ")[2] or module.ACCOUNT)
    thing, part, rest = name.partition("#")
    return Uid(f"{module.uid(thing)}{part}{rest}")


def _module(provider: str) -> ModuleType:
    if provider not in PROVIDERS:
        message = f"there is no provider '{provider}'; there are {', '.join(PROVIDERS)}"
        raise InputError(message)
    return import_module(f"{__name__}.{provider}")
