"""Environments of peers: each tool that ours is measured beside has one of its own below ``build/peers``, and is never a dependency."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ROOT", "environment"]

ROOT: Final = Path(__file__).resolve().parents[1]


def environment(name: str, packages: Sequence[str], *, make: bool = True) -> str:
    """Return the Python of a peer's environment, made where it is not there yet; "" where it cannot be, or is not to be, made."""
    folder = ROOT / "build" / "peers" / name
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    if not (ready.exists() or make):
        return ""
    try:
        if not ready.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True, capture_output=True)
            ready.touch()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return str(python)
