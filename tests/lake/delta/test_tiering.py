"""Files of old days are kept elsewhere, and every answer is the same as before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.lake.delta.kept import DAY, Clock, kept, records

from bartizan.errors import InputError, OutputError, UsageError
from bartizan.lake.cold import Place, cold_store, set_place
from bartizan.lake.delta.holding import Hold
from bartizan.lake.needs import Has
from bartizan.lake.opening import make_lake
from bartizan.lake.policy import Policy
from bartizan.schema.record import Details

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.lake.delta.lake import DeltaLake

HERE = Path(__file__).parents[3]
TODAY = 1_700_000_000_000_000_000
TIER = Policy(cold_days=2, grace=0)
PIDS = "SELECT process.pid FROM process_activity ORDER BY 1"


def filled(folder: Path, *, days: int = 5) -> None:
    with kept(folder) as lake:
        for day in range(days):
            row = {"time": TODAY - day * DAY, "process.pid": day, "device.hostname": f"ws{day}"}
            lake.append([records(row, details=Details(ids=[bytes([day]) * 16]))], source="edr", batch_id=str(day))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = pytest.importorskip("moto.server", reason="moto, which speaks as S3 does, is not installed")
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.enable_socket)])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    if request.param == "file":
        return Place(url=f"file://{tmp_path}/old")
    from pyarrow.fs import S3FileSystem

    secrets = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "very-secret", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    endpoint = request.getfixturevalue("server")
    address = endpoint.removeprefix("http://")
    S3FileSystem(endpoint_override=address, scheme="http", region="us-east-1", allow_bucket_creation=True).create_dir("cold")
    return Place(url=f"s3://cold/{tmp_path.name}", endpoint=endpoint, region="us-east-1")


def answers(lake: DeltaLake) -> list[object]:
    return [
        lake.sql(PIDS).rows,
        [(one.value, one.path, one.count) for one in lake.pivot(["ws0", "ws4"])],
        sorted((one.record_id, one.proof.intact, one.proof.sha256) for one in lake.get(["00" * 16, "04" * 16])),
        lake.latest("process_activity", 9, columns=("process.pid", "time")).rows,
        [
            one.rows and one.rows[0][0]
            for one in lake.candidates({"process_activity": Has("device.hostname", "is", "ws4")}, lake.snapshot())
        ],
        sorted(Path(path).name for path in lake.snapshot().paths),
        lake.snapshot(having=["ws3"]).rows,
        lake.balance(),
    ]


def test_what_is_elsewhere_is_answered_as_if_it_were_here(tmp_path: Path, place: Place) -> None:
    filled(tmp_path)
    with kept(tmp_path) as lake:
        before = answers(lake)
    set_place(tmp_path / "lake", place)
    with kept(tmp_path) as lake:
        assert lake.maintain(TIER).moved == 2
        assert len(list((tmp_path / "lake" / "ext").rglob("eventDay=*/*.parquet"))) == 3
        assert [table.away for table in lake.status().tables] == [2]
        assert lake.verify() == []
        assert answers(lake) == before
        assert lake.maintain(TIER).moved == 0
        assert answers(lake) == before
        assert lake.verify() == []
    assert "very-secret" not in "".join(path.read_text(errors="ignore") for path in (tmp_path / "lake").rglob("*") if path.is_file())


def test_a_place_is_a_table_of_delta_lake_by_itself(tmp_path: Path, place: Place) -> None:
    from deltalake import DeltaTable

    filled(tmp_path)
    set_place(tmp_path / "lake", place)
    with kept(tmp_path) as lake:
        lake.maintain(TIER)
        options = {"AWS_ENDPOINT_URL": place.endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": place.region} if place.endpoint else None
        table = f"{place.url.removeprefix('file://')}/ext/process_activity"
        assert DeltaTable(table, storage_options=options).to_pyarrow_table(columns=["time"]).num_rows == 2
        lake.erase(["ws4"], reason="asked for", by="alice@example.com")
        assert DeltaTable(table, storage_options=options).to_pyarrow_table(columns=["time"]).num_rows == 1


def test_what_is_erased_is_erased_elsewhere_too(tmp_path: Path, place: Place) -> None:
    filled(tmp_path)
    store = set_place(tmp_path / "lake", place)
    with kept(tmp_path) as lake:
        lake.maintain(TIER)
        assert lake.sql(PIDS).rows == [(0,), (1,), (2,), (3,), (4,)]
        erased = lake.erase(["ws4"], reason="asked for", by="alice@example.com")
        assert (erased.records, erased.files) == (1, 1)
        assert lake.sql(PIDS).rows == [(0,), (1,), (2,), (3,)]
        assert [name for name in store.names("ext") if "eventDay=20231110" in name] == []
        assert list((tmp_path / "lake").rglob("eventDay=20231110/*.parquet")) == []
        assert lake.verify() == []


def test_what_is_past_its_time_goes_elsewhere_too_and_what_is_held_stays_here(tmp_path: Path, place: Place) -> None:
    filled(tmp_path)
    store = set_place(tmp_path / "lake", place)
    clock = Clock()
    with kept(tmp_path, clock=clock) as lake:
        lake.hold(Hold(name="case-1", reason="court", by="alice@example.com", first="20231111", last="20231111"))
        assert lake.maintain(TIER).moved == 1
        clock.days = 1
        report = lake.maintain(Policy(days=3, cold_days=2, grace=0))
        assert (report.expired, report.held, report.moved) == (1, 1, 1)
        clock.days = 2
        lake.maintain(Policy(days=3, cold_days=2, grace=0))
        assert lake.sql(PIDS).rows == [(0,), (1,), (3,)]
        assert [name for name in store.names("ext") if name.endswith(".parquet") and "eventDay=20231110" in name] == []
        with pytest.raises(UsageError, match="is under the legal hold 'case-1'"):
            lake.erase(["ws3"], reason="asked for", by="alice@example.com")
        lake.release("case-1", reason="over", by="alice@example.com")
        assert lake.erase(["ws3"], reason="asked for", by="alice@example.com").records == 1
        assert lake.verify() == []


def test_damage_elsewhere_is_found_and_never_answered_from(tmp_path: Path) -> None:
    filled(tmp_path)
    set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/old"))
    with kept(tmp_path) as lake:
        lake.maintain(TIER)
        files = sorted((tmp_path / "old").rglob("eventDay=*/*.parquet"))
        files[0].write_bytes(files[0].read_bytes()[:-1] + b"x")
        files[1].unlink()
        assert [fault.what.partition(" in ")[0] for fault in lake.verify()] == [
            "is not as it was written",
            "is not where old files are kept: bring it back from a backup",
        ]
        with pytest.raises(OutputError, match=r"is not as it was written: bring it back from a backup"):
            lake.sql(PIDS)
        recent = lake.snapshot(start=TODAY - DAY)
        assert lake.sql(PIDS, over=recent).rows == [(0,), (1,)]


def test_days_that_are_here_are_answered_when_the_place_cannot_be_reached(tmp_path: Path) -> None:
    filled(tmp_path)
    set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/old"))
    with kept(tmp_path) as lake:
        lake.maintain(TIER)
    (tmp_path / "old").rename(tmp_path / "gone")
    with kept(tmp_path) as lake:
        assert lake.sql(PIDS, over=lake.snapshot(start=TODAY - DAY)).rows == [(0,), (1,)]
        assert len(lake.pivot(["ws4"])) == 1
        assert [one.record_id for one in lake.get(["00" * 16])] == ["00" * 16]
        with pytest.raises(OutputError, match="cannot be reached or written: "):
            lake.sql(PIDS)


def test_no_more_is_brought_back_than_may_be_kept_at_hand(tmp_path: Path) -> None:
    filled(tmp_path, days=6)
    set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/old"))
    with kept(tmp_path) as lake:
        lake.maintain(TIER)
        size = max(path.stat().st_size for path in (tmp_path / "old").rglob("eventDay=*/*.parquet"))
    set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/old", cache_bytes=2 * size))
    with kept(tmp_path) as lake:
        for day in (3, 4, 5):
            over = lake.snapshot(start=TODAY - day * DAY, end=TODAY - day * DAY + 1)
            assert lake.sql(PIDS, over=over).rows == [(day,)]
        at_hand = [path.parent.name for path in (tmp_path / "lake" / "_lake" / "cold").rglob("eventDay=*/*.parquet")]
        assert sorted(at_hand) == ["eventDay=20231109", "eventDay=20231110"]
        with pytest.raises(UsageError, match=r"3 files with 0\.0 GB would have to be fetched from file://.*: ask for less time"):
            lake.sql(PIDS)
        assert lake.sql("SELECT 1").rows == [(1,)]


def test_the_lake_as_it_was_before_files_were_moved_is_still_there(tmp_path: Path) -> None:
    filled(tmp_path)
    with kept(tmp_path) as lake:
        version = lake.stores.table("process_activity").files()[0]
        then = int((tmp_path / "lake" / "ext" / "process_activity" / "_delta_log" / f"{version:020}.json").stat().st_mtime_ns)
    set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/old"))
    with kept(tmp_path) as lake:
        lake.maintain(TIER)
        assert lake.sql(PIDS, over=lake.snapshot(as_of=then + 10**6)).rows == [(0,), (1,), (2,), (3,), (4,)]


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("ftp://old/files", ""),
        ("s3://", ""),
        ("s3://alice@bucket/prefix", ""),
        ("s3://bucket/prefix", "alice@host"),
        ("s3://bucket/prefix", "https://alice@host"),
    ],
)
def test_what_is_no_place_is_refused_and_nothing_secret_is_kept(tmp_path: Path, url: str, endpoint: str) -> None:
    with pytest.raises(UsageError, match="who may go there is told by the environment"):
        set_place(tmp_path, Place(url=url, endpoint=endpoint))
    assert cold_store(tmp_path) is None


def test_a_lake_has_one_place_and_says_where_it_has_none(tmp_path: Path) -> None:
    filled(tmp_path, days=1)
    with kept(tmp_path) as lake, pytest.raises(UsageError, match="has no place for old files: name one with `bartizan lake cold`"):
        lake.maintain(TIER)
    set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/old"))
    with pytest.raises(UsageError, match=r"keeps old files in .*/old already"):
        set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/other"))
    (tmp_path / "lake" / "_lake" / "cold.json").write_text("{}")
    with pytest.raises(InputError, match="is no place for old files"):
        cold_store(tmp_path / "lake")
    with pytest.raises(OutputError, match="cannot be reached or written"):
        set_place(make_lake(tmp_path / "other", {}).stores.root, Place(url=f"file://{tmp_path}/lake/lake.json/below"))


KILLED = """
import os, signal, sys
from pathlib import Path
from bartizan.lake.cold import ColdStore
from bartizan.lake.delta.ledger import Ledger
from bartizan.lake.delta.log import DeltaLog
from bartizan.lake.policy import Policy
from tests.lake.delta.kept import kept
left = int(sys.argv[2])
def counted(of, name):
    real = getattr(of, name)
    def call(*args, **named):
        global left
        made = real(*args, **named)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return made
    setattr(of, name, call)
with kept(Path(sys.argv[1])) as lake:
    for of, name in ((ColdStore, "put"), (DeltaLog, "widen"), (DeltaLog, "commit"), (Ledger, "add"), (os, "link"), (Path, "unlink")):
        counted(of, name)
    if sys.argv[3] == "erase":
        lake.erase(["ws4", "ws3"], reason="asked for", by="alice@example.com")
    else:
        lake.maintain(Policy(cold_days=2, grace=0))
"""


def killed(folder: Path, steps: int, what: str) -> bool:
    """Do something and die after so many steps of it; say whether it died before it was done."""
    command = [sys.executable, "-c", KILLED, str(folder), str(steps), what]
    run = subprocess.run(command, capture_output=True, check=False, cwd=HERE, env={**os.environ, "PYTHONPATH": "."})
    assert run.returncode in {0, -9}, run.stderr.decode()
    return run.returncode != 0


@pytest.mark.slow
def test_dying_after_any_step_of_moving_loses_and_doubles_nothing(tmp_path: Path) -> None:
    steps, died = 0, True
    while died:
        steps += 1
        folder = tmp_path / str(steps)
        filled(folder)
        set_place(folder / "lake", Place(url=f"file://{folder}/old"))
        died = killed(folder, steps, "move")
        with kept(folder) as lake:
            assert lake.sql(PIDS).rows == [(0,), (1,), (2,), (3,), (4,)]
            assert lake.verify() == []
            lake.maintain(TIER)
            assert [table.away for table in lake.status().tables] == [2]
            assert lake.sql(PIDS).rows == [(0,), (1,), (2,), (3,), (4,)]
            assert lake.verify() == []
    assert steps > 8


@pytest.mark.slow
def test_dying_after_any_step_of_an_erasure_leaves_it_to_be_done_again(tmp_path: Path) -> None:
    steps, died = 0, True
    while died:
        steps += 3
        folder = tmp_path / str(steps)
        filled(folder)
        set_place(folder / "lake", Place(url=f"file://{folder}/old"))
        with kept(folder) as lake:
            lake.maintain(TIER)
        died = killed(folder, steps, "erase")
        with kept(folder) as lake:
            assert lake.sql("SELECT process.pid FROM process_activity WHERE process.pid < 3 ORDER BY 1").rows == [(0,), (1,), (2,)]
            lake.erase(["ws4", "ws3"], reason="asked for", by="alice@example.com")
            assert lake.sql(PIDS).rows == [(0,), (1,), (2,)]
            assert lake.verify() == []
            assert b"ws4" not in b"".join(path.read_bytes() for path in folder.rglob("eventDay=*/*.parquet"))
    assert steps > 6


def test_a_file_of_a_batch_that_was_cut_off_stays_until_it_was_appended_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, days=1)
    set_place(tmp_path / "lake", Place(url=f"file://{tmp_path}/old"))
    late = records({"time": TODAY - 9 * DAY, "process.pid": 9})
    with kept(tmp_path) as lake:
        with monkeypatch.context() as broken:
            broken.setattr(lake.stores.ledger, "add", _cut_off)
            with pytest.raises(OSError, match="cut off"):
                lake.append([late], source="edr", batch_id="late")
        assert lake.maintain(TIER).moved == 0
        assert lake.append([late], source="edr", batch_id="late").new
        assert lake.maintain(TIER).moved == 1
        assert lake.sql(PIDS).rows == [(0,), (9,)]
        assert lake.verify() == []


def _cut_off(*_: object, **_named: object) -> bool:
    message = "cut off"
    raise OSError(message)
