"""Clusters that were written to be attacked: every edge that was labelled is found, and none more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.k8s_paths import LABS, edges, labels

from bartizan.review.cloud.paths.reading import path_rules
from bartizan.workbench import content_folder

if TYPE_CHECKING:
    from pathlib import Path

RULES = list(path_rules(content_folder() / "paths" / "kubernetes").values())


@pytest.mark.parametrize("lab", sorted(LABS.glob("*.yml")), ids=lambda lab: lab.stem)
def test_a_lab_has_the_edges_of_its_labels(lab: Path) -> None:
    assert edges(lab, RULES) == labels(lab)
