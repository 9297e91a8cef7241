"""Run our own command as a person would, and ask the kernel what it cost."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BARTIZAN", "Cost", "run"]

BARTIZAN = str(Path(sys.executable).with_name("bartizan"))
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU and wall seconds, and peak resident bytes of the process with all its children together (sampled each 20 ms)."""

    cpu: float
    wall: float
    rss: int
    code: int


def run(command: Sequence[str], *, out: Path | None = None, errors: Path | None = None) -> Cost:
    """Run a command and return what it cost; its output goes to files, or nowhere."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with _open(out) as stdout, _open(errors) as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL, env=_usual())
        peak = [0]
        watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
        watcher.start()
        code = process.wait()
        watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.perf_counter() - began, peak[0], code)


def _open(path: Path | None) -> IO[bytes]:
    return (Path(os.devnull) if path is None else path).open("wb")


def _usual() -> dict[str, str]:
    """Return the environment of a person's shell: Python may keep what it compiles."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _watch(process: subprocess.Popen[bytes], peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], _resident(process.pid))
        time.sleep(0.02)


def _resident(pid: int) -> int:
    """Return the resident bytes of a process and everything below it, whichever of its threads started that."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return own + sum(_resident(int(child)) for child in children)
