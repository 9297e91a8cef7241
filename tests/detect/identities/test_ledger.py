"""Facts gathered while a hunt goes on: in order and out of it, at the bound of memory, on a full disk, and through hunts."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.detect.identities.records import kept
from tests.hunting import NOW, accepted, process, write

from bartizan import hunt
from bartizan.detect.identities import columns, ledger
from bartizan.detect.identities.contract import CONTESTED, HOUR, Fact
from bartizan.errors import OutputError
from bartizan.schema.columns import Cell, Frame
from bartizan.workbench import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

START = 1_772_438_400_000
LATER = START + 3 * HOUR


def lease(number: int, time: int, mac: str, **more: Cell) -> dict[str, Cell]:
    """Return a DHCP record: 10.0.0.7 is given to the machine whose address ends with ``mac``."""
    return {
        "class_uid": 4004,
        "activity_id": 5,
        "time": time,
        "metadata.uid": f"{number:032x}",
        "metadata.log_provider": "dhcpd",
        "device.hostname": "gw",
        "src_endpoint.ip": "10.0.0.7",
        "src_endpoint.mac": f"02:00:00:00:00:{mac}",
        **more,
    }


def leases(folder: Path, *records: dict[str, Cell]) -> list[tuple[str, int | None, int | None, str, int]]:
    """Return what is kept of leases: who, from when to when as hours after the start, how it ended, how many records."""
    facts = [fact for fact in kept(folder, [Frame.of([record]) for record in records]) if fact.rule == "dhcp-lease"]
    return [(fact.right[-2:], _hours(fact.valid_from), _hours(fact.valid_to), fact.ends, fact.count) for fact in facts]


def _hours(time: int | None) -> int | None:
    return None if time is None else (time - START) // HOUR


def test_an_address_belongs_to_each_holder_until_the_next_one_comes_and_may_come_back(tmp_path: Path) -> None:
    records = [lease(1, START, "aa"), lease(2, START + 2 * HOUR, "bb"), lease(3, LATER, "aa"), lease(4, LATER + HOUR, "aa")]
    expected = [("aa", 0, 2, "next-lease", 1), ("bb", 2, 3, "next-lease", 1), ("aa", 3, None, "unknown", 2)]
    assert leases(tmp_path / "in order", *records) == expected
    assert leases(tmp_path / "out of order", *records[::-1]) == expected


def test_a_lease_ends_when_it_is_released_or_over(tmp_path: Path) -> None:
    released = [lease(1, START, "aa"), lease(2, START + HOUR, "aa", activity_id=7), lease(3, LATER, "bb")]
    assert leases(tmp_path / "released", *released) == [("aa", 0, 1, "release", 2), ("bb", 3, None, "unknown", 1)]
    over = [lease(1, START, "aa", lease_dur=3600), lease(2, LATER, "bb", lease_dur=3600)]
    assert leases(tmp_path / "over", *over) == [("aa", 0, 1, "expired", 1), ("bb", 3, 4, "expired", 1)]


def test_holders_that_alternate_faster_than_can_be_told_are_contested(tmp_path: Path) -> None:
    records = [lease(1, START, "aa"), lease(2, START + 60_000, "bb"), lease(3, START + 120_000, "aa")]
    assert [row[0] + row[3] for row in leases(tmp_path, *records)] == [f"aa{CONTESTED}", f"bb{CONTESTED}"]


def test_names_of_one_holder_do_not_contest_each_other(tmp_path: Path) -> None:
    name = {"class_uid": 3002, "src_endpoint.mac": None, "src_endpoint.ip": None, "session.uid": "0x3a1b2", "user.name": "alice"}
    records = [
        lease(1, START, "aa", **{**name, "user.domain": "CORP"}),
        lease(2, START + 1, "aa", **{**name, "user.domain": "corp.example"}),
        lease(3, START + 2, "aa", **{**name, "user.domain": "CORP"}),
    ]
    facts = [fact for fact in kept(tmp_path, [Frame.of(records)]) if fact.rule == "session-login-user"]
    assert [(fact.right, fact.ends, fact.count) for fact in facts] == [("corp\\alice", "unknown", 2), ("corp.example\\alice", "unknown", 1)]


def test_records_that_tell_no_time_make_facts_without_times(tmp_path: Path) -> None:
    facts = kept(tmp_path, [Frame.of([lease(1, START, "aa", **{"unmapped.time_flag": "absent"}), lease(2, START, "aa")])])
    found = {(fact.first_seen, fact.valid_from, fact.valid_to, fact.ends, fact.count) for fact in facts if fact.rule == "dhcp-lease"}
    assert found == {(None, None, None, "unknown", 1), (START, START, None, "unknown", 1)}


def test_the_bound_of_memory_loses_nothing_and_leaves_no_drafts(tmp_path: Path) -> None:
    records = [lease(number, START + number % 7 * HOUR, f"{number % 90:02}") for number in range(1, 400)]
    frames = [Frame.of(records[at : at + 10]) for at in range(0, len(records), 10)]
    large = kept(tmp_path / "large", frames)
    small = kept(tmp_path / "small", frames, batch_rows=20, held_rows=30)
    assert sorted(map(str, small)) == sorted(map(str, large))
    assert all(path.suffix == ".parquet" for path in (tmp_path / "small" / "identities").iterdir())


def test_no_records_make_an_empty_table(tmp_path: Path) -> None:
    assert kept(tmp_path, []) == []
    assert pl.read_parquet(tmp_path / "identities" / "part-00000.parquet").columns == list(Fact.__slots__)


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "identities").write_text("")
    with pytest.raises(OutputError, match=r"identities/part-00000\.parquet: cannot be written: "):
        kept(tmp_path, [Frame.of([lease(1, START, "aa")])])


def facts_of_hunt(logs: Sequence[Path], rules: Path, out: Path, *, workers: int = 1) -> bytes:
    with hunt(*logs, rules=[rules], out=out, workers=workers, asked=Asked(now=NOW, exceptions=())):
        return (out / "identities" / "part-00000.parquet").read_bytes()


def test_a_hunt_keeps_the_same_facts_with_any_number_of_workers_and_order_of_paths(tmp_path: Path, rules: Path) -> None:
    one = write(tmp_path / "a.json", [process(number, ProcessGuid=f"{{7b1c0f52-{number:04}}}") for number in range(40)])
    two = write(tmp_path / "b.json", [process(number, ProcessGuid=f"{{7b1c0f53-{number:04}}}", ProcessId="40") for number in range(50, 90)])
    three = write(tmp_path / "auth.log", [accepted(number) for number in range(20)])
    first = facts_of_hunt([one, two, three], rules, tmp_path / "out-1")
    assert facts_of_hunt([three, two, one], rules, tmp_path / "out-2") == first
    assert facts_of_hunt([one, two, three], rules, tmp_path / "out-3", workers=2) == first


def test_a_record_met_twice_counts_once(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "a.json", [process(5, ProcessGuid="{7b1c0f52-0001}")] * 3)
    facts_of_hunt([log, write(tmp_path / "b.json", [log.read_text().splitlines(keepends=True)[0]])], rules, tmp_path / "out")
    facts = [Fact(**row) for row in pl.read_parquet(tmp_path / "out" / "identities" / "*.parquet").iter_rows(named=True)]
    pid = next(fact for fact in facts if fact.rule == "process-pid")
    assert replace(pid, record_id="") == Fact(
        rule="process-pid",
        left_kind="pid",
        left="5",
        right_kind="process",
        right="7b1c0f52-0001",
        scope="host:ws-1.corp.example",
        source="Microsoft-Windows-Sysmon",
        first_seen=1_795_392_005_000,
        last_seen=1_795_392_005_000,
        valid_from=1_795_392_005_000,
        valid_to=None,
        ends="unknown",
        count=1,
    )


def test_a_hunt_that_keeps_nothing_does_not_look_for_identities(tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ledger, columns):
        monkeypatch.delitem(sys.modules, module.__name__)
    with hunt(write(tmp_path / "a.json", [process(5)]), rules=[rules], asked=Asked(now=NOW, exceptions=())):
        pass
    assert {ledger.__name__, columns.__name__}.isdisjoint(sys.modules)
