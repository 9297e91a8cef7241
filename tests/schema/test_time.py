"""Clocks as they are written, and the nanosecond they tell."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.time import clock, epoch, filetime, nanoseconds


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2020-09-22 03:36:10", 1_600_745_770_000_000_000),
        ("2020-09-22 03:36:10.5", 1_600_745_770_500_000_000),
        ("2020-09-22T03:36:10,123456789Z", 1_600_745_770_123_456_789),
        ("2020-09-22T03:36:10.1234567890123Z", 1_600_745_770_123_456_789),
        ("2020-09-22T03:36:10.123456Z", 1_600_745_770_123_456_000),
        ("2020-09-22 03:36:10.1234567 UTC", 1_600_745_770_123_456_700),
        ("2020-09-22T03:36:10+05:30", 1_600_725_970_000_000_000),
        ("2020-09-22T03:36:10.1234567-0400", 1_600_760_170_123_456_700),
        ("2020-09-22T03:36:10.1234567-04", 1_600_760_170_123_456_700),
        ("2020-09-22", 1_600_732_800_000_000_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
        ("1969-12-31T23:59:59.9Z", -100_000_000),
        ("7/19/2023 9:03:40 AM", 1_689_757_420_000_000_000),
        ("7/19/2023 12:03:40.5 PM", 1_689_768_220_500_000_000),
        ("07/19/2023, 21:03", 1_689_800_580_000_000_000),
        ("/Date(1595378500000)/", 1_595_378_500_000_000_000),
        ("1600000000", 1_600_000_000_000_000_000),
        (" 1600000000.25 ", 1_600_000_000_250_000_000),
        (1_600_000_000_123, 1_600_000_000_123_000_000),
        (1_600_000_000_123_456, 1_600_000_000_123_456_000),
        (1_600_000_000_123_456_789, 1_600_000_000_123_456_789),
        (1_600_000_000.25, 1_600_000_000_250_000_000),
        ("-1.5", -1_500_000_000),
        (1 << 80, ABSENT),
        (float("inf"), ABSENT),
        (True, ABSENT),
        (None, ABSENT),
        ("", ABSENT),
        ("-", ABSENT),
        ("2020-13-01T00:00:00Z", ABSENT),
        ("2020-02-30", ABSENT),
        ("13/13/2020 1:00 AM", ABSENT),
        ("2020-09-22T03:36:10.123456789ZZ", ABSENT),
        ("yesterday", ABSENT),
        (("2020-09-22",), ABSENT),
    ],
)
def test_a_clock_tells_its_nanosecond_or_nothing(written: Cell, told: object) -> None:
    assert nanoseconds(written) == told


def test_a_clock_without_a_zone_is_read_in_the_zone_given() -> None:
    west = timezone(timedelta(hours=-4))
    assert clock("2020-09-22 03:36:10", west) == 1_600_760_170_000_000_000
    assert clock("2020-09-22 03:36:10Z", west) == 1_600_745_770_000_000_000
    assert clock("7/19/2023 9:03:40 AM", west) == 1_689_771_820_000_000_000


@pytest.mark.parametrize(
    ("ticks", "told"),
    [
        (132_452_193_700_000_000, 1_600_745_770_000_000_000),
        ("132452193700000000", 1_600_745_770_000_000_000),
        ("0x1d690918335b100", 1_600_745_770_000_000_000),
        (0, ABSENT),
        (True, ABSENT),
        ("soon", ABSENT),
        (1.5, ABSENT),
    ],
)
def test_a_filetime_counts_from_1601(ticks: Cell, told: object) -> None:
    assert filetime(ticks) == told


@given(st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1)), st.sampled_from(["Z", "", "+00:00", " UTC"]), st.sampled_from("T "))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_the_short_way_and_the_general_way_agree(moment: datetime, zone: str, separator: str) -> None:
    written = moment.isoformat(separator, "microseconds")
    expected = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    assert [nanoseconds(written + zone), nanoseconds(f"{written}000{zone}")] == [expected, expected]


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", fullmatch=True) | st.floats())
def test_nothing_written_makes_a_clock_fail(written: Cell) -> None:
    assert isinstance(nanoseconds(written), int) or nanoseconds(written) is ABSENT
    assert isinstance(epoch(written), int) or epoch(written) is ABSENT


def test_a_number_that_no_clock_writes_tells_no_time() -> None:
    assert [nanoseconds("9" * 5000), epoch("9" * 5000), nanoseconds(f"/Date({'9' * 5000})/")] == [ABSENT] * 3


@pytest.mark.parametrize("text", ["2024-05-16 08:00" + " " * 50_000 + "x", "2024-05-16" + " " * 50_000 + "x", " " * 50_000 + "x"])
def test_a_long_text_that_is_no_time_is_refused_at_once(text: str) -> None:
    begin = time.process_time()
    assert nanoseconds(text) is ABSENT
    assert time.process_time() - begin < 0.5
