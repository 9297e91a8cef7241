"""A mapping is a table of expressions, computed once per distinct value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.expressions import Expression, Table, combine, evaluate, field, first, inputs_of, on_demand


def doubled(cell: Cell) -> Cell:
    return cell * 2 if isinstance(cell, int) else ABSENT


def test_a_field_is_passed_through_functions_until_one_cannot_tell() -> None:
    table = {"out": field("in", doubled, doubled)}
    frame = Frame.of([{"in": 1}, {"in": "x"}, {"in": None}, {}])
    assert evaluate(table, frame).column("out").cells() == [4, ABSENT, ABSENT, ABSENT]


def test_a_function_may_give_null_and_the_next_is_not_asked() -> None:
    assert field("in", lambda _cell: None, doubled).apply(1) is None


def test_the_first_choice_that_says_something_is_taken() -> None:
    expression = first("a", field("b", doubled), "c")
    rows: list[dict[str, Cell]] = [{"a": "-", "b": 2}, {"a": "", "b": "x", "c": "last"}, {"a": "one", "b": 1}, {"a": None}]
    assert expression.inputs == ("a", "b", "c")
    assert evaluate({"out": expression}, Frame.of(rows)).column("out").cells() == [4, "last", "one", ABSENT]


def test_fields_are_combined_once_per_distinct_combination() -> None:
    calls = []

    def joined(left: Cell, right: Cell) -> Cell:
        calls.append((left, right))
        return f"{left}/{right}"

    frame = Frame.of([{"a": "x", "b": "y"}, {"a": "x", "b": "z"}, {"a": "x", "b": "y"}, {"a": "x"}])
    assert evaluate({"out": combine(joined, "a", "b")}, frame).column("out").cells() == ["x/y", "x/z", "x/y", "x/Absent.ABSENT"]
    assert calls == [("x", "y"), ("x", "z"), ("x", ABSENT)]


def test_constants_fill_every_row_and_attributes_absent_everywhere_are_left_out() -> None:
    mapped = evaluate({"class_uid": 1007, "nothing": field("missing")}, Frame.of([{"a": 1}, {"a": 2}]))
    assert {name: column.cells() for name, column in mapped.columns.items()} == {"class_uid": [1007, 1007]}


def test_an_expression_of_no_field_is_the_same_in_every_row() -> None:
    assert evaluate({"a": combine(lambda: "x")}, Frame(3, {})).column("a").cells() == ["x", "x", "x"]


def test_the_inputs_of_a_table_are_the_fields_that_it_reads() -> None:
    table = {"a": field("x"), "b": combine(lambda *_cells: 1, "y", "z"), "c": 5, "d": Expression(("x",), doubled)}
    assert inputs_of(table) == {"x", "y", "z"}


def test_columns_keep_one_true_and_one_point_zero_apart() -> None:
    column = Column.encode([1, True, 1.0, "1", 1, None, ABSENT, (1,), (True,)])
    assert [type(cell).__name__ for cell in column.cells()] == [
        "int",
        "bool",
        "float",
        "str",
        "int",
        "NoneType",
        "Absent",
        "tuple",
        "tuple",
    ]
    assert len(column.values) == 8


def test_an_expression_that_fails_on_a_cell_is_absent_there_and_told() -> None:
    def halved(cell: Cell) -> Cell:
        return 10 // cell if isinstance(cell, int) else ABSENT

    rows: list[dict[str, Cell]] = [{"a": 5, "b": 1}, {"a": 0, "b": 2}, {"b": 3}, {"a": 0, "b": 4}]
    table = {"half": field("a", halved), "other": field("b"), "both": combine(lambda a, b: halved(a) if b != 4 else "four", "a", "b")}
    faults: dict[int, str] = {}
    mapped = evaluate(table, Frame.of(rows), faults)
    assert mapped.column("half").cells() == [2, ABSENT, ABSENT, ABSENT]
    assert mapped.column("other").cells() == [1, 2, 3, 4]
    assert mapped.column("both").cells() == [2, ABSENT, ABSENT, "four"]
    assert faults == dict.fromkeys((1, 3), "half failed: ZeroDivisionError: integer division or modulo by zero")
    with pytest.raises(ZeroDivisionError):
        evaluate(table, Frame.of(rows))


def test_an_expression_that_fails_everywhere_is_left_out_and_told_of_every_row() -> None:
    faults: dict[int, str] = {}
    table = {"out": field("a", lambda _cell: {}["b"])}
    assert evaluate(table, Frame.of([{"a": 1}, {"a": 1}]), faults).columns == {}
    assert faults == dict.fromkeys((0, 1), "out failed: KeyError: 'b'")


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 3) | st.none() | st.just("x")), max_size=6), st.permutations("pqrst")
)
def test_what_is_computed_on_demand_is_what_is_computed_at_once(rows: list[dict[str, Cell]], order: list[str]) -> None:
    table: Table = {
        "p": field("a", lambda cell: 6 // cell if isinstance(cell, int) else ABSENT),
        "q": first("b", "c"),
        "r": combine(lambda a, c: a if a == c else ABSENT, "a", "c"),
        "s": 7,
        "t": field("nobody has it"),
    }
    frame, faults, told = Frame.of(rows), dict[int, str](), dict[int, str]()
    lazily = on_demand(table, frame, told)
    at_once = evaluate(table, frame, faults)
    asked = {name: lazily.column(name).cells() for name in order}
    assert asked == {name: at_once.column(name).cells() for name in order}
    assert list(lazily.columns) == list(at_once.columns)
    assert len(lazily.columns) == len(at_once.columns)
    assert [lazily.row(row) for row in range(frame.height)] == [at_once.row(row) for row in range(frame.height)]
    assert told == faults
    assert lazily.columns.get("none of the table's") is None
