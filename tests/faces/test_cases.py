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


def test_a_cut_is_shown_before_it_is_done_and_undone_by_its_number(folder: Path) -> None:
    shown = bartizan("case", "cut", folder, "1", "domain:bad.example.net")
    assert shown.code == 0
    assert "It falls into 2 cases:" in shown.out
    assert shown.out.splitlines()[-1] == "nothing was cut; add --yes to do it"
    assert len(bartizan("case", "list", folder, "--json").json["cases"]) == 2
    done = bartizan("case", "cut", folder, "1", "domain:bad.example.net", "--yes", "--by", "alice@example.com")
    assert done.out.splitlines()[-1] == f"cut; `bartizan case undo {folder} 2` takes it back"
    assert len(bartizan("case", "list", folder, "--json").json["cases"]) == 3
    assert bartizan("case", "undo", folder, "2", "--by", "alice@example.com").out == "entry 2 (cut) is undone\n"
    assert len(bartizan("case", "list", folder, "--json").json["cases"]) == 2
    assert bartizan("case", "undo", folder, "2", "--by", "alice@example.com").code == 2


def test_two_cases_are_merged_by_hand(folder: Path) -> None:
    said = bartizan("case", "merge", folder, "1", "2", "--by", "alice@example.com", "--comment", "same tool")
    assert said.code == 0
    [case] = bartizan("case", "list", folder, "--json").json["cases"]
    assert "host:srv-9.corp.example.com" in {one["entity"] for one in case["entities"]}
    assert bartizan("case", "merge", folder, "1", "1").code == 2


def test_a_case_goes_from_new_to_assigned_to_closed_to_reopened(folder: Path) -> None:
    who = ("--by", "alice@example.com")
    name = bartizan("case", "list", folder, "--json").json["cases"][0]["id"]
    assert (
        bartizan("case", "assign", folder, "1", "bob@example.com", *who).out
        == f"{name}: given to bob@example.com by alice@example.com (entry 2)\n"
    )
    assert "alice@example.com gave it to bob@example.com" in bartizan("case", "show", folder, "1").out
    bartizan("case", "close", folder, "1", "--reason", "test", "--comment", "an exercise", *who)
    assert "closed it as test: an exercise" in bartizan("case", "show", folder, name).out
    assert name not in bartizan("case", "list", folder).out
    assert name in bartizan("case", "list", folder, "--all").out
    bartizan("case", "reopen", folder, name, *who)
    assert "reopened: alice@example.com reopened it" in bartizan("case", "show", folder, name).out
    kinds = [line.split()[3] for line in bartizan("case", "journal", folder).out.splitlines()]
    assert kinds == ["derived", "assign", "close", "reopen"]


def test_a_note_stands_on_the_page_and_a_cleared_entity_in_a_ring_of_its_own(folder: Path) -> None:
    bartizan("case", "note", folder, "1", "asked the owner", "--by", "alice@example.com")
    bartizan("case", "clear", folder, "1", "user:alice", "--by", "bob@example.com", "--comment", "on leave")
    page = bartizan("case", "show", folder, "1").out
    assert "alice@example.com: asked the owner" in page
    assert "bob@example.com cleared it: on leave" in bartizan("case", "scope", folder, "1").out
    rings = {one["entity"]: one["ring"] for one in bartizan("case", "scope", folder, "1", "--json").json["entities"]}
    assert rings["user:alice"] == "cleared"
    assert bartizan("case", "clear", folder, "1", "user:alice", "--by", "bob@example.com").code == 2
    assert "did you mean user:alice?" in bartizan("case", "clear", folder, "1", "alice", "--comment", "x", "--by", "bob@example.com").err


def test_why_two_things_are_in_one_case_is_told_link_by_link(folder: Path) -> None:
    said = bartizan("case", "why", folder, "1", "web-01", "alice")
    assert said.code == 0
    assert "both have domain bad.example.net, 75 minutes apart" in said.out
    assert [link["type"] for link in bartizan("case", "why", folder, "1", "web-01", "alice", "--json").json["links"]] == ["domain"]
    assert (
        "2 signals tell of both alice and ws-1.corp.example.com"
        in bartizan("case", "why", folder, "1", "alice", "ws-1.corp.example.com").out
    )


def test_the_timeline_and_the_graph_are_written(folder: Path) -> None:
    assert len(bartizan("case", "timeline", folder, "1").out.splitlines()) == 5
    assert len(bartizan("case", "timeline", folder, "1", "--entity", "alice", "--core").out.splitlines()) == 2
    assert bartizan("case", "timeline", folder, "1", "--json").out.count("\n") == 5
    assert bartizan("case", "graph", folder, "1").out.startswith("digraph case {")
    assert bartizan("case", "graph", folder, "1", "--format", "mermaid").out.startswith("flowchart LR")
    told = bartizan("case", "graph", folder, "1", "--format", "json").json
    assert {node["name"] for node in told["nodes"]} >= {"host:web-01", "ip:203.0.113.45", "domain:bad.example.net"}
    assert {(edge["start"], edge["end"]) for edge in told["edges"]} >= {
        ("ip:203.0.113.45", "host:web-01"),
        ("host:web-01", "domain:bad.example.net"),
    }


@pytest.mark.parametrize("form", ["html", "bundle", "json", "stix", "navigator", "ocsf", "timesketch-csv", "timesketch-jsonl"])
def test_a_case_is_exported(folder: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    said = bartizan("case", "export", folder, "1", "--format", form, "--out", out)
    assert (said.code, said.out) == (0, f"{out}: {out.stat().st_size:,} bytes\n")


def test_a_place_that_cannot_be_written_is_told_before(folder: Path, tmp_path: Path) -> None:
    assert bartizan("case", "export", folder, "1", "--out", tmp_path / "none" / "x").code == 4


def test_an_entity_is_shown_with_its_cases_and_neighbours(folder: Path) -> None:
    said = bartizan("entity", "show", folder, "203.0.113.45")
    assert said.code == 0
    assert said.out.splitlines()[:2] == ["ip:203.0.113.45", "  2 findings, 2026-03-17 06:00:00 to 06:03:00 UTC (3 minutes)"]
    told = bartizan("entity", "show", folder, "host:web-01", "--json").json
    assert [case["ring"] for case in told["cases"]] == ["core"]
    assert told["neighbours"] == {"ip:203.0.113.45": 2, "domain:bad.example.net": 1}
    assert bartizan("entity", "show", folder, "web").err == "bartizan: no finding names 'web'; did you mean host:web-01?\n"


def test_evidence_is_verified_and_what_changed_is_named(folder: Path, tmp_path: Path) -> None:
    assert bartizan("evidence", "verify", folder).code == 1
    bartizan("case", "export", folder, "1", "--format", "bundle", "--out", tmp_path / "case.zip")
    key = bartizan("evidence", "key").out.strip()
    said = bartizan("evidence", "verify", tmp_path / "case.zip", "--key", key)
    assert (said.code, said.out) == (0, f"{tmp_path / 'case.zip'}: sound\n")
    (folder / "findings.ndjson").unlink()
    (folder / "findings.ndjson").write_bytes(INTRUSION[0] + b"\n")
    said = bartizan("evidence", "verify", folder, "--json")
    assert said.code == 1
    assert any(flaw["where"] == str(folder / "findings.ndjson") for flaw in said.json["flaws"])


def test_the_process_trees_of_a_case_without_processes_are_none(folder: Path) -> None:
    said = bartizan("case", "tree", folder, "1")
    assert (said.code, said.out) == (0, "no record tells of what a process of its core started, wrote or connected to\n")
