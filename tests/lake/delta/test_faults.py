"""What disks and clocks do to a lake is said, is found by verify, and costs no more than what was hit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.lake.delta.kept import DAY, Clock, kept, records

from bartizan.errors import BartizanError, OutputError, UsageError
from bartizan.lake.delta.holding import Hold
from bartizan.lake.policy import Policy
from bartizan.schema.record import Details

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.lake.delta.lake import DeltaLake

PIDS = "SELECT process.pid FROM process_activity ORDER BY 1"
MANY = Policy(compact_files=99)


def filled(folder: Path) -> None:
    with kept(folder) as lake:
        for day in range(3):
            row = {"time": day * DAY, "process.pid": day, "device.hostname": f"ws{day}"}
            lake.append([records(row, details=Details(ids=[bytes([day]) * 16]))], source="edr", batch_id=str(day))


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def overwrite(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4:64], content[-4:] = bytes(60), b"GONE"
    path.write_bytes(content)


def hit(folder: Path, pattern: str, how: Callable[[Path], None]) -> Path:
    filled(folder)
    [path, *_] = sorted((folder / "lake").glob(pattern))
    how(path)
    return path


def said(work: Callable[[], object]) -> str:
    """Do something and return what it says is wrong, "" if nothing is: never an engine's own exception."""
    try:
        work()
    except BartizanError as error:
        return str(error)
    return ""


def asked(lake: DeltaLake) -> dict[str, str]:
    return {
        "sql": said(lambda: lake.sql(PIDS)),
        "pivot": said(lambda: lake.pivot(["ws1"])),
        "get": said(lambda: lake.get(["01" * 16])),
        "append": said(lambda: lake.append([records({"process.pid": 9, "time": 9 * DAY})], source="edr", batch_id="9")),
        "maintain": said(lambda: lake.maintain(MANY)),
    }


@pytest.mark.parametrize("how", [cut, overwrite])
def test_damage_of_a_file_of_records_is_said_and_other_days_are_answered(tmp_path: Path, how: Callable[[Path], None]) -> None:
    path = hit(tmp_path, "ext/*/region=*/*/eventDay=19700102/*.parquet", how)
    with kept(tmp_path) as lake:
        wrong = asked(lake)
        assert [name for name, text in wrong.items() if text] == ["sql", "get"]
        assert wrong["get"].endswith(f"`bartizan lake verify {tmp_path / 'lake'}` says what is damaged")
        assert [(fault.path, fault.what) for fault in lake.verify()] == [
            (str(path), "is not as it was written: bring it back from a backup")
        ]
        assert lake.sql(PIDS, over=lake.snapshot(start=2 * DAY)).rows == [(2,), (9,)]


@pytest.mark.parametrize("how", [cut, overwrite])
def test_damage_of_the_ledger_stops_appending_and_not_asking(tmp_path: Path, how: Callable[[Path], None]) -> None:
    path = hit(tmp_path, "_lake/ledger/part*.parquet", how)
    whole = "is a part of the ledger and cannot be read"
    with kept(tmp_path) as lake:
        wrong = asked(lake)
        assert [name for name, text in wrong.items() if text] == ["get", "append", "maintain"]
        assert wrong["append"].startswith(f"{path}: {whole}: ")
        assert wrong["append"].endswith(": bring it back from a backup")
        assert [(fault.path, fault.what) for fault in lake.verify()] == [(str(path), f"{whole}: bring it back from a backup")]
        with pytest.raises(OutputError, match=whole):
            lake.balance()


@pytest.mark.parametrize("how", [cut, overwrite])
def test_damage_of_the_index_is_mended_from_the_records(tmp_path: Path, how: Callable[[Path], None]) -> None:
    path = hit(tmp_path, "_lake/observables/part*.parquet", how)
    with kept(tmp_path) as lake:
        wrong = asked(lake)
        assert [name for name, text in wrong.items() if text] == ["pivot"]
        first = lake.verify()[0]
        assert (first.path, first.what.endswith("`bartizan lake maintain --reindex` makes it anew")) == (str(path), True)
        assert lake.maintain(Policy(reindex=True, compact_files=99)).notes == ("1 files put into the index anew",)
        assert lake.verify() == []
        assert [[one.count for one in lake.pivot([f"ws{day}"])] for day in range(3)] == [[1], [1], [1]]
        assert lake.maintain(Policy(reindex=True, compact_files=99)).notes == ("0 files put into the index anew",)


@pytest.mark.parametrize("where", ["ext/process_activity", "_lake/ledger"])
def test_damage_of_a_log_of_delta_is_said(tmp_path: Path, where: str) -> None:
    hit(tmp_path, f"{where}/_delta_log/*01.json", cut)
    with kept(tmp_path) as lake:
        assert asked(lake)["append"].startswith(f"{tmp_path / 'lake' / where}: cannot be read or written: ")


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/proc/self/mounts").exists(), reason="needs a right to mount")
def test_a_disk_that_may_only_be_read_is_asked_all_the_same(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        filled(disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with kept(disk) as lake:
            wrong = asked(lake)
            assert [name for name, text in wrong.items() if text] == ["append", "maintain"]
            assert "Read-only file system" in wrong["append"]
            assert lake.verify() == []
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        with kept(disk) as lake:
            assert lake.append([records({"process.pid": 9, "time": 9 * DAY})], source="edr", batch_id="9").new
            assert lake.sql(PIDS).rows == [(0,), (1,), (2,), (9,)]
            assert lake.verify() == []
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_clock_that_is_put_back_neither_ends_a_hold_nor_begins_one(tmp_path: Path) -> None:
    clock = Clock(days=100)
    held = Hold(name="case-1", reason="a court asks", by="alice@example.com")
    filled(tmp_path)
    with kept(tmp_path, clock=clock) as lake:
        lake.hold(held)
        lake.release("case-1", reason="over", by="alice@example.com")
    clock.days = 1
    with kept(tmp_path, clock=clock) as lake:
        lake.hold(held)
    with kept(tmp_path, clock=clock) as lake:
        assert [one.name for one in lake.holds()] == ["case-1"]
        with pytest.raises(UsageError, match="a hold of this name is in force"):
            lake.hold(held)
        clock.days = -200
        lake.release("case-1", reason="over", by="alice@example.com")
        assert lake.holds() == []
        assert lake.append([records({"process.pid": 9})], source="edr", batch_id="9").new
        assert lake.verify() == []
        assert lake.maintain(Policy(days=100_000)).expired == 0
        assert lake.sql(PIDS).rows == [(0,), (1,), (2,), (9,)]


def test_what_a_clock_far_ahead_lets_expire_can_be_had_back_within_the_time_of_grace(tmp_path: Path) -> None:
    clock = Clock()
    filled(tmp_path)
    with kept(tmp_path, clock=clock) as lake:
        clock.days = 40_000
        assert lake.maintain(Policy(days=30_000)).expired == 3
        assert lake.sql(PIDS).rows == []
        gone = sorted((tmp_path / "lake" / "ext").rglob("eventDay=*/*.parquet"))
        assert len(gone) == 3
