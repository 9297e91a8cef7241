"""What `bartizan hunt LAKE --engine ENGINE` says and does."""

from __future__ import annotations

import importlib.util
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = "Mar 10 10:00:0{} web sshd[12]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
RULE = """
title: A login failed
id: 22222222-2222-4222-8222-222222222222
level: low
logsource: {product: linux, service: sshd}
detection: {words: [Failed password], condition: words}
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case")
    (folder / "auth.log").write_text("".join(map(LOGIN.format, range(1, 5))))
    (folder / "rule.yml").write_text(RULE)
    assert bartizan("hunt", folder / "auth.log", "--rules", folder / "rule.yml", "--out", folder / "out", "--quiet").code == 0
    assert bartizan("lake", "init", folder / "lake").code == 0
    assert bartizan("lake", "import", folder / "lake", folder / "out").code == 0
    return folder


def test_the_findings_are_those_of_the_hunt_through_the_logs(case: Path) -> None:
    through_logs = bartizan("hunt", case / "auth.log", "--rules", case / "rule.yml", "--ndjson", "--quiet")
    through_lake = bartizan(
        "hunt", case / "lake", "--rules", case / "rule.yml", "--ndjson", "--engine", "local", "--workers", "1", "--quiet"
    )
    assert (through_lake.code, len(through_lake.lines)) == (0, 4)
    assert [one["metadata"]["uid"] for one in through_lake.lines] == [one["metadata"]["uid"] for one in through_logs.lines]


def test_findings_are_kept_and_records_stay_where_they_are(case: Path, tmp_path: Path) -> None:
    said = bartizan(
        "hunt", case / "lake", "--rules", case / "rule.yml", "--engine", "local", "--workers", "1", "--out", tmp_path / "kept"
    )  # fmt: skip
    assert said.code == 0
    assert f"{case / 'auth.log'}\n" in said.out
    assert len((tmp_path / "kept" / "findings.ndjson").read_text().splitlines()) == 4
    assert [path.name for path in (tmp_path / "kept" / "ext").iterdir()] == ["detection_finding"]


@pytest.mark.parametrize(("paths", "told"), [(["auth.log"], "name one lake"), (["lake", "auth.log"], "name one lake")])
def test_what_is_not_one_lake_is_refused(case: Path, paths: list[str], told: str) -> None:
    said = bartizan("hunt", *(case / path for path in paths), "--engine", "local", "--rules", case / "rule.yml")
    assert (said.code, told in said.err) == (2, True)


def test_an_engine_that_there_is_not_is_told(case: Path) -> None:
    said = bartizan("hunt", case / "lake", "--engine", "dask", "--rules", case / "rule.yml")
    assert (said.code, said.err) == (2, "bartizan: --engine dask: there is no such engine; there are local, sail, sc, spark\n")


@pytest.mark.parametrize(
    ("engine", "lacks", "extra"),
    [("spark://here:7077", "pyspark", "spark"), ("sc://here:50051", "pyspark", "sail"), ("sail", "pysail", "sail")],
)
def test_the_extra_that_an_engine_needs_is_named(case: Path, monkeypatch: pytest.MonkeyPatch, engine: str, lacks: str, extra: str) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == lacks else found(name))
    said = bartizan("hunt", case / "lake", "--engine", engine, "--rules", case / "rule.yml")
    assert (said.code, said.err) == (2, f"bartizan: --engine {engine} needs the extra '{extra}': pip install 'bartizan[{extra}]'\n")


def test_spark_without_java_is_told(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    said = bartizan("hunt", case / "lake", "--engine", "spark://here:7077", "--rules", case / "rule.yml")
    assert (said.code, "needs Java 17 or later here: install it, or use sc:// or sail" in said.err) == (2, True)


def test_what_comes_into_a_lake_is_told_and_put_there_once(case: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    bartizan("hunt", case / "auth.log", "--rules", case / "rule.yml", "--level", "critical", "--out", tmp_path / "out", "--quiet")
    bartizan("lake", "init", lake)
    bartizan("lake", "import", lake, tmp_path / "out")
    words = ("lake", "follow", lake, "--state", tmp_path / "state", "--rules", case / "rule.yml", "--once", "--workers", "1")
    said = bartizan(*words)
    assert (said.code, len(said.lines)) == (0, 4)
    assert bartizan(*words).out == ""
    counted = bartizan("lake", "sql", lake, "SELECT count(*), count(DISTINCT metadata.uid) FROM detection_finding", "--csv")
    assert counted.out.splitlines()[1:] == ["4,4"]


def test_what_a_lake_held_before_is_passed_over_from_now(case: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(case / "lake", lake)
    words = ("lake", "follow", lake, "--state", tmp_path / "state", "--rules", case / "rule.yml", "--once", "--workers", "1", "--from-now")
    assert (bartizan(*words).out, bartizan(*words).code) == ("", 0)
