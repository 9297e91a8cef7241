"""What a log says it has taken is there after any crash, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.errors import NoRoom, OutputError
from bartizan.lake.wal.frames import Damage, Entry, Found, encode, scan
from bartizan.lake.wal.log import Limits, WriteAheadLog

HERE = Path(__file__).parents[3]
ROOMY = Limits(free=0)


def bodies(folder: Path) -> list[bytes]:
    """Drain a log and return what was in it."""
    found: list[bytes] = []
    with WriteAheadLog(folder, limits=ROOMY) as log:
        while (portion := log.portion()) is not None:
            found += [entry.body for entry in portion.entries]
            log.done(portion)
    return found


def test_what_was_taken_is_there_after_opening_again(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        tickets = [log.append(b"m%d" % number, b"b%d" % number) for number in range(5)]
        assert [ticket.result(10) for ticket in tickets] == [1, 2, 3, 4, 5]
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        assert log.faults == []
        portion = log.portion()
        assert portion is not None
        assert portion.entries == [Entry(number + 1, b"m%d" % number, b"b%d" % number) for number in range(5)]


def test_a_portion_is_the_same_until_it_is_done(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        [log.append(b"", b"x" * 10).result(10) for _ in range(4)]
        first = log.portion(most=3)
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        again = log.portion(most=1)
        assert again == first
        assert again is not None
        assert (again.first, again.last, again.batch_id.partition(":")[2]) == (1, 3, "1-3")
        log.done(again)
        rest = log.portion()
        assert rest is not None
        assert [entry.sequence for entry in rest.entries] == [4]
        log.done(rest)
        assert log.portion() is None
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        assert log.portion() is None
        assert log.append(b"", b"later").result(10) == 5


def test_what_is_done_takes_no_room(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=Limits(segment=2_000, free=0)) as log:
        [log.append(b"", b"x" * 1_000).result(10) for _ in range(10)]
        assert len(list(tmp_path.glob("*.wal"))) == 5
        portion = log.portion(most=5)
        assert portion is not None
        log.done(portion)
        assert len(list(tmp_path.glob("*.wal"))) == 3
        portion = log.portion()
        assert portion is not None
        log.done(portion)
        assert (list(tmp_path.glob("*.wal")), log.held) == ([], 0)


def test_many_threads_share_the_wait_for_the_disk(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:

        def send(name: int) -> None:
            for number in range(50):
                log.append(b"", b"%d-%d" % (name, number)).result(10)

        threads = [threading.Thread(target=send, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(bodies(tmp_path)) == sorted(b"%d-%d" % (name, number) for name in range(8) for number in range(50))


def test_two_processes_do_not_open_one_log(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path), pytest.raises(OutputError) as caught:
        WriteAheadLog(tmp_path)
    assert str(caught.value) == f"{tmp_path}: another process has this write-ahead log open: stop it first, or name another folder"


def test_a_log_that_is_closed_takes_nothing(tmp_path: Path) -> None:
    log = WriteAheadLog(tmp_path)
    log.close()
    with pytest.raises(OutputError, match="is closed"):
        log.append(b"", b"")


def test_a_log_that_is_full_says_so_and_takes_again_when_it_is_drained(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=Limits(held=3_000, free=0)) as log:
        [log.append(b"", b"x" * 1_000).result(10) for _ in range(2)]
        with pytest.raises(NoRoom, match="wait to be stored, which is all there may be: send again later"):
            log.append(b"", b"x" * 1_000)
        portion = log.portion()
        assert portion is not None
        log.done(portion)
        log.append(b"", b"y" * 1_000).result(10)
    assert bodies(tmp_path) == [b"y" * 1_000]


def test_no_more_is_taken_than_leaves_room_to_store_it(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=Limits(free=1 << 60)) as log:
        with pytest.raises(NoRoom, match="No space left on device: make room; what was not acknowledged is to be sent again"):
            log.append(b"", b"x").result(10)
        assert log.portion() is None


FULL = """
import resource, signal, sys
from pathlib import Path
from bartizan.errors import NoRoom
from bartizan.lake.wal.log import Limits, WriteAheadLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
log = WriteAheadLog(Path(sys.argv[1]), limits=Limits(free=0))
print(log.append(b"", b"a" * 4000).result(10))
try:
    log.append(b"", b"b" * 9000).result(10)
except NoRoom as error:
    print(error)
print(log.append(b"", b"c" * 4000).result(10))
log.close()
"""


def test_a_disk_that_is_full_refuses_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True, cwd=HERE)
    one, refused, two = run.stdout.splitlines()
    assert (one, two) == ("1", "3")
    assert refused.endswith("cannot be written: File too large: make room; what was not acknowledged is to be sent again")
    assert bodies(tmp_path) == [b"a" * 4000, b"c" * 4000]


def test_a_torn_tail_is_cut_and_a_copy_kept(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        [log.append(b"", b"%d" % number * 100).result(10) for number in range(3)]
    [segment] = tmp_path.glob("*.wal")
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-1])
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        assert [fault.path for fault in log.faults] == [str(segment)]
        assert log.append(b"", b"next").result(10) == 3
    [aside] = (tmp_path / "damaged").iterdir()
    assert whole.endswith(aside.read_bytes() + b"2")
    assert bodies(tmp_path) == [b"0" * 100, b"1" * 100, b"next"]


def test_zeros_behind_the_last_entry_are_no_fault(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        log.append(b"", b"a").result(10)
    [segment] = tmp_path.glob("*.wal")
    segment.write_bytes(segment.read_bytes() + bytes(5000))
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        assert log.faults == []
    assert bodies(tmp_path) == [b"a"]


def test_a_damaged_entry_costs_only_itself(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=Limits(segment=500, free=0)) as log:
        [log.append(b"", b"%d" % number * 100).result(10) for number in range(6)]
    for place, segment in enumerate(sorted(tmp_path.glob("*.wal"))):
        if place == 0:
            data = bytearray(segment.read_bytes())
            data[data.index(b"1" * 100) + 5] ^= 1
            segment.write_bytes(data)
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        [fault] = log.faults
    assert "are no whole entry, torn by a crash or damaged: a copy is in" in fault.what
    assert bodies(tmp_path) == [b"%d" % number * 100 for number in (0, 2, 3, 4, 5)]


def test_a_segment_that_was_only_begun_is_forgotten(tmp_path: Path) -> None:
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        log.append(b"", b"a").result(10)
    (tmp_path / f"{9:020d}.wal").write_bytes(b"BZW")
    with WriteAheadLog(tmp_path, limits=ROOMY) as log:
        assert log.faults == []
    assert bodies(tmp_path) == [b"a"]


def test_a_state_that_is_damaged_is_said(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(OutputError, match=r"state\.json: is damaged"):
        WriteAheadLog(tmp_path)


@given(st.lists(st.binary(max_size=40), max_size=6), st.data())
@settings(deadline=None)
def test_any_cut_gives_the_entries_before_it(found: list[bytes], data: st.DataObject) -> None:
    frames = [encode(Entry(number, b"m", body)) for number, body in enumerate(found)]
    whole = b"".join(frames)
    cut = data.draw(st.integers(0, len(whole)))
    ends = [sum(map(len, frames[: number + 1])) for number in range(len(frames))]
    got = [one.entry.body for one in scan(whole[:cut], 0) if isinstance(one, Found)]
    assert got == [body for body, end in zip(found, ends, strict=True) if end <= cut]


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=6), st.data())
@settings(deadline=None)
def test_any_changed_byte_loses_one_entry_and_is_seen(found: list[bytes], data: st.DataObject) -> None:
    frames = [encode(Entry(number, b"m", body)) for number, body in enumerate(found)]
    whole = bytearray(b"".join(frames))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    got = list(scan(bytes(whole), 0))
    hit = next(number for number in range(len(frames)) if at < sum(map(len, frames[: number + 1])))
    assert [one.entry.body for one in got if isinstance(one, Found)] == [body for number, body in enumerate(found) if number != hit]
    assert sum(isinstance(one, Damage) for one in got) == 1


@given(st.binary(max_size=300))
def test_garbage_is_damage_from_end_to_end(garbage: bytes) -> None:
    found = list(scan(garbage, 0))
    assert found == ([Damage(0, len(garbage))] if garbage else [])


KILLED = """
import sys
from pathlib import Path
from bartizan.lake.wal.log import Limits, WriteAheadLog
log = WriteAheadLog(Path(sys.argv[1]), limits=Limits(segment=20_000, free=0))
number = int(sys.argv[2])
while True:
    tickets = [log.append(b"", b"%d" % (number + more) + b"." * 200) for more in range(7)]
    for more, ticket in enumerate(tickets):
        ticket.result()
        print(number + more, flush=True)
    number += 7
"""


def unmeasured() -> dict[str, str]:
    """Return an environment in which coverage is not measured: a process that is killed leaves a damaged file of it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


def test_what_was_acknowledged_survives_kills_at_any_moment(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    for turn in range(20):
        command = [sys.executable, "-c", KILLED, str(tmp_path), str((turn + 1) * 1_000_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE, env=unmeasured()) as run:
            assert run.stdout is not None
            first = run.stdout.readline()
            time.sleep(turn * 0.002)
            run.send_signal(signal.SIGKILL)
            acknowledged += map(int, (first + run.stdout.read()).split())
    kept = [int(body.rstrip(b".")) for body in bodies(tmp_path)]
    assert len(kept) == len(set(kept))
    assert set(acknowledged) <= set(kept)
    assert len(acknowledged) >= 20
