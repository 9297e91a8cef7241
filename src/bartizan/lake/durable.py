"""Put bytes on disk so that a power cut finds the old file or the new one, never half of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["draft_of", "replace", "sync", "sync_folder"]


def sync(path: Path) -> None:
    """Wait until what a file holds is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk."""
    sync(path)


def draft_of(path: Path) -> Path:
    """Return the name under which this process writes a file until it is whole: others may be writing the same one."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def replace(path: Path, content: bytes) -> None:
    """Give a file new content, whole or not at all."""
    draft = draft_of(path)
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
