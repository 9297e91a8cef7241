"""A log is taken for the source that knows most of it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tests.collect.toys import toy

from bartizan.collect.catalogue import Catalogue, catalogue_of
from bartizan.collect.contract import Framing, Source
from bartizan.collect.detection import Detected, detect, sample_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def known(*sources: Source) -> Catalogue:
    return catalogue_of([(source.name, source) for source in sources])


A, B = toy("a"), toy("b")


def told(found: Detected) -> tuple[str, float, str]:
    return found.source.name if found.source else "", found.share, found.why


def test_the_largest_share_wins_and_the_others_are_named() -> None:
    records = [b"a 1"] * 3 + [b"b 1"]
    assert told(detect(Framing.LINES, records, known(A, B))) == ("a", 0.75, "a knows 3 of 4 records looked at, b 1")


def test_a_tie_goes_to_the_first_name() -> None:
    assert told(detect(Framing.LINES, [b"b", b"a"], known(B, A))) == ("a", 0.5, "a knows 1 of 2 records looked at, b 1")


def test_a_log_of_which_nobody_knows_half_is_mixed() -> None:
    found = detect(Framing.LINES, [b"a", b"b", b"?"], known(A, B))
    assert told(found) == ("a", 1 / 3, "a knows 1 of 3 records looked at, b 1; mixed: each record goes to who reads it")


def test_a_log_that_nobody_knows_is_nobodys() -> None:
    assert told(detect(Framing.LINES, [b"?"] * 100, known(A, B))) == ("", 0.0, "no source knows any of 64 records looked at")
    assert told(detect(Framing.LINES, [], known(A))) == ("", 0.0, "no records")


def test_a_source_of_another_framing_is_not_asked() -> None:
    assert detect(Framing.JSON, [b"a"], known(A)).source is None


def test_a_source_that_fails_to_look_does_not_stop_the_others() -> None:
    def recognise(records: Sequence[bytes]) -> int:
        raise ValueError(len(records))

    broken = dataclasses.replace(A, name="broken", recognise=recognise)
    assert told(detect(Framing.LINES, [b"b"], known(broken, B))) == (
        "b",
        1.0,
        "b knows 1 of 1 records looked at; broken failed: ValueError: 1",
    )


def test_a_source_cannot_claim_more_than_there_is() -> None:
    greedy = dataclasses.replace(A, recognise=lambda _: 1000)
    assert told(detect(Framing.LINES, [b"x"], known(greedy))) == ("a", 1.0, "a knows 1 of 1 records looked at")


def test_the_head_of_a_log_is_part_of_the_sample() -> None:
    assert told(detect(Framing.LINES, [b"1", b"2"], known(A), head=[b"a #fields", b"a #types"])) == (
        "a",
        1.0,
        "a knows 2 of 2 records looked at",
    )


def test_a_sample_is_spread_over_all_records() -> None:
    records = [b"%d" % number for number in range(1000)]
    assert sample_of(records, 4) == [b"0", b"250", b"500", b"750"]
    assert sample_of(records[:3], 4) == records[:3]
