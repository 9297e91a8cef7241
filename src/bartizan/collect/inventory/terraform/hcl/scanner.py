"""Cut the text of HCL into tokens, one at a time, as the parser asks: inside templates other rules hold than outside."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn

from bartizan.collect.inventory.terraform.hcl.syntax import Broken

__all__ = ["MAX_TOKENS", "Scanner", "Token"]

MAX_TOKENS: Final = 1_000_000
"""Tokens of one file: one of 500 KB has some 100,000."""

_BLANK: Final = re.compile(r"(?:[ \t\r\ufeff]+|#[^\n]*|//[^\n]*)+")
_TOKEN: Final = re.compile(
    r"(?P<newline>\n)"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d][\w-]*)"
    r"|(?P<heredoc><<-?[^\W\d][\w-]*[ \t\r]*\n)"
    r'|(?P<quote>")'
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|=>|\.\.\.|::|[-+*/%<>!?:=.,\[\](){}~])",
)


class Token(NamedTuple):
    """A token: newline, number, name, heredoc, quote, sign or end."""

    kind: str
    text: str
    end: int


class Scanner:
    """A place in a text, which moves on."""

    def __init__(self, text: str, line: int = 1) -> None:
        """Begin at the start of a text that stands on ``line`` of its file."""
        self.text = text
        self.at = 0
        self._first = line
        self._counted = (0, line)
        self._tokens = 0
        self._peeked: tuple[int, bool, Token] | None = None

    def line(self, at: int | None = None) -> int:
        """Return the line of a place."""
        at = self.at if at is None else at
        start, line = self._counted if self._counted[0] <= at else (0, self._first)
        line += self.text.count("\n", start, at)
        self._counted = (at, line)
        return line

    def peek(self, *, newlines: bool) -> Token:
        """Return the next token without going past it; newlines are blanks where they are not asked for."""
        held = self._peeked
        if held is not None and held[0] == self.at and held[1] is newlines:
            return held[2]
        self._tokens += 1
        if self._tokens > MAX_TOKENS:
            self.fail(f"it has more than {MAX_TOKENS} words and signs")
        token = self._next(newlines=newlines)
        self._peeked = (self.at, newlines, token)
        return token

    def _next(self, *, newlines: bool) -> Token:
        while True:
            self._blanks()
            if newlines or self.at >= len(self.text) or self.text[self.at] != "\n":
                break
            self.at += 1
        if self.at >= len(self.text):
            return Token("end", "", self.at)
        found = _TOKEN.match(self.text, self.at)
        if found is None or found.lastgroup is None:
            self.fail(f"{self.text[self.at]!r} is nothing that stands here")
        return Token(found.lastgroup, found[0], found.end())

    def _blanks(self) -> None:
        """Go past blanks and comments."""
        while True:
            blank = _BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if not self.text.startswith("/*", self.at):
                return
            end = self.text.find("*/", self.at + 2)
            if end < 0:
                self.fail("a comment does not end")
            self.at = end + 2

    def take(self, *, newlines: bool) -> Token:
        """Return the next token and go past it."""
        token = self.peek(newlines=newlines)
        self.at = token.end
        return token

    def take_if(self, *signs: str, newlines: bool) -> str:
        """Go past a sign or name if it comes next and return it, else ""."""
        token = self.peek(newlines=newlines)
        if token.text in signs and token.kind in ("sign", "name"):
            self.at = token.end
            return token.text
        return ""

    def expect(self, sign: str, *, newlines: bool) -> None:
        """Go past a sign that must come next."""
        if not self.take_if(sign, newlines=newlines):
            token = self.peek(newlines=newlines)
            told = {"newline": "the line ends", "end": "the file ends"}.get(token.kind, repr(token.text))
            self.fail(f"'{sign}' is missing: {told}")

    def fail(self, why: str) -> NoReturn:
        """Raise what is wrong at the place where we are."""
        raise Broken(why, self.line())
