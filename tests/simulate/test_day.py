from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from tests.simulate.framing import DAY, content, files, records

from bartizan.schema.identity import record_id
from bartizan.simulate import Truth, company_day, read_truth

if TYPE_CHECKING:
    from pathlib import Path


def fingerprint(root: Path) -> dict[str, str]:
    paths = [*files(root), root / "truth.json"]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        company_day(tmp_path / name, seed=11, day=DAY, events=5000)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")


def test_another_seed_gives_another_day(tmp_path: Path) -> None:
    for seed in (1, 2):
        company_day(tmp_path / str(seed), seed=seed, day=DAY, events=5000)
    one, two = fingerprint(tmp_path / "1"), fingerprint(tmp_path / "2")
    assert {path for path in one if one[path] == two.get(path)} == set()


def test_a_day_has_as_many_events_as_asked_for(small_day: tuple[Path, Truth]) -> None:
    assert small_day[1].events == 12_000


def test_the_account_of_each_file_closes(small_day: tuple[Path, Truth]) -> None:
    root, truth = small_day
    counted = {str(path.relative_to(root)): len(records(path)) for path in files(root)}
    told = {path: count.records + count.duplicates + count.garbage for path, count in truth.files.items()}
    assert counted == told
    assert sum(count.records for count in truth.files.values()) == truth.events


def test_some_lines_are_garbage_and_some_are_sent_twice(small_day: tuple[Path, Truth]) -> None:
    root, truth = small_day
    garbage = {path: count.garbage for path, count in truth.files.items() if count.garbage}
    assert garbage == {
        "windows/wec-01/2026-03-10T12.ndjson": 2,
        "linux/db-01/auth.log": 1,
        "linux/build-01/audit/audit.log": 1,
        "nginx/web-01/access.log": 1,
    }
    resent = records(root / "windows/wec-01/resent/2026-03-10T08.part2.ndjson")
    first = records(root / "windows/wec-01/2026-03-10T08.ndjson")
    assert resent
    assert set(resent) <= set(first)


def test_every_record_of_the_truth_stands_in_the_file_it_names(small_day: tuple[Path, Truth]) -> None:
    root, truth = small_day
    ids = {str(path.relative_to(root)): {record_id(raw).hex() for raw in records(path)} for path in files(root)}
    lost = [(action.id, at.path) for action in truth.actions for at in action.records if at.record_id not in ids[at.path]]
    assert lost == []
    everywhere = set().union(*ids.values())
    assert [family.name for family in truth.noise if not family.records or not family.records <= everywhere] == []


def test_no_record_is_both_of_the_attack_and_of_harmless_noise(small_day: tuple[Path, Truth]) -> None:
    truth = small_day[1]
    assert set(truth.malicious) & set(truth.causes) == set()


def test_what_is_written_beside_the_logs_is_what_is_returned(small_day: tuple[Path, Truth]) -> None:
    root, truth = small_day
    assert read_truth(root) == truth
    assert read_truth(root / "truth.json") == truth


def test_a_day_without_an_intrusion_has_no_trace_of_one(tmp_path: Path) -> None:
    truth = company_day(tmp_path, day=DAY, events=5000, intrusion=False)
    assert truth.actions == ()
    traces = (b"cdn-update.example.net", b"api-telemetry.example.net", b"203.0.113.45", b"203.0.113.88", b"support-sync", b"synchost")
    assert [path.name for path in files(tmp_path) if any(trace in content(path) for trace in traces)] == []


def test_files_were_last_written_when_the_day_ended(small_day: tuple[Path, Truth]) -> None:
    assert {path.stat().st_mtime for path in files(small_day[0])} == {1773187200.0}


@pytest.mark.slow
def test_a_whole_day_is_made_of_the_stated_number_of_events(tmp_path: Path) -> None:
    truth = company_day(tmp_path, day=DAY)
    assert truth.events == 220_000
