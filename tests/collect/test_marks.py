"""One automaton says what looking for every mark in every record would say."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from tests.collect.toys import toy

from bartizan.collect.catalogue import catalogue_of
from bartizan.collect.contract import Framing
from bartizan.collect.detection import claims, detect
from bartizan.collect.marks import Marks

MARKS = st.lists(st.binary(min_size=1, max_size=3).filter(lambda mark: b"\n" not in mark), max_size=3)


@given(marks=st.lists(MARKS, max_size=4), records=st.lists(st.binary(max_size=8), max_size=6), data=st.data())
def test_candidates_are_those_of_a_look_at_every_record(marks: list[list[bytes]], records: list[bytes], data: st.DataObject) -> None:
    sources = [dataclasses.replace(toy(f"s{number}"), marks=tuple(own), general=number == 1) for number, own in enumerate(marks)]
    indexes = data.draw(st.lists(st.sampled_from(range(len(records))), unique=True).map(sorted)) if records else []
    found = {source.name: rows for source, rows in Marks(sources).candidates(records, indexes)}
    naive = {source.name: [row for row in indexes if any(mark in records[row] for mark in source.marks)] for source in sources}
    assert found == {name: rows for name, rows in naive.items() if rows}
    text = b"\n".join(records)
    assert Marks(sources).sources_in(text) == {source.name for source in sources if any(mark in text for mark in source.marks)}


def test_special_sources_come_before_general_ones() -> None:
    sources = [dataclasses.replace(toy(name), marks=(b"x",), general=name == "a") for name in ("c", "a", "b")]
    assert [source.name for source, _ in Marks(sources).candidates([b"x"], [0])] == ["b", "c", "a"]


def test_a_source_without_its_marks_in_the_sample_claims_nothing_and_is_not_asked() -> None:
    def never(_records: object) -> int:
        raise AssertionError

    silent = dataclasses.replace(toy("a"), marks=(b"mark",), recognise=never)
    known = catalogue_of([("a", silent), ("b", toy("b"))])
    assert [claim.source.name for claim in claims(Framing.LINES, [b"b 1"], known)] == ["b"]


def test_of_two_that_know_as_much_the_special_one_is_taken() -> None:
    known = catalogue_of([("a", dataclasses.replace(toy("a", word=b"x"), general=True)), ("b", toy("b", word=b"x"))])
    assert detect(Framing.LINES, [b"x 1"], known).why == "b knows 1 of 1 records looked at, a 1"
