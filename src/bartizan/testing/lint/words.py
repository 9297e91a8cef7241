"""Say in a few words what a part of a plan asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import astuple

from bartizan.rules.logic import tests_in
from bartizan.rules.plan import AnyText, Compare, Exists, Glob, Null, Number, Regex, Text

if TYPE_CHECKING:
    from bartizan.rules.plan import Node, Predicate

__all__ = ["asked", "value"]

_LONGEST: Final = 60
_SIGNS: Final = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_HOW: Final = {"is": "", "in": "|contains", "start": "|startswith", "end": "|endswith"}


def asked(node: Node) -> str:
    r"""Name a part by its first tests: ``Image|endswith: '\\a.exe' and 2 more``."""
    tests = list(tests_in(node))
    first = tests[0]
    how = _HOW[first.of[0].how] if isinstance(first.of[0], Text) else ""
    more = len(tests) - 1 + len(first.of) - 1
    return f"{first.field or 'keyword'}{how}: {value(first.of[0])}{f' and {more} more' if more else ''}"


def value(predicate: Predicate) -> str:
    """Write what a predicate asks for."""
    if isinstance(predicate, Text):
        text = predicate.text
    elif isinstance(predicate, Glob):
        text = "".join(part if isinstance(part, str) else "*?"[part] for part in predicate.parts)
    elif isinstance(predicate, Regex):
        text = predicate.pattern
    elif isinstance(predicate, Number | Compare):
        return f"{_SIGNS[predicate.how]} {predicate.value}" if isinstance(predicate, Compare) else str(predicate.value)
    elif isinstance(predicate, Exists):
        return "is there" if predicate.wanted else "is not there"
    else:
        return {AnyText: "any text", Null: "null"}.get(type(predicate)) or " ".join(map(str, astuple(predicate)))
    return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
