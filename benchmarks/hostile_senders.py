"""Memory of the server, and what an honest sender notices, while hostile ones do what they can.

They keep ten thousand connections open from many addresses, say nothing and connect again when they are thrown out; drip heads and
bodies byte by byte, send no HTTP at all, promise gigabytes, send bombs in gzip and zstd, lines of 15 MB, wrong tokens by the thousand, and
JSON nested to the end of the stack. The honest one sends a hundred records ten times a second with its token, each over a connection
of its own. ``HOSTILE_SECONDS`` in the environment says for how long (600), ``HOSTILE_CONNECTIONS`` how many connections (10000).
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import random
import resource
import select
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

SECONDS = float(os.environ.get("HOSTILE_SECONDS", "600"))
CONNECTIONS = int(os.environ.get("HOSTILE_CONNECTIONS", "10000"))
ADDRESSES = 40
"""Addresses of this machine from which they come: from one, no more than a share of all connections is taken."""
RATE = 500
"""Connections that are opened a second."""
MEMORY = 1 << 30
_OPENED, _FAILED = _CROWD = ("connections", "connections refused")
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
            attack.ended = server.metric("bartizan_connections_total", "ended")
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
            "attacks": f"{ {name: count for name, count in sorted(attack.tries.items()) if name not in _CROWD} } in {SECONDS:.0f} s",
            "connections": f"{CONNECTIONS:,} silent ones wanted, {attack.tries.get(_OPENED, 0):,} opened,"
            f" {attack.tries.get(_FAILED, 0):,} not let in; at most {attack.connections:,.0f} open,"
            f" {attack.ended:,.0f} made room for others",
            "this machine": f"ulimit -n {resource.getrlimit(resource.RLIMIT_NOFILE)[1]:,}, {os.cpu_count()} processors",
            "memory": f"{attack.memory[0] / 1e6:.0f} MB before, {peak / 1e6:.0f} MB at most, {attack.memory[-1] / 1e6:.0f} MB after",
            "shorter": "HOSTILE_SECONDS=60 HOSTILE_CONNECTIONS=1000 make bench NAME=hostile-senders",
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
        threads.append(threading.Thread(target=self._crowd))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _crowd(self) -> None:
        """Keep many connections open that say nothing; one that is ended is opened again."""
        opened = failed = 0
        ended = select.epoll()
        open_: dict[int, socket.socket] = {}
        while time.monotonic() < self._end:
            for number, _ in ended.poll(0):
                open_.pop(number).close()
            began = time.monotonic()
            for _ in range(min(RATE // 10, CONNECTIONS - len(open_))):
                source = f"127.0.{1 + opened % ADDRESSES}.1"
                opened += 1
                try:
                    one = socket.create_connection(("127.0.0.1", self.port), timeout=1, source_address=(source, 0))
                except OSError:
                    failed += 1
                    continue
                one.setblocking(False)  # noqa: FBT003 - the name says what it is about
                open_[one.fileno()] = one
                ended.register(one.fileno(), select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR)
            self.tries[_OPENED], self.tries[_FAILED] = opened, failed
            time.sleep(max(0.0, began + 0.1 - time.monotonic()))
        for one in open_.values():
            one.close()

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
        self.connections = 0.0
        self.ended = 0.0
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
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.connections = max(self.connections, self.server.metric("bartizan_connections"))
            time.sleep(0.5)
        self.memory.append(self._resident())

    def _resident(self) -> int:
        pids = [self.server.process.pid, *children(self.server.process.pid)]
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE for pid in pids)
