"""Every rule of paths is whole, and its cases say what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bartizan.review.cloud.paths.estates.trying import wrong_cases
from bartizan.review.cloud.paths.matches import matches
from bartizan.review.cloud.paths.reading import path_rules

if TYPE_CHECKING:
    from bartizan.review.cloud.paths.contract import PathRule

RULES = path_rules(Path(__file__).resolve().parents[2] / "content" / "paths")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_stands_in_the_folder_of_its_provider_and_names_a_match_kind(rule: PathRule) -> None:
    assert Path(rule.path).parent.name == rule.provider
    assert rule.id.startswith(f"{rule.provider}-") or rule.provider == "kubernetes"
    assert rule.match in matches()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_cases_of_a_rule_say_what_it_does(rule: PathRule) -> None:
    assert wrong_cases(rule) == []
