"""Know by name the functions that a mapping file may use: those of one cell in the modules below."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect import http
from bartizan.collect.mapped import cells as own
from bartizan.collect.sources.network import flows
from bartizan.schema import cells, time, verbs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.mapped.plan import Step
    from bartizan.schema.expressions import Function

__all__ = ["function_of", "makers", "plain"]

_MODULES: Final = (cells, time, verbs, http, flows, own)


@cache
def plain() -> Mapping[str, Function]:
    """Return the functions of one cell, by name."""
    return {name: function for name, function in _public() if _parameters(function) == ["Cell"]}


@cache
def makers() -> Mapping[str, Callable[[str], Function]]:
    """Return what makes a function of the text in parentheses, by name: ``matched(PATTERN)``, ``named(KEY)``."""
    return {name: made for name, made in _public() if _parameters(made) == ["str"] and made.__annotations__["return"] == "Function"}


@lru_cache(maxsize=4096)
def function_of(step: Step) -> Function:
    """Return the function that a step names; KeyError where there is none, ValueError or re.error for an argument it cannot use."""
    return plain()[step.name] if step.argument is None else makers()[step.name](step.argument)


def _public() -> list[tuple[str, Any]]:
    return [(name, getattr(module, name)) for module in _MODULES for name in module.__all__]


def _parameters(function: Callable[..., object]) -> list[str]:
    return [str(kind) for name, kind in getattr(function, "__annotations__", {}).items() if name != "return"]
