"""Find worker processes, and wait for their end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to find worker processes")


def spawned(parent: int | str = "self") -> set[int]:
    """Return the worker processes of a process."""
    found = set()
    for task in Path(f"/proc/{parent}/task").iterdir():
        for pid in _read(task / "children").split():
            if b"spawn_main" in _read(Path(f"/proc/{int(pid)}/cmdline")):
                found.add(int(pid))
    return found


def _read(file: Path) -> bytes:
    """Read what the kernel tells of a thread or a process; nothing where it has ended meanwhile."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def ended(pids: set[int]) -> bool:
    """Say whether processes are gone, a few seconds given."""
    for _ in range(1000):
        if not any(Path(f"/proc/{pid}/exe").exists() for pid in pids):
            return True
        time.sleep(0.01)
    return False
