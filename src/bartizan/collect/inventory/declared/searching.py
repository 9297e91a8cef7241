"""Look into values with JMESPath, where a value may be unknown: what depends on it is unknown, never absent."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.seeing import functions
from bartizan.collect.inventory.declared.values import Encoded, Unknown, first_unknown, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["as_type", "search"]

_NAME: Final = re.compile(r"'[^']*'|`[^`]*`|(?<![.\w\"])([A-Za-z_]\w*|\"[^\"]+\")(?!\w*\()")


def search(path: str, values: Any) -> Any:  # noqa: ANN401 - any value of a declaration
    """Return what JMESPath finds, None where there is nothing; Unknown where that hangs on what is not known."""
    if path in ("", "@"):
        return values
    if isinstance(values, Unknown):
        return Unknown(values.why)
    compiled, roots, failures = _compiled(path)
    try:
        found = compiled.search(values, options=functions())
    except failures as error:
        unknown = first_unknown(values)
        return Unknown(unknown.why if unknown else f"{path}: {error}")
    if (found is None or found == []) and isinstance(values, dict):
        for root in roots:
            unknown = first_unknown(values.get(root))
            if unknown is not None:
                return Unknown(unknown.why)
    return found


@cache
def _compiled(path: str) -> tuple[Any, tuple[str, ...], tuple[type[Exception], ...]]:
    """Return an expression, the attributes it begins with, and what it raises."""
    functions()
    import jmespath  # noqa: PLC0415 - comes with an extra, which functions() has asked for

    roots = tuple(dict.fromkeys(found[1].strip('"') for found in _NAME.finditer(path) if found[1]))
    return jmespath.compile(path), roots, (jmespath.exceptions.JMESPathError, TypeError, ValueError)


def as_type(value: Any, wanted: str) -> Any:  # noqa: ANN401 - any value of a declaration
    """Return a value as the type of a property; None where it is not set, Unknown where it is not known or none of that type."""
    unknown = first_unknown(value)
    if unknown is not None:
        return Unknown(unknown.why)
    if value is None or value == "" or isinstance(value, Encoded):
        return None
    try:
        return _CASTS[wanted](value) if wanted in _CASTS else value
    except (TypeError, ValueError, KeyError):
        return Unknown(f"{str(value)[:60]!r} is no {wanted}")


def _boolean(value: Any) -> bool:  # noqa: ANN401 - any value of a declaration
    return value if isinstance(value, bool) else {"true": True, "false": False}[value.lower()]


def _integer(value: Any) -> int:  # noqa: ANN401 - any value of a declaration
    if isinstance(value, bool):
        message = "a truth value is no number"
        raise TypeError(message)
    return int(value)


def _strings(value: Any) -> list[str]:  # noqa: ANN401 - any value of a declaration
    items = value if isinstance(value, list) else [value]
    return [text_of(item) for item in items if item is not None]


_CASTS: Final[Mapping[str, Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "number": float,
    "string": text_of,
    "time": text_of,
    "strings": _strings,
}
