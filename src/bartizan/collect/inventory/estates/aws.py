"""Read recordings of accounts of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.inventory.live.aws.collector import read_recordings

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

__all__ = ["recorded"]


def recorded(file: Path) -> Facts:
    """Make facts of what was kept in a file."""
    return read_recordings(file)
