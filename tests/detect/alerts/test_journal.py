from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bartizan.detect.alerts.journal import Journal, Kept
from bartizan.errors import InputError, OutputError

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from bartizan.detect.alerts.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    journal.append([{"by": sys.argv[2], "number": number, "text": "x" * 3000}])
    print(number, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(count)], stdout=subprocess.PIPE)


def test_what_is_appended_is_kept_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new" / "alerts.ndjson")
    assert journal.read() == Kept()
    journal.append([{"a": 1}, {"a": 2}])
    journal.append([{"a": 3}])
    assert journal.read() == Kept(({"a": 1}, {"a": 2}, {"a": 3}))


def test_a_torn_line_is_told_and_the_next_writer_cuts_it_off(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    journal = Journal(path)
    path.write_bytes(b'{"a":1}\n{"a":')
    assert journal.read() == Kept(({"a": 1},), (f"{path}:2: is torn off, somebody was stopped while writing it; it is passed over",))
    journal.append([{"a": 2}])
    assert path.read_bytes() == b'{"a":1}\n{"a":2}\n'


def test_every_place_at_which_a_line_can_be_torn_leaves_those_before_it(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    Journal(path).append([{"a": 1}])
    whole = path.read_bytes()
    Journal(path).append([{"text": "ä\n"}])
    both = path.read_bytes()
    for end in range(len(whole), len(both)):
        path.write_bytes(both[:end])
        assert Journal(path).read().records == ({"a": 1},)
        Journal(path).append([{"b": 1}])
        assert Journal(path).read() == Kept(({"a": 1}, {"b": 1}))


def test_a_damaged_line_is_told_and_left_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    path.write_bytes(b'{"a":1}\n\xff\x00\n[1]\n{"a":2}\n')
    kept = Journal(path).read()
    assert (kept.records, [problem.split(" is no record")[0] for problem in kept.problems]) == (
        ({"a": 1}, {"a": 2}),
        [f"{path}:2:", f"{path}:3:"],
    )
    Journal(path).append([{"a": 3}])
    assert path.read_bytes().startswith(b'{"a":1}\n\xff\x00\n[1]\n{"a":2}\n')


def test_a_writer_that_is_killed_loses_nothing_that_it_said_it_kept(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    with writer(path, "victim", 100_000) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(5)]
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        said += [int(line) for line in process.stdout.read().splitlines()]
    kept = [record["number"] for record in Journal(path).read().records]
    assert kept == list(range(len(kept)))
    assert len(kept) in {said[-1] + 1, said[-1] + 2}
    Journal(path).append([{"number": "after"}])
    after = Journal(path).read()
    assert (after.records[-1], after.problems) == ({"number": "after"}, ())


def test_two_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    with writer(path, "a", 40) as one, writer(path, "b", 40) as other:
        assert (len(one.communicate()[0].split()), len(other.communicate()[0].split())) == (40, 40)
    kept = Journal(path).read()
    assert kept.problems == ()
    for name in ("a", "b"):
        assert [record["number"] for record in kept.records if record["by"] == name] == list(range(40))


def test_a_full_disk_is_told_and_leaves_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    Journal(path).append([{"a": 1}])
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard))
    try:
        with pytest.raises(OutputError, match=r"alerts.ndjson: cannot be written: File too large; free some room"):
            Journal(path).append([{"text": "x" * 100}])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert Journal(path).read() == Kept(({"a": 1},))


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: Is a directory"):
        Journal(tmp_path).append([{}])
    with pytest.raises(InputError, match="cannot be read: Is a directory; name another file with --state"):
        Journal(tmp_path).read()
