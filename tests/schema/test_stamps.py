"""The time of a record, in OCSF's unit and as exact text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.schema.columns import ABSENT, Cell, Column
from bartizan.schema.stamps import Stamps, rfc3339, stamps
from bartizan.schema.time import nanoseconds

NOW = 1_700_000_000_000_000_000
WRITTEN = 1_600_000_000_000_000_000
DAY = 86_400_000_000_000


def stamped(*cells: Cell) -> list[tuple[Cell, Cell, Cell]]:
    result = stamps(Column.encode(cells), modified=WRITTEN, now=NOW)
    flags = [ABSENT] * len(cells) if result.flag is None else result.flag.cells()
    return list(zip(result.time.cells(), result.time_dt.cells(), flags, strict=True))


def test_a_time_is_milliseconds_beside_the_exact_text() -> None:
    assert stamped(1_694_000_000_123_456_700) == [(1_694_000_000_123, "2023-09-06T11:33:20.123456700Z", ABSENT)]


def test_a_record_without_a_time_gets_that_of_its_file_and_says_so() -> None:
    assert stamped(ABSENT, None, "noon", 1.5) == [(1_600_000_000_000, "2020-09-13T12:26:40.000Z", "absent")] * 4


def test_a_clock_that_was_never_set_is_kept_and_flagged() -> None:
    assert stamped(0, 631_151_999_999_999_999, 631_152_000_000_000_000) == [
        (0, "1970-01-01T00:00:00.000Z", "before-1990"),
        (631_151_999_999, "1989-12-31T23:59:59.999999999Z", "before-1990"),
        (631_152_000_000, "1990-01-01T00:00:00.000Z", ABSENT),
    ]


def test_a_clock_is_in_the_future_a_day_after_now() -> None:
    assert [flag for _, _, flag in stamped(NOW + DAY, NOW + DAY + 1)] == [ABSENT, "in-the-future"]


def test_a_time_before_1970_counts_backwards() -> None:
    assert stamped(-1) == [(-1, "1969-12-31T23:59:59.999999999Z", "before-1990")]


def test_a_time_that_no_calendar_has_is_as_if_absent() -> None:
    assert [flag for _, _, flag in stamped(10**30, -(10**30), 253_402_300_800 * 10**9)] == ["absent"] * 3


def test_rows_without_flags_have_no_column_of_flags() -> None:
    result = stamps(Column.encode([NOW]), modified=WRITTEN, now=NOW)
    assert isinstance(result, Stamps)
    assert result.flag is None


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (1_700_000_000_000_000_000, "2023-11-14T22:13:20.000Z"),
        (1_700_000_000_100_000_000, "2023-11-14T22:13:20.100Z"),
        (1_700_000_000_000_100_000, "2023-11-14T22:13:20.000100Z"),
        (1_700_000_000_000_000_100, "2023-11-14T22:13:20.000000100Z"),
        (-62_135_596_800 * 10**9, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_text_has_as_many_digits_as_it_takes(time: int, text: str) -> None:
    assert rfc3339(time) == text


@given(st.integers(0, 4_000_000_000), st.integers(0, 999_999_999))
def test_the_text_tells_the_same_time(second: int, fraction: int) -> None:
    text = rfc3339(second * 10**9 + fraction)
    assert nanoseconds(text) == second * 10**9 + fraction
    assert text.startswith(datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
