"""A cluster of Spark on this machine: a master and workers, each a process of its own that can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Cluster", "cluster", "lacking"]

_PATIENCE: Final = 240.0
"""Seconds for a JVM to say that it is there, on a machine that has other work."""
_MASTER: Final = re.compile(r"Starting Spark master at (spark://\S+)")
_REGISTERED: Final = re.compile(r"Registering worker")


def lacking() -> str:
    """Say what a cluster lacks here, "" where nothing."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed: make env-cluster"
    return "" if which("java") or os.environ.get("JAVA_HOME") else "there is no Java: Spark needs 17 or later"


@dataclass
class Cluster:
    """A running cluster: its address, and the processes of its workers."""

    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def kill_worker(self, number: int = 0) -> int:
        """Kill a worker and the executors that it started, as a machine that is gone; return how many processes died."""
        victim = self.workers[number]
        doomed = [*_below(victim.pid), victim.pid]
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        victim.wait()
        return len(doomed)

    def executors(self, number: int = 0) -> list[int]:
        """Return the processes that a worker started."""
        return _below(self.workers[number].pid)


@contextmanager
def cluster(folder: Path, *, workers: int = 2, cores: int = 1) -> Iterator[Cluster]:
    """Give a cluster for as long as it is used; what it writes goes into ``folder``."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        master = _start(
            folder, "master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"
        )
        running.append(master)
        made = Cluster(_awaited(folder / "master.log", _MASTER, 1)[0], folder)
        for number in range(workers):
            words = ("--host", "127.0.0.1", "--webui-port", "0", "--cores", str(cores), "--memory", "1536m", "--work-dir", str(folder))
            worker = _start(folder, f"worker-{number}", "org.apache.spark.deploy.worker.Worker", *words, made.address)
            running.append(worker)
            made.workers.append(worker)
        _awaited(folder / "master.log", _REGISTERED, workers)
        yield made
    finally:
        for process in reversed(running):
            for pid in [*_below(process.pid), process.pid] if process.poll() is None else []:
                os.kill(pid, signal.SIGKILL)
            process.wait()


def _start(folder: Path, name: str, *words: str) -> subprocess.Popen[bytes]:
    home = Path(str(find_spec("pyspark").origin)).parent  # type: ignore[union-attr]  # lacking() says whether it is there
    env = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(Path(__file__).parents[1]),  # functions of tests and benchmarks are found by their names
    }
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen([str(home / "bin" / "spark-class"), *words], env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def _awaited(log: Path, what: re.Pattern[str], times: int) -> list[str]:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        text = log.read_text("utf-8", "replace")
        found = what.findall(text)
        if len(found) >= times:
            return found
        time.sleep(0.3)
    message = f"{log}: nothing like {what.pattern!r} after {_PATIENCE:.0f} seconds:\n{text[-2000:]}"
    raise TimeoutError(message)


def _below(pid: int) -> list[int]:
    """Return all processes below one, the deepest first."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue
        parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(status.parent.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found[::-1]
