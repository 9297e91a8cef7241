"""Judge a regular expression before it runs: only what is found in bounded time is let in."""

from __future__ import annotations

import re
import warnings
from typing import Final

from bartizan.rules.refusals import Refused
from bartizan.rules.regexes.linear import translated
from bartizan.rules.regexes.tree import cost, nested, operations, parsed, python_flags

__all__ = ["checked"]

_UNBOUNDED: Final = {
    "ASSERT": "looks ahead or behind, which no engine does in bounded time: say it with a second selection",
    "ASSERT_NOT": "looks ahead or behind, which no engine does in bounded time: say it with a filter",
    "GROUPREF": "refers back to a group, which no engine does in bounded time: say it with a second selection",
    "GROUPREF_EXISTS": "depends on a group, which no engine does in bounded time: write both cases out",
    "ATOMIC_GROUP": "has an atomic group, which is no part of Sigma: use a plain group",
    "POSSESSIVE_REPEAT": "has a possessive repeat, which is no part of Sigma: use a plain repeat",
}
_LONG: Final = 65_536
_TOO_MANY: Final = 1e11
"""A backtracking search of a text of 64 KiB that may take more steps than this (some 1,000 s) is not let loose."""


def checked(pattern: str, flags: str) -> str:
    """Return a pattern that is found in bounded time; refuse any other, saying why."""
    shown = pattern if len(pattern) <= 60 else pattern[:57] + "..."  # noqa: PLR2004 - fits a line of a terminal
    try:
        tree = parsed(pattern, flags)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(pattern, python_flags(flags))
    except (re.error, RecursionError, OverflowError) as error:
        message = f"'{shown}' is no regular expression: {error}"
        raise Refused(message) from error
    for operation in operations(tree):
        if operation in _UNBOUNDED:
            message = f"'{shown}' {_UNBOUNDED[operation]}"
            raise Refused(message)
    if (nested(tree) or cost(tree, _LONG) > _TOO_MANY) and translated(tree, flags) is None:
        message = f"'{shown}' repeats too much to be found in bounded time: use fewer repeats, none inside another, and $ only at the end"
        raise Refused(message)
    return pattern
