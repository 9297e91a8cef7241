"""A writer that is killed at any moment loses nothing that it acknowledged and puts nothing into the lake twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from benchmarks._crashing import killed
from tests.lake.delta.kept import kept, records

from bartizan.errors import NoRoom

if TYPE_CHECKING:
    from bartizan.lake.delta.lake import DeltaLake

HERE = Path(__file__).parents[2]


@pytest.mark.slow
def test_twenty_kills_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    verdict = killed(tmp_path, 20, seed=int.from_bytes(os.urandom(2), "big"))
    assert (verdict.lost, verdict.doubled, verdict.unbalanced, verdict.faults) == (0, 0, 0, 0)
    assert verdict.batches > 20


FULL = """
import resource, signal, sys
from pathlib import Path
from bartizan.errors import NoRoom
from tests.lake.delta.kept import kept, records
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with kept(Path(sys.argv[1])) as lake:
    lake.append([records({"process.pid": 1})], source="edr", batch_id="a")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, resource.RLIM_INFINITY))
    try:
        lake.append([records({"process.pid": 2})], source="edr", batch_id="b")
    except NoRoom as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(lake.append([records({"process.pid": 2})], source="edr", batch_id="b").new)
"""


def test_a_disk_that_is_full_refuses_a_batch_which_succeeds_later(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": "."},
    )
    refused, again = run.stdout.splitlines()
    assert (": cannot be written: " in refused, again) == (True, "True")
    with kept(tmp_path) as lake:
        assert lake.sql("SELECT process.pid FROM process_activity ORDER BY 1").rows == [(1,), (2,)]
        assert lake.verify() == []


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/proc/self/mounts").exists(), reason="needs a right to mount")
def test_a_small_disk_that_fills_up_keeps_what_was_appended(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        with kept(disk) as lake:
            taken = until_full(lake)
            subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
            lake.append([records({"process.pid": taken})], source="edr", batch_id=str(taken))
            assert lake.sql("SELECT count(*), count(DISTINCT process.pid) FROM process_activity").rows == [(taken + 1, taken + 1)]
            assert lake.verify() == []
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def until_full(lake: DeltaLake) -> int:
    for number in range(200):
        try:
            lake.append([records({"process.pid": number})], source="edr", batch_id=str(number))
        except NoRoom:
            return number
    return pytest.fail("the disk was never full")


TWO = """
import sys
from pathlib import Path
from tests.lake.delta.kept import kept, records
with kept(Path(sys.argv[1])) as lake:
    for number in range(12):
        lake.append([records({"process.pid": number})], source="edr", batch_id=str(number))
        lake.append([records({"process.pid": 100 + number})], source=sys.argv[2], batch_id=str(number))
"""


@pytest.mark.slow
def test_two_processes_append_to_one_lake_and_a_batch_of_both_is_there_once(tmp_path: Path) -> None:
    with kept(tmp_path):
        pass
    env = {**os.environ, "PYTHONPATH": "."}
    processes = [
        subprocess.Popen([sys.executable, "-c", TWO, str(tmp_path), name], cwd=HERE, env=env, stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    assert [(process.wait(120), process.stderr and process.stderr.read()) for process in processes] == [(0, b""), (0, b"")]
    for process in processes:
        assert process.stderr is not None
        process.stderr.close()
    with kept(tmp_path) as lake:
        counts = lake.sql("SELECT count(*), count(DISTINCT process.pid) FROM process_activity").rows
        assert counts == [(36, 24)]
        assert sum(account.read for account in lake.balance()) == 36
        assert lake.verify() == []
