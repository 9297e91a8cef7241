"""Run a server of our own and send to it as a shipper does: some connections, a thousand records a request, the next when one is kept."""

from __future__ import annotations

import http.client
import os
import re
import resource
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._process import BARTIZAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Server", "bodies", "children", "send_all", "serving"]

RECORDS = 1000
PATIENCE = 600.0


@dataclass
class Server:
    """A running ``bartizan serve``."""

    process: subprocess.Popen[bytes]
    port: int

    def ask(self, path: str) -> tuple[int, bytes]:
        """Send a GET and return status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def ready(self) -> bool:
        """Say whether it judges."""
        try:
            return self.ask("/readyz")[0] == 200  # noqa: PLR2004 - an HTTP status
        except OSError:
            return False

    def metric(self, name: str, labels: str = "") -> float:
        """Return the sum of a metric over the labels that hold a text."""
        lines = self.ask("/metrics")[1].decode().splitlines()
        chosen = (line for line in lines if line.startswith((f"{name} ", f"{name}{{")) and labels in line)
        return sum(float(line.rsplit(" ", 1)[1]) for line in chosen)

    def cpu(self) -> tuple[float, float]:
        """Return the CPU seconds so far: of the process that receives, and of those that it started and that judge."""
        return _cpu([self.process.pid]), _cpu(children(self.process.pid))


def _cpu(pids: Iterable[int]) -> float:
    ticks = 0
    for pid in pids:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return [*found, *(deeper for child in found for deeper in children(child))]


@contextmanager
def serving(folder: Path, *options: str, ready: bool = True) -> Iterator[Server]:
    """Serve from a folder, and wait until rules are loaded, or only until it listens."""
    log = folder / "log"
    command = [BARTIZAN, "serve", "--state", str(folder / "state"), "--listen", "127.0.0.1:0", "--quiet", *options]
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
    server = Server(process, 0)
    try:
        end = time.monotonic() + PATIENCE
        while not server.port or (ready and not server.ready()):
            if process.poll() is not None or time.monotonic() > end:
                message = f"the server did not become ready: {log.read_text()}"
                raise RuntimeError(message)
            ports = re.findall(r"listening on [^\s\"]*:(\d+)", log.read_text())
            server.port = int(ports[0]) if ports else 0
            time.sleep(0.1)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def bodies(files: Iterable[Path]) -> list[tuple[str, bytes, int]]:
    """Cut logs into bodies of a thousand records: stream, body, how many; those of different files mixed, those of one in their order."""
    queues = []
    for number, file in enumerate(files):
        lines = [line for line in file.read_bytes().split(b"\n") if line.strip()]
        parts = [lines[at : at + RECORDS] for at in range(0, len(lines), RECORDS)]
        queues.append([(f"s{number % 12}", b"\n".join(part) + b"\n", len(part)) for part in parts])
    mixed = []
    while queues := [queue for queue in queues if queue]:
        mixed += [queue.pop(0) for queue in queues]
    return mixed


def send_all(port: int, parts: Sequence[tuple[str, bytes, int]], *, connections: int = 8, rate: float = 0.0) -> float:
    """Send bodies over some connections, at most ``rate`` records per second (0: as fast as they are kept); return the CPU it took."""
    waiting = iter(parts)
    lock = threading.Lock()
    began, sent = time.monotonic(), 0
    before = resource.getrusage(resource.RUSAGE_SELF)
    failed: list[str] = []

    def work() -> None:
        nonlocal sent
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while not failed:
            with lock:
                part = next(waiting, None)
                if part is None:
                    break
                due = began + sent / rate if rate else 0.0
                sent += part[2]
            while (left := due - time.monotonic()) > 0:
                time.sleep(left)
            while not _kept(connection, part, failed):
                time.sleep(0.2)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _kept(connection: http.client.HTTPConnection, part: tuple[str, bytes, int], failed: list[str]) -> bool:
    """Send one body; False where the server asked to wait."""
    connection.request("POST", f"/v1/records?stream={part[0]}", part[1])
    answer = connection.getresponse()
    text = answer.read()
    if answer.status in {429, 503}:
        return False
    if answer.status != 200:  # noqa: PLR2004 - an HTTP status
        failed.append(f"{answer.status}: {text[:200]!r}")
    return True
