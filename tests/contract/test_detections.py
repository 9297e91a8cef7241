"""Every detection of ours is fit for the catalogue, and its cases come out as they say."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bartizan import rules
from bartizan.testing.check_rule import check_rule

PLACE = Path(__file__).parents[2] / "content" / "detections"
FILES = sorted(path for path in PLACE.rglob("*") if path.is_file())
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.yml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_detection_is_sound(path: Path) -> None:
    assert [str(problem) for problem in check_rule(path)] == []


def test_files_are_named_in_kebab_case_each_name_once() -> None:
    assert [path.name for path in FILES if not KEBAB.fullmatch(path.name)] == []
    assert [name for name, count in Counter(path.stem for path in FILES).items() if count > 1] == []


def test_every_rule_has_an_id_of_its_own_and_they_load_together() -> None:
    loaded = rules.load([PLACE])
    assert (list(loaded.refused), list(loaded.remarks)) == ([], [])
    assert [name for name, count in Counter(rule.id for rule in loaded.rules).items() if count > 1] == []
    assert len(loaded.rules) - len(loaded.silent) == len(FILES)


def test_there_are_ten_correlations_or_more() -> None:
    loaded = rules.load([PLACE])
    assert len([one for one in loaded.correlations if one.number not in loaded.silent]) >= 10


def test_there_are_forty_or_more_for_five_families_of_logs_or_more() -> None:
    families = {path.relative_to(PLACE).parts[0] for path in FILES}
    assert families >= {"aws", "linux", "network", "web", "windows"}
    assert len(FILES) >= 40
