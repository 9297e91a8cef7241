"""Read and judge conditions of IAM, which are written in the Common Expression Language.

Three values: what hangs on something of which nothing is known, or on a function that is not here, is neither true nor false.
Here are: ``resource.name``, ``.service`` and ``.type``, ``request.time``, comparisons, ``startsWith``, ``endsWith``, ``contains``,
``in``, ``hasOnly`` of ``api.getAttribute``, tags by ``resource.matchTag``, ``timestamp`` and ``duration`` as texts.
Source: IAM documentation, "Attribute reference for IAM Conditions".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.gcp.names import resource_name, service_of, type_of
from bartizan.review.cloud.permission.propositions import Propositions, Tokens, tokens_of
from bartizan.review.cloud.permission.truth import NO, YES, Truth, depends_on, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Asked", "condition_holds"]

_TOKENS: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign>&&|\|\||==|!=|<=|>=|<|>|!|\(|\)|\[|\]|,|\.|\?|:|\+|-)"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<number>[0-9]+(?:\.[0-9]+)?))""",
)
_LONGEST: Final = 12_000
_COMPARED: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request: the resource, and attributes by name in lower case."""

    resource: str
    attributes: Mapping[str, Sequence[str]]

    def values(self, key: str) -> Sequence[str] | None:
        """Return the values of an attribute; None where nothing is known of it."""
        told = self.attributes.get(key.lower())
        if told is not None:
            return told
        known = {"resource.name": resource_name, "resource.service": service_of, "resource.type": type_of}.get(key)
        value = "" if known is None or not self.resource.startswith("//") else known(self.resource)
        return (value,) if value else None


@dataclass(frozen=True, slots=True)
class _Known:
    """A value, or several."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    """A value of which nothing is known but on what it hangs."""

    key: str


def condition_holds(expression: str, asked: Asked) -> Truth:
    """Say whether a condition holds; one that cannot be read cannot be told."""
    return _Reader(tokens_of(_TOKENS, expression, _LONGEST), asked).judged(expression)


class _Reader(Propositions):
    """A place in a condition's tokens, and what it is judged by."""

    def __init__(self, tokens: Tokens, asked: Asked) -> None:
        super().__init__(tokens)
        self._asked = asked

    def _test(self) -> Truth:
        left = self._value()
        operator = self._tokens[self._at][1] if self._at < len(self._tokens) else ""
        if operator in _COMPARED:
            self._at += 1
            return _compared(operator, left, self._value())
        if isinstance(left, _Open):
            return depends_on(left.key)
        if left.values in (("true",), ("false",)):
            return YES if left.values == ("true",) else NO
        raise ValueError

    def _value(self) -> _Known | _Open:
        kind, text = self._next()
        if kind == "text":
            here: _Known | _Open = _Known((_unquoted(text),))
        elif kind == "number" or text in ("true", "false"):
            here = _Known((text,))
        elif text == "[":
            here = _together(self._list("]"))
        elif kind == "word":
            here = self._named(text)
        else:
            raise ValueError
        while self._is("."):
            here = self._called(here, self._next()[1])
        return here

    def _named(self, word: str) -> _Known | _Open:
        """Read a name with dots, or a function of its own."""
        names = [word]
        while self._sign(0) == "." and self._kind(1) == "word" and self._sign(2) != "(":
            names.append(self._tokens[self._at + 1][1])
            self._at += 2
        key = ".".join(names)
        if self._is("("):
            given = self._list(")")
            return given[0] if key in ("timestamp", "duration") and given else _Open(key)
        told = self._asked.values(key)
        return _Open(key) if told is None else _Known(tuple(told))

    def _called(self, here: _Known | _Open, name: str) -> _Known | _Open:
        """Call a function of a value."""
        self._must("(")
        given = self._list(")")
        among = _together(given)
        if isinstance(among, _Open):
            return among
        first = given[0].values if given and isinstance(given[0], _Known) else ()
        key = here.key if isinstance(here, _Open) else ""
        if (key, name) == ("api", "getAttribute") and first:
            told = self._asked.values(first[0])
            return _Open(first[0]) if told is None else _Known(tuple(told))
        if (key, name[:8]) == ("resource", "matchTag") and first:
            tag = first[0]
            told = self._asked.values(f"tag:{tag}")
            wanted = given[1].values if len(given) > 1 and isinstance(given[1], _Known) else ()
            return _Open(f"tag:{tag}") if told is None else _truth(bool(set(told) & set(wanted)))
        test = _TESTS.get(name)
        if isinstance(here, _Open) or test is None:
            return _Open(key or f"{name}()")
        return _truth(test(here.values, first))

    def _list(self, end: str) -> list[_Known | _Open]:
        found: list[_Known | _Open] = []
        while not self._is(end):
            found.append(self._value())
            if not self._is(",") and self._sign(0) != end:
                raise ValueError
        return found

    def _sign(self, ahead: int) -> str:
        at = self._at + ahead
        return self._tokens[at][1] if at < len(self._tokens) else ""

    def _kind(self, ahead: int) -> str:
        at = self._at + ahead
        return self._tokens[at][0] if at < len(self._tokens) else ""


def _together(values: Sequence[_Known | _Open]) -> _Known | _Open:
    """Return the values of several as one, or the first of which nothing is known: what it is compared with hangs on it."""
    return next((one for one in values if isinstance(one, _Open)), None) or _Known(
        tuple(text for one in values if isinstance(one, _Known) for text in one.values),
    )


def _truth(holds: bool) -> _Known:  # noqa: FBT001 - it is the value
    return _Known(("true" if holds else "false",))


_TESTS: Final[Mapping[str, Callable[[tuple[str, ...], tuple[str, ...]], bool]]] = {
    "startsWith": lambda here, given: any(one.startswith(given) for one in here),
    "endsWith": lambda here, given: any(one.endswith(given) for one in here),
    "contains": lambda here, given: any(other in one for one in here for other in given),
    "hasOnly": lambda here, given: set(here) <= set(given),
}


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _compared(operator: str, left: _Known | _Open, right: _Known | _Open) -> Truth:
    for one in (left, right):
        if isinstance(one, _Open):
            return depends_on(one.key)
    here, other = (one.values if isinstance(one, _Known) else () for one in (left, right))
    if operator == "in":
        return YES if set(here) & set(other) else NO
    if operator in ("==", "!="):
        return YES if (set(here) == set(other)) is (operator == "==") else NO
    try:
        holds = _ORDERS[operator](_number(here[0]), _number(other[0]))
    except (ValueError, IndexError):
        return unread("values that a condition cannot compare")
    return YES if holds else NO


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()
