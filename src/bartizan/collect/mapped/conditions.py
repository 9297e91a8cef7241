"""Test fields of records: exactly, on cells, and before that cheaply, on the bytes of a record."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.schema.cells import ip
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.schema.time import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.collect.mapped.plan import Test

__all__ = ["KINDS", "holds", "names_of", "pattern_of", "why_not"]

KINDS: Final = ("present", "absent", "time", "object", "list", "text", "number", "filled", "address", "no-address")
"""What a test may ask of a field beside its value. ``filled`` is there and neither null nor empty; ``address`` is an IP address."""


def names_of(tests: Sequence[Test]) -> tuple[str, ...]:
    """Return the fields that tests look at, each once."""
    return tuple(dict.fromkeys(test.field for test in tests))


def holds(test: Test) -> Callable[[Cell], bool]:
    """Return the function that says of a cell whether a test holds."""
    if test.kind == "values":
        return lambda cell: any(pattern_of(test.values).fullmatch(text) is not None for text in _texts(cell))
    return _CHECKS[test.kind]


def why_not(test: Test) -> str:
    """Say what a record lacks for which a test does not hold."""
    if test.kind == "values":
        return f"{test.field} is not {' or '.join(test.values[:4])}{' …' if len(test.values) > 4 else ''}"  # noqa: PLR2004 - a sentence's worth
    return f"{test.field} is there" if test.kind == "absent" else f"{test.field} is missing or not {test.kind}"


@lru_cache(maxsize=4096)
def pattern_of(values: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern that a text must match to be one of some values: in any case, ``*`` stands for any text.

    It is made when a record asks for it: of a hundred sources a hunt uses a few.
    """
    return re.compile("|".join(".*".join(map(re.escape, value.split("*"))) for value in values), re.IGNORECASE | re.DOTALL)


def _texts(cell: Cell) -> Sequence[str]:
    """Return the texts of a cell: of a list those of its elements."""
    found = (text_of(item) for item in (cell if isinstance(cell, tuple) else (cell,)))
    return [text for text in found if text is not None]


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


_CHECKS: Final[dict[str, Callable[[Cell], bool]]] = {
    "present": lambda cell: cell is not ABSENT,
    "absent": lambda cell: cell is ABSENT,
    "filled": lambda cell: cell is not ABSENT and cell is not None and cell not in ("", "-", ()),
    "time": lambda cell: cell is not ABSENT and cell is not None and nanoseconds(cell) is not ABSENT,
    "object": lambda cell: cell is not ABSENT and not isinstance(cell, str | int | float | bool | tuple | None),
    "list": lambda cell: isinstance(cell, tuple),
    "text": lambda cell: isinstance(cell, str),
    "number": _is_number,
    "address": lambda cell: ip(cell) is not ABSENT,
    "no-address": lambda cell: ip(cell) is ABSENT,
}
