"""A cluster of Spark gives the findings of this machine, whoever of it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest
from benchmarks.cluster import judged, kill
from tests.clusters import SPARK, Shared
from tests.detect.stored.lakes import hunted_stored, ids, lake_of, snapshot_of

from bartizan import workbench
from bartizan.detect.hunt.setup import rules_for
from bartizan.detect.stored.following import LakeFollower
from bartizan.detect.watch.ledger import Ledger
from bartizan.detect.watch.places import Places
from bartizan.lake.engines.opening import open_engine
from bartizan.lake.opening import open_lake
from bartizan.simulate import company_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.detect.hunt.request import Request

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.skipif(bool(SPARK), reason=SPARK)]
ROOT = __file__.rpartition("/tests/")[0]
CONTENT = workbench.content_folder() / "detections"
FOREVER = 1 << 62


@pytest.fixture(scope="module")
def spark_cluster() -> Iterator[Shared]:
    shared = Shared()
    yield shared
    shared.leave()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company's day with an intrusion in it, without its audit logs."""
    folder = tmp_path_factory.mktemp("day")
    company_day(folder / "logs", seed=7, day=date(2026, 3, 17), events=60_000)
    (folder / "logs" / workbench.TRUTH_FILE).unlink()
    # Lines of one audit event stand in several tables: a piece that ends between these would part them.
    for path in (folder / "logs").rglob("audit.log*"):
        path.unlink()
    return lake_of(folder, CONTENT, [folder / "logs"])


@pytest.fixture(scope="module")
def request_of_day(tmp_path_factory: pytest.TempPathFactory) -> Request:
    return workbench.watch_request([CONTENT], tmp_path_factory.mktemp("seed"), workbench.Asked(exceptions=()))


def test_with_a_worker_killed_on_the_way_the_findings_are_the_same_byte_for_byte(
    lake: Path, request_of_day: Request, spark_cluster: Shared
) -> None:
    over = snapshot_of(lake)
    plain = judged(over, request_of_day, "local")
    cluster, killed = spark_cluster.get(), list[str]()
    threading.Thread(target=kill, args=(cluster, killed, 0.2), daemon=True).start()
    found = judged(over, request_of_day, cluster.address)
    assert len(killed) == 1
    assert found.lines == plain.lines != []
    spark_cluster.leave()


FOLLOW = """
import os, signal, sys
from pathlib import Path
from tests.detect.stored.test_cluster import follow
from bartizan.detect.stored import following
following.PIECE_BYTES = 200_000
follow(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
"""


def follow(lake: Path, state: Path, address: str, most: int, end: int) -> None:  # called by a process of its own
    """Follow a lake on a cluster up to an event time; after so many pieces be killed in the middle of the next."""
    request = workbench.watch_request([CONTENT], state, workbench.Asked(exceptions=()))
    places = Places(root=state)
    with open_lake(lake) as opened, closing(LakeFollower(opened, rules_for(request), request, places, lateness=FOREVER)) as follower:
        with open_engine(address) as engine:
            pieces = 0
            while True:
                if pieces == most:
                    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
                if follower.step(engine) is None:
                    break
                pieces += 1
        follower.finish(end)


def test_a_driver_that_is_killed_and_started_again_tells_everything_once(lake: Path, spark_cluster: Shared, tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": ROOT, "SPARK_LOCAL_IP": "127.0.0.1"}
    plain, codes = hunted_stored(lake, CONTENT), []
    for most in (2, -1):
        words = [sys.executable, "-c", FOLLOW, lake, tmp_path, spark_cluster.get().address, str(most), str(plain.outcome.last)]
        codes.append(subprocess.run(words, env=env, cwd=ROOT, check=False).returncode)
    assert codes == [-signal.SIGKILL, 0]
    with closing(Ledger(Places(root=tmp_path).ledger, Places(root=tmp_path).node)) as ledger:
        told = sorted(alert.uid for _, alert in ledger.findings(0, most=100_000))
    assert told == ids(plain) != []
