"""The JSON decoder against a naive twin, and against input that is no JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.collect.json_columns import Decoded, Json, column_of, decode, decode_object, frozen
from bartizan.schema.columns import ABSENT, Cell


def rows_of(decoded: Decoded) -> list[dict[str, Cell]]:
    return [
        {name: column[row] for name, column in decoded.columns.items() if column[row] is not ABSENT} for row in range(len(decoded.rows))
    ]


def naive(record: Json, name: str) -> Json:
    return frozen(record[name]) if name in record else walk(record, name.split("."))


def walk(value: Json, path: list[str]) -> Json:
    if not path:
        return frozen(value)
    if isinstance(value, list) and path[0].isdecimal():
        return walk(value[int(path[0])], path[1:]) if int(path[0]) < len(value) else ABSENT
    if isinstance(value, list):
        met = [one for item in value if (one := walk(item, path)) is not ABSENT]
        flat = tuple(one for item in met for one in (item if isinstance(item, tuple) else (item,)))
        return flat or ABSENT
    if not isinstance(value, dict) or path[0] not in value:
        return ABSENT
    return walk(value[path[0]], path[1:])


KEYS = st.sampled_from(["a", "b", "c", "a.b", "b.c", "a.b.c", "1", "a.1", "a.0.b"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, -0.0, 1.0, 2.5]) | st.text(max_size=3)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=6), st.lists(KEYS, max_size=5))
def test_columns_hold_what_a_walk_of_each_record_finds(records: list[dict[str, Json]], fields: list[str]) -> None:
    decoded = decode([json.dumps(record).encode() for record in records], fields)
    expected = [{name: cell for name in fields if (cell := naive(record, name)) is not ABSENT} for record in records]
    assert repr([{name: row[name] for name in dict.fromkeys(fields) if name in row} for row in rows_of(decoded)]) == repr(
        [{name: row[name] for name in dict.fromkeys(fields) if name in row} for row in expected]
    )


def test_keys_that_no_struct_can_name_are_found() -> None:
    record = json.dumps({'a"b': 1, "c\\d": {"e": 2}, "f": 3}).encode()
    assert rows_of(decode([record, b"{"], ['a"b', "c\\d.e", "f", "\t"])) == [{"f": 3, 'a"b': 1, "c\\d.e": 2}]


def test_a_key_written_with_escapes_is_the_same_key() -> None:
    assert rows_of(decode([b'{"\\u0061\\u0062":1,"b":{"\\u0063":2}}'], ["ab", "b.c"])) == [{"ab": 1, "b.c": 2}]


def test_every_field_means_each_leaf_by_its_dotted_path() -> None:
    decoded = decode([b'{"a":{"b":1,"c":{}},"d":[1,{"e":2}]}', b'{"a":true}'], None)
    assert rows_of(decoded) == [{"a.b": 1, "a.c": {}, "d": (1, {"e": 2})}, {"a": True}]
    assert list(decoded.rows) == [0, 1]


def test_records_that_each_invent_their_fields_make_a_thousand_columns_at_most() -> None:
    records = [json.dumps({f"f{row}x{at}": at for at in range(10)}).encode() for row in range(300)]
    decoded = decode(records, None)
    assert (len(decoded.columns), len(decoded.rows), dict(decoded.unparsed)) == (1000, 300, {})


def test_one_and_true_and_one_point_nought_stay_apart() -> None:
    decoded = decode([b'{"n":1}', b'{"n":true}', b'{"n":1.0}', b'{"n":0}', b'{"n":-0.0}', b"{}", b'{"n":null}'], ["n"])
    assert [repr(cell) for cell in decoded.columns["n"].cells()] == ["1", "True", "1.0", "0", "-0.0", "ABSENT", "None"]


def test_equal_cells_share_a_code() -> None:
    assert list(column_of(["x", "y", "x", None, "x"]).codes) == [0, 1, 0, 2, 0]


def test_bad_records_cost_no_other_record() -> None:
    records = [b'{"n":1}', b'{"n":', b"", b'{"n":2}', b"[1]", b'{"n":3}{"n":4}', b'"x"', b"7", b"null", b"true", b'{"n":5}']
    decoded = decode(records, ["n"])
    assert list(decoded.rows) == [0, 3, 10]
    assert decoded.columns["n"].cells() == [1, 2, 5]
    assert decoded.unparsed == {
        1: "no JSON: expecting value at character 6 of 5",
        2: "no JSON: expecting value at character 1 of 0",
        4: "JSON, but an array where an object is expected",
        5: "no JSON: extra data at character 8 of 14",
        6: "JSON, but a string where an object is expected",
        7: "JSON, but a number where an object is expected",
        8: "JSON, but null where an object is expected",
        9: "JSON, but a boolean where an object is expected",
    }


def test_two_records_in_one_line_never_shift_their_neighbours() -> None:
    decoded = decode([b'{"n":1},{"n":2}', b'{"n":[3', b"4]}", b'{"n":5}'], ["n"])
    assert (list(decoded.rows), decoded.columns["n"].cells(), sorted(decoded.unparsed)) == ([3], [5], [0, 1, 2])


@pytest.mark.parametrize(
    ("record", "cell"),
    [
        (b'{"n":"a\xffb"}', "a\ufffdb"),
        (b'{"n":"\\ud800x"}', "\ufffdx"),
        (b'{"n":"\\ud83d\\ude00\\udc00"}', "\U0001f600\ufffd"),
        (b'{"n":"tab\there"}', "tab\there"),
        (b'{"n":NaN}', "NaN"),
        (b'{"n":1e999}', "1e999"),
        (b'{"n":-1.5,"m":NaN}', -1.5),
        (b'{"n":-15,"m":NaN}', -15),
        (b'{"n":' + b"9" * 5000 + b"}", "9" * 5000),
        (b'\xef\xbb\xbf{"n":1}', 1),
        (b'{"n":["\\udc00",{"k":"\\udc00"}]}', ("\ufffd", {"k": "\ufffd"})),
        (b'{"n":123456789012345678901234567890}', 123456789012345678901234567890),
    ],
)
def test_what_writers_of_logs_get_wrong_is_read_all_the_same(record: bytes, cell: Cell) -> None:
    assert decode([record], ["n"]).columns["n"].cells() == [cell]
    assert decode([record], None).columns["n"].cells() == [cell]
    assert decode_object(record)["n"] == (list(cell) if isinstance(cell, tuple) else cell)


def test_nesting_without_end_is_unparsed() -> None:
    deep = b'{"n":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert decode([deep], ["n"]).unparsed == {0: "JSON nested too deeply to read"}


def test_a_record_that_is_no_object_says_what_it_is() -> None:
    with pytest.raises(ValueError, match=r"^JSON, but an array where an object is expected$"):
        decode_object(b"[]")


def test_a_path_may_end_with_a_key_that_is_a_uri() -> None:
    record = b'{"identity":{"claims":{"http://example.com/claims/upn":"alice","example.com/role":"b"}}}'
    names = ["identity.claims.http://example.com/claims/upn", "identity.claims.example.com/role"]
    assert {name: column.cells() for name, column in decode([record], names).columns.items()} == dict(
        zip(names, (["alice"], ["b"]), strict=True)
    )
    assert set(decode([record], None).columns) == set(names)


def test_a_path_may_end_with_a_key_that_begins_with_a_point() -> None:
    record = b'{"details":{".tag":"team","app":{".tag":"linked"}}}'
    names = ["details..tag", "details.app..tag"]
    assert {name: column.cells() for name, column in decode([record], names).columns.items()} == dict(
        zip(names, (["team"], ["linked"]), strict=True)
    )
    assert set(decode([record], None).columns) == set(names)
