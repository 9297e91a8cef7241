"""A mapping is a table of expressions, computed once per distinct value."""

from __future__ import annotations

from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.expressions import Expression, combine, evaluate, field, first, inputs_of


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
