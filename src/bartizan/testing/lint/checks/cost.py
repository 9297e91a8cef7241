"""Values that cost time: expressions that must be tried on every value, and texts so short that they are nearly everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.rules.logic import tests_in
from bartizan.rules.plan import Glob, Regex, Text
from bartizan.rules.regexes.linear import linear_search
from bartizan.rules.regexes.literals import required
from bartizan.rules.regexes.tree import cost, parsed
from bartizan.testing.lint.words import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.rules.plan import Predicate
    from bartizan.testing.lint.contract import Lint, LintRule

__all__ = ["check"]

_LENGTH: Final = 4096
"""Characters of the value for which steps are told: a long command line, a short script."""
_STEPS: Final = 10_000_000
"""Steps of an expression on such a value that are worth a word: about a second of a backtracking engine."""
_SHORT: Final = 3
"""Characters that a text must have to be found seldom enough for a lookup of literals to leave most values out."""


def check(rules: Sequence[LintRule]) -> Iterable[Lint]:
    """Find costly expressions and texts."""
    for rule in rules:
        for name, node in rule.selections.items():
            for test in tests_in(node):
                for one in test.of:
                    yield from _of(rule, name, test.field or "keyword", one)


def _of(rule: LintRule, name: str, field: str, one: Predicate) -> Iterator[Lint]:
    where = ("detection", name)
    if isinstance(one, Regex):
        yield from _regex(rule, name, field, one)
    elif isinstance(one, Text | Glob) and (plain := _plain(one)) is not None and len(plain) < _SHORT and plain.isascii():
        what = (
            f"{name}: {field}: {value(one)} begins with a wildcard and has {len(plain)} plain characters in a row: it is nearly everywhere"
        )
        yield rule.lint("leading-wildcard", "note", what, "ask for a longer text, or for how the value begins", *where)


def _regex(rule: LintRule, name: str, field: str, one: Regex) -> Iterator[Lint]:
    where = ("detection", name)
    steps = cost(parsed(one.pattern, one.flags), _LENGTH)
    if steps > _STEPS:
        linear = linear_search(one.pattern, one.flags) is not None
        here = "; the linear engine takes it over here" if linear else ""
        what = f"{name}: {field}: {value(one)} may cost a backtracking engine {steps:.0e} steps on a value of {_LENGTH:,} characters{here}"
        fix = "write fewer repeats without a bound, or bound them ({0,64})"
        yield rule.lint("costly-regex", "note" if linear else "warning", what, fix, *where)
    if not required(one.pattern, one.flags):
        what = (
            f"{name}: {field}: {value(one)} needs no text of its own, so it is tried on each distinct value, not only where a text is found"
        )
        yield rule.lint("regex-without-text", "note", what, "ask for a text beside it (contains), or write one out in it", *where)


def _plain(one: Text | Glob) -> str | None:
    """Return the longest plain run of a text that begins with a wildcard; None where it does not."""
    if isinstance(one, Text):
        return one.text if one.how in {"in", "end"} else None
    if isinstance(one.parts[0], str):
        return None
    return max((part for part in one.parts if isinstance(part, str)), key=len, default="")
