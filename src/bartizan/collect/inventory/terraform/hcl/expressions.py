"""Parse the expressions of HCL."""

from __future__ import annotations

from typing import Final

from bartizan.collect.inventory.terraform.hcl.scanner import Scanner
from bartizan.collect.inventory.terraform.hcl.syntax import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    GetAttr,
    Index,
    Literal,
    Object,
    Splat,
    Tuple,
    Unary,
    Variable,
)
from bartizan.collect.inventory.terraform.hcl.templates import heredoc, quoted

__all__ = ["Expressions"]

_LEVELS: Final = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
"""Operators, those that bind least first."""
_STRENGTH: Final = {operator: strength for strength, level in enumerate(_LEVELS) for operator in level}
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_MAX_DEPTH: Final = 40
"""Expressions in expressions; each costs some ten calls of Python. The deepest of published modules has 12."""
_MAX_CHAIN: Final = 200
"""Operators, attributes and indices in one row."""


class Expressions:
    """The expressions of one text."""

    def __init__(self, text: str, line: int = 1) -> None:
        """Begin at the start of a text."""
        self.scanner = Scanner(text, line)
        self.depth = 0

    def expression(self, *, newlines: bool) -> Expression:
        """Parse an expression; ``newlines``: a newline ends it (it stands in no brackets)."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.scanner.fail(f"expressions stand deeper than {_MAX_DEPTH}")
        try:
            condition = self._binary(0, newlines=newlines)
            if not self.scanner.take_if("?", newlines=newlines):
                return condition
            yes = self.expression(newlines=newlines)
            self.scanner.expect(":", newlines=newlines)
            return Conditional(condition, yes, self.expression(newlines=newlines))
        finally:
            self.depth -= 1

    def _binary(self, least: int, *, newlines: bool) -> Expression:
        """Parse operators that bind at least so strongly, from left to right."""
        left = self._unary(newlines=newlines)
        count = 0
        while (strength := _STRENGTH.get(self.scanner.peek(newlines=newlines).text, -1)) >= least:
            operator = self.scanner.take(newlines=newlines).text
            left = Binary(operator, left, self._binary(strength + 1, newlines=newlines))
            count += 1
            if count > _MAX_CHAIN:
                self.scanner.fail(f"more than {_MAX_CHAIN} operators stand in one expression")
        return left

    def _unary(self, *, newlines: bool) -> Expression:
        signs: list[str] = []
        while sign := self.scanner.take_if("-", "!", newlines=newlines):
            signs.append(sign)
            if len(signs) > _MAX_DEPTH:
                self.scanner.fail(f"more than {_MAX_DEPTH} signs stand before one value")
        value = self._postfix(self._primary(newlines=newlines), newlines=newlines)
        for sign in reversed(signs):
            value = Unary(sign, value)
        return value

    def _postfix(self, value: Expression, *, newlines: bool) -> Expression:
        ended, count = False, 0
        while not ended and (sign := self.scanner.take_if(".", "[", newlines=newlines)):
            value, ended = (self._attribute if sign == "." else self._index)(value, newlines=newlines)
            count += 1
            if count > _MAX_CHAIN:
                self.scanner.fail(f"more than {_MAX_CHAIN} attributes stand in one row")
        return value

    def _attribute(self, value: Expression, *, newlines: bool) -> tuple[Expression, bool]:
        """Parse what follows a dot; a splat takes all that follows, which ends the row."""
        token = self.scanner.take(newlines=newlines)
        if token.text == "*":
            each: Expression = Variable("")
            while self.scanner.take_if(".", newlines=newlines):
                each, _ = self._attribute(each, newlines=newlines)
            return Splat(value, each), False
        if token.kind == "number":
            for part in token.text.split("."):
                value = Index(value, Literal(int(part)))
            return value, False
        if token.kind != "name":
            self.scanner.fail("after '.' stands no name")
        return GetAttr(value, token.text), False

    def _index(self, value: Expression, *, newlines: bool) -> tuple[Expression, bool]:
        if self.scanner.take_if("*", newlines=False):
            self.scanner.expect("]", newlines=False)
            return Splat(value, self._postfix(Variable(""), newlines=newlines)), True
        key = self.expression(newlines=False)
        self.scanner.expect("]", newlines=False)
        return Index(value, key), False

    def _primary(self, *, newlines: bool) -> Expression:
        token = self.scanner.take(newlines=newlines)
        if token.kind == "number":
            return Literal(float(token.text) if set(token.text) & set(".eE") else int(token.text))
        if token.kind == "name":
            return self._named(token.text, newlines=newlines)
        if token.kind == "quote":
            return quoted(self)
        if token.kind == "heredoc":
            return heredoc(self, token.text, Expressions)
        return self._bracketed(token.text)

    def _bracketed(self, opening: str) -> Expression:
        if opening == "(":
            inside = self.expression(newlines=False)
            self.scanner.expect(")", newlines=False)
            return inside
        if opening not in ("[", "{"):
            self.scanner.fail("a value is missing" + (f" before {opening!r}" if opening.strip() else ""))
        if self.scanner.take_if("for", newlines=False):
            return self._for("]" if opening == "[" else "}")
        return self._tuple() if opening == "[" else self._object()

    def _named(self, name: str, *, newlines: bool) -> Expression:
        if name in _CONSTANTS:
            return Literal(_CONSTANTS[name])
        while self.scanner.take_if("::", newlines=newlines):
            name += "::" + self.scanner.take(newlines=newlines).text
        if not self.scanner.take_if("(", newlines=newlines):
            return Variable(name)
        arguments: list[Expression] = []
        spread = False
        while not self.scanner.take_if(")", newlines=False):
            arguments.append(self.expression(newlines=False))
            spread = bool(self.scanner.take_if("...", newlines=False))
            if not self.scanner.take_if(",", newlines=False):
                self.scanner.expect(")", newlines=False)
                break
        return Call(name, tuple(arguments), spread)

    def _tuple(self) -> Tuple:
        items: list[Expression] = []
        while not self.scanner.take_if("]", newlines=False):
            items.append(self.expression(newlines=False))
            if not self.scanner.take_if(",", newlines=False):
                self.scanner.expect("]", newlines=False)
                break
        return Tuple(tuple(items))

    def _object(self) -> Object:
        items: list[tuple[Expression, Expression]] = []
        while not self.scanner.take_if("}", newlines=False):
            bare = self.scanner.peek(newlines=False).text != "("
            key = self.expression(newlines=False)
            if isinstance(key, Variable) and bare:
                key = Literal(key.name)
            elif isinstance(key, Literal) and not isinstance(key.value, str | int):
                key = Literal({True: "true", False: "false"}.get(key.value == True, "null"))  # noqa: E712 - null is no truth value
            if not self.scanner.take_if("=", ":", newlines=False):
                self.scanner.fail("after a key stands neither '=' nor ':'")
            items.append((key, self.expression(newlines=True)))
            self.scanner.take_if(",", newlines=True)
        return Object(tuple(items))

    def _for(self, closing: str) -> For:
        names = [self.scanner.take(newlines=False).text]
        if self.scanner.take_if(",", newlines=False):
            names.append(self.scanner.take(newlines=False).text)
        self.scanner.expect("in", newlines=False)
        collection = self.expression(newlines=False)
        self.scanner.expect(":", newlines=False)
        result_key, result = None, self.expression(newlines=False)
        if closing == "}":
            self.scanner.expect("=>", newlines=False)
            result_key, result = result, self.expression(newlines=False)
        group = bool(self.scanner.take_if("...", newlines=False))
        condition = self.expression(newlines=False) if self.scanner.take_if("if", newlines=False) else None
        self.scanner.expect(closing, newlines=False)
        return For(
            key=names[0] if len(names) > 1 else "",
            value=names[-1],
            collection=collection,
            result_key=result_key,
            result=result,
            condition=condition,
            group=group,
        )
