"""A week of the larger company: three intrusions that overlap, each action with its records."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.simulate.framing import files, records
from tests.simulate.test_day import fingerprint

from bartizan.faces.cli.commands import simulate
from bartizan.schema.identity import record_id
from bartizan.simulate import Truth, company_week, read_truth
from bartizan.simulate.company.world import found
from bartizan.simulate.estate.campaign import campaigns

if TYPE_CHECKING:
    from pathlib import Path

FIRST = simulate.MONDAY
EVENTS = 100_000


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Everything but the intrusions small."""
    root = tmp_path_factory.mktemp("week")
    return root, company_week(root, first=FIRST, events=EVENTS)


@pytest.mark.slow
def test_a_week_has_a_folder_for_each_day_and_as_many_events_as_asked_for(week: tuple[Path, Truth]) -> None:
    root, truth = week
    assert sorted(path.name for path in root.iterdir()) == [*(f"2026-03-{day:02d}" for day in range(9, 16)), "truth.json"]
    assert truth.events == EVENTS
    assert {str(path.relative_to(root)): len(records(path)) for path in files(root)} == {
        path: count.records + count.duplicates + count.garbage for path, count in truth.files.items()
    }


def test_three_intrusions_overlap_in_time_and_meet_on_hosts(week: tuple[Path, Truth]) -> None:
    told = week[1].campaigns
    assert {name: len({action.time[:10] for action in actions}) for name, actions in told.items()} == {
        "invoice": 1,
        "supplier": 4,
        "support": 4,
    }
    first, last = max(actions[0].time for actions in told.values()), min(actions[-1].time for actions in told.values())
    assert first < last
    hosts = {name: {action.host for action in actions} for name, actions in told.items()}
    assert hosts["supplier"] & hosts["invoice"] == {"build-01", "aws"}
    assert hosts["support"] & hosts["invoice"] == {"app-01", "files-01"}
    assert not hosts["support"] & hosts["supplier"]


def test_every_action_has_records_that_stand_where_the_truth_says(week: tuple[Path, Truth]) -> None:
    root, truth = week
    company = found(1, FIRST, 0.01, many=True)
    assert len(company.windows) + len(company.linux) == 36
    assert {action.host for action in truth.actions} <= {*company.windows, *company.linux, "aws"}
    held: dict[str, set[str]] = {}
    for action in truth.actions:
        assert action.records, action.id
        assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", technique) for technique in action.techniques)
        for path, name in {(reference.path, reference.record_id) for reference in action.records}:
            held.setdefault(path, set()).add(name)
    for path, wanted in held.items():
        assert wanted <= {record_id(raw).hex() for raw in records(root / path)}, path
    assert read_truth(root) == truth


def test_the_same_arguments_give_the_same_bytes_and_a_week_without_intrusions_has_no_action(tmp_path: Path) -> None:
    for name in ("one", "two"):
        company_week(tmp_path / name, seed=3, first=FIRST, events=7_000, intrusion=False)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    assert json.loads((tmp_path / "one" / "truth.json").read_text())["actions"] == []


def test_campaigns_name_their_actions_apart() -> None:
    assert [one.name for one in campaigns()] == ["invoice", "supplier", "support"]
    assert all(one.title.endswith(".") for one in campaigns())
