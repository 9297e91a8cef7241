"""Read queries in Lucene's syntax with luqum, and carry over what has one meaning: fields with values, ranges, AND, OR, NOT, brackets.

What a search engine does with words is no condition on a record: words without a field, fuzziness, boosts, proximity and
required or forbidden terms in a list of terms are refused. So are AND and OR side by side without brackets, which Lucene does not read
as logic does, and regular expressions, whose syntax is Lucene's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import MissingExtra
from bartizan.rules.imports.asked import Asked, Is, every, never, some
from bartizan.rules.imports.elastic.kql import NotTranslated
from bartizan.rules.imports.elastic.texts import equal, parts_of, unescaped

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["read_lucene"]

_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_OPERATORS: Final = ("&&", "||", "!")
_REFUSED: Final = {
    "Boost": "a boost (^) ranks and does not judge",
    "Fuzzy": "a fuzzy word (~) is like others",
    "Plus": "required words (+) among others",
    "Prohibit": "forbidden words (-) among others",
    "Proximity": "words near each other (~)",
    "Regex": "a regular expression of Lucene, which has a syntax of its own",
    "UnknownOperation": "terms side by side without AND or OR",
}


def read_lucene(text: str) -> Asked:
    """Return what a query asks; raises NotTranslated where it is no such query, or beyond what is carried."""
    try:
        from luqum.exceptions import ParseError  # noqa: PLC0415 - an extra
        from luqum.parser import parser  # noqa: PLC0415 - as above
    except ImportError as error:
        feature, extra = "reading queries in Lucene's syntax", "elastic"
        raise MissingExtra(feature, extra) from error
    try:
        return _asked(parser.parse(text), "")
    except ParseError as error:
        message = f"is no query that luqum reads: {' '.join(str(error).split())[:120]}"
        raise NotTranslated(message) from error
    except RecursionError as error:
        message = "is nested too deep"
        raise NotTranslated(message) from error


def _asked(node: Any, field: str) -> Asked:  # noqa: ANN401 - luqum has no types
    kind = type(node).__name__
    if kind in _REFUSED:
        message = f"'{str(node).strip()[:60]}': {_REFUSED[kind]}"
        raise NotTranslated(message)
    if kind == "SearchField":
        return _of_field(node, field)
    if kind in {"Group", "FieldGroup"}:
        return _asked(node.expr, field)
    if kind == "Not":
        return never(_asked(node.a, field))
    if kind in {"AndOperation", "OrOperation"}:
        return _joined(kind, node.children, field)
    return _value(node, kind, field)


def _of_field(node: Any, field: str) -> Asked:  # noqa: ANN401 - as above
    name = unescaped(node.name)
    if field or "*" in name or name.startswith(_OPERATORS):
        message = f"'{str(node).strip()[:60]}': " + (
            "a field within a field" if field else "a name of a field with signs in it: write NOT, not !"
        )
        raise NotTranslated(message)
    if name == "_exists_":
        if type(node.expr).__name__ != "Word":
            message = f"'{str(node).strip()[:60]}': names no single field"
            raise NotTranslated(message)
        return Is(unescaped(node.expr.value), "*")
    return _asked(node.expr, name)


def _joined(kind: str, parts: Sequence[Any], field: str) -> Asked:
    """Join with AND or OR; one beside the other without brackets is no logic to Lucene."""
    other = "AndOperation" if kind == "OrOperation" else "OrOperation"
    mixed = next((part for part in parts if type(part).__name__ == other), None)
    if mixed is not None:
        message = f"'{str(mixed).strip()[:60]}': AND and OR side by side without brackets, which Lucene does not read as logic does"
        raise NotTranslated(message)
    return (every if kind == "AndOperation" else some)(_asked(part, field) for part in parts)


def _value(node: Any, kind: str, field: str) -> Asked:  # noqa: ANN401 - as above
    text = str(node).strip()
    if not field:
        message = f"'{text[:60]}' names no field: it is looked for in every field"
        raise NotTranslated(message)
    if kind == "Word" and not text.startswith(_OPERATORS):
        return equal(field, parts_of(node.value, "*?"))
    if kind == "Phrase":
        return equal(field, (unescaped(node.value[1:-1]),))
    if kind in {"From", "To"}:
        how = ("gt" if kind == "From" else "lt") + ("e" if node.include else "")
        return _compared(field, how, node.a)
    if kind == "Range":
        low = () if str(node.low).strip() == "*" else (_compared(field, "gte" if node.include_low else "gt", node.low),)
        high = () if str(node.high).strip() == "*" else (_compared(field, "lte" if node.include_high else "lt", node.high),)
        return every((*low, *high))
    message = f"{field}: '{text[:60]}' is nothing that is carried over"
    raise NotTranslated(message)


def _compared(field: str, how: str, node: Any) -> Asked:  # noqa: ANN401 - as above
    text = str(node).strip()
    if not _NUMBER.fullmatch(text):
        message = f"{field}: '{text[:40]}' is no number: only numbers are compared"
        raise NotTranslated(message)
    return Is(field, float(text) if "." in text else int(text), how)
