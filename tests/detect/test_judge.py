"""A record on which a mapping or a rule fails costs neither the run nor its neighbours, and is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.toys import toy

from bartizan.collect.catalogue import catalogue_of
from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Context, Framing, Parsed, Part, Route, Source
from bartizan.detect.hunt.judge import Judge, Judged
from bartizan.detect.hunt.parts import route_part
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.setup import rules_for
from bartizan.schema.columns import Frame
from bartizan.schema.expressions import field
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.schema.columns import Cell

RULE = """
title: A word was said
id: 11111111-1111-4111-8111-111111111111
status: test
logsource: {product: toys}
detection:
  said: {Word|contains: bad}
  condition: said
"""
RECORDS = (b"toy 1 bad", b"toy 2 broken-bad", b"toy 3 good", b"toy 4 bad", b"toy 5 broken")


def broken(cell: Cell) -> Cell:
    """Fail on some words."""
    if str(cell).startswith("broken"):
        message = "no such word"
        raise LookupError(message)
    return cell


def judged(tmp_path: Path, *, mapping: bool, sure: bool = False) -> Judged:
    """Judge the records by a source whose mapping (or what its rules look at) fails on some of them."""
    (tmp_path / "rule.yml").write_text(RULE, encoding="utf-8")
    plain = toy("toy")
    route = Route(
        name="all",
        views=(View(Logsource("toys", "", ""), {"Word": "last" if mapping else field("last", broken)}),),
        ocsf={**plain.routes[0].ocsf, "message": field("last", broken) if mapping else field("last"), "status": field("last")},
    )

    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        read = plain.parse(records, replace(context, wanted=lambda _route: None))
        return Parsed([Part(route, part.rows, part.frame) for part in read.parts], read.unparsed)

    source: Source = replace(plain, routes=(route,), parse=parse, sure=sure)
    request = Request(rules=(tmp_path / "rule.yml",), now=1)
    chunk = Chunk(origin="a.log", records=RECORDS, source="toy", framing=Framing.LINES)
    return Judge(rules_for(request), catalogue_of([("toy", source)]), request).judge(chunk)


def test_a_mapping_that_fails_on_a_record_leaves_out_one_attribute_and_the_record_is_judged(tmp_path: Path) -> None:
    told = judged(tmp_path, mapping=True)
    assert [found.row for found in told.found] == [0, 1, 3]
    assert told.unparsed == {}
    assert told.flawed == dict.fromkeys((1, 4), "toy: message failed: LookupError: no such word")
    assert [rows for _, rows in told.rows] == [[0, 1, 2, 3, 4]]


def test_a_source_that_is_sure_of_its_mapping_tells_of_what_fails_where_it_is_shown(tmp_path: Path) -> None:
    told = judged(tmp_path, mapping=True, sure=True)
    assert told.found == judged(tmp_path, mapping=True).found
    assert told.flawed == {1: "toy: message failed: LookupError: no such word"}


def test_a_record_that_cannot_be_judged_is_unparsed_and_the_others_are_judged(tmp_path: Path) -> None:
    told = judged(tmp_path, mapping=False)
    assert [found.row for found in told.found] == [0, 3]
    assert told.unparsed == dict.fromkeys((1, 4), "toy: judging it failed: LookupError: no such word")
    assert told.flawed == {}
    assert sorted(row for _, rows in told.rows for row in rows) == [0, 2, 3]


@pytest.mark.parametrize("mapping", [True, False])
def test_every_record_is_in_one_place(tmp_path: Path, *, mapping: bool) -> None:
    told = judged(tmp_path, mapping=mapping)
    assert sorted([*told.unparsed, *(row for _, rows in told.rows for row in rows)]) == list(range(len(RECORDS)))


@given(st.lists(st.sampled_from(["bad", "good", "broken", "bad-1", "bad-2"]), min_size=1, max_size=12))
def test_what_is_mapped_where_it_is_shown_is_what_is_mapped_of_everything(words: list[str]) -> None:
    plain = toy("toy")
    route = replace(plain.routes[0], ocsf={**plain.routes[0].ocsf, "message": field("last", broken), "status": field("last")})
    part = Part(route, range(len(words)), Frame.of([{"last": word} if word != "good" else {} for word in words]))
    chunk = Chunk(origin="a.log", records=[word.encode() for word in words], source="toy", framing=Framing.LINES)
    whole, sparing = (route_part(plain, part, chunk, sparing=sparing) for sparing in (False, True))
    shown = [row for row, word in enumerate(words) if word.startswith("b")]
    mapping = sparing.mapping(shown)
    assert [mapping(row) for row in shown] == [whole.mapped.row(row) for row in shown]
    assert {row: told for row, told in sparing.faults.items() if row in shown} == {
        row: told for row, told in whole.faults.items() if row in shown
    }
