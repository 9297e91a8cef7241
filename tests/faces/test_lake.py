"""What the commands about lakes say and do."""

from __future__ import annotations

import csv
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan

from bartizan.collect.catalogue import catalogue

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = "Mar 10 10:00:0{} web sshd[12]: Failed password for root from 203.0.113.{} port 22 ssh2\n"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case")
    lines = [LOGIN.format(second, 9 if second < 3 else 8) for second in range(1, 5)]
    (folder / "auth.log").write_text("".join([*lines, "garbage\n", lines[0]]))
    assert bartizan("hunt", folder / "auth.log", "--out", folder / "out", "--quiet").code in {0, 3}
    return folder / "out"


@pytest.fixture
def lake(tmp_path: Path, case: Path) -> Path:
    assert bartizan("lake", "init", tmp_path / "records").code == 0
    assert bartizan("lake", "import", tmp_path / "records", case).out == f"{case}: 5 records in 2 files\n"
    return tmp_path / "records"


def test_what_a_hunt_kept_is_taken_in_once(lake: Path, case: Path, tmp_path: Path) -> None:
    assert bartizan("lake", "import", lake, case).out == f"{case}: was in the lake already\n"
    said = bartizan("lake", "import", lake, tmp_path)
    assert (said.code, said.err.startswith(f"bartizan: {tmp_path}: holds no records: name a folder that")) == (2, True)
    status = bartizan("lake", "status", lake, "--json").json
    assert [(table["name"], table["rows"]) for table in status["tables"]] == [("authentication", 4), ("unparsed", 1)]
    assert status["balance"] == [
        {"source": "syslog", "read": 6, "stored": 4, "unparsed": 1, "duplicate": 1, "receipt": "", "day": None},
    ]
    assert "syslog: read 6 = 4 stored + 1 unparsed + 1 duplicate" in bartizan("lake", "status", lake).out.splitlines()


def test_the_balance_is_told_by_day_and_source(lake: Path) -> None:
    said = bartizan("lake", "balance", lake).out
    assert said.endswith(" syslog: read 6 = 4 stored + 1 unparsed + 1 duplicate\n")
    assert [one["read"] for one in bartizan("lake", "balance", lake, "--json", "--since", "2d").lines] == [6]
    assert bartizan("lake", "balance", lake, "--until", "2020-01-01").out == "nothing was read in these days\n"


def test_a_balance_that_is_none_is_said(lake: Path, case: Path, tmp_path: Path) -> None:
    assert bartizan("lake", "export", lake, tmp_path / "copy").out == f"{tmp_path / 'copy'}: 5 records in 2 files\n"
    (tmp_path / "copy" / "balance.json").write_text("[]")
    bartizan("lake", "init", tmp_path / "other")
    said = bartizan("lake", "import", tmp_path / "other", tmp_path / "copy")
    assert (said.code, "is no balance of a hunt" in said.err) == (2, True)
    (tmp_path / "copy" / "balance.json").unlink()
    assert bartizan("lake", "import", tmp_path / "other", tmp_path / "copy").out == f"{tmp_path / 'copy'}: 5 records in 2 files\n"
    assert case.is_dir()


def test_a_question_is_answered_as_a_table_json_or_csv(lake: Path) -> None:
    asked = "SELECT src_endpoint.ip AS ip, count(*) AS n FROM authentication WHERE src_endpoint.ip <> $no GROUP BY 1 ORDER BY 1"
    words = ("lake", "sql", lake, asked, "--param", "no=x")
    assert bartizan(*words).out == "ip           n\n203.0.113.8  2\n203.0.113.9  2\n"
    assert bartizan(*words, "--ndjson").lines == [{"ip": "203.0.113.8", "n": 2}, {"ip": "203.0.113.9", "n": 2}]
    assert list(csv.reader(bartizan(*words, "--csv").out.splitlines())) == [["ip", "n"], ["203.0.113.8", "2"], ["203.0.113.9", "2"]]
    assert bartizan(*words, "--max-rows", "1").out.endswith("and more rows; 1 are shown\n")
    assert bartizan("lake", "sql", lake, "SELECT $n + 1, '=1', NULL, [1]", "--param", "n=1", "--csv").out.splitlines()[1] == "2,'=1,,[1]"
    none = ("lake", "sql", lake, "SELECT count(*) AS n FROM authentication", "--ndjson", "--since", "2026-04-01")
    assert bartizan(*none).lines == [{"n": 0}]
    assert bartizan("lake", "sql", lake, "SELECT 1", "--param", "x").err.startswith("bartizan: --param x: write NAME=VALUE")
    said = bartizan("lake", "sql", lake, "DROP VIEW authentication")
    assert (said.code, "this is DROP" in said.err) == (2, True)


def test_a_value_is_found_by_the_index(lake: Path) -> None:
    said = bartizan("pivot", "203.0.113.9", "198.51.100.1", "--lake", lake)
    assert said.code == 0
    assert said.out.splitlines() == [
        "203.0.113.9: 2 times in 1 files, 2026-03-10 10:00:01 to 2026-03-10 10:00:02",
        "  authentication: 2 times, 2026-03-10 10:00:01 to 2026-03-10 10:00:02",
        "198.51.100.1: not seen",
    ]
    assert [one["count"] for one in bartizan("pivot", "203.0.113.9", "--lake", lake, "--json").lines] == [2]
    assert bartizan("pivot", "203.0.113.9", "--lake", lake, "--since", "2026-04-01").code == 1


def test_a_record_is_fetched_with_its_proof(lake: Path) -> None:
    asked = "SELECT metadata.uid AS uid FROM authentication ORDER BY time LIMIT 1"
    [row] = bartizan("lake", "sql", lake, asked, "--ndjson").lines
    said = bartizan("lake", "get", lake, row["uid"])
    [found] = said.lines
    assert (said.code, found["record"]["raw_data"], found["proof"]["intact"]) == (0, LOGIN.format(1, 9).strip(), True)
    assert bartizan("lake", "get", lake, "00" * 16).code == 1


def test_raw_records_come_out_as_they_came_and_can_be_hunted_again(lake: Path, tmp_path: Path) -> None:
    bartizan("lake", "export", lake, tmp_path / "raw", "--raw", "--since", "2026-03-10T10:00:02", "--until", "2026-03-10T10:00:04")
    assert [path.read_text() for path in (tmp_path / "raw").iterdir()] == [LOGIN.format(2, 9) + LOGIN.format(3, 8)]
    assert bartizan("hunt", tmp_path / "raw", "--json").json["balance"]["total"]["read"] == 2
    said = bartizan("lake", "export", lake, tmp_path / "raw")
    assert (said.code, said.err) == (4, f"bartizan: {tmp_path / 'raw'}: is not empty: name a new folder\n")


def test_a_lake_is_hunted_through_its_raw_records(lake: Path, case: Path, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    rule = "title: Refused\nid: 5b0dcb0e-7ff2-4a8c-8c36-6a8dbd6f1b0f\nlogsource: {product: linux, service: sshd}\nlevel: low\n"
    (tmp_path / "rules" / "one.yml").write_text(f"{rule}detection: {{words: [Failed password], condition: words}}\n")
    logs, old = (bartizan("hunt", path, "--rules", tmp_path / "rules", "--ndjson").lines for path in (case.parent / "auth.log", lake))
    assert len(old) == 4
    assert sorted(one["evidences"][0]["uid"] for one in old) == sorted(one["evidences"][0]["uid"] for one in logs)
    late = ("--since", "2026-03-10T10:00:03", "--until", "2026-03-10T10:00:04")
    assert len(bartizan("hunt", lake, case.parent / "auth.log", "--rules", tmp_path / "rules", "--ndjson", *late).lines) == 1


def test_findings_of_other_products_are_records_and_ours_are_none(tmp_path: Path) -> None:
    finding = catalogue().named("guardduty")
    assert finding is not None
    raw = finding.examples[0].raw[0]
    (tmp_path / "guardduty.json").write_bytes(raw + b"\n")
    bartizan("hunt", tmp_path / "guardduty.json", "--rules", "starter", "--out", tmp_path / "out", "--quiet")
    assert len((tmp_path / "out" / "findings.ndjson").read_bytes().splitlines()) == 1
    lake = tmp_path / "records"
    bartizan("lake", "init", lake)
    assert bartizan("lake", "import", lake, tmp_path / "out").out == f"{tmp_path / 'out'}: 2 records in 1 files\n"
    balance = bartizan("lake", "status", lake, "--json").json["balance"]
    assert [(one["read"], one["stored"], one["unparsed"]) for one in balance] == [(1, 1, 0)]
    bartizan("lake", "export", lake, tmp_path / "raw", "--raw")
    assert [path.read_bytes() for path in (tmp_path / "raw").iterdir()] == [raw + b"\n"]
    (tmp_path / "list.txt").write_text("203.0.113.9\n")
    said = bartizan("indicators", "match", tmp_path / "list.txt", "--on", tmp_path / "out", "--ndjson")
    assert [one["evidences"][0]["data"]["raw_data"] for one in said.lines] == [raw.decode()]


def test_a_lake_is_maintained_held_erased_and_verified(lake: Path) -> None:
    assert bartizan("lake", "verify", lake).out == "2 files with 5 records read: everything is as it was written\n"
    why = ("--reason", "a court asks", "--by", "legal@example.com")
    assert bartizan("lake", "hold", lake, "case-7", *why, "--table", "authentication").out == "case-7 is in force\n"
    assert "legal hold case-7: a court asks" in bartizan("lake", "status", lake).out
    assert bartizan("lake", "maintain", lake, "--days", "1").out == "0 files made into 0, 0 expired, 1 held, 0 moved, 0 deleted\n"
    said = bartizan("lake", "erase", lake, "203.0.113.9", *why)
    assert (said.code, "is under the legal hold 'case-7': release it first" in said.err) == (2, True)
    assert bartizan("lake", "hold", lake, "case-7", "--release", *why).out == "case-7 is released\n"
    assert bartizan("lake", "erase", lake, "203.0.113.9", *why).out == "2 records in 1 files are erased\n"
    forever = ("--table-days", "authentication=forever", "--table-days", "unparsed=9000")
    assert bartizan("lake", "maintain", lake, "--days", "1", *forever).out.startswith("0 files made into 0, 0 expired")
    assert bartizan("lake", "maintain", lake, "--days", "soon").err.startswith("bartizan: --days: 'soon' is no number of days")
    [path] = lake.glob("ext/authentication/region=local/**/*.parquet")
    path.write_bytes(b"PAR1")
    said = bartizan("lake", "verify", lake)
    assert said.code == 1
    assert said.out.splitlines()[0] == f"{path}: is not as it was written: bring it back from a backup"


def test_a_hunt_does_not_write_over_a_lake(lake: Path, case: Path) -> None:
    said = bartizan("hunt", case.parent / "auth.log", "--out", lake)
    assert (said.code, f"{lake}: is a lake: keep the result in a folder of its own" in said.err) == (4, True)


def test_a_folder_that_is_no_lake_is_said(tmp_path: Path) -> None:
    said = bartizan("pivot", "x", "--lake", tmp_path)
    assert (said.code, said.err.startswith(f"bartizan: {tmp_path}: is no lake: `bartizan lake init {tmp_path}` makes one")) == (2, True)


BARE = """
import sys
for name in ("deltalake", "duckdb", "pyarrow"):
    sys.modules[name] = None
from bartizan.faces.cli.main import run
why = ["--reason", "r", "--by", "b"]
asked = [["init"], ["import", "f"], ["export", "f"], ["status"], ["balance"], ["sql", "SELECT 1"], ["get", "x"], ["verify"], ["maintain"]]
for action, *rest in [*asked, ["hold", "n", *why], ["erase", "v", *why]]:
    print(run(["lake", action, sys.argv[1], *rest]))
print(run(["pivot", "x", "--lake", sys.argv[1]]), run(["hunt", sys.argv[1]]))
"""


def test_without_the_extra_every_command_says_which_it_is(lake: Path) -> None:
    done = subprocess.run([sys.executable, "-c", BARE, str(lake)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2"] * 13
    assert set(done.stderr.splitlines()) == {"bartizan: a lake that is kept needs the extra 'lake': pip install 'bartizan[lake]'"}


LOGON = "title: A\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\nlogsource: {product: linux, service: sshd}\n"


def test_a_new_rule_is_put_to_old_records(lake: Path, tmp_path: Path) -> None:
    rule = tmp_path / "rule.yml"
    rule.write_text(f"{LOGON}detection: {{a: ['203.0.113.8'], condition: a}}\n")
    said = bartizan("retro", "--rules", rule, "--lake", lake, "--workers", "1", "--fail-on-match")
    assert (said.code, said.out.splitlines()[-1]) == (1, "2 findings; 4 of 5 records were read, in 1 of 2 files")
    found = bartizan("retro", "--rules", rule, "--lake", lake, "--workers", "1", "--ndjson", "--whole")
    assert [one["finding_info"]["title"] for one in found.lines] == ["A", "A"]
    assert found.err.endswith("2 findings; 5 of 5 records were read, in 2 of 2 files\n")
    assert bartizan("retro", "--rules", rule, "--lake", lake, "--workers", "1", "--until", "2000-01-01").code == 0


def test_old_days_are_kept_elsewhere(lake: Path, tmp_path: Path) -> None:
    assert bartizan("lake", "cold", lake, "ftp://old").code == 2
    said = bartizan("lake", "cold", lake, f"file://{tmp_path}/old", "--at-hand", "1")
    assert said.out == f"{lake} keeps files of old days in file://{tmp_path}/old; `bartizan lake maintain --cold-days N` moves them there\n"
    assert bartizan("lake", "maintain", lake, "--cold-days", "1").out.startswith("0 files made into 0, 0 expired, 0 held, 1 moved, ")
    assert "authentication" in bartizan("lake", "status", lake).out
    assert "1 files elsewhere" in bartizan("lake", "status", lake).out
    assert bartizan("lake", "sql", lake, "SELECT count(*) AS n FROM authentication", "--ndjson").lines == [{"n": 4}]
    assert bartizan("lake", "verify", lake).out == "2 files with 5 records read: everything is as it was written\n"
    assert bartizan("lake", "export", lake, tmp_path / "copy").out == f"{tmp_path / 'copy'}: 5 records in 2 files\n"
