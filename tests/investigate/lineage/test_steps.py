"""Steps are read from the records that a hunt keeps, whatever log told them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.hunting import write

import bartizan
from bartizan.errors import UsageError
from bartizan.faces.cli.main import run
from bartizan.investigate.lineage.finding import process_named
from bartizan.investigate.lineage.steps import Known, steps_of
from bartizan.investigate.places import place_at

if TYPE_CHECKING:
    from pathlib import Path

HOST = "ws-1.example.com"
SYSMON = "Microsoft-Windows-Sysmon/Operational"


def guid(number: int) -> str:
    return f"{{ec2b781c-0000-0000-0000-{number:012d}}}"


def event(second: int, number: int, **fields: object) -> str:
    time = f"2026-03-17 10:00:{second:02d}"
    head = {"EventID": number, "Channel": SYSMON, "SourceName": "Microsoft-Windows-Sysmon", "Hostname": HOST, "EventTime": time}
    return json.dumps({**head, "UtcTime": f"{time}.000", **fields}) + "\n"


def started(second: int, child: int, image: str, parent: int) -> str:
    return event(
        second, 1, ProcessGuid=guid(child), ProcessId=1000 + child, Image=image, CommandLine=f'"{image}"', User="CORP\\alice",
        ParentProcessGuid=guid(parent), ParentProcessId=1000 + parent, ParentImage="C:\\Windows\\explorer.exe",
    )  # fmt: skip


def security(second: int, child: int, image: str, parent: int) -> str:
    told = json.loads(event(second, 4688, NewProcessId=hex(1000 + child), NewProcessName=image, ProcessId=hex(1000 + parent)))
    del told["UtcTime"]
    return (
        json.dumps({**told, "Channel": "Security", "SourceName": "Microsoft-Windows-Security-Auditing", "SubjectUserName": "alice"}) + "\n"
    )


PAYLOAD = "C:\\Users\\alice\\Downloads\\invoice.exe"
LOG = [
    event(1, 11, ProcessGuid=guid(7), ProcessId=1007, Image="C:\\Program Files\\Browser\\browser.exe", TargetFilename=PAYLOAD),
    started(5, 1, PAYLOAD, 0),
    security(5, 1, PAYLOAD, 0),
    event(
        6, 3, ProcessGuid=guid(1), ProcessId=1001, Image=PAYLOAD, Protocol="tcp", Initiated="true",
        SourceIp="10.0.0.5", SourcePort=50000, DestinationIp="203.0.113.9", DestinationPort=443,
    ),
    started(8, 2, "C:\\Windows\\System32\\cmd.exe", 1),
    event(
        9, 8, SourceProcessGuid=guid(2), SourceProcessId=1002, SourceImage="C:\\Windows\\System32\\cmd.exe",
        TargetProcessGuid=guid(9), TargetProcessId=1009, TargetImage="C:\\App\\app.exe",
    ),
    event(10, 11, ProcessGuid=guid(2), ProcessId=1002, Image="C:\\Windows\\System32\\cmd.exe", TargetFilename="C:\\Temp\\Out.bin"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("lineage")
    write(root / "sysmon.json", LOG)
    with bartizan.hunt(root / "sysmon.json", out=root / "out"):
        return root / "out"


@pytest.fixture(scope="module")
def known(folder: Path) -> Known:
    return steps_of(place_at(folder), HOST.upper())


def test_each_log_tells_its_steps_and_two_that_tell_one_start_mean_one_process(known: Known) -> None:
    told = [(one.verb, one.cause.name[-1:], one.effect.name[-12:]) for one in known.steps]
    assert told == [
        ("wrote", "7", "\\invoice.exe"),
        ("ran", "e", "000000000001"),
        ("started", "0", "000000000001"),
        ("started", "0", "000000000001"),
        ("connected", "1", "13.0.113.9:443"[-12:]),
        ("started", "1", "000000000002"),
        ("injected", "2", "000000000009"),
        ("wrote", "2", "temp\\out.bin"),
    ]
    assert {thing.host for thing in known.processes} == {HOST}
    assert all(len(one.record) == 32 for one in known.steps)


def test_a_process_is_named_by_program_number_id_or_its_beginning(known: Known) -> None:
    wanted = process_named(known, "INVOICE.exe")
    for name in ("1001", guid(1), PAYLOAD.lower()):
        assert process_named(known, name) == wanted
    with pytest.raises(UsageError, match=r"no process 'nobody\.exe'"):
        process_named(known, "nobody.exe")
    with pytest.raises(UsageError, match=r"\d processes are called 'ec2b781c'"):
        process_named(known, "ec2b781c")


def test_a_host_of_which_nothing_is_told_has_no_steps(folder: Path) -> None:
    assert steps_of(place_at(folder), "ws-2") == Known()


def test_the_command_shows_a_tree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", str(folder), "cmd.exe", "--host", HOST]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  [")[0] for line in lines] == [
        "C:\\Program Files\\Browser\\browser.exe (1007)",
        "    2026-03-17 10:00:01 wrote c:\\users\\alice\\downloads\\invoice.exe",
        f'"{PAYLOAD}" (1001)',
        "    2026-03-17 10:00:06 connected 203.0.113.9:443",
        '  2026-03-17 10:00:08 started "C:\\Windows\\System32\\cmd.exe" (1002)  <- asked for',
        "      2026-03-17 10:00:10 wrote c:\\temp\\out.bin",
        "    2026-03-17 10:00:09 injected C:\\App\\app.exe (1009)",
        "ended at C:\\Windows\\explorer.exe (1000): it starts whatever is to be started",
        "7 things, 6 steps",
    ]


def test_the_command_tells_the_same_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", str(folder), "1002", "--host", HOST, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [step["verb"] for step in told["steps"]] == ["wrote", "ran", "connected", "started", "injected", "wrote"]
    assert {thing["path"] for thing in told["things"] if thing["kind"] == "process"} >= {PAYLOAD, "C:\\App\\app.exe"}
    assert [stop["why"] for stop in told["stops"]] == ["it starts whatever is to be started"]


def test_a_host_without_records_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", str(folder), "cmd.exe", "--host", "ws-9"]) == 2
    assert "no record tells of a process on 'ws-9'" in capsys.readouterr().err
