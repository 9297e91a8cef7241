"""Cases from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.investigate.made import ELSEWHERE, INTRUSION, keep, line

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return keep(tmp_path / "case", [line("seen", -900, level=1, device="web-01"), *INTRUSION, *ELSEWHERE])


def test_the_cases_are_listed(folder: Path) -> None:
    said = bartizan("case", "list", folder)
    assert said.code == 0
    assert "Rule upload, and what followed on 2 hosts, 1 account, 1 address" in said.out
    assert said.out.splitlines()[-1] == "2 cases of 6 of 7 findings; the others are tied to nothing surprising"
    told = bartizan("case", "list", folder, "--json").json
    assert [len(case["entities"]) for case in told["cases"]] == [5, 1]


def test_the_page_tells_what_happened_and_every_sentence_of_its_summary_cites_records(folder: Path) -> None:
    said = bartizan("case", "show", folder, "1")
    assert said.code == 0
    for title in ("What decides it", "Core: records say", "ATT&CK path", "Not visible", "Collect next", "Evidence: 5 records"):
        assert title in said.out
    told = bartizan("case", "show", folder, "1", "--json").json
    ids = set(told["records"])
    assert len(ids) == 5
    assert all(sentence["records"] and set(sentence["records"]) <= ids for sentence in told["summary"])
    assert told["summary"][1]["text"] == "It begins with “Rule upload” on web-01 from 203.0.113.45, 2026-03-17 06:00:00 UTC."
    assert [moment["title"] for moment in told["moments"]] == ["Rule upload", "Rule shell", "Rule fetch", "Rule macro", "Rule dump"]
    assert [step["tactic"] for step in told["path"]] == ["Initial Access", "Execution", "Credential Access", "Command and Control"]


def test_plain_words_say_what_was_touched_since_when_and_what_is_not_known(folder: Path) -> None:
    lines = bartizan("case", "show", folder, "1", "--plain").out.splitlines()
    assert lines[1].startswith("- Since 2026-03-17 06:00 UTC somebody has probably been where they should not be")
    assert lines[2].startswith("- Touched: 2 computers: web-01, ws-1.corp.example.com.")
    assert lines[-1].startswith("- Not known: which files were written or read on web-01, ws-1.corp.example.com")


def test_which_cases_there_are_is_written_down(folder: Path) -> None:
    bartizan("case", "list", folder)
    bartizan("case", "show", folder, "1")
    assert len((folder / "cases" / "journal.ndjson").read_bytes().splitlines()) == 1


def test_a_case_that_is_not_there_and_a_folder_that_holds_none_are_refused(folder: Path, tmp_path: Path) -> None:
    assert bartizan("case", "show", folder, "zz").code == 2
    assert bartizan("case", "list", tmp_path).code == 2


def test_a_journal_that_was_changed_is_told(folder: Path) -> None:
    bartizan("case", "list", folder)
    path = folder / "cases" / "journal.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"findings":7', b'"findings":8'))
    said = bartizan("case", "list", folder)
    assert said.code == 3
    assert "was changed after it was written" in said.err
