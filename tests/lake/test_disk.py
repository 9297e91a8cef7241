"""Where a lake is written to: folders in the way, full disks, memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.lake.lakes import batch, opened, read

from bartizan.errors import OutputError
from bartizan.lake.layout import prepare


def test_a_lake_is_not_written_into_another(tmp_path: Path) -> None:
    prepare(tmp_path)
    prepare(tmp_path)
    lake = opened(tmp_path)
    lake.add("process_activity", batch({}))
    lake.close()
    with pytest.raises(OutputError) as caught:
        prepare(tmp_path)
    assert str(caught.value) == f"{tmp_path}/ext: holds records of an earlier run: name another folder, or delete this one first"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError) as caught:
        prepare(tmp_path / "file")
    assert str(caught.value) == f"{tmp_path}/file/ext: cannot be made: Not a directory: name a folder that you may write to"


def test_a_file_in_the_way_is_said_and_nothing_half_is_left(tmp_path: Path) -> None:
    (tmp_path / "ext").write_text("")
    lake = opened(tmp_path)
    lake.add("process_activity", batch({}))
    with pytest.raises(OutputError, match=r"part-0-00000\.parquet: cannot be written: Not a directory: make room or name"):
        lake.close()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["ext"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from tests.lake.lakes import batch, opened
from bartizan.errors import OutputError
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
import os
lake = opened(Path(sys.argv[1]))
lake.add("process_activity", batch({"process.pid": 1}))
lake.close()
lake.add("process_activity", batch({"process.pid": 2}), raw=[os.urandom(100_000).hex().encode()])
try:
    lake.close()
except OutputError as error:
    print(error)
"""


def test_a_disk_that_is_full_leaves_whole_files_only(tmp_path: Path) -> None:
    here = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(here)},
    )
    assert "part-0-00001.parquet: cannot be written: File too large" in run.stdout
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["part-0-00000.parquet"]
    assert read(tmp_path, "process_activity", "process.pid") == [(1,)]


MANY = """
import os, sys
from array import array
from pathlib import Path
from tests.lake.lakes import PROCESS, batch
from bartizan.lake.declared import declare
from bartizan.lake.parquet import ParquetLake
lake = ParquetLake(Path(sys.argv[1]), declare([PROCESS]))
for number in range(200):
    raw = [os.urandom(500).hex().encode() for _ in range(2000)]
    lake.add("process_activity", batch(*({"process.pid": row} for row in range(2000))), raw=raw)
rows = sum(item.rows for item in lake.close())
status = Path("/proc/self/status").read_text()  # ru_maxrss would count what the process that started this one held
print(rows, int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to tell the peak of memory")
def test_400_mb_of_records_are_written_in_600_mb_of_memory(tmp_path: Path) -> None:
    here = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", MANY, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(here)},
    )
    rows, peak = map(int, run.stdout.split())
    assert rows == 400_000
    assert peak < 600
