"""What a value is: a number, a text to tell from others, exactly as it is written."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bartizan.detect.correlate.measures import exact, key_of, number_of, plainly, rank_of, value_in
from bartizan.schema.columns import ABSENT, Cell


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (5, 5),
        (0.5, 0.5),
        ("12", 12),
        ("-3", -3),
        ("1.50", 1.5),
        ("2e3", 2000.0),
        (2**63, 9.223372036854775807e18),
        ("9223372036854775808", 9.223372036854775807e18),
        (True, None),
        (None, None),
        (ABSENT, None),
        ("", None),
        (" 5", None),
        ("0x10", None),
        ("1_000", None),
        ("5 kB", None),
        ("٣", None),
        ("1" * 41, None),
        ("1e999", None),
        (float("inf"), None),
        (float("nan"), None),
        ((1,), None),
        ({"a": 1}, None),
    ],
)
def test_a_number_is_one_or_a_text_that_reads_as_one(cell: Cell, number: float | None) -> None:
    found = number_of(cell)
    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("Alice", "alice"),
        (5, "5"),
        (True, "true"),
        ("", ""),
        (("A", 1), "('a', 1)"),
        ({"A": None}, "{'a': none}"),
        (None, None),
        (ABSENT, None),
    ],
)
def test_values_are_told_apart_by_their_text_without_regard_to_case(cell: Cell, key: str | None) -> None:
    assert key_of(cell) == key


def test_several_fields_are_one_value_and_without_one_of_them_there_is_none() -> None:
    assert value_in(["A", 5], numeric=False) == ("a", "5")
    assert value_in(["A", ABSENT], numeric=False) is None
    assert value_in(["7"], numeric=True) == 7


def test_numbers_are_exact_and_come_out_as_json_has_them() -> None:
    assert exact(0.1) * 3 == exact(0.3)
    assert exact(1e300) == Fraction(10**300)
    assert [plainly(Fraction(*pair)) for pair in ((6, 2), (1, 4), (2**64, 1), (-(2**64), 1))] == [3, 0.25, 2.0**64, -(2.0**64)]
    assert (plainly(Fraction(10**400)), plainly(Fraction(-(10**400), 3))) == (1.7976931348623157e308, -1.7976931348623157e308)


def test_a_percentile_is_the_value_of_the_nearest_rank() -> None:
    assert [rank_of(share, 10) for share in (0.1, 10, 10.1, 50, 99, 100)] == [1, 1, 2, 5, 10, 10]
    assert rank_of(33.3, 1000) == 333
