"""Fields cut out of records as text are what decoding the records gives."""

from __future__ import annotations

import pytest

from bartizan.collect.json_columns import frozen
from bartizan.collect.json_texts import object_texts
from bartizan.schema.columns import ABSENT


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ('"x y"', "x y"),
        ("7", 7),
        ("null", None),
        ("true", True),
        ("1e400", "1e400"),
        ('"\\ud800"', "\ufffd"),
        ('{"a": [1, {"b": null}]}', '{"a":[1,{"b":null}]}'),
        ('["x", "y"]', '["x","y"]'),
    ],
)
def test_a_field_is_the_text_that_spells_it(written: str, cell: object) -> None:
    column = object_texts([f'{{"f": {written}, "g": 1}}'.encode()], ["f"])["f"]
    assert list(column.cells()) == [frozen(cell)]


def test_a_field_that_a_record_has_not_is_absent() -> None:
    columns = object_texts([b'{"f":1}', b"{}"], ["f"])
    assert {name: list(column.cells()) for name, column in columns.items()} == {"f": [1, ABSENT]}
