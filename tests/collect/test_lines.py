"""Text is cut into lines whatever its line ends, encoding and size."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.frame import framed, places_of, reasons_of, records_of

from bartizan.collect.contract import Framing
from bartizan.collect.framing.lines import cut_lines
from bartizan.collect.framing.text import HEAD_LINES, NOT_UTF8
from bartizan.collect.limits import LONG_RECORD_KEPT


def test_lines_end_at_newlines_with_or_without_a_carriage_return() -> None:
    (chunk,) = framed(b"one\r\ntwo\nthree\rfour\n")
    assert (chunk.framing, chunk.records, list(chunk.offsets or ())) == (Framing.LINES, [b"one", b"two", b"three\rfour"], [0, 5, 9])


def test_a_last_line_without_a_newline_is_a_record() -> None:
    assert records_of(framed(b"one\ntwo")) == [b"one", b"two"]


def test_blank_lines_are_no_records_and_do_not_shift_places() -> None:
    chunks = framed(b"\n\none\n  \t\r\n\ntwo\n\n")
    assert (records_of(chunks), places_of(chunks)) == ([b"one", b"two"], [2, 12])


def test_every_byte_is_accounted_for_once() -> None:
    data = b"\xef\xbb\xbfone\r\n\n# no head\ntwo"
    assert sum(chunk.size for chunk in framed(data, 3, target=4)) == len(data)


@pytest.mark.parametrize("block", [1, 7, 100, 10_000])
def test_a_line_longer_than_the_limit_is_one_record_with_its_beginning_length_and_hash(block: int) -> None:
    long = b"x" * 300
    chunks = framed(b"a\n" + long + b"\nb\n", block, record=100)
    why = f"300 bytes long, the limit is 100: first 100 kept, SHA-256 {hashlib.sha256(long).hexdigest()}"
    assert (records_of(chunks), reasons_of(chunks), places_of(chunks)) == ([b"a", long[:100], b"b"], {1: why}, [0, 2, 303])


def test_only_the_beginning_of_a_long_line_is_kept() -> None:
    data = b"y" * (LONG_RECORD_KEPT + 5)
    (chunk,) = framed(data + b"\nz", record=LONG_RECORD_KEPT)
    assert [len(record) for record in chunk.records] == [LONG_RECORD_KEPT, 1]
    assert chunk.unreadable[0].startswith(f"{len(data)} bytes long, the limit is {LONG_RECORD_KEPT}: first {LONG_RECORD_KEPT} kept")


def test_lines_that_are_not_utf8_are_read_as_latin_1_and_that_is_said() -> None:
    (chunk,) = framed("gr\u00fcn\n".encode() + "gr\u00fcn\n".encode("latin-1"))
    assert (chunk.records, chunk.notes) == (["gr\u00fcn".encode()] * 2, (NOT_UTF8,))


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b""), ("utf-16-be", b"")]
)
def test_utf_16_is_read_with_and_without_a_mark(encoding: str, mark: bytes) -> None:
    chunks = framed(mark + "first line \u20ac\r\nsecond line\n".encode(encoding), 3)
    assert records_of(chunks) == ["first line \u20ac".encode(), b"second line"]
    assert chunks[0].notes == (f"{encoding.upper()}: read as such",)


def test_utf_32_with_a_mark_is_read() -> None:
    assert records_of(framed(b"\xff\xfe\x00\x00" + "one\ntwo\n".encode("utf-32-le"))) == [b"one", b"two"]


def test_json_in_utf_16_is_json() -> None:
    (chunk,) = framed(b"\xff\xfe" + '{"a": 1}\n{"a": 2}\n'.encode("utf-16-le"))
    assert (chunk.framing, chunk.records) == (Framing.JSON, [b'{"a": 1}', b'{"a": 2}'])


def test_a_binary_file_in_utf_16_disguise_is_no_log() -> None:
    (chunk,) = framed(b"\xff\xfe" + "\x01\x02\x03\x04".encode("utf-16-le") * 50)
    assert (chunk.records, chunk.notes[-1]) == ((), "binary: not a log")


def test_a_hole_of_nul_bytes_before_the_text_is_skipped_and_said() -> None:
    data = bytes(300_000) + b"one\ntwo\n"
    chunks = framed(data)
    assert (records_of(chunks), places_of(chunks)) == ([b"one", b"two"], [300_000, 300_004])
    assert chunks[0].notes == ("begins with 300000 NUL bytes, a hole that truncating an open log leaves",)
    assert sum(chunk.size for chunk in chunks) == len(data)


def test_nothing_but_nul_bytes_is_no_log() -> None:
    (chunk,) = framed(bytes(5000))
    assert (chunk.framing, chunk.records, chunk.size, chunk.notes) == (None, (), 5000, ("nothing but 5000 NUL bytes: not a log",))


def test_an_empty_file_says_so() -> None:
    (chunk,) = framed(b"")
    assert (chunk.framing, chunk.records, chunk.notes) == (None, (), ("empty",))


def test_directive_lines_are_the_head_and_no_records() -> None:
    chunk, rest = framed(b"#separator \\x09\n#fields\tts\tuid\n1\tC1\n2\tC2\n#close\t2024\n")
    assert (rest.records, rest.size) == ([], 12)
    assert (chunk.head, chunk.records) == ((b"#separator \\x09", b"#fields\tts\tuid"), [b"1\tC1", b"2\tC2"])


@pytest.mark.parametrize("block", [1, 5, 1000])
@pytest.mark.parametrize("target", [1, 10, 1000])
def test_a_new_head_begins_a_new_chunk_wherever_the_blocks_end(block: int, target: int) -> None:
    data = b"#fields\ta\n1\n2\n#close\n#separator x\n#fields\tb\n3\n#note\n4\n"
    found: dict[tuple[bytes, ...], list[bytes]] = {}
    chunks = framed(data, block, target=target)
    for chunk in chunks:
        found.setdefault(tuple(chunk.head), []).extend(chunk.records)
    assert {head: records for head, records in found.items() if records} == {
        (b"#fields\ta",): [b"1", b"2"],
        (b"#close", b"#separator x", b"#fields\tb"): [b"3", b"4"],
    }
    assert sum(chunk.size for chunk in chunks) == len(data)


def test_hash_lines_are_records_where_the_file_does_not_begin_with_a_directive() -> None:
    assert records_of(framed(b"#1604998782\nls -l\n# a comment\n")) == [b"#1604998782", b"ls -l", b"# a comment"]


@pytest.mark.parametrize("block", [1, 7, 100])
def test_a_line_that_names_columns_is_a_head_too(block: int) -> None:
    data = b"account-id srcaddr dstaddr\r\n1 192.0.2.1 192.0.2.2\r\n2 - -\r\nversion interface-id\r\n3 eni-1\r\nversion of srcaddr.\r\n"
    found = [(tuple(chunk.head), list(chunk.records)) for chunk in framed(data, block) if chunk.records]
    assert found == [
        ((b"#Fields: account-id srcaddr dstaddr",), [b"1 192.0.2.1 192.0.2.2", b"2 - -"]),
        ((b"#Fields: version interface-id",), [b"3 eni-1", b"version of srcaddr."]),
    ]


def test_quoted_names_in_capitals_are_the_head_of_a_table() -> None:
    names = b'"EVENT_TYPE","TIMESTAMP","REQUEST_ID","USER_ID","URI"'
    data = names + b'\n"Login","2026","r-1","u-1","/"\n' + names + b'\n"A","B","C","D","E"\n"A_B","C"\n'
    (chunk,) = [(tuple(chunk.head), list(chunk.records)) for chunk in framed(data) if chunk.records]
    assert chunk == ((b"#Fields: " + names,), [b'"Login","2026","r-1","u-1","/"', b'"A","B","C","D","E"', b'"A_B","C"'])


def test_a_file_of_nothing_but_directives_has_no_records_and_a_bounded_head() -> None:
    chunks = framed(b"#fields\ta\n" + b"#x: y\n" * 5000, 100, target=200)
    assert records_of(chunks) == []
    assert max(len(chunk.head) for chunk in chunks) <= HEAD_LINES


@given(data=st.binary(max_size=60), cuts=st.lists(st.integers(1, 9), max_size=20), limit=st.integers(1, 30))
def test_lines_do_not_depend_on_how_the_bytes_come(data: bytes, cuts: list[int], limit: int) -> None:
    def pieces() -> list[bytes]:
        parts, at = [], 0
        for cut in cuts:
            parts.append(data[at : at + cut])
            at += cut
        return [*parts, data[at:]]

    def flat(parts: list[bytes]) -> list[tuple[bytes, int, str]]:
        return [
            (record, place, lines.long.get(index, ""))
            for lines in cut_lines(parts, limit=limit)
            for index, (record, place) in enumerate(zip(lines.records, lines.offsets, strict=True))
        ]

    whole = data.split(b"\n")
    naive = whole[:-1] if not whole[-1] else whole
    found = flat(pieces())
    assert found == flat([data])
    assert [record for record, _, _ in found] == [line[:limit] for line in naive]
    assert [place for _, place, _ in found] == [sum(len(line) + 1 for line in naive[:index]) for index in range(len(naive))]
    assert [bool(why) for _, _, why in found] == [len(line) > limit for line in naive]


_PIECES = st.sampled_from([b"\n", b"\r\n", b"#fields\ta\n", b"#b\n", b"x", b"{", b'{"a":1}\n', b"[", b"\x00", b"\xff", b" ", b"\xc3\xa9"])


@given(
    parts=st.lists(_PIECES, max_size=30),
    size=st.integers(1, 40),
    target=st.integers(1, 60),
    limit=st.integers(8, 40),
)
def test_any_bytes_give_the_same_records_in_blocks_of_any_size(parts: list[bytes], size: int, target: int, limit: int) -> None:
    data = b"".join(parts)
    whole = framed(data, record=limit)
    cut = framed(data, size, target=target, record=limit)
    assert (records_of(cut), places_of(cut), reasons_of(cut)) == (records_of(whole), places_of(whole), reasons_of(whole))
    assert sum(chunk.size for chunk in cut) == sum(chunk.size for chunk in whole)
    assert sum(chunk.size for chunk in cut) == len(data) or any("UTF-16" in note for note in cut[0].notes)
