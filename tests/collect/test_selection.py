from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bartizan.collect.selection import select
from bartizan.schema.columns import Column, Frame


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_selecting_is_taking(mask: list[bool]) -> None:
    numbers = Column.encode(range(len(mask)))
    frame = Frame(len(mask), {"a": numbers, "b": numbers.map(str), "c": numbers})
    rows = [row for row, stays in enumerate(mask) if stays]
    picked, expected = select(frame.columns, rows, {"a", "b"}), frame.take(rows)
    assert picked.height == len(rows)
    assert {name: column.cells() for name, column in picked.columns.items()} == {name: expected.columns[name].cells() for name in "ab"}


def test_rows_come_in_the_order_given() -> None:
    assert select({"a": Column.encode("xyz")}, [2, 0, 0]).columns["a"].cells() == ["z", "x", "x"]
