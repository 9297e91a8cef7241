"""What a hunt writes is a contract: docs/guide/hunt.md tells it."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

import duckdb
import pytest
from tests.faces.command import Said, bartizan
from tests.hunting import accepted, write

from bartizan.testing.ocsf_check import check_record

if TYPE_CHECKING:
    from pathlib import Path

ROOT, FAILED, WHOAMI = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "123")


@pytest.fixture
def said(logs: Path, rules: Path, request: pytest.FixtureRequest) -> Said:
    return bartizan("hunt", logs, "--rules", rules, "--workers", "1", *request.param)


def form(*words: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("said", [words], indirect=True)


@form("--ndjson")
def test_ndjson_is_one_valid_finding_per_line_and_nothing_else(said: Said, logs: Path) -> None:
    assert [check_record(one) for one in said.lines] == [[], [], [], []]
    told = [
        (
            one["finding_info"]["analytic"]["uid"],
            one["finding_info"]["analytic"]["name"],
            one["severity"],
            [evidence["data"]["origin"] for evidence in one["evidences"]],
        )
        for one in said.lines
    ]
    auth, sysmon = str(logs / "auth.log"), str(logs / "sysmon.json")
    lines = (logs / "sysmon.json").read_bytes().splitlines(keepends=True)
    assert told == [
        (ROOT, "Root came in by password", "High", [{"path": auth, "record": 1, "offset": 0}]),
        (FAILED, "A login failed", "Low", [{"path": auth, "record": 2, "offset": len(accepted(10))}]),
        (WHOAMI, "Somebody asks who they are", "Medium", [{"path": sysmon, "record": 1, "offset": 0}]),
        (WHOAMI, "Somebody asks who they are", "Medium", [{"path": sysmon, "record": 2, "offset": len(lines[0])}]),
    ]
    assert [evidence["data"]["raw_data"] for one in said.lines for evidence in one["evidences"]] == [
        accepted(10).strip(),
        accepted(20).strip().replace("Accepted", "Failed"),
        lines[0].decode().strip(),
        lines[1].decode().strip(),
    ]
    assert all(len(evidence["uid"]) == 32 for one in said.lines for evidence in one["evidences"])


@form("--ndjson")
def test_what_a_person_must_know_is_on_standard_error(said: Said) -> None:
    assert said.err.splitlines() == [
        "bartizan: 1 of 7 records (14.3 %) could not be parsed, in 1 file.",
        f"bartizan: 1 rule could not be loaded, first {said.err.splitlines()[1].split()[-1]}",
    ]
    assert said.err.endswith("broken.yml.\n")
    assert said.code == 3


@form("--ocsf")
def test_ocsf_is_one_array_of_the_same_findings(said: Said, logs: Path, rules: Path) -> None:
    assert said.json == bartizan("hunt", logs, "--rules", rules, "--ndjson").lines


def test_an_array_of_no_findings_is_empty(rules: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", [accepted(1, user="guest")])
    assert bartizan("hunt", log, "--rules", rules, "--ocsf").out == "[]\n"
    assert bartizan("hunt", log, "--rules", rules, "--ndjson").out == ""


@form("--json")
def test_json_is_one_object_with_the_story(said: Said, logs: Path) -> None:
    told = said.json
    assert list(told) == [
        *("headline", "caveats", "events", "findings", "first", "last", "levels", "tactics", "entities", "groups"),
        *("held_back", "read_first", "balance", "verdicts"),
    ]
    assert (told["events"], told["findings"]) == (5, 4)
    assert (told["first"], told["last"]) == (1_795_392_010_000, 1_795_392_050_000)
    assert told["levels"] == {"critical": 0, "high": 1, "medium": 2, "low": 1, "informational": 0}
    assert told["tactics"] == ["initial-access", "credential-access", "discovery"]
    assert [(one["rule"], one["count"], one["entities"]) for one in told["groups"]] == [
        (ROOT, 1, ["host:web-01", "ip:203.0.113.50"]),
        (FAILED, 1, ["host:web-01", "ip:203.0.113.50"]),
        (WHOAMI, 2, ["host:ws-1.corp.example", r"user:corp\analyst"]),
    ]
    assert set(told["entities"][0]) == {"entity", "risk", "level", "findings", "why"}
    assert [file["path"] for file in told["balance"]["files"]] == [str(logs / "auth.log"), str(logs / "sysmon.json")]
    assert {one["verdict"] for one in told["verdicts"]} == {"running", "cannot-fire", "refused"}


def test_the_balance_is_written_as_documented(logs: Path, rules: Path, tmp_path: Path) -> None:
    said = bartizan("hunt", logs, "--rules", rules, "--balance", tmp_path / "b.json", "--quiet")
    sizes = {name: (logs / name).stat().st_size for name in ("auth.log", "sysmon.json")}
    assert json.loads((tmp_path / "b.json").read_bytes()) == {
        "files": [
            {
                "path": str(logs / "auth.log"),
                "source": "syslog",
                "read": 4,
                "stored": 2,
                "unparsed": 1,
                "duplicate": 1,
                "flawed": 0,
                "bytes": sizes["auth.log"],
                "problems": [],
                "notes": [],
            },
            {
                "path": str(logs / "sysmon.json"),
                "source": "windows-flat-json",
                "read": 3,
                "stored": 3,
                "unparsed": 0,
                "duplicate": 0,
                "flawed": 0,
                "bytes": sizes["sysmon.json"],
                "problems": [],
                "notes": [],
            },
        ],
        "total": {"read": 7, "stored": 5, "unparsed": 1, "duplicate": 1, "flawed": 0, "bytes": sum(sizes.values())},
        "by_source": {"syslog": 2, "windows-flat-json": 3},
        "outside": 0,
        "partial": "",
    }
    assert said.out == ""


def test_the_verdicts_are_written_as_documented(logs: Path, rules: Path, tmp_path: Path) -> None:
    bartizan("hunt", logs, "--rules", rules, "--verdicts", tmp_path / "v.json", "--level", "low", "--quiet")
    told = {one["path"].rsplit("/")[-1]: one for one in json.loads((tmp_path / "v.json").read_bytes())}
    assert list(told) == ["cloud.yml", "failed.yml", "integrity.yml", "root.yml", "whoami.yml", "broken.yml"]
    assert told["whoami.yml"] == {
        "id": WHOAMI,
        "title": "Somebody asks who they are",
        "level": "medium",
        "path": str(rules / "whoami.yml"),
        "logsource": "windows/process_creation/-",
        "verdict": "running",
        "reason": "",
        "findings": 2,
    }
    assert [told[name]["verdict"] for name in told] == ["not-asked", "running", "cannot-fire", "running", "running", "refused"]
    assert told["broken.yml"] == {
        "id": "66666666-6666-4666-8666-666666666666",
        **dict.fromkeys(("title", "level", "logsource"), ""),
        "path": str(rules / "broken.yml"),
        "verdict": "refused",
        "reason": "line 3: level: 'hihg' is no level (did you mean 'high'?)",
        "findings": 0,
    }


def test_csv_has_a_line_per_group_that_no_spreadsheet_computes(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "=cmd.log", [accepted(1, host="=HYPERLINK(1)"), accepted(2, host="=HYPERLINK(1)")])
    said = bartizan("hunt", log, "--rules", rules, "--csv")
    rows = list(csv.DictReader(io.StringIO(said.out, newline="")))
    assert [(row["count"], row["rule_id"], row["level"], row["record"]) for row in rows] == [("2", ROOT, "high", "1")]
    assert [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))] == []


@form("--navigator")
def test_navigator_is_a_layer(said: Said) -> None:
    assert said.json["versions"]["layer"] == "4.5"
    assert {one["techniqueID"]: one["score"] for one in said.json["techniques"]} == {"T1078.003": 1, "T1110": 1, "T1033": 2}


@form("--quiet")
def test_quiet_says_nothing(said: Said) -> None:
    assert (said.out, said.err) == ("", "")


@form()
def test_the_story_says_what_was_read_and_what_happened(said: Said) -> None:
    assert "read 7 = 5 stored + 1 unparsed + 1 duplicate" in said.out
    assert "Root came in by password" in said.out
    assert "\x1b" not in said.out
    assert said.err == ""


def test_a_result_that_is_kept_is_a_folder_of_documented_files(logs: Path, rules: Path, tmp_path: Path) -> None:
    out = tmp_path / "case"
    said = bartizan("hunt", logs, "--rules", rules, "--out", out)
    assert sorted(path.name for path in out.iterdir()) == [
        *("balance.json", "ext", "findings.ndjson", "identities", "navigator.json", "report.html", "verdicts.json")
    ]
    assert (out / "findings.ndjson").read_text() == bartizan("hunt", logs, "--rules", rules, "--ndjson").out
    assert (out / "report.html").read_text().startswith("<!doctype html>")
    assert json.loads((out / "balance.json").read_bytes())["total"]["stored"] == 5
    count = "SELECT count(*) FROM read_parquet('{}/**/*.parquet')"
    tables = {path.name: duckdb.sql(count.format(path)).fetchall() for path in (out / "ext").iterdir()}
    assert tables == {"authentication": [(2,)], "detection_finding": [(4,)], "process_activity": [(3,)], "unparsed": [(1,)]}
    assert f"report:   {out}/report.html\nfindings: {out}/findings.ndjson\n" in said.out


def test_the_line_to_paste_asks_the_findings(logs: Path, rules: Path, tmp_path: Path) -> None:
    said = bartizan("hunt", logs, "--rules", rules, "--out", tmp_path / "a case's")
    line = next(line for line in said.out.splitlines() if line.startswith("ask:"))
    command, option, sql = shlex.split(line.removeprefix("ask:"))
    assert (command, option) == ("duckdb", "-c")
    assert [(severity, title) for _, severity, title, _ in duckdb.sql(sql).fetchall()] == [
        *(("High", "Root came in by password"), ("Low", "A login failed")),
        *(("Medium", "Somebody asks who they are"), ("Medium", "Somebody asks who they are")),
    ]


def test_nothing_to_ask_is_not_offered(rules: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", [accepted(1, user="guest")])
    assert "ask:" not in bartizan("hunt", log, "--rules", rules, "--out", tmp_path / "case").out


def test_a_folder_with_a_result_is_not_mixed_with_another(logs: Path, rules: Path, tmp_path: Path) -> None:
    out = tmp_path / "case"
    bartizan("hunt", logs, "--rules", rules, "--out", out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    said = bartizan("hunt", logs, "--rules", rules, "--out", out)
    assert (said.code, said.out) == (4, "")
    assert said.err == f"bartizan: {out}/ext: holds records of an earlier run: name another folder, or delete this one first\n"
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_the_folder_of_the_results_is_not_hunted_through(rules: Path, tmp_path: Path) -> None:
    write(tmp_path / "auth.log", [accepted(1)])
    out = tmp_path / "case"
    bartizan("hunt", tmp_path, "--rules", rules, "--out", out)
    files = json.loads((out / "balance.json").read_bytes())["files"]
    assert [(file["path"], file["read"], file["notes"]) for file in files] == [
        (str(tmp_path / "auth.log"), 1, []),
        (str(out), 0, ["the results are written here: passed over"]),
    ]


def test_a_report_alone_can_be_asked_for(clean: Path, rules: Path, tmp_path: Path) -> None:
    said = bartizan("hunt", clean, "--rules", rules, "--report", tmp_path / "r.html", "--quiet")
    assert (said.code, said.out) == (0, "")
    assert "Root came in by password" in (tmp_path / "r.html").read_text()


def test_a_pipe_can_be_written_to(clean: Path, rules: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        assert bartizan("hunt", clean, "--rules", rules, "--quiet", "--balance", tmp_path / "pipe").code == 0
        assert json.loads(reader.communicate(timeout=10)[0])["total"]["read"] == 2


def test_one_output_that_cannot_be_written_does_not_cost_the_others(clean: Path, rules: Path, tmp_path: Path) -> None:
    said = bartizan("hunt", clean, "--rules", rules, "--ndjson", "--balance", "/dev/full", "--verdicts", tmp_path / "v.json")
    assert said.code == 4
    assert len(said.lines) == 1
    assert (tmp_path / "v.json").exists()
    assert (
        said.err.splitlines()[-1] == "bartizan: /dev/full: cannot be written: No space left on device; free some room or name another file"
    )
