"""JSON is cut into records however it is laid out, and each keeps its own bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.frame import framed, places_of, reasons_of, records_of

from bartizan.collect.contract import Framing
from bartizan.collect.framing.documents import CUT_OFF
from bartizan.collect.framing.wrappers import unwrapped

EVENTS = [{"id": 1, "name": "a"}, {"id": 2, "tags": [{"k": "}"}], "t": '"{['}, {"id": 3, "n": {"m": [1, 2]}}]
COMPACT = [json.dumps(event).encode() for event in EVENTS]
BLOCKS = [1, 2, 17, 1 << 20]


@pytest.mark.parametrize("size", BLOCKS)
@pytest.mark.parametrize(
    "text",
    [
        b"\n".join(COMPACT),
        b"".join(COMPACT),
        b"  ".join(COMPACT) + b"\n",
        b"[" + b",".join(COMPACT) + b"]",
        b"[\n  " + b",\n  ".join(COMPACT) + b"\n]\n",
        b"\x1e" + b"\n\x1e".join(COMPACT) + b"\n",
        b",\n".join(COMPACT) + b",\n",
        b"[" + COMPACT[0] + b"]\n[" + COMPACT[1] + b"," + COMPACT[2] + b"]\n",
        b'{"Records":[' + b",".join(COMPACT) + b"]}",
        b'{"Records": [' + b", ".join(COMPACT) + b'], "n": 1}\n',
        b'{"@odata.context":"x","value":[' + b",".join(COMPACT) + b"]}",
        b'{"messageType":"DATA_MESSAGE","subscriptionFilters":["f"],"logEvents":[' + b",".join(COMPACT) + b"]}",
        b'{"Records":[' + COMPACT[0] + b']}{"Records":[' + COMPACT[1] + b"," + COMPACT[2] + b"]}",
        b'{"Records":[' + COMPACT[0] + b']}\n{"Records":[' + COMPACT[1] + b"," + COMPACT[2] + b"]}\n",
        b'{"took":1,"_shards":{"total":1},"hits":{"total":{"value":3},"hits":['
        + b",".join(b'{"_index":"i","_source":' + event + b"}" for event in COMPACT)
        + b"]}}",
        b"\n".join(b'{"_index":"i","_source":' + event + b',"sort":[1]}' for event in COMPACT),
        b"\n".join(b'{"preview":false,"result":' + event + b"}" for event in COMPACT),
        b"\xef\xbb\xbf[" + b",".join(COMPACT) + b"]",
    ],
)
def test_every_layout_gives_the_same_records(text: bytes, size: int) -> None:
    chunks = framed(text, size)
    assert (records_of(chunks), reasons_of(chunks)) == (COMPACT, {})
    assert all(chunk.framing is Framing.JSON for chunk in chunks)
    for record, place in zip(records_of(chunks), places_of(chunks), strict=True):
        assert text[place : place + len(record)] == record
    assert sum(chunk.size for chunk in chunks) == len(text)


def test_a_pretty_printed_record_keeps_its_own_bytes() -> None:
    pretty = [json.dumps(event, indent=2).encode() for event in EVENTS]
    assert records_of(framed(b"\n".join(pretty))) == pretty


@pytest.mark.parametrize("size", BLOCKS)
def test_a_file_cut_off_in_the_middle_of_a_record_gives_the_others_and_says_so(size: int) -> None:
    chunks = framed(b'{"Records":[' + COMPACT[0] + b"," + COMPACT[1] + b',{"id": 3, "na', size)
    assert (records_of(chunks), reasons_of(chunks)) == ([*COMPACT[:2], b'{"id": 3, "na'], {2: CUT_OFF})


def test_a_record_alone_that_is_cut_off_is_not_taken_apart() -> None:
    chunks = framed(b'{\n"id": 3, "tags": [{"a": 1}, {"b"')
    assert (records_of(chunks), reasons_of(chunks)) == ([b'{\n"id": 3, "tags": [{"a": 1}, {"b"'], {0: CUT_OFF})


@pytest.mark.parametrize("size", BLOCKS)
def test_garbage_between_records_is_one_record_a_line(size: int) -> None:
    text = b"[" + COMPACT[0] + b",\nwhat is\nthis\n," + COMPACT[1] + b'\n{"broken": x}\n' + COMPACT[2] + b"]"
    assert records_of(framed(text, size)) == [COMPACT[0], b"what is", b"this", COMPACT[1], b'{"broken": x}', COMPACT[2]]


@pytest.mark.parametrize("size", [*BLOCKS, 64])
def test_a_wrapper_larger_than_a_record_may_be_is_read_element_by_element(size: int) -> None:
    body = b", ".join(COMPACT)
    text = b'{"schema": {"v": 1}, "Records": [' + body + b'], "next": "x", "meta": {"a": [1]}}\n' + COMPACT[0]
    chunks = framed(text, size, record=60)
    assert (records_of(chunks), reasons_of(chunks)) == ([*COMPACT, COMPACT[0]], {})


@pytest.mark.parametrize("size", [*BLOCKS, 64])
def test_search_hits_larger_than_a_record_may_be_are_read_hit_by_hit(size: int) -> None:
    hits = b",".join(b'{"_index":"i","_source":' + event + b"}" for event in COMPACT)
    text = b'{"took":1,"_shards":{"total":1},"hits":{"total":3,"hits":[' + hits + b"]}}\n"
    assert records_of(framed(text, size, record=80)) == COMPACT


@pytest.mark.parametrize("size", BLOCKS)
def test_an_object_larger_than_a_record_may_be_is_one_unreadable_record(size: int) -> None:
    text = COMPACT[0] + b"\n" + b'{"x": "' + b"y" * 90 + b'"}\n{\n"id":9}'
    chunks = framed(b"[" + text, size, record=60)
    assert records_of(chunks) == [COMPACT[0], b'{"x": "' + b"y" * 53, b'{\n"id":9}']
    assert {index: why[:31] for index, why in reasons_of(chunks).items()} == {1: "99 bytes long, the limit is 60:"}


@pytest.mark.parametrize("size", [*BLOCKS, 16])
def test_a_wrapper_too_large_to_be_held_is_followed_through_damage(size: int) -> None:
    rest = b',\n"a": 1,\n{"id": 7}\n}, {"id": 8}]\n, "more": "' + b"m" * 80 + b'"}\n{"id": 9}'
    text = b'{"n": -1.5, "t": "x", "records": [{"id": 6}' + rest
    found = records_of(framed(text, size, record=40))
    assert found == [b'{"id": 6}', b'"a": 1,', b'{"id": 7}', b'{"id": 8}', b'"more": "' + b"m" * 31, b'{"id": 9}']


def test_an_array_too_deep_for_the_reader_is_garbage_and_not_an_error() -> None:
    deep = b'{"Records": [{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]}"
    assert unwrapped(deep) is None


def test_an_object_nested_without_end_is_garbage() -> None:
    text = b"[" + COMPACT[0] + b",\n" + b'{"a":' * 50_000 + b"\n" + COMPACT[1] + b"]"
    assert records_of(framed(text)) == [COMPACT[0], b'{"a":' * 50_000, COMPACT[1]]


def test_a_line_of_brackets_alone_costs_no_record_and_no_time() -> None:
    assert records_of(framed(b"[" + COMPACT[0] + b"," + b"[" * 200_000 + COMPACT[1] + b"]" * 200_001)) == COMPACT[:2]


@pytest.mark.parametrize(
    "text",
    [b"[error] worker died\n[error] again\n", b"[2026-01-02 03:04:05] up\n", b"{program} started\n", b'["a","b"]\n', b"[1, 2]\n"],
)
def test_text_that_begins_like_json_is_text(text: bytes) -> None:
    (chunk,) = framed(text)
    assert (chunk.framing, chunk.records) == (Framing.LINES, text.splitlines())


def test_json_lines_whose_first_line_was_cut_by_rotation_are_json_lines() -> None:
    text = b'ame": "x"}\n' + b"\n".join(COMPACT)
    (chunk,) = framed(text)
    assert (chunk.framing, chunk.records) == (Framing.JSON, [b'ame": "x"}', *COMPACT])


@pytest.mark.parametrize(
    "raw",
    [
        b'{"kind":"activity","id":{"time":"t"},"actor":{"email":"a"},"events":[{"name":"login"}]}',
        b'{"id":1,"events":[]}',
        b'{"Records":[1,2]}',
        b'{"Records":[{"a":1}],"events":[{"b":2}],"other":[{"c":3}]}',
        b'{"tags":[{"a":1}],"b":2}',
        b'{"value":[{"a":1}],"broken"',
        b'{"a":{"_source":1}}',
    ],
)
def test_a_record_with_an_array_of_its_own_is_not_taken_apart(raw: bytes) -> None:
    assert unwrapped(raw) is None


def test_an_object_with_nothing_but_one_array_of_objects_is_a_wrapper_whatever_its_name() -> None:
    assert unwrapped(b'{"whatever":[{"a":1},{"b":2}]}') == [b'{"a":1}', b'{"b":2}']


@pytest.mark.parametrize("raw", [b'{"Records":[]}', b'{"took":1,"hits":{"total":0,"hits":[]}}'])
def test_a_wrapper_can_be_empty(raw: bytes) -> None:
    assert (unwrapped(raw), records_of(framed(raw))) == ([], [])


def test_hits_without_source_are_records_themselves() -> None:
    assert unwrapped(b'{"hits":{"total":1,"hits":[{"_id":"1","fields":{}}]}}') == [b'{"_id":"1","fields":{}}']


_TOKENS = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b'"a"',
        b":",
        b"1",
        b" ",
        b"\n",
        b'"Records":[',
        b'{"b":2}',
        b'{"c":[{}]}',
        b"x",
        b"\\",
        b'"',
        b"tru",
        b"true",
        b"\x1e",
        b"\r",
    ]
)


@given(tokens=st.lists(_TOKENS, max_size=25), size=st.integers(1, 30), limit=st.integers(4, 40), target=st.integers(1, 40))
def test_any_tokens_give_the_same_records_in_blocks_of_any_size(tokens: list[bytes], size: int, limit: int, target: int) -> None:
    data = b"[{" + b"".join(tokens)
    whole = framed(data, record=limit)
    cut = framed(data, size, record=limit, target=target)
    assert (records_of(cut), places_of(cut), reasons_of(cut)) == (records_of(whole), places_of(whole), reasons_of(whole))
    assert sum(chunk.size for chunk in cut) == len(data)


_SAID = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=5)
"""JSON writes DEL as it is, and a short file with it is taken for a binary one."""


@given(
    events=st.lists(
        st.dictionaries(
            _SAID,
            st.recursive(_SAID | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=5,
    ),
    indent=st.sampled_from([None, 1, 4]),
    size=st.integers(1, 50),
)
def test_arrays_of_any_objects_come_out_as_they_went_in(events: list[dict[str, object]], indent: int | None, size: int) -> None:
    text = json.dumps(events, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert [json.loads(record) for record in records_of(framed(text, size))] == json.loads(text.decode("utf-8", "replace"))
