"""A server of one's own, in a process of its own, and requests to it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 120.0


@dataclass
class Server:
    """A running ``bartizan serve``."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    out: Path
    extra: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def metric(self, name: str, labels: str = "") -> float:
        """Return the sum of a metric over all labels that hold a text."""
        lines = self.ask("GET", "/metrics")[1].decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")) and labels in line)

    def until(self, what: Any) -> None:  # noqa: ANN401 - a condition
        """Wait until a condition holds."""
        end = time.monotonic() + PATIENCE
        while not what():
            if time.monotonic() > end:
                message = f"waited in vain; the log says: {self.log.read_text()}"
                raise TimeoutError(message)
            time.sleep(0.05)

    def findings(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_bytes().splitlines()]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(folder: Path, *options: str, ready: bool = True) -> Iterator[Server]:
    """Serve from ``folder`` on a free port."""
    folder.mkdir(parents=True, exist_ok=True)
    log, out = folder / f"log-{time.time_ns()}", folder / "out"
    command = [
        str(Path(sys.executable).with_name("bartizan")),
        "serve",
        "--state",
        str(folder / "state"),
        "--listen",
        "127.0.0.1:0",
        *options,
    ]
    with log.open("ab") as errors, out.open("ab") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=errors, stdin=subprocess.DEVNULL, env=dict(os.environ))
    server = Server(process, 0, log, out)
    try:
        server.until(lambda: _port(log) or process.poll() is not None)
        server.port = _port(log)
        if ready and process.poll() is None:
            server.until(lambda: server.ask("GET", "/readyz")[0] == 200)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _port(log: Path) -> int:
    ports = re.findall(r"listening on [^\s\"]*:(\d+)", log.read_text())
    return int(ports[-1]) if ports else 0
