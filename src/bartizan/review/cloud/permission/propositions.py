"""Read conditions of tests that are joined by and, or, not and parentheses, and judge them with three values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.review.cloud.permission.truth import Truth, every, no, some, unread

if TYPE_CHECKING:
    import re

__all__ = ["Propositions", "Tokens", "tokens_of"]

Tokens: TypeAlias = tuple[tuple[str, str], ...]
"""The kind of each token, as the name of its group, and its text."""
_DEEPEST: Final = 64


@cache
def tokens_of(pattern: re.Pattern[str], expression: str, longest: int) -> Tokens:
    """Cut an expression into tokens; () where that cannot be, or where it is longer than its cloud takes."""
    found, at, text = [], 0, expression.strip()
    while at < len(text) <= longest:
        token = pattern.match(text, at)
        if token is None:
            return ()
        found.append((str(token.lastgroup), token[str(token.lastgroup)]))
        at = token.end()
    return tuple(found)


class Propositions(ABC):
    """A place in a condition's tokens. A language says what a test is, and by which words it joins."""

    either: tuple[str, ...] = ("||",)
    both: tuple[str, ...] = ("&&",)
    negation: tuple[str, ...] = ("!",)
    words: tuple[str, ...] = ("sign",)
    """The kinds of tokens that can join."""

    def __init__(self, tokens: Tokens) -> None:
        """Begin before the first token."""
        self._tokens = tokens
        self._at = 0

    def judged(self, expression: str) -> Truth:
        """Judge all of an expression; one that cannot be read cannot be told."""
        wrong = unread(f"a condition that cannot be read: {expression[:80]}")
        if not self._tokens:
            return wrong
        try:
            truth = self._any(0)
        except (IndexError, ValueError):
            return wrong
        return truth if self._at == len(self._tokens) else wrong

    @abstractmethod
    def _test(self) -> Truth:
        """Read and judge one test; ValueError or IndexError where it is none."""

    def _any(self, depth: int) -> Truth:
        parts = [self._all(depth)]
        while self._is(*self.either):
            parts.append(self._all(depth))
        return some(parts)

    def _all(self, depth: int) -> Truth:
        parts = [self._one(depth)]
        while self._is(*self.both):
            parts.append(self._one(depth))
        return every(parts)

    def _one(self, depth: int) -> Truth:
        if depth > _DEEPEST:
            raise ValueError
        if self._is(*self.negation):
            return no(self._one(depth + 1))
        if self._is("("):
            inside = self._any(depth + 1)
            self._must(")")
            return inside
        return self._test()

    def _next(self) -> tuple[str, str]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _is(self, *signs: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][0] in self.words and self._tokens[self._at][1].lower() in signs:
            self._at += 1
            return True
        return False

    def _must(self, sign: str) -> None:
        if not self._is(sign):
            raise ValueError
