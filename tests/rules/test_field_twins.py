"""Both engines on records that nobody here wrote."""

from __future__ import annotations

import random

import pytest
from tests.field import field_data

from bartizan import workbench
from bartizan.collect.catalogue import catalogue
from bartizan.rules import load


@pytest.mark.slow
def test_both_engines_fire_alike_on_published_regression_cases() -> None:
    packs = sorted(field_data("sigma").glob("rules*"))
    with workbench.hunt(field_data("sigma-regression"), rules=packs, asked=workbench.Asked(paranoid=True)) as found:
        assert found.outcome.differences == ()
        assert found.outcome.findings > 0


@pytest.mark.slow
def test_both_engines_read_the_same_fields_and_miss_the_same_rules_on_every_route() -> None:
    loaded = load(sorted(field_data("sigma").glob("rules*")))
    chance = random.Random(7)
    views = {str(route.views): route.views for source in catalogue().sources for route in source.routes}
    for some in views.values():
        fast, naive = loaded.bind(some), loaded.bind(some, naive=True)
        assert (tuple(fast.rules), fast.fields) == (tuple(naive.rules), naive.fields)
        names = sorted(naive.fields)
        present = frozenset(chance.sample(names, len(names) // 2))
        odd = [rule for rule in naive.rules if bool(fast.missing(rule, present)) != bool(naive.missing(rule, present))]
        assert [loaded.rules[rule].path for rule in odd] == []
