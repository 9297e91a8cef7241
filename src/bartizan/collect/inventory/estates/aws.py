"""Read recordings of accounts of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts
from bartizan.collect.inventory.live.aws.collector import read_recordings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["recorded"]


def recorded(*files: Path) -> Facts:
    """Make facts of what was kept in files."""
    facts = Facts()
    for file in files:
        facts.add(read_recordings(file))
    return facts
