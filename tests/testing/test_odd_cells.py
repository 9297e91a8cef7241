"""Every expression of a mapping is given cells of kinds that nobody expects there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.collect.toys import toy

from bartizan.schema.expressions import combine, field
from bartizan.testing.odd_cells import odd_cells

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell
    from bartizan.schema.expressions import Table


def said(table: Table) -> list[str]:
    plain = toy("toy")
    source = replace(plain, routes=(replace(plain.routes[0], ocsf={**plain.routes[0].ocsf, **table}),))
    return [str(problem) for problem in odd_cells(source)]


def known(cell: Cell) -> Cell:
    return cell in {"a", "b"}


def test_expressions_that_take_whatever_comes_have_no_problem() -> None:
    assert said({"message": field("last", str), "status": combine(lambda one, other: f"{one}{other}", "last", "first")}) == []


def test_an_object_where_a_text_is_looked_up_is_told_with_the_cells() -> None:
    assert said({"status": field("last", known)}) == [
        "toy: route all: status raises TypeError (unhashable type: 'dict') on last=({'a': 'b'},)",
    ]


def test_an_object_in_the_second_place_is_found_too() -> None:
    (one,) = said({"status": combine(lambda _one, other: known(other), "first", "last")})
    assert one.startswith("toy: route all: status raises TypeError (unhashable type: 'dict') on first=ABSENT, last=")


def test_what_fails_only_on_a_mixture_is_found() -> None:
    def mixed(one: Cell, other: Cell) -> Cell:
        return 1 // 0 if isinstance(one, float) and isinstance(other, tuple) else 1

    (one,) = said({"status": combine(mixed, "first", "last")})
    assert "ZeroDivisionError" in one
