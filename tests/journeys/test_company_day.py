"""A company's day with an intrusion in it: the hunt tells what the attacker did, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.hunting import accepted, write
from tests.simulate.framing import DAY

from bartizan import hunt
from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Framing
from bartizan.simulate import company_day
from bartizan.simulate.score import score
from bartizan.testing.ocsf_check import check_record
from bartizan.workbench import demo

if TYPE_CHECKING:
    from bartizan.simulate import Truth
    from bartizan.simulate.score import Score
    from bartizan.workbench import Hunt

ACTIONS_SEEN = 0.4
"""Of the intruder's actions, with our own detections: 38 of 77 are seen with seed 7. The day is written from how attacks look."""
TRUE_FINDINGS = 0.4
"""Of the findings, at 12,000 events: 126 of 237."""


def scored(found: Hunt, truth: Truth) -> Score:
    by_record: dict[str, set[str]] = {}
    for rule, record in found.findings().select("rule_id", "record_id").rows():
        by_record.setdefault(record, set()).add(rule)
    return score(by_record, truth)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("day") / "logs"
    truth = company_day(folder, seed=7, day=DAY, events=12_000)
    (folder / "truth.json").unlink()
    return folder, truth


def test_the_hunt_sees_the_intrusion_and_names_its_hosts(day: tuple[Path, Truth]) -> None:
    folder, truth = day
    with hunt(folder, rules=["starter"]) as found:
        outcome, told = found.outcome, scored(found, truth)
        story = found.story
    assert told.actions.ratio is not None
    assert told.actions.ratio >= ACTIONS_SEEN
    assert told.findings.ratio is not None
    assert told.findings.ratio >= TRUE_FINDINGS
    attacked = {action.host.lower().partition(".")[0] for action in truth.actions}
    named = [str(one.entity).removeprefix("host:").partition(".")[0] for one in story.entities if str(one.entity).startswith("host:")]
    assert set(named[:3]) <= attacked
    assert len(story.tactics) >= 5
    assert sum(one.unparsed for one in outcome.balance) <= 10
    assert [one.problems for one in outcome.balance if one.problems] == []


@pytest.mark.slow
def test_a_quiet_day_raises_less_than_an_intrusion(day: tuple[Path, Truth], tmp_path: Path) -> None:
    company_day(tmp_path / "quiet", seed=7, day=DAY, events=12_000, intrusion=False)
    (tmp_path / "quiet" / "truth.json").unlink()
    with hunt(tmp_path / "quiet", rules=["starter"]) as quiet, hunt(day[0], rules=["starter"]) as loud:
        assert quiet.story.entities == () or quiet.story.entities[0].risk < loud.story.entities[0].risk
        assert quiet.outcome.findings < loud.outcome.findings


def test_a_mixed_folder_of_every_source_and_hostile_files_is_accounted_for(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    expected: dict[str, int] = {}
    for source in catalogue().sources:
        for number, example in enumerate(source.examples):
            if Framing.EVTX in source.framings:
                continue
            name = f"{source.name}-{number}.log"
            content = b"".join(line + b"\n" for line in (*example.head, *example.raw))
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
            expected[name] = len(example.raw)
    (folder / "binary.bin").write_bytes(bytes(range(256)) * 64)
    (folder / "long.log").write_bytes(b"x" * (1 << 20))
    (folder / "zeros.log").write_bytes(bytes(100_000))
    (folder / "wide.log").write_text(accepted(1), encoding="utf-16")
    write(folder / "cut.json", ['[{"a": 1}, {"b"'])
    out = tmp_path / "case"
    with hunt(folder, rules=["starter"], out=out) as found:
        balance = {Path(one.path).name: one for one in found.outcome.balance}
        findings = [json.loads(line) for line in found.spool.lines()]
    assert all(one.read == one.stored + one.unparsed + one.duplicate for one in balance.values())
    assert set(expected) <= set(balance)
    assert {name: balance[name].read for name in expected if balance[name].read > expected[name]} == {}
    assert balance["wide.log"].stored == 1
    assert balance["binary.bin"].read == 0
    assert [check_record(finding) for finding in findings if check_record(finding)] == []
    kept = json.loads((out / "balance.json").read_bytes())
    assert kept["total"]["read"] == sum(one.read for one in balance.values())


@pytest.mark.slow
def test_the_demo_scores_its_own_day(tmp_path: Path) -> None:
    with demo(tmp_path, workers=2) as shown:
        assert shown.score.actions.ratio is not None
        assert shown.score.actions.ratio >= ACTIONS_SEEN
        assert shown.truth.events >= 200_000
        assert (tmp_path / "result" / "report.html").is_file()
        assert not (tmp_path / "logs" / "truth.json").exists()
