from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tests.hunting import CLOUD, accepted, hunted, pack, write

from bartizan.detect.indicators.decay import Decay
from bartizan.detect.indicators.stored import look_through, stored_files
from bartizan.detect.indicators.watch import Asked, watch_for
from bartizan.errors import InputError, UsageError
from bartizan.explain.caveats import caveats_of
from bartizan.faces.cli.main import run as command
from bartizan.testing.ocsf_check import check_record
from bartizan.workbench import Asked as Options
from bartizan.workbench import hunt

if TYPE_CHECKING:
    from tests.hunting import Told

SEEN = 1_795_428_000_000_000_000
"""2026-11-23T10:00:00Z, about when the records are of."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    lines = [accepted(1), accepted(2), accepted(2), accepted(3).replace("203.0.113.50", "10.9.8.7")]
    return write(tmp_path / "logs" / "auth.log", lines)


def looked(log: Path, rules: Path, text: str, **asked: Any) -> Told:  # noqa: ANN401 - any option of the watch
    path = log.parent.parent / "list.txt"
    path.write_text(text, encoding="utf-8")
    return hunted([log], rules, indicators=Asked(paths=(str(path),), **asked))


def met(told: Told) -> list[tuple[str, str, int, list[str]]]:
    """Return title, severity, record and indicators of the findings that indicators made."""
    return [
        (
            one["finding_info"]["title"],
            one["severity"],
            one["evidences"][0]["data"]["origin"]["record"],
            [each["value"] for each in one["osint"]],
        )
        for one in told.findings
        if "osint" in one
    ]


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    """Rules that say nothing of the log."""
    return pack(tmp_path / "rules", {"cloud.yml": CLOUD})


def test_a_record_that_meets_an_indicator_is_found_once_and_what_is_known_to_be_good_is_counted(log: Path, quiet: Path) -> None:
    told = looked(log, quiet, "203.0.113.50\n203.0.113.0/24\n10.9.8.7\n10.9.8.7 # again\nnonsense\n")
    assert met(told) == [
        ("Meets an indicator: address", "Medium", 1, ["203.0.113.50"]),
        ("Meets an indicator: network", "Medium", 1, ["203.0.113.0/24"]),
        ("Meets an indicator: address", "Medium", 2, ["203.0.113.50"]),
        ("Meets an indicator: network", "Medium", 2, ["203.0.113.0/24"]),
    ]
    assert told.outcome.findings == 4
    assert told.outcome.watched is not None
    assert told.outcome.watched.findings == 4
    assert [(one.why, one.count, one.examples) for one in told.outcome.watched.held] == [
        ("the warning list 'private and special addresses'", 1, ("10.9.8.7",))
    ]
    assert [(one.rule.title, one.rule.level, one.findings) for one in told.outcome.verdicts if one.findings] == [
        ("Meets an indicator: address", "medium", 2),
        ("Meets an indicator: network", "medium", 2),
    ]
    assert caveats_of(told.outcome)[:2] == (
        "1 meeting with indicators held back: the warning list 'private and special addresses'.",
        "1 of 5 indicators could not be looked for; `bartizan indicators check` says why.",
    )


def test_what_a_record_says_in_a_list_of_objects_meets_indicators_too(tmp_path: Path, quiet: Path) -> None:
    finding = (
        '{"id":"d-1","threatId":"t-1","tdrId":"r-1","title":"Port probe","severity":"HIGH","createdAt":"2026-11-23T10:00:00Z",'
        '"triggeringEvents":[{"actorIP":"203.0.113.9"}],"triggeringEventsCount":1}'
    )
    told = looked(write(tmp_path / "logs" / "wiz.json", [finding]), quiet, "203.0.113.9")
    assert met(told) == [("Meets an indicator: address", "Medium", 1, ["203.0.113.9"])]


def test_findings_are_valid_ocsf_and_say_who_said_so_and_what_it_is_worth(log: Path, quiet: Path) -> None:
    text = "value,confidence,source,last_seen,description\n203.0.113.50,80,CERT,2026-10-24T10:00:00Z,scanner\n"
    first = looked(log, quiet, text).findings[0]
    assert check_record(first) == []
    assert first["evidences"][0]["data"]["matched"] == {"src_endpoint.ip": "203.0.113.50"}
    assert (first["severity"], first["confidence_score"], first["confidence"]) == ("Low", 80, "High")
    assert first["metadata"]["profiles"] == ["datetime", "osint"]
    [one] = first["osint"]
    assert {name: one[name] for name in ("value", "vendor_name", "risk_score", "name", "type_id", "modified_time")} == {
        "value": "203.0.113.50",
        "vendor_name": "CERT",
        "risk_score": 40,
        "name": "scanner",
        "type_id": 1,
        "modified_time": 1_792_836_000_000,
    }
    assert one["comment"].startswith("confidence 80, 29 days old: src_endpoint.ip is 203.0.113.50; listed in ")


def test_what_has_expired_or_faded_is_counted_and_not_told(log: Path, quiet: Path) -> None:
    text = "value,valid_until,valid_from\n203.0.113.50,2026-11-01,\n203.0.113.0/24,,2020-01-01\n"
    told = looked(log, quiet, text, decay=Decay.HALVING)
    assert met(told) == []
    assert told.outcome.watched is not None
    assert [(one.why, one.count) for one in told.outcome.watched.held] == [
        ("indicators that had expired", 2),
        ("indicators whose score had decayed below 10", 2),
    ]
    assert [severity for _, severity, *_ in met(looked(log, quiet, text, decay=Decay.NONE))] == ["Medium", "Medium"]


def test_warning_lists_can_be_added_and_ours_left_out(log: Path, quiet: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("203.0.113.50\n?\n", encoding="utf-8")
    told = looked(log, quiet, "203.0.113.0/24\n10.9.8.7\n", warnings=(str(good),), built_in=False)
    assert met(told) == [("Meets an indicator: address", "Medium", 4, ["10.9.8.7"])]
    assert told.outcome.watched is not None
    assert [(one.why, one.count) for one in told.outcome.watched.held] == [("the warning list 'good.txt'", 2)]
    assert told.outcome.watched.problems == ("good.txt: 1 values are not read",)


def test_the_level_asked_for_holds_for_indicators_and_lists_cannot_come_from_standard_input(log: Path, quiet: Path) -> None:
    path = log.parent.parent / "list.txt"
    path.write_text("203.0.113.50\n", encoding="utf-8")
    asked = Asked(paths=(str(path),))
    assert met(hunted([log], quiet, indicators=asked, level="high")) == []
    assert len(met(hunted([log], quiet, indicators=asked, tags=("t1059",)))) == 2
    with pytest.raises(UsageError, match="every worker reads the lists"):
        watch_for(Asked(paths=("-",)))


def test_workers_find_the_same(tmp_path: Path, quiet: Path) -> None:
    logs = [write(tmp_path / f"{number}.log", [accepted(number)]) for number in range(2)]
    path = tmp_path / "list.txt"
    path.write_text("203.0.113.50\n", encoding="utf-8")
    asked = Asked(paths=(str(path),))
    assert hunted(logs, quiet, indicators=asked, workers=2).text == hunted(logs, quiet, indicators=asked).text != b""


def test_records_that_were_stored_are_looked_through_later(
    log: Path, quiet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, later = tmp_path / "out", tmp_path / "later.txt"
    with hunt(log, rules=[quiet], out=out, asked=Options(exceptions=())):
        pass
    later.write_text("203.0.113.50\n203.0.113.0/24\n10.9.8.7\nweb-01.evil.example\n", encoding="utf-8")
    assert command(["indicators", "match", str(later), "--on", str(out), "--json", "--fail-on-match"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["row"], one["met"][0]["attribute"], one["met"][0]["indicator"]["value"]) for one in told["matches"]] == [
        (1, "src_endpoint.ip", "203.0.113.50"),
        (1, "src_endpoint.ip", "203.0.113.0/24"),
        (2, "src_endpoint.ip", "203.0.113.50"),
        (2, "src_endpoint.ip", "203.0.113.0/24"),
    ]
    assert told["held_back"] == [{"why": "the warning list 'private and special addresses'", "count": 1}]
    text = (Path(__file__).parents[3] / "docs" / "guide" / "indicators.md").read_text(encoding="utf-8")
    [block] = re.findall(r"<!-- shape: match -->\n```json\n(.*?)```", text, re.DOTALL)
    shape = json.loads(block)
    assert shape.keys() == told.keys()
    assert shape["matches"][0].keys() == told["matches"][0].keys()
    assert shape["matches"][0]["met"][0]["indicator"].keys() == told["matches"][0]["met"][0]["indicator"].keys()
    assert shape["lists"][0].keys() == told["lists"][0].keys()
    assert command(["indicators", "match", str(later), "--on", str(out), "--ndjson"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [check_record(line) for line in lines] == [[], [], [], []]
    assert "Accepted password" in lines[0]["evidences"][0]["data"]["raw_data"]
    assert command(["indicators", "match", str(later), "--on", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "src_endpoint.ip=203.0.113.50  later.txt (50)" in said[0]
    assert said[-1].startswith("3 records, ")


def test_what_holds_no_records_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a.example\n", encoding="utf-8")
    watch = watch_for(Asked(paths=(str(tmp_path / "list.txt"),)))
    with pytest.raises(InputError, match="holds no Parquet files"):
        stored_files([str(tmp_path)], watch)
    (tmp_path / "a.parquet").write_bytes(b"no")
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "b.parquet")
    first, second = stored_files([str(tmp_path)], watch)
    with pytest.raises(InputError, match="is no Parquet file of records"):
        look_through(watch, first)
    with pytest.raises(InputError, match="it has no column time, metadata, observables"):
        look_through(watch, second)


def test_lists_are_checked_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, bad = tmp_path / "a.txt", tmp_path / "b.json"
    path.write_text("evil[.]example\nnothing\n", encoding="utf-8")
    bad.write_text("{}", encoding="utf-8")
    assert command(["indicators", "check", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: list: read 2 = 1 kept + 0 duplicate + 1 refused",
        "  1 refused: nothing that can be looked for",
        "    2: nothing  (nothing that can be looked for)",
        "1 indicators: 1 domain",
    ]
    assert command(["indicators", "check", str(path), str(bad), "--json"]) == 3
    assert [one["form"] for one in json.loads(capsys.readouterr().out)] == ["list", ""]
    assert command(["indicators", "list", str(path), str(bad)]) == 3
    said = capsys.readouterr()
    assert said.out == f"domain   evil.example  50  a.txt  {path}, 1\n"
    assert "JSON that is neither" in said.err
    assert command(["indicators", "list", str(path), "--json"]) == 0
    assert [one["value"] for one in json.loads(capsys.readouterr().out)] == ["evil.example"]


def test_the_hunt_command_watches_for_indicators(log: Path, quiet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "l.csv").write_text("x,203.0.113.50\n", encoding="utf-8")
    words = ["hunt", str(log), "--rules", str(quiet), "--indicators", str(tmp_path / "l.csv"), "--columns", ",value", "--ndjson"]
    assert command([*words, "--decay", "polynomial", "--fail-on", "medium"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_findings_are_kept_with_their_indicators_in_a_column(log: Path, quiet: Path, tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text("203.0.113.50\n", encoding="utf-8")
    watched = Asked(paths=(str(tmp_path / "l.txt"),))
    with hunt(log, rules=[quiet], out=tmp_path / "out", asked=Options(exceptions=(), indicators=watched)):
        pass
    [file] = (tmp_path / "out" / "ext" / "detection_finding").rglob("*.parquet")
    kept = pl.read_parquet(file)
    assert [(one[0]["value"], one[0]["risk_score"]) for one in kept["osint"].to_list()] == [("203.0.113.50", 50)] * 2
    assert kept["confidence_score"].to_list() == [50, 50]
