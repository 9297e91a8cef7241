"""Read and compute expressions of templates: ``[concat(parameters('name'), '-x')]``.

What cannot be computed (a function that asks a deployment, a parameter without a value) is ``Unresolved``, and so is whatever is made
of it.
Source: Azure Resource Manager documentation, "Syntax and expressions in ARM templates".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from bartizan.collect.inventory.exports.azure.functions import FUNCTIONS
from bartizan.collect.inventory.exports.unresolved import Unresolved, unresolved_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.collect.inventory.contract import Value

__all__ = ["Scope", "computed"]

_TOKENS: Final = re.compile(r"\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w.]*(?=\s*\())|([A-Za-z_]\w*)|(-?[0-9]+)|([()\[\],.]))")
_DEEPEST: Final = 64
_LONGEST: Final = 24_576
"""The longest expression that Azure takes."""
Node: TypeAlias = "tuple[str, Value, tuple[Node, ...]]"
"""Kind, its own value, and its parts: text, number, call (name), member (name), index."""


class Scope(Protocol):
    """What functions of a template ask it."""

    def call(self, name: str, given: Sequence[Value]) -> Value:
        """Return what a function of the template's own (``parameters``, ``variables`` ...) yields; KeyError if it has none."""
        ...


def computed(value: Value, scope: Scope, depth: int = 0) -> Value:
    """Return a value with all expressions in it computed."""
    if depth > _DEEPEST:
        return Unresolved("nested too deep")
    if isinstance(value, str) and value.startswith("["):
        return value[1:] if value.startswith("[[") else _evaluated(value, scope, depth) if value.endswith("]") else value
    if isinstance(value, list):
        return [computed(one, scope, depth + 1) for one in value]
    if isinstance(value, dict) and not isinstance(value, Unresolved):
        return {key: computed(one, scope, depth + 1) for key, one in value.items()}
    return value


def _evaluated(text: str, scope: Scope, depth: int) -> Value:
    try:
        node = _parsed(text[1:-1])
    except (ValueError, IndexError):
        return Unresolved(text)
    return _value(node, scope, text, depth)


def _value(node: Node, scope: Scope, text: str, depth: int) -> Value:
    kind, own, parts = node
    if kind in ("text", "number"):
        return own
    if depth > _DEEPEST:
        return Unresolved(text)
    given = [_value(part, scope, text, depth + 1) for part in parts]
    if kind == "call":
        return _called(str(own), given, scope, text)
    return _member(given[0], own if kind == "member" else given[1], text)


def _member(held: Value, key: Value, text: str) -> Value:
    """Return a member of an object or an element of a list."""
    if isinstance(held, dict) and not isinstance(held, Unresolved) and isinstance(key, str):
        return next((value for name, value in held.items() if name.lower() == key.lower()), Unresolved(text))
    if isinstance(held, list) and isinstance(key, int) and -1 < key < len(held):
        return held[key]
    return Unresolved(text)


def _called(name: str, given: list[Value], scope: Scope, text: str) -> Value:
    lower = name.lower()
    if lower == "if" and len(given) == 3 and isinstance(given[0], bool):  # noqa: PLR2004 - test, one, other
        return given[1] if given[0] else given[2]
    try:
        found = _function(lower, given, scope)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, OverflowError):
        return Unresolved(text)
    return Unresolved(text) if isinstance(found, Unresolved) and not found.expression else found


def _function(name: str, given: list[Value], scope: Scope) -> Value:
    """Call a function of the template's, or one that hangs on nothing but what it is given; KeyError where there is none."""
    try:
        return scope.call(name, given)
    except KeyError:
        if any(unresolved_in(one) is not None for one in given):
            return Unresolved("")
        return FUNCTIONS[name](*given)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Node:
    if len(text) > _LONGEST:
        raise ValueError
    tokens: list[tuple[int, str]] = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKENS.match(text, at)
        if found is None or found.lastindex is None:
            raise ValueError
        tokens.append((found.lastindex, found[found.lastindex]))
        at = found.end()
    node, end = _node(tokens, 0, 0)
    if end != len(tokens):
        raise ValueError
    return node


_TEXT, _CALL, _NAME, _NUMBER, _SIGN = 1, 2, 3, 4, 5


def _node(tokens: list[tuple[int, str]], at: int, depth: int) -> tuple[Node, int]:
    """Parse a literal or a call and what is asked of it; return it and the place behind."""
    if depth > _DEEPEST:
        raise ValueError
    kind, text = tokens[at]
    if kind == _CALL:
        parts, at = _arguments(tokens, at + 2, depth)
        node: Node = ("call", text, parts)
    elif kind in (_TEXT, _NUMBER):
        node, at = (("text", text.replace("''", "'"), ()) if kind == _TEXT else ("number", int(text), ())), at + 1
    else:
        raise ValueError
    while at < len(tokens) and tokens[at] in ((_SIGN, "."), (_SIGN, "[")):
        node, at = _asked(tokens, at, node, depth)
    return node, at


def _asked(tokens: list[tuple[int, str]], at: int, of: Node, depth: int) -> tuple[Node, int]:
    """Parse what is asked of a value: ``.name`` or ``[index]``."""
    if tokens[at][1] == ".":
        if tokens[at + 1][0] not in (_NAME, _CALL):
            raise ValueError
        return ("member", tokens[at + 1][1], (of,)), at + 2
    index, at = _node(tokens, at + 1, depth + 1)
    if tokens[at] != (_SIGN, "]"):
        raise ValueError
    return ("index", None, (of, index)), at + 1


def _arguments(tokens: list[tuple[int, str]], at: int, depth: int) -> tuple[tuple[Node, ...], int]:
    parts: list[Node] = []
    while tokens[at] != (_SIGN, ")"):
        part, at = _node(tokens, at, depth + 1)
        parts.append(part)
        if tokens[at] == (_SIGN, ","):
            at += 1
        elif tokens[at] != (_SIGN, ")"):
            raise ValueError
    return tuple(parts), at + 1
