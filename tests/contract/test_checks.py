"""Every check of ours is fit for the catalogue, its cases come out as they say, and what it is evidence for is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bartizan.review.cloud.checks import load
from bartizan.review.cloud.checks.frameworks import frameworks
from bartizan.testing.check_check import check_check

CONTENT = Path(__file__).parents[2] / "content"
PLACE = CONTENT / "checks"
FOLDERS = sorted({path.parent for path in PLACE.rglob("*.yml")})
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.yml")
FRAMEWORKS = {name: one.requirements for name, one in frameworks(CONTENT / "frameworks").items()}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PLACE).as_posix())
def test_the_checks_of_a_service_are_sound(folder: Path) -> None:
    assert [str(problem) for path in sorted(folder.glob("*.yml")) for problem in check_check(path, FRAMEWORKS)] == []


def test_checks_load_together_and_have_names_and_ids_of_their_own() -> None:
    loaded = load([PLACE])
    files = [path.name for path in PLACE.rglob("*") if path.is_file()]
    assert (list(loaded.refused), [name for name in files if not KEBAB.fullmatch(name)]) == ([], [])
    assert [name for name, count in Counter(check.rule.id for check in loaded.checks).items() if count > 1] == []
    assert len(loaded.checks) == len(files)
