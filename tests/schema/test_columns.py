"""Rows are taken out of columns, with the values that others use or without them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bartizan.schema.columns import ABSENT, Column, Frame

CELLS = st.lists(st.sampled_from(["a", "b", "", 1, 1.0, True, None, ABSENT, ("a",)]), min_size=1, max_size=8)


@given(CELLS, st.data())
def test_rows_taken_alone_have_the_same_cells_and_no_value_but_theirs(cells: list[str | None], data: st.DataObject) -> None:
    column = Column.encode(cells)
    rows = data.draw(st.lists(st.integers(0, len(cells) - 1)))
    alone = column.only(rows)
    assert repr(alone.cells()) == repr(column.take(rows).cells())
    assert sorted(set(alone.codes)) == list(range(len(alone.values)))


def test_a_frame_is_taken_column_by_column() -> None:
    frame = Frame.of([{"a": 1}, {"a": 2, "b": 3}, {}])
    assert frame.only([2, 0]) == Frame.of([{"a": ABSENT, "b": ABSENT}, {"a": 1}])
    assert [frame.only([1]).row(0), frame.only([1]).columns["b"].values] == [{"a": 2, "b": 3}, [3]]
