"""Take deliveries into a write-ahead log, bring them into a lake, be killed at any moment, and see what is there.

``python -m benchmarks._crashing FOLDER FIRST`` numbers its deliveries from FIRST and prints each number when its delivery is on disk.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.lake.contract import Account, Batch
from bartizan.lake.declared import declare
from bartizan.lake.opening import make_lake, open_lake
from bartizan.lake.policy import Policy
from bartizan.lake.wal.log import Limits, WriteAheadLog
from bartizan.schema.columns import Frame
from bartizan.schema.expressions import Table, field
from bartizan.schema.record import Details, Provenance, complete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.lake.delta.lake import DeltaLake
    from bartizan.lake.wal.frames import Entry
    from bartizan.schema.columns import Cell

__all__ = ["Verdict", "batch_of", "killed", "opened"]

RECORDS: Final = 20
"""Of a delivery: half of one table, half of another."""
MAINTAINED: Final = 10
"""Each so many rounds of draining the lake is maintained."""
_TABLES: Final[tuple[Table, ...]] = tuple(
    {"class_uid": uid, "activity_id": 1, "severity_id": 1, "time": field("t"), "message": field("m"), "device.hostname": field("h")}
    for uid in (1007, 4001)
)
_NAMES: Final = {1007: "process_activity", 4001: "network_activity"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was acknowledged and what is there. All but ``deliveries`` and ``records`` should be 0."""

    kills: int
    deliveries: int
    records: int
    lost: int
    doubled: int
    unbalanced: int
    faults: int


def killed(folder: Path, kills: int, seed: int = 7) -> Verdict:
    """Start the program and kill it with SIGKILL so many times at random moments; then drain what is left and look."""
    moments = random.Random(seed)
    acknowledged: set[int] = set()
    # Where coverage is measured, a process that is killed would leave a damaged file of it.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    for turn in range(kills):
        command = [sys.executable, "-m", "benchmarks._crashing", str(folder), str((turn + 1) * 1_000_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1], env=env) as process:
            if process.stdout is None:
                message = "a process was started without a pipe"
                raise RuntimeError(message)
            first = process.stdout.readline()
            time.sleep(moments.random() * 0.7)
            process.kill()
            acknowledged.update(map(int, (first + process.stdout.read()).split()))
    with opened(folder) as lake, WriteAheadLog(folder / "wal", limits=Limits(free=0)) as log:
        _drain(log, lake)
    return _verdict(folder, kills, acknowledged)


def _verdict(folder: Path, kills: int, acknowledged: set[int]) -> Verdict:
    with open_lake(folder / "lake") as lake:
        asked = " UNION ALL ".join(f"SELECT message FROM {name}" for name in lake.stores.names())
        with lake.stores.engine() as engine:
            for table in lake.snapshot().tables:
                paths = ", ".join(f"'{file.path}'" for file in table.files)
                engine.execute(f"CREATE OR REPLACE VIEW {table.table} AS SELECT * FROM read_parquet([{paths}])")
            counts = Counter(int(message.partition("-")[0]) for (message,) in engine.execute(asked).fetchall())
        read = sum(account.read for account in lake.balance())
        faults = len(lake.verify())
    return Verdict(
        kills=kills,
        deliveries=len(acknowledged),
        records=counts.total(),
        lost=sum(counts[number] < RECORDS for number in acknowledged),
        doubled=sum(count > RECORDS for count in counts.values()),
        unbalanced=abs(read - counts.total()),
        faults=faults,
    )


def opened(folder: Path) -> DeltaLake:
    """Open the lake that the program writes to."""
    return make_lake(folder / "lake", declare(_TABLES))


def _drain(log: WriteAheadLog, lake: DeltaLake) -> None:
    while (portion := log.portion(most=40)) is not None:
        rows = list(itertools.chain.from_iterable(map(_rows, portion.entries)))
        batches = [batch_of(uid, [message for to, message in rows if to == uid]) for uid in _NAMES]
        told = [Account(source="sender", read=len(rows), stored=len(rows))]
        lake.append(batches, source="log", batch_id=portion.batch_id, accounts=told)
        log.done(portion)


def _rows(entry: Entry) -> list[tuple[int, str]]:
    """Return the class and the message of each record of a delivery."""
    number = json.loads(entry.body)["number"]
    classes = itertools.cycle(_NAMES)
    return [(next(classes), f"{number}-{place}") for place in range(RECORDS)]


def batch_of(uid: int, messages: Sequence[str]) -> Batch:
    """Return records of a class that differ by their message."""
    same: dict[str, Cell] = {
        "class_uid": uid,
        "activity_id": 1,
        "severity_id": 1,
        "time": 1_700_000_000_000_000_000,
        "device.hostname": "h",
    }
    frame = Frame.of([{**same, "message": message} for message in messages])
    return Batch(_NAMES[uid], complete(frame, Provenance(now=0), Details(observables=True)))


def main(folder: Path, first: int) -> None:
    """Take deliveries until killed; another thread brings them into the lake and maintains it now and then."""
    lake = opened(folder)
    log = WriteAheadLog(folder / "wal", limits=Limits(segment=100_000, free=0))

    def drain() -> None:
        for turn in itertools.count(1):
            _drain(log, lake)
            if not turn % MAINTAINED:
                lake.maintain(Policy(grace=0))

    threading.Thread(target=drain, daemon=True).start()
    for number in itertools.count(first, 5):
        tickets = [log.append(b"{}", json.dumps({"number": number + more, "text": "x" * 500}).encode()) for more in range(5)]
        for more, ticket in enumerate(tickets):
            ticket.result()
            print(number + more, flush=True)
        time.sleep(0.002)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
