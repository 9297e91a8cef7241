"""Compute the functions of templates that hang on nothing but what they are given.

Those that make names (``uniqueString``, ``guid``) give stand-ins of the same form: always the same for the same input.
Source: Azure Resource Manager documentation, "ARM template functions".
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Value

__all__ = ["FUNCTIONS"]


def _concat(*given: Value) -> Value:
    if given and all(isinstance(one, list) for one in given):
        return [each for one in given for each in (one if isinstance(one, list) else [])]
    return "".join(_text(one) for one in given)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, separators=(",", ":"))


def _format(pattern: Value, *given: Value) -> Value:
    return _string(pattern).format(*map(_text, given))


def _string(value: Value) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return int(value)


def _same(one: Value, other: Value) -> Value:
    return one.lower() == other.lower() if isinstance(one, str) and isinstance(other, str) else one == other


def _truth(value: Value) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool | int):
        raise TypeError
    return bool(value)


def _sized(value: Value) -> str | list[Value] | dict[str, Value]:
    if not isinstance(value, str | list | dict):
        raise TypeError
    return value


def _contains(held: Value, asked: Value) -> Value:
    if isinstance(held, dict):
        return any(_same(name, asked) for name in held)
    return asked in held if isinstance(held, list) else _string(asked) in _string(held)


def _split(text: Value, parts: Value) -> Value:
    found = [_string(text)]
    for part in parts if isinstance(parts, list) else [parts]:
        found = [piece for one in found for piece in one.split(_string(part))]
    joined: list[Value] = [*found]
    return joined


def _object(*given: Value) -> Value:
    return {_string(given[at]): given[at + 1] for at in range(0, len(given), 2)}


def _union(*given: Value) -> Value:
    if isinstance(given[0], dict):
        return {name: value for one in given if isinstance(one, dict) for name, value in one.items()}
    joined: list[Value] = []
    for one in given:
        joined += [each for each in (one if isinstance(one, list) else [one]) if each not in joined]
    return joined


def _part(value: Value, begin: Value, count: Value = None) -> Value:
    first = _whole(begin)
    return _string(value)[first : None if count is None else first + _whole(count)]


def _unique(*given: Value) -> Value:
    return sha256("|".join(map(_text, given)).encode()).hexdigest()[:13]


_MOST: Final = 800
"""How long a list a range may make: Azure takes loops of at most 800."""


def _range(begin: Value, count: Value) -> Value:
    return list(range(_whole(begin), _whole(begin) + min(_whole(count), _MOST)))


FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "concat": _concat,
    "format": _format,
    "string": _text,
    "int": _whole,
    "bool": _truth,
    "tolower": lambda text: _string(text).lower(),
    "toupper": lambda text: _string(text).upper(),
    "trim": lambda text: _string(text).strip(),
    "replace": lambda text, one, other: _string(text).replace(_string(one), _string(other)),
    "split": _split,
    "join": lambda parts, by: _string(by).join(map(_text, parts)),
    "substring": _part,
    "take": lambda value, count: _sized(value)[: _whole(count)],  # type: ignore[index]  # a mapping raises TypeError
    "skip": lambda value, count: _sized(value)[_whole(count) :],  # type: ignore[index]  # as above
    "first": lambda value: _sized(value)[0] if value else "",  # type: ignore[index]  # as above
    "last": lambda value: _sized(value)[-1] if value else "",  # type: ignore[index]  # as above
    "length": lambda value: len(_sized(value)),
    "empty": lambda value: value is None or len(_sized(value)) == 0,
    "contains": _contains,
    "startswith": lambda text, part: _string(text).lower().startswith(_string(part).lower()),
    "endswith": lambda text, part: _string(text).lower().endswith(_string(part).lower()),
    "indexof": lambda text, part: _string(text).lower().find(_string(part).lower()),
    "equals": _same,
    "not": lambda value: not _truth(value),
    "and": lambda *given: all(map(_truth, given)),
    "or": lambda *given: any(map(_truth, given)),
    "true": lambda: True,
    "false": lambda: False,
    "null": lambda: None,
    "less": lambda one, other: _whole(one) < _whole(other),
    "greater": lambda one, other: _whole(one) > _whole(other),
    "lessorequals": lambda one, other: _whole(one) <= _whole(other),
    "greaterorequals": lambda one, other: _whole(one) >= _whole(other),
    "add": lambda one, other: _whole(one) + _whole(other),
    "sub": lambda one, other: _whole(one) - _whole(other),
    "mul": lambda one, other: _whole(one) * _whole(other),
    "mod": lambda one, other: _whole(one) % _whole(other),
    "min": lambda *given: min(map(_whole, given)),
    "max": lambda *given: max(map(_whole, given)),
    "range": _range,
    "array": lambda value: value if isinstance(value, list) else [value],
    "createarray": lambda *given: list(given),
    "createobject": _object,
    "union": _union,
    "coalesce": lambda *given: next((one for one in given if one is not None), None),
    "json": lambda text: json.loads(_string(text)),
    "uniquestring": _unique,
    "guid": lambda *given: str(uuid5(NAMESPACE_URL, "|".join(map(_text, given)))),
}
"""What each function computes, by its name in lower case."""
