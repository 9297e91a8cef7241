from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.hunting import accepted, process, write

import bartizan
from bartizan import Asked, hunt, workbench
from bartizan.collect.limits import Limits
from bartizan.detect.hunt import run as running
from bartizan.errors import BartizanError, InputError, MissingExtra, OutputError, RulesError, UsageError
from bartizan.workbench import loading

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write(tmp_path / "auth.log", [accepted(10), accepted(20, user="guest"), accepted(10), "???\n"])


def test_frames_hold_findings_balance_and_verdicts(log: Path, rules: Path) -> None:
    with hunt(log, rules=[rules], asked=Asked(level="low")) as found:
        findings, balance, verdicts = found.findings(), found.balance(), found.verdicts()
        lines = [line.decode() for line in found.spool.lines()]
    columns = ["time", "rule_id", "title", "level", "severity_id", "record_id", "path", "record", "raw", "finding_uid", "finding"]
    assert findings.columns == columns
    (row,) = findings.rows(named=True)
    told = json.loads(row["finding"])
    assert [row["finding"]] == lines
    assert (row["time"].isoformat(), row["title"], row["level"]) == ("2026-11-23T00:00:10+00:00", "Root came in by password", "high")
    assert (row["severity_id"], row["path"], row["record"], row["raw"]) == (4, str(log), 1, accepted(10).strip())
    assert (row["record_id"], row["finding_uid"]) == (told["evidences"][0]["uid"], told["finding_info"]["uid"])
    assert balance.rows() == [(str(log), "syslog", 4, 2, 1, 1, log.stat().st_size, [])]
    assert balance.columns == ["path", "source", "read", "stored", "unparsed", "duplicate", "bytes", "problems"]
    assert verdicts.columns == ["rule_id", "title", "level", "path", "logsource", "verdict", "reason", "findings"]
    assert verdicts.select("verdict", "findings").rows() == [
        *(("not-asked", 0), ("running", 0), ("cannot-fire", 0), ("running", 1), ("cannot-fire", 0), ("refused", 0))
    ]


def test_frames_of_nothing_have_their_columns(tmp_path: Path, rules: Path) -> None:
    with hunt(write(tmp_path / "empty.log", []), rules=[rules]) as found:
        assert found.findings().height == 0
        assert str(found.findings().schema["time"]) == "Datetime(time_unit='ms', time_zone='UTC')"
        assert found.balance().height == 1
        found.keep()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.log"]


def test_a_hunt_that_keeps_nothing_loads_no_engine(log: Path, rules: Path) -> None:
    heavy = {"polars", "duckdb", "pyarrow", "deltalake"}
    code = f"import bartizan, sys; bartizan.hunt({str(log)!r}, rules=[{str(rules)!r}]).close(); print({heavy!r} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_hunt_through_nothing_is_refused(rules: Path) -> None:
    with pytest.raises(UsageError, match="nothing to hunt through: name a file, a folder, or - for standard input"):
        hunt(rules=[rules])


def test_a_level_that_is_none_is_refused(log: Path, rules: Path) -> None:
    with pytest.raises(UsageError, match="level: 'hihg' is no level; there are informational, low, medium, high, critical"):
        hunt(log, rules=[rules], asked=Asked(level="hihg"))


def test_a_path_that_is_not_there_is_told_before_anything_is_made(tmp_path: Path, rules: Path) -> None:
    with pytest.raises(InputError):
        hunt(tmp_path / "nowhere", rules=[rules], out=tmp_path / "case")
    assert list(tmp_path.iterdir()) == []


def test_a_pack_that_is_not_there_is_told(log: Path, tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no such rule file or folder"):
        hunt(log, rules=[tmp_path / "nowhere"])


def test_compiled_rules_are_kept_where_it_is_asked_for(log: Path, rules: Path, tmp_path: Path) -> None:
    with hunt(log, rules=[rules], asked=Asked(cache=tmp_path / "cache")):
        assert len(list((tmp_path / "cache").glob("*.plans"))) == 1


@pytest.mark.parametrize(("now", "flagged"), [(1_795_430_000_000_000_000, False), (1_600_000_000_000_000_000, True)])
def test_a_clock_after_the_time_it_is_taken_to_be_is_said_to_be_wrong(tmp_path: Path, rules: Path, now: int, *, flagged: bool) -> None:
    import polars as pl

    log = write(tmp_path / "a.json", [process(1)])
    with hunt(log, rules=[rules], out=tmp_path / "case", asked=Asked(now=now)):
        (record,) = pl.read_parquet(tmp_path / "case" / "ext" / "process_activity" / "**" / "*.parquet").rows(named=True)
    assert ("in-the-future" in str(record["unmapped"])) is flagged


def test_values_that_fit_no_column_are_told(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "a.json", [process(1), process(2, ProcessId=10**23)])
    with hunt(log, rules=[rules], out=tmp_path / "case") as found:
        assert [(one.table, one.path, one.values, one.example) for one in found.misfits] == [
            ("process_activity", "process.pid", 1, str(10**23))
        ]


def test_records_of_several_classes_go_to_their_tables(tmp_path: Path, rules: Path) -> None:
    lines = [
        process(1),
        process(2, EventID=5),
        process(3, EventID=22, QueryName="example.com"),
        process(4, EventID=3, DestinationIp="192.0.2.1"),
    ]
    with hunt(write(tmp_path / "a.json", lines), rules=[rules], out=tmp_path / "case") as found:
        assert found.outcome.events == 4
    assert {path.name for path in (tmp_path / "case" / "ext").iterdir()} >= {"process_activity", "dns_activity", "network_activity"}


def test_an_accident_leaves_no_half_file_of_findings(log: Path, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_words: object) -> None:
        message = "deep inside"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(running, "verdicts", broken)
    with pytest.raises(ZeroDivisionError):
        hunt(log, rules=[rules], out=tmp_path / "case")
    assert [path.name for path in (tmp_path / "case").iterdir()] == ["ext"]


@pytest.mark.slow
def test_the_demo_scores_what_it_found(tmp_path: Path) -> None:
    with workbench.demo(tmp_path, seed=3, events=6_000) as shown:
        assert shown.score.actions.whole == len(shown.truth.actions)
        assert shown.score.actions.part > 0
        assert shown.hunt.outcome.findings == shown.score.findings.whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "result", "truth.json"]


def test_our_own_content_is_found_beside_the_code_or_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert (workbench.content_folder() / "detections").is_dir()
    (tmp_path / "content").mkdir()
    monkeypatch.setattr(loading, "files", lambda _name: tmp_path)
    assert workbench.content_folder() == tmp_path / "content"
    monkeypatch.setattr(loading, "files", lambda _name: tmp_path / "nowhere")
    monkeypatch.setattr(loading, "__file__", str(tmp_path / "a" / "b" / "c" / "workbench" / "loading.py"))
    with pytest.raises(InputError, match="the content that belongs to bartizan is missing; install it anew"):
        workbench.content_folder()


def test_there_is_at_least_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    assert workbench.default_workers() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert workbench.default_workers() == os.cpu_count()


def test_a_filter_alone_is_no_rule_to_explain(tmp_path: Path) -> None:
    text = "title: Not these\nlogsource: {product: linux}\nfilter: {rules: any, selection: {a: b}, condition: selection}\n"
    file = write(tmp_path / "filter.yml", [text])
    with pytest.raises(UsageError, match=r"filter\.yml: holds no rule"):
        workbench.reference_of(str(file), ())


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError("x"), 2), (InputError("x"), 2), (RulesError("x"), 2), (OutputError("x"), 4), (MissingExtra("SQL", "sql"), 2)],
)
def test_an_error_knows_its_exit_code(error: BartizanError, code: int) -> None:
    assert isinstance(error, BartizanError)
    assert error.exit_code == code


def test_a_missing_extra_says_how_to_install_it() -> None:
    assert str(MissingExtra("SQL", "sql")) == "SQL needs the extra 'sql': pip install 'bartizan[sql]'"


def test_what_the_package_offers_is_there() -> None:
    assert bartizan.__all__ == sorted(bartizan.__all__)
    assert all(hasattr(bartizan, name) for name in bartizan.__all__)
    assert Limits().chunk > 0
