"""Parse a regular expression and bound how long it can take."""

from __future__ import annotations

import importlib
import re
import warnings
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FLAGS", "Tree", "cost", "nested", "operations", "parsed", "python_flags"]

Tree = Any
"""A parse tree of Python's ``re``: (operation, argument) pairs. It has no public type."""

FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_PARSER: Final = importlib.import_module("re._parser")  # re exports its parser under no public name
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
MANY: Final = 16
"""A repeat of more than this is one that takes time; fewer are a constant factor."""


def python_flags(flags: str) -> re.RegexFlag:
    """Return the flags of Python for the letters of a rule."""
    found = re.RegexFlag(0)
    for letter in flags:
        found |= FLAGS[letter]
    return found


def parsed(pattern: str, flags: str) -> Tree:
    """Parse a pattern; raises what ``re.compile`` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # "possible nested set" is about a future Python
        return _PARSER.parse(pattern, python_flags(flags))


def nested(tree: Tree, *, inside: bool = False) -> bool:
    """Say whether a repeat holds another repeat or a choice: backtracking may then take exponential time."""
    for operation, argument in tree:
        name = str(operation)
        if name in _REPEATS:
            many = argument[1] > MANY
            if (inside and many and argument[0] != argument[1]) or nested(argument[2], inside=inside or many):
                return True
        elif (name == "BRANCH" and inside) or any(nested(inner, inside=inside) for inner in _inner(name, argument)):
            return True
    return False


def cost(tree: Tree, length: int) -> float:
    """Bound the steps of a backtracking search in a text of a length: each repeat that varies multiplies them.

    One at the very end does not: it is content as soon as it has its minimum.
    """
    steps = float(length + 1)
    items = list(tree)
    if items and str(items[-1][0]) in _REPEATS:
        low, _, inner = items.pop()[1]
        steps *= min(max(int(low), 1), length + 1) * (cost(inner, length) / (length + 1))
    for low, high in _repeats(items):
        if high > MANY and low != high:
            steps *= min(high - low, length) + 1
    return steps


def _repeats(tree: Tree) -> Iterator[tuple[int, int]]:
    for operation, argument in tree:
        name = str(operation)
        if name in _REPEATS:
            yield int(argument[0]), int(argument[1])
            yield from _repeats(argument[2])
        else:
            for inner in _inner(name, argument):
                yield from _repeats(inner)


def operations(tree: Tree) -> Iterator[str]:
    """Name every operation of a pattern."""
    for operation, argument in tree:
        name = str(operation)
        yield name
        inner = [argument[2]] if name in _REPEATS else _inner(name, argument)
        for one in inner:
            yield from operations(one)


def _inner(name: str, argument: Any) -> list[Tree]:  # noqa: ANN401 - parse trees have no type
    if name == "SUBPATTERN":
        return [argument[3]]
    return list(argument[1]) if name == "BRANCH" else []
