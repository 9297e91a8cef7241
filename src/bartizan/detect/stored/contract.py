"""What judging stored records is: a pure function on batches says what is to be told of each; the driver puts that together.

A record is judged by its raw text, as when it came, and keeps the id and the time that it has in the lake. Findings, and what
correlations need of them, are few and go to the driver; the correlations are made there, as at the end of a hunt.
"""

from __future__ import annotations

import msgspec

__all__ = ["COLUMNS", "TOLD", "FedTold", "FindingTold", "Told"]

COLUMNS = ("class_uid", "time", "time_dt", "metadata.uid", "metadata.log_provider", "metadata.log_source", "unmapped", "raw_data")
"""What is read of a record."""
TOLD = "told"
"""The one column of what the function gives back: a row for each batch, which holds a ``Told``."""


class FedTold(msgspec.Struct, frozen=True, array_like=True):
    """What a finding is to a correlation; see ``detect.hunt.feeding.Fed``."""

    correlation: int
    rule: int
    group: tuple[str, ...] | None
    value: tuple[str, ...] | int | float | None


class FindingTold(msgspec.Struct, frozen=True, array_like=True):
    """A finding; see ``detect.hunt.judge.Found``. ``entities``: kind and value of each."""

    rule: int
    uid: bytes
    time: int
    line: bytes
    raised: bool
    entities: tuple[tuple[str, str], ...]
    feeds: tuple[FedTold, ...]


class Told(msgspec.Struct, array_like=True, kw_only=True):
    """What one batch gave. ``tables``: read, stored and unparsed of each table; records that are left to the driver are in none.

    ``first`` and ``last``: the time of records judged, None where there are none. ``held`` and ``quiet`` begin with the id of
    the record, so that what stands in the lake twice is counted once.
    """

    tables: dict[str, list[int]] = {}
    sources: dict[str, int] = {}
    why: dict[str, str] = {}
    """Of each table with unparsed records: why the first is not read."""
    present: list[tuple[str, str, list[str]]] = []
    first: int | None = None
    last: int | None = None
    outside: int = 0
    left: dict[str, int] = {}
    """Records of sources that group them: to be judged together with their neighbours, by the driver."""
    found: list[FindingTold] = []
    held: list[tuple[bytes, int]] = []
    quiet: list[tuple[bytes, str, str]] = []
    differences: list[str] = []
