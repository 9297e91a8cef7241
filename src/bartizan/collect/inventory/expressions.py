"""Get values out of what an origin gives, as kind files say: JMESPath with a few functions, and texts with braces.

Functions beside those of JMESPath, which all bear null: ``count(x)``, ``has(list, x)``, ``parsed(text)`` (JSON), ``names(x)`` (of a
mapping or of pairs), ``credentials(x)`` (names of redacted values that looked like a credential), ``forms(x)`` (which forms redacted
values looked like), ``part(text, separator, number)``, ``last_part(text, separator)``, ``where(rows, expression, value)`` and ``without``
(rows in which an expression gives a value, or holds it; and those in which it does not), ``report(text)`` (rows of a CSV in base64),
``least(numbers)``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.functions import FUNCTIONS
from bartizan.collect.inventory.rows import rows_where
from bartizan.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.functions import Value

__all__ = ["braced", "evaluate", "expression", "placed"]

_BRACES: Final = re.compile(r"\{([^{}]+)\}")


@cache
def expression(text: str) -> Callable[[Value], Value]:
    """Return what evaluates a JMESPath on a value; InputError where it is none."""
    try:
        import jmespath  # noqa: PLC0415 - heavy, and only who reads clouds has it
    except ImportError as error:
        feature = "reading a cloud"
        raise MissingExtra(feature, "cloud") from error
    try:
        compiled = jmespath.compile(text)
    except jmespath.exceptions.JMESPathError as error:
        message = f"'{text}' is no JMESPath: {' '.join(str(error).split())}"
        raise InputError(message) from error
    options = jmespath.Options(custom_functions=_functions())

    def evaluated(value: Value) -> Value:
        try:
            return compiled.search(value, options)
        except jmespath.exceptions.JMESPathTypeError:
            return None

    return evaluated


def evaluate(text: str, value: Value) -> Value:
    """Return what a JMESPath gives; null where it meets values that it is not for."""
    return expression(text)(value)


@cache
def braced(text: str) -> tuple[str, ...]:
    """Return the expressions that stand in braces in a text."""
    return tuple(_BRACES.findall(text))


def placed(template: Value, scope: Mapping[str, Value]) -> Value:
    """Return a template with its braces filled; ``{X}`` alone keeps the type of X; None where any of them has nothing."""
    if isinstance(template, dict):
        return {key: placed(each, scope) for key, each in template.items()}
    if isinstance(template, list):
        return [placed(each, scope) for each in template]
    if not isinstance(template, str) or "{" not in template:
        return template
    whole = _BRACES.fullmatch(template)
    if whole:
        return evaluate(whole[1], scope)
    values = {found: evaluate(found, scope) for found in braced(template)}
    if any(value is None for value in values.values()):
        return None
    return _BRACES.sub(lambda found: str(values[found[1]]), template)


def _where(rows: Value, key: Value, value: Value) -> Value:
    return rows_where(rows, key, value, evaluate)


def _without(rows: Value, key: Value, value: Value) -> Value:
    held = {id(row) for row in rows_where(rows, key, value, evaluate)}
    return [row for row in rows if id(row) not in held] if isinstance(rows, list) else []


_ALL: Final = {**FUNCTIONS, "where": (3, _where), "without": (3, _without)}


@cache
def _functions() -> Any:  # noqa: ANN401 - jmespath carries no types
    from jmespath import functions  # noqa: PLC0415 - as above

    def method(count: int, call: Callable[..., Value]) -> Any:  # noqa: ANN401 - as above
        def called(_self: object, *values: Value) -> Value:
            return call(*values)

        return functions.signature(*({"types": []} for _ in range(count)))(called)

    members = {f"_func_{name}": method(count, call) for name, (count, call) in _ALL.items()}
    return type("Functions", (functions.Functions,), members)()
