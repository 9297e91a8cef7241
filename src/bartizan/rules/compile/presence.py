"""Read the boolean condition of a temporal correlation: ``rule_a and not (rule_b or rule_c)``.

The grammar is that of pySigma's extended conditions (Sigma enhancement proposal 198): ``not`` before ``and`` before ``or``;
a rule is named as in the list of rules, so ids are names too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.rules.plan import Every, Never, Presence, Seen, Some
from bartizan.rules.refusals import Refused, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["names_in", "presence"]

MAX_NESTING: Final = 40
"""Parentheses and ``not`` within each other: more would be no condition that anybody reads."""
_TOKEN: Final = re.compile(r"\s*([()]|[^\s()]+)")
_WORDS: Final = frozenset({"and", "or", "not", "(", ")"})


def names_in(text: str) -> list[str]:
    """Return the rules that a condition names, each once, in the order of their first use."""
    return list(dict.fromkeys(word for word in _TOKEN.findall(text) if word.lower() not in _WORDS))


def presence(text: str, names: Sequence[str]) -> Presence:
    """Parse a condition; raises Refused where it is none, or names a rule that is not among ``names``."""
    reader = _Reader(_TOKEN.findall(text), names)
    found = reader.either(0)
    if reader.word():
        message = f"'{reader.word()}' stands where the condition should end"
        raise _trouble(message)
    return found


class _Reader:
    """Reads words from left to right."""

    def __init__(self, words: Sequence[str], names: Sequence[str]) -> None:
        self._words, self._at = words, 0
        self._names = {name: place for place, name in enumerate(names)}

    def word(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def either(self, depth: int) -> Presence:
        parts = [self._both(depth)]
        while self._took("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self, depth: int) -> Presence:
        parts = [self._single(depth)]
        while self._took("and"):
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _single(self, depth: int) -> Presence:
        if depth > MAX_NESTING:
            message = f"nested deeper than {MAX_NESTING} levels"
            raise _trouble(message)
        if self._took("not"):
            return Never(self._single(depth + 1))
        if self._took("("):
            inner = self.either(depth + 1)
            if not self._took(")"):
                message = "a parenthesis is not closed"
                raise _trouble(message)
            return inner
        return self._rule()

    def _rule(self) -> Presence:
        word = self.word()
        if not word or word.lower() in _WORDS:
            found = f"found '{word}'" if word else "it ends"
            message = f"the name of a rule is missing: {found}"
            raise _trouble(message)
        if word not in self._names:
            message = f"'{word}' is not among the rules of this correlation{suggestion(word, self._names)}"
            raise _trouble(message)
        self._at += 1
        return Seen(self._names[word])

    def _took(self, word: str) -> bool:
        took = self.word().lower() == word
        self._at += took
        return took


def _trouble(why: str) -> Refused:
    return Refused(f"correlation.condition: {why}")
