"""Append numbered batches to a lake, be killed at any moment, append again what was not acknowledged, and see what is there.

``python -m benchmarks._crashing FOLDER FIRST`` appends batches numbered from FIRST and prints the number of each when it is on disk.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.lake.contract import Account, Batch
from bartizan.lake.declared import declare
from bartizan.lake.opening import make_lake, open_lake
from bartizan.lake.policy import Policy
from bartizan.schema.columns import Frame
from bartizan.schema.expressions import Table, field
from bartizan.schema.record import Details, Provenance, complete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.lake.delta.lake import DeltaLake
    from bartizan.schema.columns import Cell

__all__ = ["Verdict", "batch_of", "killed", "opened"]

RECORDS: Final = 20
"""Of a batch: half of one table, half of another."""
MAINTAINED: Final = 10
"""Each so many batches the lake is maintained."""
_TABLES: Final[tuple[Table, ...]] = tuple(
    {"class_uid": uid, "activity_id": 1, "severity_id": 1, "time": field("t"), "message": field("m"), "device.hostname": field("h")}
    for uid in (1007, 4001)
)
_NAMES: Final = {1007: "process_activity", 4001: "network_activity"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was acknowledged and what is there. All but ``kills``, ``batches`` and ``records`` should be 0."""

    kills: int
    batches: int
    records: int
    lost: int
    doubled: int
    unbalanced: int
    faults: int


def killed(folder: Path, kills: int, seed: int = 7) -> Verdict:
    """Start the program and kill it with SIGKILL so many times at random moments; then drain what is left and look."""
    moments = random.Random(seed)
    acknowledged: set[int] = set()
    first = 1
    # Where coverage is measured, a process that is killed would leave a damaged file of it.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    for _ in range(kills):
        command = [sys.executable, "-m", "benchmarks._crashing", str(folder), str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1], env=env) as process:
            if process.stdout is None:
                message = "a process was started without a pipe"
                raise RuntimeError(message)
            begun = process.stdout.readline()
            time.sleep(moments.random() * 0.7)
            process.kill()
            acknowledged.update(map(int, (begun + process.stdout.read()).split()))
        # As a sender does: the batch that nobody acknowledged comes again.
        first = max(acknowledged, default=0) + 1
    with opened(folder) as lake:
        _append(lake, first)
    return _verdict(folder, kills, acknowledged | {first})


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
        batches=len(acknowledged),
        records=counts.total(),
        lost=sum(counts[number] < RECORDS for number in acknowledged),
        doubled=sum(count > RECORDS for count in counts.values()),
        unbalanced=abs(read - counts.total()),
        faults=faults,
    )


def opened(folder: Path) -> DeltaLake:
    """Open the lake that the program writes to."""
    return make_lake(folder / "lake", declare(_TABLES))


def _append(lake: DeltaLake, number: int) -> None:
    """Append a batch, the same for the same number."""
    rows = list(zip(itertools.cycle(_NAMES), (f"{number}-{place}" for place in range(RECORDS)), strict=False))
    batches = [batch_of(uid, [message for to, message in rows if to == uid]) for uid in _NAMES]
    lake.append(batches, source="sender", batch_id=str(number), accounts=[Account(source="sender", read=RECORDS, stored=RECORDS)])


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
    """Append until killed, and maintain the lake now and then."""
    with opened(folder) as lake:
        for number in itertools.count(first):
            _append(lake, number)
            print(number, flush=True)
            if not number % MAINTAINED:
                lake.maintain(Policy(grace=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
