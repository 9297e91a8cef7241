"""Whoever follows a lake tells everything that others put into it, once, whatever is killed in between."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.detect.stored.lakes import hunted_stored, ids, lake_of
from tests.hunting import NOW, accepted, failed, process, write

from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.setup import rules_for
from bartizan.detect.stored import following
from bartizan.detect.stored.following import LakeFollower
from bartizan.detect.watch.places import Places
from bartizan.errors import BartizanError, InputError
from bartizan.lake.engines.kinds.local import LocalEngine
from bartizan.lake.opening import open_lake
from bartizan.lake.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOREVER = 1 << 62
ENGINE = LocalEngine(1)
ROOT = __file__.rpartition("/tests/")[0]


@contextmanager
def followed(lake: Path, rules: Path, state: Path) -> Iterator[LakeFollower]:
    request = Request(rules=(rules,), now=NOW)
    with (
        open_lake(lake) as opened,
        closing(LakeFollower(opened, rules_for(request), request, Places(root=state), lateness=FOREVER)) as follower,
    ):
        yield follower


def told(follower: LakeFollower) -> list[str]:
    return sorted(alert.uid for _, alert in follower.ledger.findings(0, most=10_000))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    """Logs that come one after the other: a password is guessed over two of them."""
    folder = tmp_path_factory.mktemp("parts")
    return [
        [write(folder / "1" / "auth.log", [failed(number * 5) for number in range(4)])],
        [write(folder / "2" / "auth.log", [*(failed(20 + number * 5) for number in range(3)), accepted(90)])],
        [write(folder / "3" / "sysmon.json", [process(number) for number in range(5)])],
    ]


@pytest.fixture(scope="module")
def whole(parts: list[list[Path]], rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("whole"), rules, *parts)


def test_what_came_in_several_commits_gives_what_a_hunt_through_all_gives(whole: Path, rules: Path, tmp_path: Path) -> None:
    plain = hunted_stored(whole, rules)
    with followed(whole, rules, tmp_path) as follower:
        assert not follower.begun
        piece = follower.step(ENGINE)
        assert piece is not None
        assert sum(one.read for one in piece.balance.values()) == sum(one.read for one in plain.outcome.balance)
        assert follower.step(ENGINE) is None
        follower.finish(plain.outcome.last)
        assert told(follower) == ids(plain) != []


def test_one_who_begins_again_after_each_commit_tells_the_same_and_nothing_twice(
    parts: list[list[Path]], rules: Path, whole: Path, tmp_path: Path
) -> None:
    plain = hunted_stored(whole, rules)
    for count in range(1, len(parts) + 1):
        shutil.rmtree(tmp_path / "lake", ignore_errors=True)
        lake_of(tmp_path / f"made-{count}", rules, *parts[:count]).rename(tmp_path / "lake")
        with followed(tmp_path / "lake", rules, tmp_path / "state") as follower:
            assert follower.begun == (count > 1)
            assert follower.step(ENGINE) is not None
            assert follower.step(ENGINE) is None
    with followed(tmp_path / "lake", rules, tmp_path / "state") as follower:
        assert follower.step(ENGINE) is None
        follower.finish(plain.outcome.last)
        assert told(follower) == ids(plain)


def test_a_piece_ends_where_it_is_large_enough(whole: Path, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PIECE_BYTES", 1)
    with followed(whole, rules, tmp_path) as follower:
        pieces = 0
        while follower.step(ENGINE) is not None:
            pieces += 1
        follower.finish(hunted_stored(whole, rules).outcome.last)
        assert pieces > 1
        assert told(follower) == ids(hunted_stored(whole, rules))


def test_what_the_lake_held_before_can_be_passed_over(whole: Path, rules: Path, tmp_path: Path) -> None:
    with followed(whole, rules, tmp_path) as follower:
        follower.skip()
    with followed(whole, rules, tmp_path) as follower:
        assert follower.begun
        assert follower.step(ENGINE) is None
        assert told(follower) == []


def test_what_maintenance_merges_is_not_judged_again(parts: list[list[Path]], rules: Path, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, rules, *parts)
    with followed(lake, rules, tmp_path / "state") as follower:
        follower.step(ENGINE)
        before = told(follower)
        with open_lake(lake) as opened:
            assert opened.maintain(Policy(compact_files=2)).compacted > 0
        piece = follower.step(ENGINE)
        assert piece is not None
        assert piece.balance == {}
        assert told(follower) == before


def test_what_was_merged_and_deleted_before_it_was_read_is_told(parts: list[list[Path]], rules: Path, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, rules, parts[0])
    with followed(lake, rules, tmp_path / "state") as follower:
        follower.step(ENGINE)
        with open_lake(lake) as opened:
            opened.take_in(_kept(parts[1], rules, tmp_path))
            opened.maintain(Policy(compact_files=2, grace=-1))
        with pytest.raises(InputError, match="was merged into another and deleted before it was read"):
            follower.step(ENGINE)


def test_a_piece_that_fails_leaves_nothing_behind(whole: Path, rules: Path, tmp_path: Path) -> None:
    class Failing(LocalEngine):
        def run(self, job: following.Job) -> Iterator[object]:  # type: ignore[override,name-defined]  # what it yields is not looked at
            yield from super().run(job)
            message = "the cluster is gone"
            raise BartizanError(message)

    with followed(whole, rules, tmp_path) as follower, pytest.raises(BartizanError, match="the cluster is gone"):
        follower.step(Failing(1))
    with followed(whole, rules, tmp_path) as follower:
        assert (follower.begun, told(follower)) == (False, [])
        follower.step(ENGINE)
        follower.finish(hunted_stored(whole, rules).outcome.last)
        assert told(follower) == ids(hunted_stored(whole, rules))


def test_time_that_passes_tells_what_is_absent(rules: Path, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, rules, [write(tmp_path / "auth.log", [failed(1)])])
    request = Request(rules=(rules,), now=NOW)
    with (
        open_lake(lake) as opened,
        closing(LakeFollower(opened, rules_for(request), request, Places(root=tmp_path / "s"), lateness=0)) as follower,
    ):
        came = follower.step(ENGINE)
        assert came is not None
        assert sorted(alert.rule[:4] for alert in came.alerts) == ["2222", "a111"]
        piece = follower.rest(600_000_000_000)
        assert piece is not None
        assert [alert.rule[:4] for alert in piece.alerts] == ["b555"]


def test_a_state_that_is_none_is_refused(whole: Path, rules: Path, tmp_path: Path) -> None:
    with followed(whole, rules, tmp_path) as follower, follower.ledger.piece():
        follower.ledger.done(following.Place(3), 0, msgspec.msgpack.encode("x"))
    with pytest.raises(BartizanError, match="this is no state of one who follows a lake"), followed(whole, rules, tmp_path):
        pass


FOLLOW = """
import os, signal, sys, threading, random
from pathlib import Path
from tests.detect.stored.test_following import ENGINE, followed
lake, rules, state, after = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])
from bartizan.detect.stored import following
following.PIECE_BYTES = 1
threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
with followed(lake, rules, state) as follower:
    while follower.step(ENGINE) is not None:
        pass
os._exit(0)
"""


@pytest.mark.slow
def test_killed_again_and_again_it_tells_everything_once(whole: Path, rules: Path, tmp_path: Path) -> None:
    plain = hunted_stored(whole, rules)
    env = {**os.environ, "PYTHONPATH": ROOT}
    killed = 0
    # The first is killed while it starts, wherever this runs; each later one lives a little longer.
    for attempt in range(150):
        after = str(0.2 + attempt * 0.1)
        run = subprocess.run([sys.executable, "-c", FOLLOW, whole, rules, tmp_path, after], env=env, check=False, cwd=ROOT)
        killed += run.returncode == -signal.SIGKILL
        if run.returncode == 0:
            break
    assert killed > 0
    with followed(whole, rules, tmp_path) as follower:
        assert follower.step(ENGINE) is None
        follower.finish(plain.outcome.last)
        assert told(follower) == ids(plain)


def _kept(logs: list[Path], rules: Path, folder: Path) -> Path:
    from bartizan import workbench

    workbench.hunt(*logs, rules=[rules], out=folder / "more", asked=workbench.Asked(exceptions=(), now=NOW)).close()
    return folder / "more"
