"""Read the plain part of Kibana's query language (KQL): fields with values, lists, ranges, ``and``, ``or``, ``not``, brackets.

Written from Elastic's description of the language. What is beyond that part is refused with the place where it stands: words
without a field, nested objects, names of fields with wildcards, several words without quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.asked import Asked, Is, every, never, some
from bartizan.rules.imports.elastic.texts import Parts, equal, parts_of, unescaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["NotTranslated", "read_kql"]

_TOKEN: Final = re.compile(r'\s+|(?P<quoted>"(?:\\.|[^"\\])*")|(?P<mark><=|>=|[():<>{}])|(?P<word>(?:\\.|[^\s():<>{}"\\])+)', re.DOTALL)
_RANGES: Final = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_DEEPEST: Final = 100
"""Brackets within brackets: a query of a rule has a handful."""


class NotTranslated(Exception):  # noqa: N818 - names what became of the query; it never leaves this room
    """A query that cannot be carried over, and why: in one sentence, with what it is about."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


def read_kql(text: str) -> Asked:
    """Return what a query asks; raises NotTranslated where it is no KQL, or beyond what is carried."""
    reader = _Reader([*_tokens(text), _Token("end", "the end", len(text))])
    asked = reader.either(reader.term)
    if reader.now.kind != "end":
        raise reader.unexpected()
    return asked


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            message = f"character {at + 1}: '{text[at : at + 10]}' is not KQL: a quote that is not closed?"
            raise NotTranslated(message)
        if found.lastgroup is not None:
            yield _Token(found.lastgroup, found[0], at)
        at = found.end()


class _Reader:
    """Walks through the tokens: ``or`` binds least, then ``and``, then ``not``."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def now(self) -> _Token:
        return self._tokens[self._at]

    def take(self, text: str = "") -> bool:
        """Step over a word or mark, if it stands here."""
        here = self.now
        fits = here.is_word(text) if text.isalpha() else here.kind == "mark" and here.text == text
        self._at += fits
        return fits

    def unexpected(self) -> NotTranslated:
        return NotTranslated(f"character {self.now.at + 1}: '{self.now.text[:40]}' is not expected here")

    def either(self, term: Callable[[], Asked]) -> Asked:
        parts = [self._both(term)]
        while self.take("or"):
            parts.append(self._both(term))
        return some(parts)

    def _both(self, term: Callable[[], Asked]) -> Asked:
        parts = [self._negated(term)]
        while self.take("and"):
            parts.append(self._negated(term))
        return every(parts)

    def _negated(self, term: Callable[[], Asked]) -> Asked:
        if self.take("not"):
            return never(self._nested(lambda: self._negated(term)))
        if self.take("("):
            inner = self._nested(lambda: self.either(term))
            if not self.take(")"):
                raise self.unexpected()
            return inner
        return term()

    def _nested(self, read: Callable[[], Asked]) -> Asked:
        self._depth += 1
        if self._depth > _DEEPEST:
            message = f"brackets and negations within each other, more than {_DEEPEST}"
            raise NotTranslated(message)
        found = read()
        self._depth -= 1
        return found

    def term(self) -> Asked:
        """Read a field with what is asked of it."""
        name = self._value()
        if self.now.kind == "mark" and self.now.text in _RANGES:
            return self._range(_field(name))
        if not self.take(":"):
            message = f"'{''.join(name)[:40]}' names no field: it is looked for in every field"
            raise NotTranslated(message)
        field = _field(name)
        if self.now.text == "{":
            message = f"{field}: nested objects are judged one by one, which Sigma cannot say"
            raise NotTranslated(message)
        if self.take("("):
            found = self._nested(lambda: self.either(lambda: self._is(field)))
            if not self.take(")"):
                raise self.unexpected()
            return found
        return self._is(field)

    def _is(self, field: str) -> Asked:
        value = self._value()
        if self.now.kind in {"word", "quoted"} and not any(map(self.now.is_word, ("and", "or", "not"))):
            message = f"{field}: several words without quotes are looked for one by one: quote them"
            raise NotTranslated(message)
        return equal(field, value)

    def _range(self, field: str) -> Asked:
        how = _RANGES[self.now.text]
        self._at += 1
        (text, *more) = self._value()
        if more or not _NUMBER.fullmatch(text):
            message = f"{field}: '{text[:40]}' is no number: only numbers are compared"
            raise NotTranslated(message)
        return Is(field, float(text) if "." in text else int(text), how)

    def _value(self) -> Parts:
        here = self.now
        if here.kind not in {"word", "quoted"} or any(map(here.is_word, ("and", "or", "not"))):
            raise self.unexpected()
        self._at += 1
        return (unescaped(here.text[1:-1]),) if here.kind == "quoted" else parts_of(here.text, "*")


def _field(name: Parts) -> str:
    if len(name) > 1:
        message = f"'{''.join(name)[:40]}': a wildcard in the name of a field"
        raise NotTranslated(message)
    return name[0]
