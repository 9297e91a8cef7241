"""Say how long what is kept, what must be kept longer, and what is to be made of many small files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What maintenance goes by."""

    days: int | None = None
    """Whole days (UTC) of event time after which records go, None never. A legal hold keeps them however old they are."""
    tables: Mapping[str, int | None] = field(default_factory=dict)
    """Tables for which another number of days holds."""
    cold_days: int | None = None
    """Whole days of event time after which files are moved to the lake's place for old files, None never. Those under a legal hold stay."""
    compact_files: int = 4
    """A day of a table with so many small files has them made into few."""
    compact_rows: int = 1_000_000
    """Rows of a file that is not small any more: 128 to 256 MB of it, which one engine task reads in a second or two."""
    reindex: bool = False
    """Whether to look for files that the index does not know and for parts of it that are damaged, and to make those anew."""
    grace: float = 86_400.0
    """Seconds for which files that are no longer part of the lake are kept, for queries that still read them."""
