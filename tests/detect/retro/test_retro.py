"""A look back finds what a hunt through everything finds, and reads of a lake what its rules could fire on."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan import workbench
from bartizan.detect.hunt.run import Means
from bartizan.detect.hunt.setup import judge_for, rules_for
from bartizan.detect.hunt.spool import Spool
from bartizan.detect.retro.run import Back, look_back
from bartizan.lake.engines.opening import open_engine
from bartizan.lake.opening import make_lake, open_lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.detect.retro.run import Looked
    from bartizan.lake.delta.lake import DeltaLake

pytest.importorskip("deltalake", reason="the extra 'lake' is not installed")

LINES = ["whoami /all", "WHOAMI", "net user bob /add", "", "-", None, ["whoami", "x"], 7, "\u017fc query", "\u212aill -9", "a \\ b", "null"]
IMAGES = ["C:\\Windows\\System32\\whoami.exe", "C:\\WHOAMI.EXE", "C:\\net.exe", None, ["C:\\whoami.exe"], "-"]
USERS = ["LAB\\bob", "lab\\alice", "NT AUTHORITY\\SYSTEM", None]
TEXTS = ["whoami", "who", "net", "user", "x", "7", "-", "", "kill", "sc", "null", "bob", ".exe", "\\whoami.exe", "a \\ b", "WHOAMI"]
NAMES = ["CommandLine", "Image", "User", "OriginalFileName", "CommandLine|contains", "CommandLine|endswith", "Image|endswith"]
NAMES += ["Image|startswith", "User|contains", "CommandLine|re", "CommandLine|contains|all", "CommandLine|cased", "CommandLine|exists"]


def event(number: int) -> dict[str, Any]:
    told = {
        "EventID": 1 if number % 7 else 11,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "Computer": f"ws{number % 3}.example.com",
        "UtcTime": f"2026-03-{1 + number % 4:02} 10:{number // 60 % 60:02}:{number % 60:02}.000",
        "ProcessId": number,
        "CommandLine": LINES[number % len(LINES)],
        "Image": IMAGES[number // 5 % len(IMAGES)],
        "User": USERS[number // 3 % len(USERS)],
    }
    # Lists, which no column of text can hold, stand in records of one day alone.
    return {name: value for name, value in told.items() if value is not None and (number % 4 == 3 or type(value) is not list)}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeltaLake]:
    folder = tmp_path_factory.mktemp("retro")
    (folder / "events.json").write_text("".join(json.dumps(event(number)) + "\n" for number in range(600)))
    logins = [f"Mar 10 10:00:{second:02} web sshd[12]: Failed password for root from 203.0.113.9 port 22 ssh2\n" for second in range(20)]
    (folder / "auth.log").write_text("".join(logins))
    workbench.hunt(folder / "events.json", folder / "auth.log", out=folder / "out", asked=workbench.Asked(exceptions=())).close()
    make_lake(folder / "lake", {}).close()
    with open_lake(folder / "lake") as lake:
        lake.take_in(folder / "out")
        yield lake


def back(lake: DeltaLake, rules: Path, *, whole: bool, workers: int = 1) -> tuple[list[bytes], Looked]:
    request = workbench.request_of(workbench.Asked(exceptions=(), now=1_800_000_000_000_000_000), [rules], records=False)
    loaded = rules_for(request)
    with closing(Spool()) as spool, open_engine("local", workers=workers) as engine:
        means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool)
        outcome, looked = look_back(Back(lake, lake.snapshot(), engine, whole), request, loaded, means)
        lines = list(spool.lines())
        assert outcome.findings == len(lines)
    return lines, looked


def rule(folder: Path, detection: dict[str, Any], **more: Any) -> Path:  # noqa: ANN401 - YAML
    known = {"title": "T", "id": "11111111-1111-4111-8111-111111111111", "status": "test", "level": "high"}
    known["logsource"] = {"category": "process_creation", "product": "windows"}
    path = folder / "rule.yml"
    path.write_text(yaml.safe_dump({**known, **more, "detection": detection}))
    return path


def of_name(name: str) -> st.SearchStrategy[Any]:
    if name.endswith("|exists"):
        return st.booleans()
    if name.endswith("|re"):
        return st.sampled_from(["who(ami|are)", "(?i)NET\\s+user", "k.ll", "^whoami$", "a|b", "[ck]ill"])
    texts = st.sampled_from([*TEXTS, "*whoami*", "who?mi", "n*r"] if "|" not in name else TEXTS)
    return st.lists(texts, min_size=1, max_size=3, unique=True)


SELECTION = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: of_name(name) for name in names})
)
CONDITIONS = ["a", "a and b", "a or b", "a and not b", "not a", "1 of them", "not a or b"]


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, deadline=None)
@given(first=SELECTION, second=SELECTION, condition=st.sampled_from(CONDITIONS))
def test_every_rule_finds_what_it_finds_in_everything(
    lake: DeltaLake, tmp_path_factory: pytest.TempPathFactory, first: dict[str, Any], second: dict[str, Any], condition: str
) -> None:
    path = rule(tmp_path_factory.mktemp("rule"), {"a": first, "b": second, "condition": condition})
    (narrow, looked), (everything, _) = back(lake, path, whole=False), back(lake, path, whole=True)
    assert narrow == everything
    assert looked.records <= looked.of_records


def test_only_records_that_could_make_it_fire_are_read(lake: DeltaLake, tmp_path: Path) -> None:
    path = rule(tmp_path, {"a": {"CommandLine|contains": "net user", "Image|endswith": "\\net.exe"}, "condition": "a"})
    lines, looked = back(lake, path, whole=False)
    assert 0 < len(lines) < looked.records < looked.of_records // 5


def test_a_finding_cites_its_record(lake: DeltaLake, tmp_path: Path) -> None:
    path = rule(tmp_path, {"a": {"CommandLine": "whoami /all", "Image|endswith": "\\net.exe"}, "condition": "a"})
    [line, *_] = back(lake, path, whole=False)[0]
    [evidence] = json.loads(line)["evidences"]
    [found] = lake.get([evidence["uid"]], proofs=False)
    assert found.record["process"]["cmd_line"] == "whoami /all"  # type: ignore[index]  # JSON


def test_the_same_is_found_with_several_processes(lake: DeltaLake, tmp_path: Path) -> None:
    path = rule(tmp_path, {"a": {"CommandLine|contains": "whoami"}, "condition": "a"})
    assert back(lake, path, whole=False, workers=2)[0] == back(lake, path, whole=False)[0]


def test_a_rule_opens_no_file_of_which_columns_and_index_tell_all(lake: DeltaLake, tmp_path: Path) -> None:
    path = rule(tmp_path, {"a": {"Computer|startswith": "dc1"}, "condition": "a"})
    lines, looked = back(lake, path, whole=False)
    assert (lines, looked.files, looked.records) == ([], 0, 0)


def test_a_filter_holds_back_as_many_as_in_everything(lake: DeltaLake, tmp_path: Path) -> None:
    rule(tmp_path, {"a": {"CommandLine|contains": "whoami"}, "condition": "a"})
    held = {"title": "F", "logsource": {"category": "process_creation", "product": "windows"}}
    held["filter"] = {"rules": ["11111111-1111-4111-8111-111111111111"], "s": {"User|contains": "bob"}, "condition": "s"}  # type: ignore[assignment]  # YAML
    (tmp_path / "filter.yml").write_text(yaml.safe_dump(held))
    assert back(lake, tmp_path, whole=False)[0] == back(lake, tmp_path, whole=True)[0]


CORRELATION = """
title: Many
id: 22222222-2222-4222-8222-222222222222
correlation: {{type: {kind}, rules: [11111111-1111-4111-8111-111111111111], group-by: [Computer], timespan: 1h, condition: {{gte: 3}}}}
"""


def test_a_correlation_sees_all_that_feeds_it(lake: DeltaLake, tmp_path: Path) -> None:
    rule(tmp_path, {"a": {"CommandLine|contains": "whoami"}, "condition": "a"})
    (tmp_path / "many.yml").write_text(CORRELATION.format(kind="event_count"))
    (narrow, looked), (everything, _) = back(lake, tmp_path, whole=False), back(lake, tmp_path, whole=True)
    assert narrow == everything
    assert narrow
    assert looked.records < looked.of_records // 2
