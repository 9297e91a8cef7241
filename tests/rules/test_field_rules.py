"""All published rules are loaded with a verdict; none is lost."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.field import field_data

from bartizan.rules import load

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("rules", "rules-compliance", "rules-emerging-threats", "rules-placeholder", "rules-threat-hunting")
PLACEHOLDER = re.compile(r"placeholder %([^%]+)% has no list: give --placeholders")


@pytest.mark.slow
def test_every_active_rule_runs_or_waits_for_a_placeholder_list(tmp_path: Path) -> None:
    sigma = field_data("sigma")
    folders = [sigma / folder for folder in FOLDERS]
    told: list[int] = []
    loaded = load(folders, cache=tmp_path, progress=lambda done, _total: told.append(done))
    assert (len(loaded.rules) + len(loaded.refused), len(told), loaded.remarks) == (3_780, 3_780, [])
    assert Counter(rule.logsource.product for rule in loaded.rules).most_common(2) == [("windows", 2_856), ("linux", 248)]

    warm = load(folders, cache=tmp_path, progress=lambda done, _total: told.append(done))
    assert (len(told), warm.rules, warm.conditions) == (3_780, loaded.rules, loaded.conditions)

    lists: dict[str, list[str]] = {}
    while loaded.refused:
        found = [PLACEHOLDER.search(refusal.why) for refusal in loaded.refused]
        assert None not in found
        lists.update({name[1]: ["x"] for name in found if name is not None})
        loaded = load(folders, cache=tmp_path, placeholders=lists)
    assert len(loaded.rules) == 3_780


def test_rules_of_older_sigma_are_refused_with_their_reasons(tmp_path: Path) -> None:
    loaded = load([field_data("sigma") / "unsupported"], cache=tmp_path)
    assert len(loaded.rules) + len(loaded.refused) == 92
    older = ("write a correlation rule", "write each rule out", "missing", "cannot be read")
    assert [refusal for refusal in loaded.refused if not any(reason in refusal.why for reason in older)] == []
