"""Parse the templates of HCL: quoted text and heredocs with ``${...}`` and ``%{...}`` in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from bartizan.collect.inventory.terraform.hcl.syntax import Conditional, Expression, For, Literal, Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.collect.inventory.terraform.hcl.scanner import Scanner

__all__ = ["heredoc", "literal_text", "quoted", "template"]

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_PIECE: Final = re.compile(r"[^\"\\$%\n]+")
_LONG_PIECE: Final = re.compile(r"[^$%]+")
_CODE: Final = re.compile(r"u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})")
_LAST_CODE: Final = 0x10FFFF


class Expressions(Protocol):
    """What parses the expressions in a template."""

    scanner: Scanner
    depth: int

    def expression(self, *, newlines: bool) -> Expression:
        """Parse one."""
        ...


@dataclass(slots=True)
class _Level:
    """An open ``%{ if }`` or ``%{ for }``, or the template itself: its parts up to here."""

    opened: tuple[object, ...] = ()
    parts: list[Expression] = field(default_factory=list)
    before: list[Expression] | None = None
    """The parts of ``if`` where we are in ``else``."""


def quoted(expressions: Expressions) -> Expression:
    """Parse quoted text behind its first quote."""
    made = _parts(expressions, quote=True)
    expressions.scanner.at += 1
    return made


def template(text: str, line: int, make: Callable[[str, int], Expressions], depth: int = 0) -> Expression:
    """Parse a text that is a template as a whole."""
    inside = make(text, line)
    inside.depth = depth
    return _parts(inside, quote=False)


def literal_text(expressions: Expressions) -> str:
    """Parse quoted text that must hold no template, such as a label."""
    made = quoted(expressions)
    if not isinstance(made, Literal):
        expressions.scanner.fail("a label holds a template")
    return str(made.value)


def heredoc(expressions: Expressions, opening: str, make: Callable[[str, int], Expressions]) -> Expression:
    """Parse a heredoc behind its first line; ``<<-`` takes away what all lines are indented by."""
    scanner = expressions.scanner
    word = opening.lstrip("<-").strip()
    end = re.compile(rf"^[ \t]*{re.escape(word)}[ \t\r]*$", re.MULTILINE).search(scanner.text, scanner.at)
    if end is None:
        scanner.fail(f"the heredoc that ends with {word} does not end")
    text, line = scanner.text[scanner.at : end.start()], scanner.line()
    if opening.startswith("<<-"):
        lines = text.splitlines(keepends=True)
        indents = [len(one) - len(one.lstrip()) for one in lines if one.strip()]
        text = "".join(one[min(indents, default=0) :] if one.strip() else one.lstrip(" \t") for one in lines)
    scanner.at = end.end()
    return template(text, line, make, expressions.depth)


def _parts(expressions: Expressions, *, quote: bool) -> Expression:
    scanner = expressions.scanner
    levels = [_Level()]
    trim = False
    while scanner.at < len(scanner.text):
        rest = scanner.text[scanner.at : scanner.at + 3]
        if quote and rest[0] == '"':
            break
        if rest in ("$${", "%%{"):
            levels[-1].parts.append(Literal(rest[1:]))
            scanner.at += 3
        elif rest[:2] in ("${", "%{"):
            trim = _embedded(expressions, levels, rest)
            continue
        else:
            text = _piece(expressions, quote=quote)
            levels[-1].parts.append(Literal(text.lstrip() if trim else text))
        trim = False
    else:
        if quote:
            scanner.fail("quoted text does not end")
    if len(levels) > 1:
        scanner.fail("a template's %{ if } or %{ for } does not end")
    return _joined(levels[0].parts)


def _piece(expressions: Expressions, *, quote: bool) -> str:
    """Take text up to what may be special."""
    scanner = expressions.scanner
    found = (_PIECE if quote else _LONG_PIECE).match(scanner.text, scanner.at)
    if found:
        scanner.at = found.end()
        return found[0]
    char = scanner.text[scanner.at]
    if quote and char == "\n":
        scanner.fail("quoted text does not end on its line")
    scanner.at += 1
    if not quote or char != "\\":
        return char
    escaped = scanner.text[scanner.at : scanner.at + 1]
    if escaped in _ESCAPES:
        scanner.at += 1
        return _ESCAPES[escaped]
    code = _CODE.match(scanner.text, scanner.at)
    if code is None or int(code[1] or code[2], 16) > _LAST_CODE:
        scanner.fail(f"'\\{escaped}' is no escape")
    scanner.at = code.end()
    return chr(int(code[1] or code[2], 16))


def _embedded(expressions: Expressions, levels: list[_Level], rest: str) -> bool:
    """Take ``${...}`` or ``%{...}``; say whether the blanks behind it are to go (``~}``)."""
    scanner = expressions.scanner
    scanner.at += 2
    if rest[2:] == "~":
        scanner.at += 1
        parts = levels[-1].parts
        if parts and isinstance(parts[-1], Literal):
            parts[-1] = Literal(str(parts[-1].value).rstrip())
    if rest[0] == "$":
        levels[-1].parts.append(expressions.expression(newlines=False))
    else:
        _directive(expressions, levels)
    trim = bool(scanner.take_if("~", newlines=False))
    scanner.expect("}", newlines=False)
    return trim


def _directive(expressions: Expressions, levels: list[_Level]) -> None:
    scanner = expressions.scanner
    word = scanner.take(newlines=False).text
    level = levels[-1]
    if word == "if":
        levels.append(_Level(("if", expressions.expression(newlines=False))))
    elif word == "for":
        names = [scanner.take(newlines=False).text]
        if scanner.take_if(",", newlines=False):
            names.append(scanner.take(newlines=False).text)
        scanner.expect("in", newlines=False)
        levels.append(_Level(("for", names, expressions.expression(newlines=False))))
    elif word == "else" and level.opened[:1] == ("if",) and level.before is None:
        level.before, level.parts = level.parts, []
    elif word in ("endif", "endfor") and level.opened[:1] == (word[3:],):
        levels.pop()
        levels[-1].parts.append(_closed(level))
    else:
        scanner.fail(f"%{{ {word} }} does not stand here")
    if len(levels) > 10:  # noqa: PLR2004 - deeper than any template that a person reads
        scanner.fail("%{ if } and %{ for } stand deeper than 10")


def _closed(level: _Level) -> Expression:
    if level.opened[0] == "if":
        _, condition = level.opened
        yes, no = (level.parts, []) if level.before is None else (level.before, level.parts)
        return Conditional(condition, _joined(yes), _joined(no))  # type: ignore[arg-type]  # what _directive put there
    _, names, collection = level.opened
    return For(
        key=names[0] if len(names) > 1 else "",  # type: ignore[index,arg-type]  # as above
        value=names[-1],  # type: ignore[index]  # as above
        collection=collection,  # type: ignore[arg-type]  # as above
        result_key=None,
        result=_joined(level.parts),
        condition=None,
        joined=True,
    )


def _joined(parts: list[Expression]) -> Expression:
    """Make one expression of parts: literals next to each other are one."""
    made: list[Expression] = []
    for part in parts:
        if isinstance(part, Literal) and made and isinstance(made[-1], Literal) and isinstance(part.value, str):
            made[-1] = Literal(f"{made[-1].value}{part.value}")
        else:
            made.append(part)
    if not made:
        return Literal("")
    return made[0] if len(made) == 1 else Template(tuple(made))
