"""The same user, address, machine, process, session and thing comes out in the same attributes from every source."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.testing.meaning.check import all_problems, check_meaning, judged
from bartizan.testing.meaning.table import table

if TYPE_CHECKING:
    from bartizan.collect.contract import Source

LEAST = 2
"""Sources that must have a field of a role: what one source alone has cannot be said differently."""


@pytest.mark.parametrize("source", catalogue().sources, ids=lambda source: source.name)
def test_a_source_says_the_same_where_all_do(source: Source) -> None:
    assert [str(problem) for problem in check_meaning(source)] == []


def test_every_role_is_played_in_several_sources() -> None:
    played: Counter[str] = Counter()
    for source in catalogue().sources:
        played.update(role for role, count in judged(source).items() if count)
    assert {role.what: played[role.what] for role in table().roles if played[role.what] < LEAST} == {}


def test_every_exception_is_one_and_has_a_reason() -> None:
    named = {source.name: source for source in catalogue().sources}
    for one in table().exceptions:
        told = [problem.what for problem in all_problems(named[one.source])]
        assert [what for what in told if one.about in what], f"{one.source}: {one.about} excepts nothing"
        assert len(one.why) > len("because it is so")
