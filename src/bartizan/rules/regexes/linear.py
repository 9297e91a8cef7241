"""Say a regular expression in the dialect of an engine that takes linear time: RE2, or Rust's (which polars carries).

Python's engine backtracks: some patterns take it polynomial time in the length of a text, some exponential. Those, and
long texts, go to a linear engine: to RE2, which costs next to nothing to load, where the text is ASCII, else to Rust's,
which knows all of Unicode as Python does. Each operation of Python's parse tree is written so that all engines agree;
what has no equal there (``$`` in the middle of a pattern) makes the translation fail.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, Final

from bartizan.rules.regexes.tree import Tree, parsed, python_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["linear_search", "translated"]

_CATEGORIES: Final[Mapping[str, str]] = {
    "CATEGORY_DIGIT": r"\p{Nd}",
    "CATEGORY_NOT_DIGIT": r"\P{Nd}",
    "CATEGORY_SPACE": r"\s\x1c-\x1f",
    "CATEGORY_NOT_SPACE": r"[^\s\x1c-\x1f]",
    "CATEGORY_WORD": r"\p{L}\p{N}_",
    "CATEGORY_NOT_WORD": r"[^\p{L}\p{N}_]",
}
"""Python's sets, which differ from the engines' shorthands by control characters and combining marks."""

_ASCII_CATEGORIES: Final[Mapping[str, str]] = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_NOT_DIGIT": r"\x00-\x2f\x3a-\x7f",
    "CATEGORY_SPACE": r"\x09-\x0d\x1c-\x20",
    "CATEGORY_NOT_SPACE": r"\x00-\x08\x0e-\x1b\x21-\x7f",
    "CATEGORY_WORD": "0-9A-Z_a-z",
    "CATEGORY_NOT_WORD": r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f",
}
_ONLY_ASCII: Final = "a"
"""A flag of ours: the text is ASCII, so sets need not hold more. Their automata are then 25 times as quick to build."""


def translated(tree: Tree, flags: str = "", *, ascii_text: bool = False) -> str | None:
    """Return the pattern in the dialect that the engines share, None where it cannot say the same; ``ascii_text``: only of ASCII."""
    seen = tree.state.flags
    letters = "".join(
        letter for letter, flag in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)) if seen & flag or letter in flags
    )
    if seen & re.ASCII:
        return None
    try:
        return _sequence(tree, letters + (_ONLY_ASCII if ascii_text else ""), last=True)
    except KeyError:  # an operation that is in none of the tables below
        return None


def linear_search(pattern: str, flags: str) -> Callable[[str], int] | None:
    """Return a search in linear time, None where the pattern has no translation or is too large for the engines.

    It says where the pattern is found, -1 if it is not; 0 where it is found in a text that is not ASCII. Only the automaton
    for ASCII texts is tried out: the other has the same shape, and is made for the first text that needs it.
    """
    tree = parsed(pattern, flags)
    wide, narrow = translated(tree, flags), translated(tree, flags, ascii_text=True)
    if wide is None or narrow is None:
        return None
    quick = _by_re2(narrow) or _by_rust(narrow)
    if quick is None:
        return None
    others: list[Callable[[str], int] | None] = []

    def search(text: str) -> int:
        if text.isascii():
            return quick(text)
        if not others:
            others.append(_by_rust(wide))
        other = others[0]
        if other is None:
            return _by_python(pattern, flags, text)
        return other(text.encode("utf-8", "replace").decode("utf-8"))

    return search


def _by_re2(pattern: str) -> Callable[[str], int] | None:
    import re2  # noqa: PLC0415 - few hunts need it

    options = re2.Options()
    options.log_errors = False
    try:
        find = re2.compile(pattern, options).search
    except re2.error:
        return None

    def search(text: str) -> int:
        found = find(text.encode())
        return -1 if found is None else int(found.start())

    return search


def _by_rust(pattern: str) -> Callable[[str], int] | None:
    import polars as pl  # noqa: PLC0415 - 200 ms, and next to no hunt needs it here

    def search(text: str) -> int:
        return 0 if pl.Series([text]).str.contains(pattern, literal=False, strict=True)[0] else -1

    try:
        search("")
    except pl.exceptions.PolarsError:
        return None
    return search


def _by_python(pattern: str, flags: str, text: str) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return 0 if re.search(pattern, text, python_flags(flags)) else -1


def _sequence(tree: Tree, flags: str, *, last: bool) -> str:
    items = list(tree)
    return "".join(_item(str(op), arg, flags, last and number == len(items) - 1) for number, (op, arg) in enumerate(items))


def _item(name: str, argument: Any, flags: str, last: bool) -> str:  # noqa: ANN401, FBT001 - parse trees have no type; a plain fact
    return _WRITERS[name](argument, flags, last)


def _char(code: int) -> str:
    return f"\\x{{{code:x}}}"


def _cased(text: str, flags: str) -> str:
    return f"(?i:{text})" if "i" in flags else text


def _literal(argument: Any, flags: str, _last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    return _cased(_char(argument), flags)


def _not_literal(argument: Any, flags: str, _last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    return _class(f"^{_char(argument)}", flags)


def _any(_argument: Any, flags: str, _last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    return _class(r"\x00-\x{10ffff}" if "s" in flags else r"^\n", flags)


def _set(argument: Any, flags: str, _last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    written = []
    for operation, value in argument:
        name = str(operation)
        if name == "NEGATE":
            written.append("^")
        elif name == "LITERAL":
            written.append(_char(value))
        elif name == "RANGE":
            written.append(f"{_char(value[0])}-{_char(value[1])}")
        else:
            written.append((_ASCII_CATEGORIES if _ONLY_ASCII in flags else _CATEGORIES)[str(value)])
    return _class("".join(written), flags)


def _class(inner: str, flags: str) -> str:
    """Write a set of characters."""
    return _cased(f"[{inner}]", flags)


def _branch(argument: Any, flags: str, last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    return f"(?:{'|'.join(_sequence(inner, flags, last=last) for inner in argument[1])})"


def _group(argument: Any, flags: str, last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    _, added, removed, inner = argument
    if added & re.ASCII:
        raise KeyError(added)
    letters = {letter for letter, flag in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)) if added & flag} | set(flags)
    letters -= {letter for letter, flag in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)) if removed & flag}
    return f"(?:{_sequence(inner, ''.join(sorted(letters)), last=last)})"


def _repeat(argument: Any, flags: str, _last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    low, high, inner = argument
    unbounded = str(high) == "MAXREPEAT"
    return f"(?:{_sequence(inner, flags, last=False)}){{{low},{'' if unbounded else high}}}"


def _at(argument: Any, flags: str, last: bool) -> str:  # noqa: ANN401, FBT001 - as in _item
    name = str(argument)
    if name == "AT_BEGINNING":
        return "(?m:^)" if "m" in flags else r"\A"
    if name == "AT_END" and "m" in flags:
        return "(?m:$)"
    if name == "AT_END" and last:
        return r"(?:\n?\z)"
    fixed = {"AT_BEGINNING_STRING": r"\A", "AT_END_STRING": r"\z", "AT_BOUNDARY": r"\b", "AT_NON_BOUNDARY": r"\B"}
    return fixed[name]


_WRITERS: Final[Mapping[str, Callable[[Any, str, bool], str]]] = {
    "LITERAL": _literal,
    "NOT_LITERAL": _not_literal,
    "ANY": _any,
    "IN": _set,
    "BRANCH": _branch,
    "SUBPATTERN": _group,
    "MAX_REPEAT": _repeat,
    "MIN_REPEAT": _repeat,
    "AT": _at,
}
