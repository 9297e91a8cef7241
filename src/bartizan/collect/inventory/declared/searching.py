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

_PLAIN: Final = re.compile(r"^(?:[\w\".@\-]|\[\d+\])+$")
"""A path without operators, projections and functions: what is unknown in it comes out as it is."""
_NAMES: Final = re.compile(r"\b(?:names|secrets|forms)\([^()]*\)")
"""Functions that bear what is unknown in what they are given."""
_NAME: Final = re.compile(r"'[^']*'|`[^`]*`|(?<![.\w\"])([A-Za-z_]\w*|\"[^\"]+\")(?!\w*\()")


def search(path: str, values: Any) -> Any:  # noqa: ANN401 - any value of a declaration
    """Return what JMESPath finds, None where there is nothing; Unknown where that hangs on what is not known.

    An expression with operators or functions hangs on all that stands under the attributes it begins with: ``x == 'a'`` is not false
    because nobody knows ``x``. Only ``names(object)`` does not ask for values, and ``secrets(object)`` and ``forms(text)`` say by
    themselves whether what is unknown matters.
    """
    if path in ("", "@"):
        return values
    if isinstance(values, Unknown):
        return Unknown(values.why)
    compiled, roots, every, plain, failures = _compiled(path)
    if not plain and (unknown := _unknown_root(roots, values)):
        return unknown
    try:
        found = compiled.search(values, options=functions())
    except failures as error:
        unset = getattr(error, "actual_type", "") in ("null", "NoneType")  # a function of what is not set gives nothing
        return None if unset else _unknown_root(roots, values) or Unknown(f"{path}: {error}")
    if found is None:
        return _unknown_root(every, values)
    return (_unknown_root(roots, values) or found) if found == [] else found


def _unknown_root(roots: tuple[str, ...], values: Any) -> Unknown | None:  # noqa: ANN401 - any value of a declaration
    """Return what is unknown under the attributes that an expression begins with."""
    for root in roots if isinstance(values, dict) else ():
        unknown = first_unknown(values.get(root))
        if unknown is not None:
            return Unknown(unknown.why)
    return None


@cache
def _compiled(path: str) -> tuple[Any, tuple[str, ...], tuple[str, ...], bool, tuple[type[Exception], ...]]:
    """Return an expression, the attributes it begins with without those that functions bear, all, whether it is plain, its errors."""
    functions()
    import jmespath  # noqa: PLC0415 - comes with an extra, which functions() has asked for

    asked = _NAMES.sub("", path)
    roots, every = (tuple(dict.fromkeys(found[1].strip('"') for found in _NAME.finditer(text) if found[1])) for text in (asked, path))
    plain = _PLAIN.match(path) is not None or not asked.strip(" |&")
    return jmespath.compile(path), roots, every, plain, (jmespath.exceptions.JMESPathError, TypeError, ValueError)


def as_type(value: Any, wanted: str) -> Any:  # noqa: ANN401 - any value of a declaration
    """Return a value as the type of a property; None where it is not set, Unknown where it is not known or none of that type."""
    unknown = first_unknown(value)
    if unknown is not None:
        return Unknown(unknown.why)
    if value is None or value == "" or isinstance(value, Encoded):
        return None
    try:
        return _CASTS[wanted](value) if wanted in _CASTS else value
    except (AttributeError, KeyError, TypeError, ValueError):
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
