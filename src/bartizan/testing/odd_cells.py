"""Give every expression of a mapping cells of kinds that nobody expects there.

A log can hold an object, a list, a number or nothing where its format promises a text. Random changes of examples find such a
place by luck; here each expression is called with every kind of cell in every one of its inputs, and with mixtures.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import Expression
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.contract import Route, Source

__all__ = ["ODD", "odd_cells"]

ODD: Final[tuple[Cell, ...]] = (
    ABSENT, None, "", "-", "text", "0", "1", "-1", "99999999999999999999", "\x00\ud7ff", "2026-03-17T10:00:00Z", "192.0.2.7",
    "{}", '{"a":[1]}', True, False, 0, 1, -1, 2**70, 1.5, float("nan"), float("inf"), (), ("text",), (1, None), ({"a": "b"},),
    (("text",),), {}, {"a": "b"}, {"name": {"a": ("b",)}}, {"type": "x", "value": None},
)  # fmt: skip
"""One or more of each kind of cell that a decoder can give."""

_MIXTURES: Final = 300


def odd_cells(source: Source) -> Iterator[Problem]:
    """Yield each attribute of the routes, or field of their views, whose expression raises on some cells, with the first such cells."""
    seen: set[tuple[int, str]] = set()
    for route in source.routes:
        for name, value in (*route.ocsf.items(), *(alias for view in route.views for alias in view.aliases.items())):
            if isinstance(value, Expression) and (id(value.apply), name) not in seen:
                seen.add((id(value.apply), name))
                yield from _tried(source, route, name, value)


def _tried(source: Source, route: Route, name: str, expression: Expression) -> Iterator[Problem]:
    for cells in _inputs(len(expression.inputs)):
        try:
            expression.apply(*cells)
        except Exception as error:  # noqa: BLE001 - whatever it raises is what this check is for
            given = ", ".join(f"{field}={cell!r}" for field, cell in zip(expression.inputs, cells, strict=True))
            yield Problem(f"{source.name}: route {route.name}", f"{name} raises {type(error).__name__} ({error}) on {given[:300]}")
            return


def _inputs(count: int) -> Iterator[tuple[Cell, ...]]:
    """Yield every odd cell in every place, what is around it absent or a text, and seeded mixtures."""
    surroundings: tuple[Cell, ...] = (ABSENT, "text") if count > 1 else (ABSENT,)
    for place, cell, around in itertools.product(range(count), ODD, surroundings):
        yield (*(around,) * place, cell, *(around,) * (count - place - 1))
    chance = random.Random(count)  # noqa: S311 - mixtures, no secrets
    for _ in range(_MIXTURES if count > 1 else 0):
        yield tuple(chance.choices(ODD, k=count))
