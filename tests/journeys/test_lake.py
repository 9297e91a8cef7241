"""Old logs that are kept in a lake are judged by new rules as if they had just come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.field import field_data

if TYPE_CHECKING:
    from pathlib import Path


def found(path: Path) -> list[tuple[str, str]]:
    lines = map(json.loads, (path / "findings.ndjson").read_text(encoding="utf-8").splitlines())
    return sorted((line["finding_info"]["analytic"]["uid"], line["evidences"][0]["uid"]) for line in lines)


@pytest.mark.slow
def test_a_hunt_through_a_lake_finds_what_the_hunt_through_the_logs_found(tmp_path: Path) -> None:
    logs = field_data("evtx-to-mitre")
    bartizan("hunt", logs, "--out", tmp_path / "first", "--quiet")
    bartizan("lake", "init", tmp_path / "records")
    assert bartizan("lake", "import", tmp_path / "records", tmp_path / "first").code == 0
    bartizan("hunt", tmp_path / "records", "--out", tmp_path / "second", "--quiet")
    assert len(found(tmp_path / "first")) > 0
    assert found(tmp_path / "second") == found(tmp_path / "first")
    assert bartizan("lake", "verify", tmp_path / "records").code == 0
