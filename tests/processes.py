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
        for pid in (task / "children").read_text().split():
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(int(pid))
    return found


def ended(pids: set[int]) -> bool:
    """Say whether processes are gone, a few seconds given."""
    for _ in range(1000):
        if not any(Path(f"/proc/{pid}/exe").exists() for pid in pids):
            return True
        time.sleep(0.01)
    return False
