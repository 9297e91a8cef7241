"""Memory of the server, and what an honest sender notices, while hostile ones do what they can.

They open connections and say nothing, drip heads and bodies byte by byte, send no HTTP at all, promise gigabytes, send bombs in gzip
and zstd, lines of 15 MB, wrong tokens by the thousand, and JSON nested to the end of the stack. The honest one sends a
hundred records ten times a second with its token. ``HOSTILE_SECONDS`` in the
environment says for how long (60).
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import random
import socket
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zstandard

from benchmarks._process import PAGE
from benchmarks._sending import Server, children, serving
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = float(os.environ.get("HOSTILE_SECONDS", "60"))
SILENT = 400
MEMORY = 1 << 30
_HEAD = b"POST /v1/records HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\ncontent-length: %d\r\n%b\r\n"
TOKEN = b"s3cret"


def measure() -> Result:
    """Attack."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "token").write_bytes(TOKEN)
        with serving(folder, "--token", f"honest=@{folder / 'token'}") as server:
            attack = _Attack(server)
            waits, failed = attack.run()
            alive = server.ready()
    waits.sort()
    peak = max(attack.memory)
    wrong = failed + (not alive)
    return Result(
        name="hostile-senders",
        figure=peak / 1e6 if not wrong else float("inf"),
        unit="MB of the server and its judge at most",
        bar=MEMORY / 1e6,
        higher=False,
        details={
            "honest sender": f"{len(waits)} bodies, {failed} not kept; p50 {_share(waits, 50):.3f} s, p99 {_share(waits, 99):.3f} s",
            "attacks": f"{dict(sorted(attack.tries.items()))} in {SECONDS:.0f} s, beside {SILENT} silent connections",
            "memory": f"{attack.memory[0] / 1e6:.0f} MB before, {peak / 1e6:.0f} MB at most, {attack.memory[-1] / 1e6:.0f} MB after",
        },
    )


def _share(waits: list[float], percent: int) -> float:
    return waits[len(waits) * percent // 100]


class _Hostile:
    """Hostile senders, in a process of their own, so that the honest one is not slowed down by what they cost themselves."""

    def __init__(self, port: int, tries: Any) -> None:  # noqa: ANN401 - a dict that processes share has no type of its own
        self.port, self.tries = port, tries
        self._end = time.monotonic() + SECONDS

    def run(self) -> None:
        """Attack until the time is over."""
        bomb = gzip.compress(bytes(1 << 30), 9)
        small = zstandard.ZstdCompressor(level=19).compress(bytes(1 << 28))
        kinds: dict[str, Callable[[], None]] = {
            "no HTTP": lambda: self._send(random.Random(1).randbytes(5000)),
            "gzip bomb": lambda: self._send(_HEAD % (TOKEN, len(bomb), b"content-encoding: gzip\r\n") + bomb),
            "zstd bomb": lambda: self._send(_HEAD % (TOKEN, len(small), b"content-encoding: zstd\r\n") + small),
            "giant line": lambda: self._send(_HEAD % (TOKEN, 15 << 20, b"") + b"x" * (15 << 20)),
            "giant promise": lambda: self._send(_HEAD % (TOKEN, 1 << 40, b"") + b"x" * 1000),
            "wrong token": lambda: self._send(_HEAD % (b"wrong", 1 << 20, b"") + b"x" * 1000),
            "deep JSON": lambda: self._send(_HEAD % (TOKEN, 1 << 20, b"") + b"[" * (1 << 20)),
            "slow head": lambda: self._drip(b"POST /v1/records HTTP/1.1\r\nx: " + b"y" * 1000),
            "slow body": lambda: self._drip(_HEAD % (TOKEN, 1 << 20, b"") + b"x" * 1000, at=100),
            "large head": lambda: self._send(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 50_000),
        }
        threads = [threading.Thread(target=self._again, args=each) for each in kinds.items()]
        with contextlib.ExitStack() as silent:
            for _ in range(SILENT):
                silent.enter_context(socket.create_connection(("127.0.0.1", self.port)))
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _again(self, name: str, attack: Callable[[], None]) -> None:
        while time.monotonic() < self._end:
            with contextlib.suppress(OSError):
                attack()
            self.tries[name] = self.tries.get(name, 0) + 1
            time.sleep(0.1)

    def _send(self, data: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data)
            connection.recv(1000)

    def _drip(self, data: bytes, at: int = 0) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data[:at])
            for place in range(at, len(data)):
                if time.monotonic() > self._end:
                    return
                connection.sendall(data[place : place + 1])
                time.sleep(0.2)


def _hostile(port: int, tries: Any) -> None:  # noqa: ANN401 - as above
    _Hostile(port, tries).run()


class _Attack:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.tries: dict[str, int] = {}
        self.memory: list[int] = [self._resident()]
        self._end = time.monotonic() + SECONDS

    def run(self) -> tuple[list[float], int]:
        """Attack until the time is over; return how long each body of the honest sender took, and how many were not kept."""
        context = get_context("spawn")
        with context.Manager() as manager:
            shared = manager.dict()
            process = context.Process(target=_hostile, args=(self.server.port, shared))
            process.start()
            watcher = threading.Thread(target=self._watch)
            watcher.start()
            found = self._honest()
            watcher.join()
            process.join()
            self.tries = dict(shared)
        return found

    def _honest(self) -> tuple[list[float], int]:
        waits, failed, number = [], 0, 0
        while time.monotonic() < self._end:
            lines = "".join(
                f"Nov 26 10:00:00 web-01 sshd[1]: Failed password for root from 203.0.113.9 port {number + one} ssh2\n"
                for one in range(100)
            )
            number += 100
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
            try:
                connection.request("POST", "/v1/records", lines.encode(), {"authorization": f"Bearer {TOKEN.decode()}"})
                failed += connection.getresponse().status != 200  # noqa: PLR2004 - an HTTP status
            except (OSError, http.client.HTTPException):
                failed += 1
            finally:
                connection.close()
            waits.append(time.monotonic() - began)
            time.sleep(0.1)
        return waits, failed

    def _watch(self) -> None:
        while time.monotonic() < self._end:
            self.memory.append(self._resident())
            time.sleep(0.2)
        self.memory.append(self._resident())

    def _resident(self) -> int:
        pids = [self.server.process.pid, *children(self.server.process.pid)]
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE for pid in pids)
