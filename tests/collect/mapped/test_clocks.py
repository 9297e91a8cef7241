"""Clocks are read in the forms in which logs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bartizan.collect.mapped.clocks import clock_reader
from bartizan.schema.columns import ABSENT, Cell

EIGHT = 1_715_846_400_000_000_000
MODIFIED = datetime(2024, 6, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2024-05-16T08:00:00.25Z", 250),
        ("16/May/2024:10:00:00 +0200", 0),
        ("[16/May/2024:10:00:00 +0200]", 0),
        ("16-May-2024 08:00:00.250", 250),
        ("16May2024 8:00:00", 0),
        ("May 16 2024 08:00:00.250 GMT", 250),
        ("May 16, 2024 08:00:00", 0),
        ("Thu May 16 08:00:00.250 2024", 250),
        ("Thu, May 16 08:00:00 UTC 2024", 0),
        ("2024/05/16 08:00:00", 0),
        ("2024.05.16 08:00:00", 0),
        ("20240516 08:00:00", 0),
        ("20240516T080000.250Z", 250),
        ("05/16/24 08:00:00", 0),
        ("5/16/2024 8:00:00 AM", 0),
        ("5/16/2024 08:00:00", 0),
        ("*May 16 2024 08:00:00.250 UTC:", 250),
        ("[1715846400]", 0),
        (1_715_846_400, 0),
        (1_715_846_400_250, 250),
        ("1715846400.250", 250),
    ],
)
def test_a_clock_is_read(text: Cell, after: int) -> None:
    assert clock_reader(MODIFIED, UTC)(text) == (EIGHT + after * 1_000_000, ABSENT)


def test_a_clock_without_a_year_is_of_the_year_before_the_file_was_last_written() -> None:
    assert clock_reader(MODIFIED, UTC)("May 16 08:00:00") == (EIGHT, "year-guessed")
    assert clock_reader(0.0, UTC)("May 16 08:00:00") == (ABSENT, "year-unknown")


def test_a_clock_without_a_zone_is_read_in_the_one_given() -> None:
    east = timezone(timedelta(hours=2))
    assert [clock_reader(MODIFIED, east)(text)[0] for text in ("16May2024 10:00:00", "May 16 10:00:00", "16/May/2024:08:00:00 +0000")] == [
        EIGHT
    ] * 3


@pytest.mark.parametrize(
    "text", ["", " ", "yesterday", "16-Foo-2024 08:00:00", "99/99/2024 08:00:00", "20249999T080000", None, True, ABSENT]
)
def test_what_tells_no_time_is_absent(text: Cell) -> None:
    assert clock_reader(MODIFIED, UTC)(text)[0] is ABSENT
