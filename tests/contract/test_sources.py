"""Every source of the catalogue keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.testing.check_source import check_apart, check_source

if TYPE_CHECKING:
    from bartizan.collect.contract import Source


def test_every_source_is_found_and_none_has_a_problem() -> None:
    assert catalogue().problems == ()
    assert catalogue().sources


@pytest.mark.parametrize("source", catalogue().sources, ids=lambda source: source.name)
def test_a_source_keeps_its_contract(source: Source) -> None:
    assert [str(problem) for problem in check_source(source)] == []


def test_no_example_of_a_source_is_taken_for_another_source() -> None:
    assert [str(problem) for problem in check_apart(catalogue().sources)] == []
