"""Indicators that came later are looked for in a lake by its index, and what is met is the same as in every file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan import workbench
from bartizan.detect.indicators.stored import look_through, stored_files
from bartizan.detect.indicators.watch import Asked, watch_for

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.detect.indicators.watch import Watch

pytest.importorskip("deltalake", reason="the extra 'lake' is not installed")

HASH = "a" * 63 + "B"
EVENTS = [
    {"EventID": 1, "Image": "C:\\Tool.exe", "Hashes": f"SHA256={HASH}", "CommandLine": "x"},
    {"EventID": 22, "Image": "C:\\Tool.exe", "QueryName": "CDN.Evil.example", "QueryResults": "203.0.113.7;"},
    {"EventID": 3, "Image": "C:\\Tool.exe", "SourceIp": "10.0.0.1", "DestinationIp": "198.51.100.77", "DestinationPort": 443},
    {"EventID": 3, "Image": "C:\\Tool.exe", "SourceIp": "10.0.0.1", "DestinationIp": "192.0.2.4", "DestinationPort": 443},
]
REQUEST = '198.18.0.9 - - [03/Mar/2026:10:00:00 +0000] "GET http://www.example.org/Path/File HTTP/1.1" 200 5 "-" "curl"\n'
LISTS = {
    "an address": "192.0.2.4",
    "a network": "198.51.100.0/24",
    "a name above": "evil.example",
    "a hash": HASH.lower(),
    "a URL": "http://www.example.org/Path/File",
    "several": f"192.0.2.4\nevil.example\n{HASH}",
    "nothing that was seen": "192.0.2.200",
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("lists")
    same = {"Channel": "Microsoft-Windows-Sysmon/Operational", "Provider_Name": "Microsoft-Windows-Sysmon", "Computer": "ws1.example.com"}
    days = [{**same, **event, "UtcTime": f"2026-03-0{1 + day} 10:00:00.000"} for day in range(4) for event in EVENTS]
    (folder / "events.json").write_text("".join(json.dumps(event) + "\n" for event in days))
    (folder / "access.log").write_text(REQUEST * 3)
    workbench.hunt(folder / "events.json", folder / "access.log", out=folder / "out", asked=workbench.Asked(exceptions=())).close()
    from bartizan.lake.opening import make_lake

    with make_lake(folder / "lake", {}) as lake:
        lake.take_in(folder / "out")
    return folder / "out", folder / "lake"


def met(place: Path, watch: Watch) -> list[tuple[object, ...]]:
    looked = [look_through(watch, path) for path in stored_files([str(place)], watch)]
    sightings = [one for file in looked for one in file.sightings]
    return sorted((one.time, one.record_id, one.level, tuple((met.attribute, met.value) for met in one.meetings)) for one in sightings)


@pytest.mark.parametrize("what", LISTS)
def test_a_lake_and_its_files_meet_the_same(stored: tuple[Path, Path], tmp_path: Path, what: str) -> None:
    folder, lake = stored
    (tmp_path / "list.txt").write_text(LISTS[what])
    watch = watch_for(Asked(paths=(str(tmp_path / "list.txt"),)))
    assert met(lake, watch) == met(folder, watch)
    assert bool(met(lake, watch)) is (what != "nothing that was seen")


def test_files_in_which_nothing_is_met_are_not_opened(stored: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("192.0.2.4\n")
    watch = watch_for(Asked(paths=(str(tmp_path / "list.txt"),)))
    files = stored_files([str(stored[1])], watch)
    assert len(files) == 4
    assert {path.parts[-5] for path in files} == {"network_activity"}
