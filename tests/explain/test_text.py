from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.explain.text import amount, cell_text, duration, moment, numbered, shorten, span, visible
from bartizan.schema.columns import ABSENT, Cell

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Grüße 漢字", "plain Grüße 漢字"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\0b\x7f\x9b", "a\\x00b\\x7f\\x9b"),
        ("line\r\n\tnext", "line\\r\\n\\tnext"),
        ("gpj\u202eexe.txt", "gpj\\u202eexe.txt"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("two\u2028lines", "two\\u2028lines"),
        ("half\ud800", "half\\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_characters_without_a_glyph_are_shown_as_escapes(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_line_ends_stay_where_they_are_wanted() -> None:
    assert visible("a\nb\r\x1b", keep="\n\t") == "a\nb\\r\\x1b"


@given(st.text(st.characters()))
def test_what_is_visible_is_printable_and_needs_no_second_pass(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("width", "shown"), [(20, "C:/very/long/path"), (17, "C:/very/long/path"), (9, "C:/v…path"), (2, "C…"), (1, "…"), (0, "")]
)
def test_a_long_text_is_cut_in_the_middle(width: int, shown: str) -> None:
    assert shorten("C:/very/long/path", width) == shown


def test_amounts_agree_with_their_noun() -> None:
    assert [amount(1, "file"), amount(2_000, "file"), amount(0, "entity", "entities")] == ["1 file", "2,000 files", "0 entities"]


@pytest.mark.parametrize(
    ("time", "shown"),
    [(0, "no time"), (1_700_000_000_999_999_999, "2023-11-14 22:13:20"), (10**21, f"{10**21} ns"), (-SECOND, "1969-12-31 23:59:59")],
)
def test_a_time_is_written_in_utc_or_as_what_it_is(time: int, shown: str) -> None:
    assert moment(time) == shown


def test_a_time_can_be_written_without_seconds() -> None:
    assert moment(1_700_000_000 * SECOND, seconds=False) == "2023-11-14 22:13"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "less than a second"), (61, "1 minute 1 second"), (86_400, "1 day"), (90_061, "1 day 1 hour"), (86_460, "1 day")],
)
def test_a_duration_has_its_two_largest_units(seconds: int, shown: str) -> None:
    assert duration(seconds * SECOND) == shown


def test_a_duration_can_have_one_unit() -> None:
    assert duration(90_061 * SECOND, units=1) == "1 day"


def test_a_span_does_not_repeat_the_day() -> None:
    start = 1_700_000_000 * SECOND
    assert span(start, start) == "2023-11-14 22:13:20"
    assert span(start, start + 60 * SECOND) == "2023-11-14 22:13:20 to 22:14:20 UTC (1 minute)"
    assert span(start, start + 86_400 * SECOND) == "2023-11-14 22:13:20 to 2023-11-15 22:13:20 UTC (1 day)"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("a", "a"),
        (7, "7"),
        (True, "true"),
        (None, "(no value)"),
        (ABSENT, "(no value)"),
        (("a", (1, None)), "a, 1, (no value)"),
        ({"k": "v"}, "k: v"),
    ],
)
def test_a_matched_value_is_shown_as_text(cell: Cell, shown: str) -> None:
    assert cell_text(cell) == shown


def test_a_list_of_a_finding_that_was_kept_as_json_is_shown_as_the_list_that_it_was() -> None:
    assert cell_text(["a", 1, None]) == cell_text(("a", 1, None)) == "a, 1, (no value)"


def test_the_number_of_a_record_is_told_where_it_is_known() -> None:
    assert (numbered(1_234), numbered(0)) == (", record 1,234", "")
