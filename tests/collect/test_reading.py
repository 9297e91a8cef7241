"""Every record of a chunk ends in exactly one place."""

from __future__ import annotations

import dataclasses
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.toys import toy

from bartizan.collect.catalogue import Catalogue, catalogue_of
from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Context, Framing, Parsed, Source
from bartizan.collect.reading import NOBODY, Reading, parse_chunk, parse_safely

if TYPE_CHECKING:
    from collections.abc import Sequence


def known(*sources: Source) -> Catalogue:
    return catalogue_of([(source.name, source) for source in sources])


A, B, J = toy("a"), toy("b"), toy("j", Framing.JSON, word=b"{")


def chunk(*records: bytes, source: str = "a", **more: object) -> Chunk:
    return Chunk(origin="x", framing=Framing.LINES, records=records, source=source, **more)  # type: ignore[arg-type]  # a test passes what a chunk takes


def told(reading: Reading) -> tuple[dict[str, list[int]], dict[int, str]]:
    rows: dict[str, list[int]] = {}
    for source, part in reading.parts:
        rows.setdefault(source.name, []).extend(part.rows)
    return {name: sorted(found) for name, found in rows.items() if found}, dict(sorted(reading.unparsed.items()))


def test_what_the_first_source_leaves_goes_to_others_that_know_it() -> None:
    reading = parse_chunk(chunk(b"a 1", b"b 2", b"{ 3", b"?", b"b 4"), Context(), known(A, B, J))
    assert told(reading) == ({"a": [0], "b": [1, 4], "j": [2]}, {3: "does not begin with a"})


def test_the_cells_of_each_part_are_those_of_its_rows() -> None:
    reading = parse_chunk(chunk(b"b 2", b"a 1", b"b 4"), Context(), known(A, B))
    cells = {row: cell for _, part in reading.parts for row, cell in zip(part.rows, part.frame.column("last").cells(), strict=True)}
    assert cells == {0: "2", 1: "1", 2: "4"}


def test_a_file_that_is_nobodys_is_offered_to_all() -> None:
    reading = parse_chunk(chunk(b"a 1", b"?", b"b 2", source=""), Context(), known(A, B))
    assert told(reading) == ({"a": [0], "b": [2]}, {1: NOBODY})


def test_a_few_odd_records_among_many_are_still_found() -> None:
    records = [b"? %d" % number for number in range(5000)]
    records[4321] = b"b 1"
    assert told(parse_chunk(chunk(*records), Context(), known(A, B)))[0] == {"b": [4321]}


def test_records_that_could_not_be_cut_are_not_parsed() -> None:
    reading = parse_chunk(chunk(b"a 1", b"a 2", b"a 3", unreadable={1: "cut off"}), Context(), known(A))
    assert told(reading) == ({"a": [0, 2]}, {1: "cut off"})


@pytest.mark.parametrize("empty", [Chunk(origin="x"), Chunk(origin="x", framing=Framing.LINES, source="a")])
def test_a_chunk_without_records_gives_nothing(empty: Chunk) -> None:
    assert told(parse_chunk(empty, Context(), known(A))) == ({}, {})


def test_the_context_is_completed_by_what_the_chunk_knows() -> None:
    seen: list[Context] = []

    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        seen.append(context)
        return A.parse(records, context)

    zone = timezone(timedelta(hours=2))
    parse_chunk(chunk(b"a 1", head=(b"#x",), modified=7.0), Context(zone=zone), known(dataclasses.replace(A, parse=parse)))
    assert [(one.head, one.modified, one.zone) for one in seen] == [((b"#x",), 7.0, zone)]


def failing(*bad: bytes) -> Source:
    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        for record in records:
            if record in bad:
                raise ValueError(record.decode())
        return A.parse(records, context)

    return dataclasses.replace(A, parse=parse)


@given(bad=st.sets(st.integers(0, 20), max_size=5), count=st.integers(1, 20))
def test_records_that_make_a_source_fail_cost_only_themselves(bad: set[int], count: int) -> None:
    records = [b"a %d" % number for number in range(count)]
    reading = parse_chunk(chunk(*records), Context(), known(failing(*(b"a %d" % number for number in bad))))
    lost = sorted(number for number in bad if number < count)
    kept = [number for number in range(count) if number not in bad]
    assert told(reading) == ({"a": kept} if kept else {}, {number: f"a failed: ValueError: a {number}" for number in lost})


def test_a_source_that_fails_on_nothing_at_all_does_not_loop() -> None:
    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        raise ValueError(len(records), context.modified)

    assert parse_safely(dataclasses.replace(A, parse=parse), [], Context()) == Parsed((), {})


def test_a_record_of_which_a_source_gives_no_account_is_unparsed() -> None:
    forgetful = dataclasses.replace(A, parse=lambda records, context: A.parse(records[:1], context))
    assert told(parse_chunk(chunk(b"a 1", b"a 2"), Context(), known(forgetful))) == ({"a": [0]}, {1: "a gave no account of this record"})


def marked(name: str, mark: bytes, *, general: bool = False) -> Source:
    return dataclasses.replace(toy(name), marks=(mark,), general=general)


def test_a_general_source_gets_what_no_special_one_reads_record_by_record() -> None:
    anything = dataclasses.replace(toy("g", word=b"x"), general=True)
    special = dataclasses.replace(toy("s", word=b"x special"), marks=(b"special",))
    records = [b"x %d" % number for number in range(5000)]
    records[4321], records[77] = b"x special", b"x not special"
    reading = parse_chunk(chunk(*records, source="g"), Context(), known(anything, special))
    rows, unparsed = told(reading)
    assert (rows["s"], len(rows["g"]), unparsed) == ([4321], 4999, {})


def test_what_a_source_leaves_goes_record_by_record_to_those_whose_marks_it_has() -> None:
    records = [b"? %d" % number for number in range(5000)]
    records[4321], records[1234], records[99] = b"c mark", b"d mark", b"a 1"
    reading = parse_chunk(chunk(*records), Context(), known(A, marked("c", b"mark"), marked("d", b"mark")))
    assert told(reading)[0] == {"a": [99], "c": [4321], "d": [1234]}


def test_a_record_of_two_sources_is_read_by_the_first_name_and_once() -> None:
    both = [dataclasses.replace(toy(name, word=b"x"), marks=(b"x",)) for name in ("q", "p")]
    assert told(parse_chunk(chunk(b"x 1", source=""), Context(), known(*both))) == ({"p": [0]}, {})


def test_a_source_whose_marks_are_not_there_is_not_asked() -> None:
    special = dataclasses.replace(toy("s", word=b"x"), marks=(b"mark",))
    assert told(parse_chunk(chunk(b"x 1", source=""), Context(), known(special))) == ({}, {0: NOBODY})
