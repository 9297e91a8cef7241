"""Records lost and findings doubled by a hundred kills: the server and what it started are killed at random moments under load.

Every record is one of a kind, makes one finding and goes into a lake. Senders send until they are told that a body is kept, and send it
again where they were told nothing. In the end each acknowledged record must have its finding and be in the lake, neither may be there
twice, the balances must close, and the lake must be sound. Part of the kills hit the processes that judge and store alone.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._sending import children, serving
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLS = 100
SEED = 11
RECORDS = 50
SENDERS = 2
RULE = """title: A login as root
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {product: linux, service: sshd}
detection: {words: [Accepted password for root], condition: words}
"""


class _Load:
    """Senders that never stop: what they were told is kept, and what was sent at all."""

    def __init__(self) -> None:
        self.port = 0
        self.kept: set[int] = set()
        self.sent = 0
        self.ending = False
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)]

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self.ending = True
            for thread in self._threads:
                thread.join()

    def _send(self, number: int) -> None:
        while not self.ending:
            with self._lock:
                first, self.sent = self.sent, self.sent + RECORDS
            numbers = range(first, first + RECORDS)
            body = "".join(_line(one) for one in numbers).encode()
            # As a shipper does: the same body again until somebody says that it is kept.
            while not (kept := self._keeps(body, number)) and not self.ending:
                time.sleep(0.05)
            if kept:
                with self._lock:
                    self.kept.update(numbers)

    def _keeps(self, body: bytes, number: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", f"/v1/records?stream=s{number}", body)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return answer.status == 200  # noqa: PLR2004 - an HTTP status


def measure() -> Result:
    """Kill."""
    chance, load, kills = random.Random(SEED), _Load(), {"server": 0, "judge": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rule.yml").write_text(RULE)
        began = time.monotonic()
        with load.running():
            while sum(kills.values()) < KILLS:
                _round(folder, load, chance, kills)
        with serving(folder, "--rules", str(folder / "rule.yml"), "--lake", str(folder / "lake")) as server:
            while server.metric("bartizan_backlog_bytes"):
                time.sleep(0.2)
        lost, doubled, open_ = _verify(folder, load)
        stored = _stored(folder, load)
        seconds = time.monotonic() - began
    return Result(
        name="crash",
        figure=lost + doubled + open_ + sum(stored),
        unit="records lost, findings or records doubled, balances open, faults of the lake",
        bar=0,
        higher=False,
        details={
            "kills": f"{kills['server']} of the server with all it started, {kills['judge']} of what judges and stores, in {seconds:.0f} s",
            "records": f"{len(load.kept):,} acknowledged of {load.sent:,} sent",
            "findings lost, doubled, balances open": f"{lost}, {doubled}, {open_}",
            "records of the lake lost, doubled, unbalanced, faults": ", ".join(map(str, stored)),
        },
    )


def _round(folder: Path, load: _Load, chance: random.Random, kills: dict[str, int]) -> None:
    """Serve, kill the judge now and then, and in the end the server."""
    with (
        contextlib.suppress(ConnectionError, http.client.HTTPException),
        serving(folder, "--rules", str(folder / "rule.yml"), "--lake", str(folder / "lake")) as server,
    ):
        load.port = server.port
        for _ in range(chance.choice((0, 1, 2))):
            time.sleep(chance.uniform(0.0, 1.5))
            if _kill(children(server.process.pid)):
                kills["judge"] += 1
        time.sleep(chance.uniform(0.0, 1.5))
        _kill([server.process.pid, *children(server.process.pid)])
        kills["server"] += 1
        server.process.wait()


def _kill(pids: list[int]) -> bool:
    found = False
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            found = True
    return found


def _verify(folder: Path, load: _Load) -> tuple[int, int, int]:
    with contextlib.closing(sqlite3.connect(folder / "state" / "watch.sqlite")) as database:
        lines = [bytes(row[0]) for row in database.execute("SELECT line FROM finding")]
        sums = [
            int(one) for one in database.execute("SELECT sum(read), sum(stored), sum(unparsed), sum(duplicate) FROM balance").fetchone()
        ]
    ports = [int(line.split(b" port ", 1)[1].split(b" ", 1)[0]) for line in lines]
    found = set(ports)
    open_ = int(sums[0] != sum(sums[1:])) + int(sums[1] != len(found)) + int(sums[2] != 0)
    return len(load.kept - found), len(ports) - len(found), open_


def _stored(folder: Path, load: _Load) -> tuple[int, int, int, int]:
    """Return what the lake lost and doubled, by how many records its balance does not close, and its faults."""
    from bartizan.lake.opening import open_lake

    with open_lake(folder / "lake") as lake:
        paths = [str(file.path) for table in lake.snapshot(["authentication"]).tables for file in table.files]
        with lake.stores.engine() as engine:
            # The number of a record is its port as written: few of them are ports that there could be.
            query = r"SELECT CAST(regexp_extract(raw_data, ' port (\d+) ', 1) AS BIGINT) FROM read_parquet(?)"
            ports = [port for (port,) in engine.execute(query, [paths]).fetchall()]
        accounts = [one for one in lake.balance() if one.source.startswith("ndjson/")]
        apart = sum(one.read - one.stored - one.unparsed - one.duplicate for one in accounts)
        unbalanced = abs(apart) + abs(sum(one.stored for one in accounts) - len(ports))
        return len(load.kept.difference(ports)), len(ports) - len(set(ports)), unbalanced, len(lake.verify())


def _line(number: int) -> str:
    clock = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
    return f"Nov 26 {clock} web-01 sshd[2112]: Accepted password for root from 203.0.113.50 port {number} ssh2\n"
